"""The signs that are drawn: Unicode, and ASCII where the locale has nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.model import Phase
from profiles.terminal import shows_unicode

if TYPE_CHECKING:
    from collections.abc import Mapping


class Glyphs(NamedTuple):
    """One sign for each meaning; every one of them is a single cell wide."""

    live: str
    expiring: str
    critical: str
    expired: str
    none: str
    nothing: str
    star: str
    opened: str
    folded: str
    warning: str
    arrow: str
    hop: str
    dot: str
    filled: str
    empty: str
    thumb: str
    ellipsis: str
    edge: str
    frame: str
    spinner: str
    unicode: bool

    def of(self, phase: Phase | None) -> str:
        """The sign of a phase; None is no session."""
        match phase:
            case Phase.LIVE:
                return self.live
            case Phase.EXPIRING:
                return self.expiring
            case Phase.CRITICAL:
                return self.critical
            case Phase.EXPIRED:
                return self.expired
            case None:
                return self.none


# A frame's signs: corners from the top left, clockwise; horizontal, vertical; joints left, right.
UNICODE = Glyphs(
    live="●",
    expiring="◐",
    critical="◑",
    expired="✕",
    none="○",
    nothing="–",  # a dash as wide as a digit
    star="★",
    opened="▾",
    folded="▸",
    warning="⚠",
    arrow="→",
    hop="─▸",
    dot="·",
    filled="█",
    empty="░",
    thumb="┃",
    ellipsis="…",
    edge="▎",
    frame="┌┐┘└─│├┤",
    spinner="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏",
    unicode=True,
)
ASCII = Glyphs(
    live="*",
    expiring="~",
    critical="!",
    expired="x",
    none="o",
    nothing="-",
    star="+",
    opened="v",
    folded=">",
    warning="!",
    arrow=">",
    hop="->",
    dot="|",
    filled="#",
    empty=".",
    thumb="#",
    ellipsis="~",
    edge="!",
    frame="++++-|++",
    spinner="|/-\\",
    unicode=False,
)


def glyphs_for(env: Mapping[str, str], *, ascii_wanted: bool = False) -> Glyphs:
    """The signs that a terminal of this environment can show."""
    return ASCII if ascii_wanted or not shows_unicode(env) else UNICODE
