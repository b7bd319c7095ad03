"""Colours by meaning, taken from whatever theme is on.

A widget asks for `palette.live`, never for green. Where the environment wants no colour, what
colour would say is said by bold, underline and reverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.color import ColorParseError
from rich.style import Style
from textual.color import Color

from profiles.model import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.model import Stage

_MEANINGS = {
    "live": "success",
    "critical": "error",
    "expired": "error",
    "production": "error",
    "staging": "warning",
    "development": "success",
}


def meanings(variables: Mapping[str, str]) -> dict[str, str]:
    """What our variables mean (`$live`, `$production`) in a theme that does not define them."""
    return {name: variables[theirs] for name, theirs in _MEANINGS.items()}


class Palette(NamedTuple):
    """The styles of one theme.

    Attributes:
        base: ordinary text on the screen's background.
        muted: what is read second.
        faint: frames and what is only there to be found.
        strong: names and headings.
        accent: keys, the frame of the pane that has the keyboard.
        match: the letters that a filter found; laid over another style.
        cursor: the highlighted row; laid over its styles.
        resting: the highlighted row of a pane that has not the keyboard.
    """

    base: Style
    muted: Style
    faint: Style
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
                return self.base + Style(color=stage.colour)
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

    def faded(share: float) -> Style:
        if terminal:
            return base + Style(dim=True)
        return base + Style(color=back.blend(front, share, 1).rich_color)

    accent = colour("primary" if terminal else "accent")
    ground = colour("primary")
    if terminal:
        cursor, resting = Style(reverse=True), Style(bold=True)
    else:
        cursor = Style(bgcolor=back.blend(ground, 0.34, 1).rich_color, bold=True)
        resting = Style(bgcolor=back.blend(front, 0.09, 1).rich_color)
    return Palette(
        base=base,
        muted=faded(0.66),
        faint=faded(0.36),
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
