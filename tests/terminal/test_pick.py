"""`rolecall pick`: a role's name from the picker, on the whole screen or under the prompt."""

import os
import re
import signal
import sys

import pytest

from tests.terminal.picker_world import CONFIG, CREDENTIALS, SETTINGS, desk
from tests.world.terminal import Terminal
from tui.commands.pick import parser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PICK = f"{sys.executable} -m tui pick"


@pytest.fixture
def shell(tmp_path):
    """A shell with something on its screen, which calls `rolecall pick`."""
    for folder in (".aws", ".config/rolecall"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    (tmp_path / ".config" / "rolecall" / "config.toml").write_text(SETTINGS)
    running = []

    def start(*, lines=3, columns=100, rows=30, **env):
        variables = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PS1": "$ ",
            **env,
        }
        made = Terminal(
            ["bash", "--norc", "-i"], env=variables, cwd=ROOT, columns=columns, rows=rows
        )
        running.append(made)
        made.until("/^\\$/")
        made.line(f"seq -f 'line %g' {lines}")
        made.until(f"/^line {lines}$/")
        return made

    yield start
    for terminal in running:
        terminal.close()


def test_the_name_goes_to_standard_output_and_what_was_above_stays(shell):
    terminal = shell()
    before = terminal.screen().rstrip().splitlines()
    terminal.line(f'X=$({PICK} --inline); echo "took <$X> $?"')
    screen = terminal.until("enter take")
    above = screen.splitlines()[: len(before) - 1]
    assert above == before[:-1]
    assert "\x1b[?1049h" not in terminal.text
    drawn = [line for line in screen.splitlines()[len(before) :] if line]
    assert len(drawn) == 12
    terminal.keys("data")
    terminal.until("4 of 10")
    terminal.keys("enter")
    screen = terminal.until("/^took <data-dev-analyst> 0$/")
    after = screen.rstrip().splitlines()
    assert after[: len(before) - 1] == before[:-1]
    assert after[len(before) :] == ["took <data-dev-analyst> 0", "$"]


def test_letters_go_to_the_filter_from_the_first_frame_on(shell):
    terminal = shell()
    terminal.line(f'X=$({PICK} --inline); echo "took <$X> $?"')
    terminal.until("Roles")
    terminal.keys("data")  # no key of the picker's among them is taken for one
    terminal.until("4 of 10")
    terminal.keys("enter")
    terminal.until("/^took <data-dev-analyst> 0$/")


def test_at_the_last_line_of_the_terminal_there_is_room_too(shell):
    terminal = shell(lines=60, rows=24)
    terminal.line(f'X=$({PICK} --inline dev); echo "took <$X> $?"')
    screen = terminal.until("enter take").splitlines()
    assert screen[-1].startswith(" enter take")
    assert screen[10] == "line 60"
    terminal.keys("down", "enter")
    screen = terminal.until("/^took <payments-dev-readonly> 0$/")
    assert "Roles" not in screen
    assert "line 60" in screen


def test_escape_gives_up_with_130_and_nothing_is_said(shell):
    terminal = shell()
    terminal.line(f'X=$({PICK} --inline); echo "took <$X> $?"')
    terminal.until("enter take")
    terminal.keys("escape", "escape")
    screen = terminal.until("/^took <> 130$/")
    assert "rolecall:" not in screen


@pytest.mark.parametrize("key", ["ctrl+c", "q"])
def test_on_the_whole_screen_leaving_is_130_as_well(shell, key):
    terminal = shell()
    terminal.line(f'X=$({PICK} dev admin); echo "took <$X> $?"')
    terminal.until("2 of 10")
    assert "\x1b[?1049h" in terminal.text
    terminal.keys(key)
    terminal.until("/^took <> 130$/")
    assert "line 3" in terminal.screen()


def test_another_size_leaves_the_lines_above(shell):
    terminal = shell()
    terminal.line(f"{PICK} --inline; echo left $?")
    terminal.until("enter take")
    terminal.resize(60, 30)
    terminal.until("/Roles . Details . Sessions/")
    assert "line 3" in terminal.screen()
    terminal.keys("ctrl+c")
    screen = terminal.until("left 130")
    assert "line 3" in screen
    assert "Roles" not in screen


def test_a_signal_gives_the_terminal_back(shell):
    terminal = shell()
    terminal.line(f"{PICK} --inline & fg; echo left $?")
    terminal.until("enter take")
    pid = int(re.search(r"\[1\] (\d+)", terminal.text)[1])
    os.kill(pid, signal.SIGTERM)
    terminal.until("/^left /")
    assert terminal.text.rindex("\x1b[?25h") > terminal.text.rindex("\x1b[?25l")
    terminal.line("echo still $((40 + 2))")
    terminal.until("still 42")


def test_without_a_terminal_it_says_so(home):
    done = home.rolecall("pick")
    assert done.status == 2
    assert "needs a terminal" in done.stderr


async def test_nothing_but_a_name_is_taken(tmp_path):
    async with desk(tmp_path, naming=True, sessions={"payments-dev-admin": 2467}) as at:
        await at.go_to("payments-dev-readonly")
        for key in ("d", "w", "s", "S", "c", "C", "y", "e", "x", "u"):
            await at.press(key)
            assert at.app.screen is at.picker, key
        assert at.asked == []
        assert "enter take" in at.screen()
        await at.press("enter")
        assert at.app.named == "payments-dev-readonly"
        assert at.app._exit


def test_words_are_the_filter():
    args = parser().parse_args(["--inline", "pay", "prod"])
    assert (args.inline, args.words) == (True, ["pay", "prod"])
