"""The app in a real terminal: what it draws there, and how it leaves it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.terminal.picker_world import CONFIG, CREDENTIALS, SETTINGS
from tests.world.terminal import Terminal

RUN = (
    "import sys; from profiles.machine import Machine; from tui.app import run;"
    "sys.exit(run(Machine.current(), ' '.join(sys.argv[1:])))"
)
CANNED = "from tests.terminal.picker_world import canned_aws;kept = canned_aws(); kept.__enter__();"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture
def opened(tmp_path):
    """Open the picker in a terminal; it is ended with the test."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".config" / "rolecall").mkdir(parents=True)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    (tmp_path / ".config" / "rolecall" / "config.toml").write_text(SETTINGS)
    running = []

    def start(*words, columns=120, rows=30, canned=False, **env):
        variables = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SHELL": "/bin/sh",
            **env,
        }
        argv = [sys.executable, "-c", (CANNED if canned else "") + RUN, *words]
        running.append(Terminal(argv, env=variables, cwd=ROOT, columns=columns, rows=rows))
        return running[-1]

    yield start
    for terminal in running:
        terminal.close()


def left_clean(terminal):
    """Whether the other screen, the cursor and the mouse were given back."""
    text = terminal.text
    for on, off in (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h")):
        assert text.rindex(off) > text.rindex(on)
    assert text.rindex("\x1b[?1000l") > text.rindex("\x1b[?1000h")


def test_filter_move_and_quit(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("/", "dev admin")
    terminal.until("2 of 10")
    terminal.keys("escape")
    time.sleep(0.3)
    terminal.keys("escape")
    terminal.until("/ filter")
    terminal.keys("G", "k", "q")
    assert terminal.wait() == 0
    left_clean(terminal)


def test_the_words_of_a_burst_all_reach_the_filter(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("/dev admin")
    terminal.until("/ dev admin")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_restores_the_terminal(opened, number):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.signal(number)
    assert terminal.wait() == 128 + number
    left_clean(terminal)


def test_ctrl_c_leaves_at_once(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130
    left_clean(terminal)


def test_no_colour_means_none(opened):
    terminal = opened(NO_COLOR="1")
    terminal.until("payments-dev")
    terminal.keys("j", "q")
    assert terminal.wait() == 0
    assert "38;2;" not in terminal.text
    assert "48;2;" not in terminal.text
    assert "38;5;" not in terminal.text
    assert "\x1b[31m" not in terminal.text


def test_ascii_where_the_locale_has_nothing_else(opened):
    terminal = opened(LANG="en_US.ISO-8859-1", LC_ALL="en_US.ISO-8859-1")
    screen = terminal.until("payments-dev")
    assert "+ Roles -" in screen
    assert screen.isascii()


def test_a_window_that_shrinks_is_drawn_anew(opened):
    terminal = opened()
    terminal.until("Sessions")
    terminal.resize(40, 12)
    terminal.until("┌ Roles")
    terminal.keys("q")
    assert terminal.wait() == 0


def test_a_subshell_has_the_session_and_gives_the_screen_back(opened):
    terminal = opened(canned=True)
    terminal.until("payments-dev")
    terminal.keys("/", "dev admin")
    terminal.until("2 of 10")
    terminal.keys("escape")
    time.sleep(0.3)
    terminal.keys("escape")
    terminal.until("/ filter")
    terminal.keys("s")
    terminal.until("a shell with payments-dev-admin")
    terminal.line("echo role is $ROLECALL_ROLE at depth $ROLECALL_DEPTH")
    terminal.until("role is payments-dev-admin at depth 1")
    terminal.keys("ctrl+c")
    terminal.until("^C")
    time.sleep(0.3)
    terminal.line("exit 3")
    terminal.until("the shell ended with status 3")
    terminal.keys("j", "q")
    assert terminal.wait() == 0
    left_clean(terminal)


def test_a_renewing_subshell_has_an_endpoint_and_no_keys(opened):
    terminal = opened("dev admin", canned=True)
    terminal.until("2 of 10")
    terminal.keys("escape")
    time.sleep(0.3)
    terminal.keys("escape")
    terminal.until("/ filter")
    terminal.keys("S")
    terminal.until("a shell with payments-dev-admin, renewed for as long as it lives")
    terminal.line("echo ${AWS_CONTAINER_CREDENTIALS_FULL_URI%:*} ${AWS_ACCESS_KEY_ID-none}")
    terminal.until("http://127.0.0.1 none")
    terminal.line("exit 4")
    terminal.until("the shell ended with status 4")
    terminal.keys("q")
    assert terminal.wait() == 0
    left_clean(terminal)


def test_the_editor_has_the_terminal_and_what_it_leaves_counts(opened, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "editing $1"\nread said\necho "$said" >> "$1"\n')
    editor.chmod(0o700)
    terminal = opened(EDITOR=str(editor))
    terminal.until("payments-dev")
    terminal.keys(",")
    terminal.until("Settings")
    terminal.keys("e")
    terminal.until("editing")
    terminal.line("color = 'red'")
    terminal.until("'color' is not a stage's key; did you mean 'colour'?")
    terminal.keys("escape")
    terminal.until("/ filter")
    terminal.keys("q")
    assert terminal.wait() == 0
    left_clean(terminal)


def test_an_editor_that_is_none_is_told(opened):
    terminal = opened(EDITOR="no-such-editor")
    terminal.until("payments-dev")
    terminal.keys(",")
    terminal.until("Settings")
    terminal.keys("e")
    terminal.until("there is no command 'no-such-editor'")
    terminal.keys("q", "q")
    assert terminal.wait() == 0


def test_ctrl_z_stops_and_going_on_draws_anew(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("ctrl+z")
    terminal.until_stopped()
    assert "payments-dev" not in terminal.screen()
    terminal.signal(signal.SIGCONT)
    terminal.until("payments-dev")
    terminal.keys("q")
    assert terminal.wait() == 0
    left_clean(terminal)


def test_the_sdk_is_not_imported_before_the_first_frame():
    code = "import sys, tui.app; assert not {'boto3', 'botocore'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
