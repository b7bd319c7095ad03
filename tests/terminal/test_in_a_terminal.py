"""The app in a real terminal: what it draws there, and how it leaves it."""

import os
import re
import signal
import subprocess
import sys
import time

import pyte
import pytest

from tests.terminal.picker_world import CONFIG, CREDENTIALS, SETTINGS
from tests.world.terminal import Terminal

RUN = "import sys; from tui.__main__ import main; sys.exit(main())"
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

    def start(*words, columns=120, rows=30, canned=False, before="", **env):
        variables = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SHELL": "/bin/sh",
            **env,
        }
        argv = [sys.executable, "-c", (CANNED if canned else "") + before + RUN, *words]
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


def test_where_what_it_draws_would_go_to_a_file_it_does_not_open(opened, tmp_path):
    said = tmp_path / "said"
    to_file = f"import os; os.dup2(os.open({str(said)!r}, os.O_CREAT | os.O_WRONLY), 2);"
    assert opened(before=to_file).wait() == 2
    assert "the picker needs a terminal" in said.read_text()
    assert "\x1b" not in said.read_text()


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


@pytest.mark.parametrize(
    ("key", "seen"),
    [("w", "Write to a profile"), ("n", "Role ARN"), ("ctrl+p", "an action, a role or a theme")],
)
def test_the_keys_of_a_burst_edit_in_the_order_they_were_typed(opened, key, seen):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys(key)
    terminal.until(seen)
    terminal.keys("\x15zyx\x7f\x7f\x7fabcd\x7f\x7fef\x01/")
    terminal.until("/abef")


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


def test_the_window_has_a_title_until_it_is_given_back(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("ctrl+z")
    terminal.until_stopped()
    assert terminal.text.count("\x1b[22;2t\x1b]2;rolecall\x07") == 1
    assert terminal.text.count("\x1b[23;2t") == 1
    terminal.signal(signal.SIGCONT)
    terminal.until("payments-dev")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert terminal.text.count("\x1b[22;2t") == terminal.text.count("\x1b[23;2t") == 2


def test_a_terminal_without_a_stack_of_titles_keeps_its_own(opened):
    terminal = opened(TERM="linux")
    terminal.until("payments-dev")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert "\x1b]2;" not in terminal.text


def test_a_terminal_without_another_screen_is_left_empty(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.keys("q")
    assert terminal.wait() == 0
    drawn, _ = terminal.text.rsplit("\x1b[?1049l", 1)
    screen = pyte.Screen(120, 30)
    pyte.Stream(screen).feed(re.sub(r"\x1b\[[<=>?][\d;:]*[ -/]*[@-~]", "", drawn))
    assert "".join(screen.display).strip() == ""
    assert (screen.cursor.x, screen.cursor.y) == (0, 0)


def test_frames_are_drawn_in_one_go_where_the_terminal_can(opened):
    terminal = opened()
    terminal.until("payments-dev")
    assert "\x1b[?2026$p" in terminal.text
    assert "\x1b[?2026h" not in terminal.text
    terminal.keys("\x1b[?2026;2$y", "/", "zz")
    terminal.until("no role matches")
    terminal.keys("ctrl+c")
    assert terminal.wait() == 130
    assert terminal.text.count("\x1b[?2026h") == terminal.text.count("\x1b[?2026l") > 0


def test_the_mouse_is_left_to_the_terminal_by_a_setting(opened):
    terminal = opened(ROLECALL_MOUSE="false")
    terminal.until("payments-dev")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert not any(f"\x1b[?{mode}h" in terminal.text for mode in (1000, 1002, 1003, 1006, 1015))


@pytest.mark.parametrize("still", [{"ROLECALL_MOTION": "false"}, {"TEXTUAL_ANIMATIONS": "none"}])
def test_nothing_moves_by_itself_where_that_is_asked_for(opened, still):
    held = (
        "import time; from profiles.sources import sts; sts.call = lambda *_, **__: time.sleep(19);"
    )
    terminal = opened("dev admin", canned=True, before=held, **still)
    terminal.until("2 of 10")
    terminal.keys("enter")
    terminal.until("switching")
    assert is_quiet(terminal, 1), "something moves"  # for ten turns of a spinner


def is_quiet(terminal, seconds, timeout=8):
    """Whether it comes to write nothing for so long."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        terminal.screen()
        shown = len(terminal.raw)
        time.sleep(seconds)
        terminal.screen()
        if len(terminal.raw) == shown:
            return True
    return False


def test_a_terminal_that_is_gone_ends_it(opened):
    terminal = opened()
    terminal.until("payments-dev")
    terminal.hang_up()
    assert terminal.ended(10)


def test_a_defect_restores_the_terminal_and_says_where_its_report_is(opened, tmp_path):
    broken = (
        "from tui.screens.picker import PickerScreen; secret = 'wJalrXUtnFEMI';"
        "PickerScreen.action_order = lambda self: {}[secret];"
    )
    terminal = opened(before=broken)
    terminal.until("payments-dev")
    terminal.keys("o")
    assert terminal.wait() == 1
    left_clean(terminal)
    report = tmp_path / ".local" / "state" / "rolecall" / "report.txt"
    said = terminal.text[terminal.text.rindex("rolecall: ") :].splitlines()
    assert said == [
        "rolecall: the picker stopped (KeyError)",
        f"  hint: {report} says where, without names and values",
    ]
    assert "KeyError" in report.read_text()
    assert "wJalrXUtnFEMI" not in terminal.text + report.read_text()


def test_with_v_the_log_is_printed_when_the_picker_is_left(opened):
    terminal = opened("-v", "dev admin", canned=True)
    terminal.until("2 of 10")
    terminal.keys("enter")
    terminal.until("payments-dev-admin is live")
    terminal.keys("q")
    assert terminal.wait() == 0
    before, after = terminal.text.rsplit("\x1b[?1049l", 1)
    assert "rolecall: payments-dev-admin: role payments-dev-admin" in after
    assert ".aws/credentials: written" in after
    assert "rolecall: payments-dev-admin: role" not in before


def test_the_sdk_is_not_imported_before_the_first_frame():
    code = "import sys, tui.app; assert not {'boto3', 'botocore'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
