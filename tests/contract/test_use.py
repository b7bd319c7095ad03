"""`init`, `use` and `unset` in real shells, with the picker in a real terminal."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.world.company import allow
from tests.world.node_world import FOLDER

LOADED = {
    "bash": ("bash", ["-c"], 'eval "$(rolecall init bash)"'),
    "strict bash": ("bash", ["-c"], 'set -euo pipefail; eval "$(rolecall init bash)"'),
    "posix bash": ("bash", ["--posix", "-c"], 'eval "$(rolecall init bash)"'),
    "zsh": ("zsh", ["-fc"], 'eval "$(rolecall init zsh)"'),
    "strict zsh": (
        "zsh",
        ["-fc"],
        "setopt err_exit no_unset ksh_arrays sh_word_split no_clobber glob_subst posix_builtins; "
        'eval "$(rolecall init zsh)"',
    ),
    "fish": ("fish", ["--no-config", "-c"], "rolecall init fish | source"),
}
SHELLS = [name for name, (program, *_) in LOADED.items() if shutil.which(program)]
STATUS = {"fish": "$status"}
WHO = "aws sts get-caller-identity --query Arn --output text"
ODD = """Päy's "dev" $x;(1)"""


@pytest.fixture
def reader(company, home):
    """A role profile that ana may assume, and another with an odd name."""
    ana = company.user("ana")
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=[allow("s3:*")])
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    writer = company.role("writer", ana.arn)
    home.settings(f"[[roles]]\nname = '''{ODD}'''\nrole_arn = '{writer}'\nsource = 'base'\n")
    return arn


def shell(home, name, script, **how):
    """Run a script in a shell that has loaded the function."""
    program, words, load = LOADED[name]
    return home.run(program, *words, f"{load}\n{script}", **how)


def shown(done):
    assert done.status == 0, done
    return done.stdout


# ---- the function -------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHELLS)
def test_use_sets_the_session_in_the_calling_shell_and_unset_takes_it_back(home, reader, name):
    script = f"rolecall use reader\n{WHO}\nrolecall unset\nenv"
    lines = shown(shell(home, name, script)).splitlines()
    assert ":assumed-role/reader/" in lines[0]
    assert not [line for line in lines[1:] if line.startswith(("AWS_SECRET", "ROLECALL_"))]


@pytest.mark.parametrize("name", SHELLS)
def test_a_failed_use_changes_nothing_and_passes_its_status_on(home, reader, name):
    """In a shell that ends at errors, it ends."""
    status = STATUS.get(name, "$?")
    tail = f"rolecall use reader\nrolecall use no-such-role\necho then {status} $ROLECALL_ROLE"
    done = shell(home, name, tail)
    assert "no-such-role" in done.stderr
    if "strict" in name:
        assert (done.status, done.stdout) == (2, "")
    else:
        assert done.stdout == "then 2 reader\n"


@pytest.mark.parametrize("name", SHELLS)
def test_all_else_passes_through_with_its_status(home, reader, name):
    script = 'rolecall exec reader -- sh -c "cat; exit 7" -- "a b"'
    done = shell(home, name, script, input="typed in\n")
    assert done.status == 7, done
    assert done.stdout == "typed in\n"
    words = "rolecall exec reader -- printf '<%s>' 'a b' '' --help '*' '$x'"
    assert shown(shell(home, name, words)) == "<a b><><--help><*><$x>"


@pytest.mark.parametrize("name", SHELLS)
def test_help_is_shown_and_not_run(home, reader, name):
    done = shell(home, name, "rolecall use --help\nrolecall unset -h")
    assert "usage: rolecall use" in shown(done)
    assert done.stderr == ""
    assert "AWS_ACCESS_KEY_ID" in shown(shell(home, name, "rolecall unset --format fish"))


@pytest.mark.parametrize("name", SHELLS)
def test_loaded_twice_it_is_the_same(home, reader, name):
    load = LOADED[name][2]
    assert "reader\n" in shown(shell(home, name, f"{load}\nrolecall use reader\nenv"))


@pytest.mark.parametrize("name", SHELLS)
def test_odd_names_are_used_as_they_are(home, reader, name):
    quoted = ODD.replace("'", r"\'") if name == "fish" else ODD.replace("'", "'\\''")
    script = f"rolecall use '{quoted}'\nprintenv ROLECALL_ROLE"
    assert shown(shell(home, name, script)) == f"{ODD}\n"


@pytest.mark.parametrize("name", [name for name in SHELLS if name != "fish"])
def test_names_of_the_function_stay_inside_it(home, reader, name):
    script = "verb=1 word=2 lines=3\nrolecall use reader\necho $verb$word$lines"
    assert shown(shell(home, name, script)) == "123\n"


def test_an_alias_of_the_same_name_is_no_harm(home, reader):
    script = (
        "shopt -s expand_aliases\nalias rolecall='echo alias'\n"
        'eval "$(command rolecall init bash)"\nunalias rolecall\nrolecall use reader\n'
        "echo $ROLECALL_ROLE"
    )
    assert shown(home.run("bash", "-c", script)) == "reader\n"


@pytest.mark.parametrize("name", SHELLS)
def test_without_a_target_and_a_terminal_it_names_what_to_run(home, reader, name):
    done = shell(home, name, "rolecall use")
    assert done.status == 2
    assert "rolecall use TARGET" in done.stderr


@pytest.mark.parametrize(
    ("named", "line"),
    [
        ("/bin/bash", 'eval "$(rolecall init bash)"'),
        ("/usr/bin/zsh", 'eval "$(rolecall init zsh)"'),
        ("/usr/bin/fish", "rolecall init fish | source"),
        ("/bin/dash", 'eval "$(rolecall init bash)"'),
        ("/usr/bin/nu", "source rolecall.nu"),
    ],
)
def test_without_the_function_it_says_how_to_load_it(lonely_home, named, line):
    done = lonely_home.rolecall("use", "anything", env={"SHELL": named})
    assert done.status == 2
    assert done.stdout == ""
    assert line in done.stderr


def test_the_guard_stands_before_use(home, reader):
    home.settings('[stages.production]\nmatch = ["reader"]\nconfirm = "ask"\n')
    done = shell(home, "bash", "rolecall use reader\necho $?${ROLECALL_ROLE-}")
    assert "--yes" in done.stderr
    assert done.stdout == "2\n"


NUSHELL = FOLDER / "node_modules" / "@nushell" / "linux-x64" / "bin" / "nu"


@pytest.fixture
def nu(home, node):
    """Run a script in Nushell, the function loaded."""
    if not NUSHELL.exists():
        pytest.skip("npm has no Nushell for this machine")

    def run(script, **how):
        text = home.rolecall("init", "nu").stdout
        (home.path / "rolecall.nu").write_text(text)
        (home.path / "script.nu").write_text(f"source rolecall.nu\n{script}\n")
        return home.run(str(NUSHELL), "--no-config-file", str(home.path / "script.nu"), **how)

    return run


def test_nushell_uses_and_unsets(home, reader, nu):
    done = nu(f"rolecall use reader\n{WHO}\nrolecall unset\n^env")
    lines = shown(done).splitlines()
    assert ":assumed-role/reader/" in lines[0]
    assert not [line for line in lines[1:] if line.startswith(("AWS_SECRET", "ROLECALL_R"))]


def test_nushell_keeps_its_variables_where_use_fails(home, reader, nu):
    done = nu("rolecall use reader\ntry { rolecall use no-such-role }\nprint $env.ROLECALL_ROLE")
    assert shown(done).splitlines()[-1] == "reader"
    assert "usage: rolecall use" in shown(nu("rolecall use --help"))


def test_nushell_is_told_what_fits(home, reader, nu):
    script = (
        'nu-complete rolecall "rolecall console reader --service lamb" | to json -r | print\n'
        'nu-complete rolecall "rolecall assume Päy" | get value | to json -r | print'
    )
    first, second = shown(nu(script)).splitlines()
    assert '"value":"lambda"' in first
    assert json.loads(second) == [json.dumps(ODD, ensure_ascii=False)]


# ---- the prompt ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize(
    ("ahead", "wanted"),
    [
        ({"minutes": 41, "seconds": 30}, "reader 41m"),
        ({"hours": 2, "minutes": 5, "seconds": 30}, "reader 2h5m"),
        ({"days": 400, "seconds": 30}, "reader 9600h0m"),
        ({"minutes": -3}, "reader expired"),
        (None, "reader"),
    ],
)
def test_the_prompt_tells_the_time_left(place, name, ahead, wanted):
    end = None
    if ahead is not None:
        end = (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    show = "rolecall_prompt" if name == "fish" else 'rolecall_prompt; echo "$ROLECALL_PROMPT"'
    env = {"ROLECALL_ROLE": "reader", "ROLECALL_EXPIRES_AT": end, "TZ": "America/New_York"}
    done = shell(place, name, show, env=env)
    assert shown(done).strip() == wanted


@pytest.mark.parametrize(
    ("role", "ahead", "wanted"),
    [
        ("reader", {"minutes": 41, "seconds": 30}, "reader 41m"),
        ("reader", {"hours": 2, "minutes": 5, "seconds": 30}, "reader 2h5m"),
        ("reader", {"minutes": -3}, "reader expired"),
        ("reader", None, "reader"),
        (None, {"minutes": 41}, ""),
    ],
)
def test_nushells_prompt_tells_it_too(nu, role, ahead, wanted):
    end = ahead and (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    env = {"ROLECALL_ROLE": role, "ROLECALL_EXPIRES_AT": end, "TZ": "America/New_York"}
    assert shown(nu("rolecall_prompt | print", env=env)) == f"{wanted}\n"
    assert shown(
        nu("$env.ROLECALL_EXPIRES_AT = 'x'; rolecall_prompt | print", env=env)
    ).strip() == (role or "")


@pytest.mark.parametrize("name", [name for name in SHELLS if name != "fish"])
@pytest.mark.parametrize(
    "end",
    [
        "2024-02-29T08:09:09Z",
        "2026-01-01T00:00:00Z",
        "2026-12-31T23:59:59Z",
        "2028-03-01T10:08:00Z",
    ],
)
def test_the_prompt_knows_the_calendar(place, name, end):
    """By a clock that stands an hour and a half before."""
    now = int(datetime.strptime(end, "%Y-%m-%dT%H:%M:%S%z").timestamp()) - 5400
    clock = f"unset EPOCHSECONDS; EPOCHSECONDS={now}"
    if "zsh" in name:
        clock = f"function zmodload {{ :; }}; typeset -g EPOCHSECONDS={now}"
    show = f'{clock}\nrolecall_prompt; echo "$ROLECALL_PROMPT"'
    env = {"ROLECALL_ROLE": "reader", "ROLECALL_EXPIRES_AT": end}
    assert shown(shell(place, name, show, env=env)) == "reader 1h30m\n"


@pytest.mark.parametrize("name", SHELLS)
def test_the_prompt_is_empty_without_a_session_and_keeps_the_status(place, name):
    status = STATUS.get(name, "$?")
    ended = "true" if "strict" in name else "false"
    show = "" if name == "fish" else '"$ROLECALL_PROMPT"'
    done = shell(place, name, f"{ended}\nrolecall_prompt\necho {status}{show}")
    assert shown(done).strip() == ("0" if "strict" in name else "1")


@pytest.fixture
def place(lonely_home):
    """A home whose shells need no AWS."""
    return lonely_home


# ---- the picker ---------------------------------------------------------------------------


def interactive(home, program, load):
    """A shell on a terminal."""
    words = {"zsh": ["-fi"], "fish": ["--no-config", "-i"], "bash": ["-i"]}[program]
    terminal = home.terminal(program, *words, env={"SHELL": f"/bin/{program}"})
    terminal.line(load)
    terminal.line("echo read''y")
    terminal.until("/^ready/")
    return terminal


@pytest.mark.parametrize("program", [name for name in SHELLS if " " not in name])
def test_the_picker_draws_on_the_terminal_and_enter_sets_the_session(home, reader, program):
    terminal = interactive(home, program, LOADED[program][2])
    terminal.line("rolecall use --duration 20m")
    terminal.until("┌ Roles")
    terminal.until("enter hands")
    terminal.keys("/", "reader")
    terminal.until("1 of")
    terminal.keys("enter")
    terminal.until("/reader, (20m|19m .*s), until .*rolecall unset takes it back/")
    terminal.line("echo role is $ROLECALL_ROLE")
    terminal.until("/^role is reader$/")
    terminal.line("rolecall use")
    terminal.until("┌ Roles")
    terminal.keys("q")
    terminal.until("no role was taken")
    terminal.line("echo still $ROLECALL_ROLE")
    terminal.until("/^still reader$/")
    assert "AWS_SECRET_ACCESS_KEY" not in terminal.text


def test_the_bare_picker_hands_over_by_eval(home, reader):
    terminal = interactive(home, "bash", "true")
    terminal.line('eval "$(rolecall reader)"')
    terminal.until("1 of")
    terminal.keys("ctrl+z")
    terminal.keys("enter")
    terminal.until("rolecall unset takes it back")
    terminal.line("echo role is $ROLECALL_ROLE")
    terminal.until("/^role is reader$/")


def test_a_dumb_terminal_chooses_by_number(home, reader):
    terminal = interactive(home, "bash", LOADED["bash"][2])
    terminal.line("TERM=dumb rolecall use")
    terminal.until("1. ")
    terminal.line("/reader")
    terminal.until("1 to 1 of 1")
    terminal.line("1")
    terminal.until("rolecall unset takes it back")
    terminal.line("echo role is $ROLECALL_ROLE")
    terminal.until("/^role is reader$/")
