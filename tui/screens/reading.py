"""A dialog to read: text that scrolls and can be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui.screens.dialog import Said, lines
from tui.screens.scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.widgets import Static

    from tui.widgets.pane import Look


class Reading(Scrolling):
    """Text from anywhere, line by line.

    Args:
        look: how it is drawn.
        title: in its upper edge.
        text: what is copied.
        said: the lines as they are drawn; the text itself without them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", id="read_copy", tooltip="Copy all of it")
    ]

    def __init__(
        self, look: Look, title: str, text: str, said: Sequence[Said] | None = None
    ) -> None:
        super().__init__(look, title, "y copies · esc closes", "read")
        self._text = text
        self._said = said

    def read(self) -> Static:
        """The text."""
        base = self.look.palette.base
        plain: list[Said] = [[(self.look.said(line), base)] for line in self._text.split("\n")]
        return lines(*(plain if self._said is None else self._said))

    def action_copy(self) -> None:
        """Copy all of it."""
        self.app.copy_to_clipboard(self._text)
        self.notify("copied", timeout=2, markup=False)
