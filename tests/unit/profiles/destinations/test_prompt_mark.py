"""The role's name before the prompt of a subshell, in real shells with files of the user's own."""

import os
import shutil

import pytest

from profiles.destinations.prompt_mark import marked
from profiles.machine import Machine
from tests.world.company import allow

OWN = {
    "bash": (".bashrc", "PS1='mine> '; READ=bashrc\n"),
    "zsh": (".zshrc", "PROMPT='mine> '; READ=$HISTFILE\n"),
    "fish": (
        ".config/fish/config.fish",
        "function fish_prompt; printf 'mine> '; end; set READ config\n",
    ),
}


@pytest.fixture
def reader(company, home):
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")


@pytest.mark.parametrize("shell", [name for name in OWN if shutil.which(name)])
def test_the_prompt_names_the_role_before_the_users_own(home, reader, shell):
    name, text = OWN[shell]
    path = home.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    terminal = home.terminal("rolecall", "shell", "reader", env={"SHELL": shutil.which(shell)})
    terminal.until("(reader) mine>")
    terminal.line("echo $ROLECALL_ROLE at $ROLECALL_DEPTH")
    terminal.until("reader at 1")
    terminal.line("exit")
    terminal.wait()


@pytest.mark.parametrize("shell", [name for name in ("dash", "ksh", "mksh") if shutil.which(name)])
@pytest.mark.parametrize("own", [True, False], ids=["a file of the user's own", "none"])
def test_a_posix_shell_is_marked_too(home, reader, shell, own):
    (home.path / "own").write_text("PS1='mine> '; READ=own\n")
    env = {"SHELL": shutil.which(shell)} | ({"ENV": "$HOME/own"} if own else {})
    terminal = home.terminal("rolecall", "shell", "reader", columns=200, env=env)
    terminal.until("(reader) mine>" if own else "/\\(reader\\) [$#]/")
    terminal.line('echo "[$READ] [$ENV] [$ROLECALL_ENV]"')
    terminal.until("[own] [$HOME/own] []" if own else "[] [] []")
    terminal.line("exit")
    terminal.wait()


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here")
def test_zsh_finds_its_files_where_the_user_has_them(home, reader):
    own = home.path / "dots"
    own.mkdir()
    (own / ".zshenv").write_text("SEEN=env\n")
    (own / ".zshrc").write_text("SEEN=$SEEN-rc-$ZDOTDIR; PROMPT='mine> '\n")
    env = {"SHELL": shutil.which("zsh"), "ZDOTDIR": str(own)}
    terminal = home.terminal("rolecall", "shell", "reader", columns=200, env=env)
    terminal.until("(reader) mine>")
    terminal.line('echo "[$SEEN] [$ZDOTDIR] [$ROLECALL_ZSH]"')
    terminal.until(f"[env-rc-{own}] [{own}] []")
    terminal.line("exit")
    terminal.wait()


def test_what_a_prompt_would_expand_never_gets_into_it(tmp_path):
    machine = Machine({}, str(tmp_path))
    started = marked("/bin/bash", "a`id`$(id)%n\\u!x é", machine)
    assert started.variables["ROLECALL_MARK"] == "a?id???id??n?u?x é"


def test_other_shells_and_folders_that_cannot_be_written_are_left_alone(tmp_path):
    assert marked("/bin/tcsh", "reader", Machine({}, str(tmp_path))) == (["/bin/tcsh"], {})
    (tmp_path / "file").write_text("")
    closed = Machine({"XDG_STATE_HOME": str(tmp_path / "file")}, str(tmp_path))
    assert marked("/bin/bash", "reader", closed) == (["/bin/bash"], {})


def test_the_start_up_files_are_the_users_alone(tmp_path):
    machine = Machine({}, str(tmp_path))
    before = os.umask(0)
    try:
        argv = marked("/bin/bash", "reader", machine).argv
    finally:
        os.umask(before)
    assert os.stat(argv[2]).st_mode & 0o777 == 0o600


LOGIN = {
    "bash": ({".bash_profile": "PS1='mine> '; READ=profile\n"}, "shopt -q login_shell && echo is"),
    "zsh": (
        {
            ".zprofile": "READ=profile\n",
            ".zshrc": "PROMPT='mine> '\n",
            ".zlogin": "READ=$READ-login\n",
        },
        "[[ -o login ]] && echo is",
    ),
    "fish": (
        {
            ".config/fish/config.fish": "function fish_prompt; printf 'mine> '; end\n"
            "status is-login; and set READ profile\n"
        },
        "status is-login; and echo is",
    ),
    "dash": ({".profile": "PS1='mine> '; READ=profile\n"}, "echo $0 | grep -q '^-' && echo is"),
}


@pytest.mark.parametrize("shell", [name for name in LOGIN if shutil.which(name)])
def test_a_login_shell_is_one_and_reads_what_login_shells_read(home, reader, shell):
    files, asks = LOGIN[shell]
    for name, text in files.items():
        path = home.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    words = ("rolecall", "shell", "reader", "--login")
    terminal = home.terminal(*words, env={"SHELL": shutil.which(shell)})
    terminal.until("(reader) mine>")
    terminal.line(f"{asks}-login-$ROLECALL_DEPTH of $READ")
    terminal.until("is-login-1 of profile" + ("-login" if shell == "zsh" else ""))
    terminal.line("exit 5")
    assert terminal.wait() == 5
