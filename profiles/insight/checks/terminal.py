"""What the picker cannot show on this terminal, and what the terminal would have to say.

Only what can be helped: a console has sixteen colours and no more, and who set NO_COLOR or `ascii`
wants it so. Without a terminal, as in cron, there is nothing to look at.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.insight.finding import Finding
from profiles.terminal import has_all_colours, locale_of, shows_unicode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine

# Names that promise sixteen colours, each with one of 256 beside it in every terminfo.
_WITH_256 = ("xterm", "screen", "tmux", "rxvt", "rxvt-unicode", "gnome", "konsole", "putty", "st")
_BY_HAND = ("NO_COLOR", "TEXTUAL_COLOR_SYSTEM")


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Look at the variables that a terminal is known by; none of it is broken."""
    env = machine.env
    if not machine.terminal or sys.platform == "win32":
        return
    term = env.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        yield _note(
            f"TERM is {term}" if term else "TERM is not set",
            "the picker goes line by line, as with --plain"
            if term == "dumb"
            else "programs cannot tell what this terminal is able to do",
            "export TERM=xterm-256color, if it is a terminal that draws",
        )
        return
    if not shows_unicode(env) and catalogue.settings.values.get("ascii") is not True:
        yield _note(
            f"the locale is {locale_of(env)}",
            "it is no UTF-8, so that the picker draws with ASCII alone",
            "export LC_ALL=C.UTF-8, or ascii = true in the settings",
        )
    if not any(env.get(name) for name in _BY_HAND):
        yield from _colours(env, term)


def _colours(env: Mapping[str, str], term: str) -> Iterator[Finding]:
    if has_all_colours(env):
        return
    if env.get("TMUX"):
        yield _note(
            "tmux",
            f"colours are rounded to {256 if term.endswith('-256color') else 16} in it",
            "in ~/.tmux.conf: set -g default-terminal tmux-256color; "
            "set -as terminal-features ',*:RGB'; set-environment -g COLORTERM truecolor",
        )
    elif term in _WITH_256:
        yield _note(
            f"TERM is {term}",
            "the picker has the terminal's own sixteen colours",
            f"export TERM={term}-256color, and COLORTERM=truecolor where the terminal has them all",
        )


def _note(where: str, summary: str, remedy: str) -> Finding:
    return Finding("terminal", where, summary, remedy, broken=False)
