"""What a terminal is told of a session that needs a person."""

import os
import pty
import tty

import pytest

from profiles.errors import AccessDenied, LoginRequired, NetworkUnavailable
from tui.title import Title

NEEDED = LoginRequired("reader needs a sign-in to corp", "rolecall login corp")
TITLE = "\x1b[22;2t\x1b]2;reader needs you: rolecall login corp\x07"
LINE = "\r\nrolecall: the session will not be renewed: reader needs a sign-in to corp: "
BACK = "\x1b[23;2t"


class Screen:
    """A terminal's other end."""

    def __init__(self):
        self.ours, self.terminal = pty.openpty()
        tty.setraw(self.terminal)
        os.set_blocking(self.ours, False)

    def read(self):
        try:
            return os.read(self.ours, 65536).decode()
        except BlockingIOError:
            return ""

    def close(self):
        os.close(self.ours)
        os.close(self.terminal)


@pytest.fixture
def screen():
    made = Screen()
    yield made
    made.close()


def test_it_is_in_the_title_while_it_lasts_and_in_one_line(screen):
    with Title("reader", screen.terminal) as title:
        title(NEEDED)
        said = screen.read()
        assert said.startswith(TITLE)
        assert said.count(LINE) == 1
        title(None)
        assert screen.read() == BACK
        title(NEEDED)
        assert screen.read() == TITLE
    assert screen.read() == BACK


def test_a_title_that_was_not_changed_is_not_given_back(screen):
    with Title("reader", screen.terminal) as title:
        title(NetworkUnavailable("AWS cannot be reached"))
        title(None)
    assert screen.read() == ""


def test_what_others_wrote_steers_no_terminal_and_no_key_is_shown(screen):
    bad = AccessDenied("no\x1b]2;x\x07\n" + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a\x07b")
    with Title("re\x1bader", screen.terminal) as title:
        title(bad)
        said = screen.read()
    assert said.count("\x1b") == 2
    assert said.count("\x07") == 1
    assert "wJalr" not in said


def test_what_is_no_terminal_is_left_alone(tmp_path):
    with (tmp_path / "file").open("w+b") as file:
        with Title("reader", file.fileno()) as title:
            title(NEEDED)
        assert file.seek(0, os.SEEK_END) == 0
