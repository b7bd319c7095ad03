"""Completion in real shells, by the real key; and what is offered where."""

import shutil

import pytest

from profiles.machine import Machine
from tui.completion import _for_bash, _split, candidates

CONFIG = """\
[profile base]
region = eu-west-1
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = x

[profile payments-dev-admin]
role_arn = arn:aws:iam::210987654321:role/Admin
source_profile = base

[profile payments-dev-readonly]
role_arn = arn:aws:iam::210987654321:role/ReadOnly
source_profile = base

[profile "two words"]
role_arn = arn:aws:iam::333344445555:role/Analyst
source_profile = base

[profile "it's é"]
role_arn = arn:aws:iam::333344445555:role/Other
source_profile = base

[profile team:ops@x]
role_arn = arn:aws:iam::333344445555:role/Ops
source_profile = base

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
"""
SETTINGS = '[accounts.210987654321]\nname = "payments-dev"\n'


@pytest.fixture
def home(lonely_home):
    lonely_home.config(CONFIG)
    lonely_home.settings(SETTINGS)
    return lonely_home


def offered(home, *words):
    machine = Machine(env=home.env, home=str(home.path))
    return [found.value for found in candidates(words, machine)]


# ---- what is offered ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["whoa"], ["whoami"]),
        (["help", "cons"], ["console"]),
        (["assume", "payments-dev-a"], ["payments-dev-admin"]),
        (["assume", "PAYMENTS-DEV-A"], ["payments-dev-admin"]),
        (["assume", "two"], ["two words"]),
        (["assume", "2109"], ["210987654321/"]),
        (["assume", "210987654321/a"], ["210987654321/Admin"]),
        (["assume", "payments-dev/r"], ["payments-dev/ReadOnly"]),
        (["assume", "base", "pay"], []),
        (["drop", "base", "two"], ["two words"]),
        (["assume", "--region", "x", "two"], ["two words"]),
        (["assume", "--sou"], ["--source", "--source-identity"]),
        (["assume", "x", "--source", "ba"], ["base"]),
        (["exec", "two words", "--", "two"], []),
        (["console", "x", "--service", "lam"], ["lambda"]),
        (["export", "--format", "po"], ["powershell"]),
        (["init", "z"], ["zsh"]),
        (["login", ""], ["corp"]),
        (["list", "--stage", "pro"], ["production"]),
        (["config", "get", "write"], ["write_to"]),
        (["config", "cred"], ["credential-process"]),
        (["config", "credential-process", "two"], ["two words"]),
        (["demo", "assu"], ["assume"]),
        (["no-such-command", ""], []),
        (["undo", ""], []),
    ],
)
def test_what_fits_is_offered(home, words, wanted):
    assert offered(home, *words) == wanted


def test_an_empty_word_has_every_role_and_command(home):
    assert {"base", "two words", "it's é", "team:ops@x"} <= set(offered(home, "shell", ""))
    assert {"assume", "use", "init", "console"} <= set(offered(home, ""))


def test_names_that_could_steer_a_terminal_are_left_out(home):
    home.config('[profile "a\x1b[31mb"]\nrole_arn = arn:aws:iam::333344445555:role/X\n')
    assert offered(home, "assume", "a") == []


@pytest.mark.parametrize(
    "words", [[], ["bash"], ["bash", "rolecall 'x", ""], ["zsh"], ["fish", "\udcff"]]
)
def test_whatever_the_shell_says_there_is_no_message(home, words):
    done = home.rolecall("__complete", *words)
    assert (done.status, done.stderr) == (0, "")


def test_unreadable_files_are_silence(home):
    home.settings("no toml")
    assert home.rolecall("__complete", "fish", "assume", "").stderr == ""


def test_completion_imports_nothing_heavy(home):
    code = (
        "import sys; from tui.completion import complete;"
        "complete(['fish', 'assume', '']); complete(['fish', 'console', 'x', '--service', '']);"
        "print(*{'boto3', 'botocore', 'textual', 'requests'} & set(sys.modules))"
    )
    assert home.python(code).stdout.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("line", "words", "raw", "quote"),
    [
        ("rolecall assume ", ["rolecall", "assume", ""], "", ""),
        ("rolecall assume two\\ w", ["rolecall", "assume", "two w"], "two\\ w", ""),
        ("rolecall assume 'two w", ["rolecall", "assume", "two w"], "'two w", "'"),
        ('rolecall assume "a\\"b', ["rolecall", "assume", 'a"b'], '"a\\"b', '"'),
        ("rolecall assume 'a'b", ["rolecall", "assume", "ab"], "'a'b", ""),
        ("rolecall '' x", ["rolecall", "", "x"], "x", ""),
    ],
)
def test_a_line_is_read_as_bash_reads_it(line, words, raw, quote):
    assert _split(line) == (words, raw, quote)


# ---- by the real key ----------------------------------------------------------------------

READY = {
    "bash": (["--norc", "-i"], 'PS1="> "; eval "$(rolecall init bash)"'),
    "zsh": (["-fi"], 'PS1="> "; autoload -U compinit; compinit -u; eval "$(rolecall init zsh)"'),
    "fish": (["--no-config", "-i"], "rolecall init fish | source"),
}
INSTALLED = [name for name in READY if shutil.which(name)]


@pytest.fixture
def at_prompt(home):
    """A shell on a terminal, the completions loaded."""

    def start(program):
        words, load = READY[program]
        terminal = home.terminal(program, *words)
        terminal.line(load)
        terminal.line("echo read''y")
        terminal.until("/^ready/")
        # What `rolecall` is given at last: its words, one in each pair of brackets.
        if program == "fish":
            terminal.line("function rolecall; printf '[%s]' $argv; echo; end; echo se''t")
        else:
            terminal.line("function rolecall { printf '[%s]' \"$@\"; echo; }; echo se''t")
        terminal.until("/^set/")
        return terminal

    return start


@pytest.mark.parametrize("program", INSTALLED)
@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("rolecall whoa\t", "[whoami]"),
        ("rolecall assume payments-dev-a\t", "[assume][payments-dev-admin]"),
        ("rolecall assume two\t", "[assume][two words]"),
        ("rolecall assume it\t", "[assume][it's é]"),
        ("rolecall assume 'tw\t", "[assume][two words]"),
        ("rolecall assume team:o\t", "[assume][team:ops@x]"),
        ("rolecall assume 210987654321/R\t", "[assume][210987654321/ReadOnly]"),
        ("rolecall assume payments-dev/A\t", "[assume][payments-dev/Admin]"),
        ("rolecall console two\\ words --service lam\t", "[console][two words][--service][lambda]"),
    ],
)
def test_tab_writes_what_was_begun(at_prompt, program, typed, wanted):
    terminal = at_prompt(program)
    before, after = typed[: typed.index("\t")], typed[typed.index("\t") :]
    terminal.keys(before)
    terminal.keys(after)
    end = wanted.rpartition("[")[2].rstrip("]")
    terminal.until(end.split()[-1][-3:])
    terminal.keys("enter")
    terminal.until(wanted)


def test_bash_gets_names_quoted_as_its_line_is(home, monkeypatch):
    monkeypatch.setattr(Machine, "current", lambda: Machine(env=home.env, home=str(home.path)))
    assert _for_bash("rolecall assume it", "it") == ["it\\'s\\ é"]
    assert _for_bash('rolecall assume "it', "it") == ["it's é"]
    assert _for_bash("rolecall assume 'it", "it") == ["it'\\''s é"]
    assert _for_bash("rolecall assume team:", "") == ["ops@x"]
    assert _for_bash("rolecall assume team:ops@", "") == ["x"]
