"""The themes, each seen while the highlight is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tui.screens.menu import Menu

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.app import RolecallApp
    from tui.widgets.pane import Look


class ThemeMenu(Menu[str]):
    """Takes a theme; esc puts back the one of before.

    Args:
        look: how it is drawn.
        names: the themes'.
        before: the one that is on.
    """

    def __init__(self, look: Look, names: Iterable[str], before: str) -> None:
        found = sorted(names, key=lambda name: (not name.startswith("rolecall"), name))
        super().__init__(look, "Theme", [(name, name) for name in found])
        self._before = before
        self._choices.at = found.index(before)

    def on_mount(self) -> None:
        """Bring the one that is on into sight."""
        self.call_after_refresh(self._choices.move, 0)

    def action_step(self, by: int) -> None:
        """Move the highlight, and put the theme on."""
        super().action_step(by)
        self.app.theme = self._values[self._choices.at]
        self._choices.look = cast("RolecallApp", self.app).look
        self._choices.refresh()

    def action_no(self) -> None:
        """Put back the theme of before."""
        self.app.theme = self._before
        super().action_no()
