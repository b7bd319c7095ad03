"""What is said to the terminal itself: a title, a notification, a bell.

Which terminal it is, is told by its variables: there is no question that all of them answer, and
one that does not know a sequence may print its tail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

BELL = "\x07"
# xterm keeps titles on a stack of its own (XTWINOPS 22 and 23); others ignore that.
KEEP_TITLE, TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
_TITLELESS = ("", "dumb", "linux", "unknown")
# OSC 9, a sentence, is iTerm2's; OSC 777, a title and a sentence, is rxvt-unicode's.
_SENTENCE, _TITLED = "\x1b]9;{}\x1b\\", "\x1b]777;notify;rolecall;{}\x1b\\"
_BY_PROGRAM = {"iTerm.app": _SENTENCE, "WezTerm": _SENTENCE, "ghostty": _SENTENCE}
_BY_TERM = {
    "xterm-kitty": _SENTENCE,
    "xterm-ghostty": _SENTENCE,
    "wezterm": _SENTENCE,
    "foot": _TITLED,
    "foot-extra": _TITLED,
    "rxvt-unicode": _TITLED,
    "rxvt-unicode-256color": _TITLED,
}
# What tells them inside tmux and screen, which put their own names into TERM and TERM_PROGRAM.
_BY_VARIABLE = {
    "ITERM_SESSION_ID": _SENTENCE,
    "KITTY_WINDOW_ID": _SENTENCE,
    "WEZTERM_PANE": _SENTENCE,
    "GHOSTTY_RESOURCES_DIR": _SENTENCE,
    "VTE_VERSION": _TITLED,
}


def has_sixteen_colours(env: Mapping[str, str]) -> bool:
    """Whether the terminal has no other colours than sixteen of its own, as rich judges it."""
    from io import StringIO

    from rich.console import Console
    from textual.constants import COLOR_SYSTEM

    like = Console(
        file=StringIO(),
        force_terminal=True,
        color_system=COLOR_SYSTEM,  # type: ignore[arg-type]
        legacy_windows=False,
        _environ=env,
    )
    return bool(env.get("TERM")) and like.color_system == "standard"


def titled(text: str) -> str:
    """What gives the window a title (OSC 2)."""
    return f"\x1b]2;{printable(text)}{BELL}"


def keeps_titles(env: Mapping[str, str]) -> bool:
    """Whether a title set here can be taken back: GNU screen and consoles have none to restore."""
    return env.get("TERM", "") not in _TITLELESS and not _in_screen(env)


def notice(env: Mapping[str, str], text: str) -> str:
    """What shows a sentence in the terminal's own notifications; empty where it has none.

    tmux and screen hand it on to the terminal around them, tmux where `allow-passthrough` is on.
    """
    form = _BY_PROGRAM.get(env.get("TERM_PROGRAM", "")) or _BY_TERM.get(env.get("TERM", ""))
    form = form or next((form for name, form in _BY_VARIABLE.items() if env.get(name)), None)
    if form is None:
        return ""
    # A semicolon would end the sentence, or make another command of it (`9;4` is a progress bar).
    said = form.format(printable(text).replace(";", ","))
    if env.get("TMUX"):
        return "\x1bPtmux;" + said.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    # The string of its own ends at the first ESC \: the sentence ends with a bell in there.
    return "\x1bP" + said.replace("\x1b\\", BELL) + "\x1b\\" if _in_screen(env) else said


def _in_screen(env: Mapping[str, str]) -> bool:
    return bool(env.get("STY")) and not env.get("TMUX")
