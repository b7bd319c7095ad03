"""Colours by meaning, taken from whatever theme is on.

A widget asks for `palette.live`, never for green. Where the environment wants no colour, what
colour would say is said by bold, underline and reverse. Whatever the theme, text can be read: a
colour that is too near to its ground is moved away from it, as far as it takes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.color import ColorParseError
from rich.style import Style
from textual.color import Color

from profiles.model import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.model import Stage

# The highlighted row, in the terminal's own sixteen colours.
_LIT = {"lit": "foreground", "cursor": "background"}
READABLE = 4.5
"""The contrast of text to its ground, at least (WCAG 2.2, 1.4.3)."""
_MEANINGS = {
    "live": "success",
    "critical": "error",
    "expired": "error",
    "production": "error",
    "staging": "warning",
    "development": "success",
}


def meanings(variables: Mapping[str, str]) -> dict[str, str]:
    """What our variables mean in a theme (`$live`, `$muted`), and its own where they are too faint.

    Those that it defines itself are taken as they are, as far as they can be read.
    """
    found = {name: variables.get(name) or variables[theirs] for name, theirs in _MEANINGS.items()}
    found |= {name: variables[name] for name in ("foreground", "accent", "warning")}
    back, front = Color.parse(variables["background"]), Color.parse(variables["foreground"])
    if back.ansi is not None:  # the terminal's own sixteen: nothing to blend
        lit = {name: variables[f"block-cursor-{part}"] for name, part in _LIT.items()}
        return {**found, **lit, "muted": "ansi_default", "faint": "ansi_default"}
    boxes = [Color.parse(variables[name]).with_alpha(1) for name in ("panel", "surface")]
    cursor = back.blend(Color.parse(variables["primary"]), 0.34, 1)
    found |= {"muted": back.blend(front, 0.66, 1).hex, "faint": back.blend(front, 0.36, 1).hex}
    found |= {"lit": variables["foreground"]}
    grounds = {"foreground": (back, *boxes), "lit": (cursor,)}
    corrected = {
        name: readable(Color.parse(value), *grounds.get(name, (back,))).hex
        for name, value in found.items()
    }
    return {**corrected, "cursor": cursor.hex}


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: Color, *grounds: Color) -> Color:
    """A colour that text of it can be read on all grounds; itself, where it can.

    It is moved towards white or black, whichever gets further.
    """
    if colour.ansi is not None or all(contrast(colour, each) >= READABLE for each in grounds):
        return colour
    ends = (Color(255, 255, 255), Color(0, 0, 0))
    end = max(ends, key=lambda end: min(contrast(end, each) for each in grounds))
    for step in range(1, 20):
        moved = colour.blend(end, step / 20, 1)
        if all(contrast(moved, each) >= READABLE for each in grounds):
            return moved
    return end


def _luminance(colour: Color) -> float:
    parts = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    )
    return sum(part * share for part, share in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


@lru_cache(maxsize=512)
def over(style: Style, ground: Style) -> Style:
    """A style on another ground, such as the highlighted row's, where it can be read as well."""
    joined = style + ground
    if joined.color is None or joined.bgcolor is None or joined.color.triplet is None:
        return joined
    if joined.bgcolor.triplet is None:
        return joined
    colour = Color.from_rich_color(joined.color)
    found = readable(colour, Color.from_rich_color(joined.bgcolor))
    return joined if found is colour else joined + Style(color=found.rich_color)


class Palette(NamedTuple):
    """The styles of one theme.

    Attributes:
        base: ordinary text on the screen's background.
        muted: what is read second.
        faint: what cannot be used now, and what is only there to be found.
        frame: lines that are no text.
        strong: names and headings.
        accent: keys, the frame of the pane that has the keyboard.
        match: the letters that a filter found; laid over another style.
        cursor: the highlighted row; laid over its styles.
        resting: the highlighted row of a pane that has not the keyboard.
    """

    base: Style
    muted: Style
    faint: Style
    frame: Style
    strong: Style
    accent: Style
    match: Style
    cursor: Style
    resting: Style
    live: Style
    expiring: Style
    critical: Style
    expired: Style
    production: Style
    staging: Style
    development: Style
    warning: Style

    def of(self, phase: Phase | None) -> Style:
        """The style of a phase; None is no session."""
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
                return self.faint

    def stage(self, stage: Stage) -> Style:
        """The style of a stage: the colour the user gave it, else the theme's for its name."""
        if stage.name == "production":
            return self.production
        if stage.colour and self.base.color is not None:
            try:
                return over(Style(color=stage.colour), self.base + Style(color=stage.colour))
            except (ColorParseError, ValueError):
                return self.warning
        return {"staging": self.staging, "development": self.development}.get(
            stage.name, self.accent
        )


def palette_of(variables: Mapping[str, str], *, no_color: bool = False) -> Palette:
    """The styles that a theme's variables make."""
    return _without_colour() if no_color else _coloured(variables)


def _without_colour() -> Palette:
    plain, bold = Style(), Style(bold=True)
    return Palette(
        base=plain,
        muted=plain,
        faint=plain,
        frame=plain,
        strong=bold,
        accent=bold,
        match=Style(underline=True, bold=True),
        cursor=Style(reverse=True),
        resting=bold,
        live=plain,
        expiring=bold,
        critical=bold,
        expired=plain,
        production=bold,
        staging=plain,
        development=plain,
        warning=bold,
    )


def _coloured(variables: Mapping[str, str]) -> Palette:
    def colour(name: str) -> Color:
        return Color.parse(variables[name])

    back, front = colour("background"), colour("foreground")
    terminal = back.ansi is not None  # the terminal's own sixteen: nothing to blend
    base = Style(color=front.rich_color, bgcolor=back.rich_color)

    def style(named: Color, *, bold: bool = False) -> Style:
        return base + Style(color=named.rich_color, bold=bold or None)

    def faded(named: Color) -> Style:
        return base + (Style(dim=True) if terminal else Style(color=named.rich_color))

    # Blue, the primary colour of Textual's themes for sixteen colours, is too dark for text.
    on_black = variables.get("ansi-background") == "ansi_black"
    accent = colour("secondary" if terminal and on_black else "accent")
    if terminal:
        cursor, resting = Style(reverse=True), Style(bold=True)
    else:
        cursor = Style(bgcolor=colour("cursor").rich_color, bold=True)
        resting = Style(bgcolor=back.blend(front, 0.09, 1).rich_color)
    return Palette(
        base=base,
        muted=faded(colour("muted")),
        faint=faded(colour("faint")),
        frame=faded(back if terminal else back.blend(front, 0.36, 1)),
        strong=base + Style(bold=True),
        accent=style(accent),
        match=Style(color=accent.rich_color, underline=True, bold=True),
        cursor=cursor,
        resting=resting,
        live=style(colour("live")),
        expiring=style(colour("warning")),
        critical=style(colour("critical"), bold=True),
        expired=style(colour("expired")),
        production=style(colour("production"), bold=True),
        staging=style(colour("staging")),
        development=style(colour("development")),
        warning=style(colour("warning")),
    )
