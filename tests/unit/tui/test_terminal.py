"""What is said to terminals of each kind."""

import pytest

from tui.terminal import keeps_titles, notice, titled

KITTY = {"TERM": "xterm-kitty"}
SENTENCE, TITLED = "\x1b]9;ends soon\x1b\\", "\x1b]777;notify;rolecall;ends soon\x1b\\"


@pytest.mark.parametrize(
    ("env", "sent"),
    [
        (KITTY, SENTENCE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, SENTENCE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, SENTENCE),
        ({"TERM": "foot"}, TITLED),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, TITLED),
        ({"TERM": "xterm-256color"}, ""),
        ({"TERM": "linux"}, ""),
        ({}, ""),
    ],
)
def test_a_terminal_gets_the_notification_it_knows_and_others_none(env, sent):
    assert notice(env, "ends soon") == sent


def test_tmux_hands_on_what_the_terminal_around_it_knows():
    inside = {"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "TMUX": "/tmp/tmux", "STY": "1.old"}
    assert notice(inside, "ends") == ""
    sent = notice({**inside, "KITTY_WINDOW_ID": "1"}, "ends")
    assert sent == "\x1bPtmux;\x1b\x1b]9;ends\x1b\x1b\\\x1b\\"


def test_screen_hands_on_a_sentence_that_ends_before_its_own_string():
    sent = notice({"TERM": "screen", "STY": "1.pts", "ITERM_SESSION_ID": "w0"}, "ends")
    assert sent == "\x1bP\x1b]9;ends\x07\x1b\\"
    assert sent.count("\x1b\\") == 1


def test_a_name_cannot_steer_the_terminal_nor_start_another_command():
    sent = notice(KITTY, "4;1;\x1b]52;c;aGk=\x07\x9c ends")
    assert sent == "\x1b]9;4,1,?]52,c,aGk=?? ends\x1b\\"
    assert titled("a\x07b\x1b\\c") == "\x1b]2;a?b?\\c\x07"


def test_only_where_a_title_comes_back_is_one_given():
    assert keeps_titles({"TERM": "xterm-256color"})
    assert keeps_titles({"TERM": "screen-256color", "TMUX": "/tmp/tmux", "STY": "1.old"})
    for env in ({"TERM": "linux"}, {"TERM": "dumb"}, {}, {"TERM": "screen", "STY": "1.pts"}):
        assert not keeps_titles(env)
