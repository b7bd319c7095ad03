"""A dialog to read: text that scrolls and can be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll

from tui.screens.dialog import Dialog, Said, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType
    from textual.widget import Widget

    from tui.widgets.pane import Look


class Reading(Dialog[None]):
    """Text from anywhere, line by line.

    Args:
        look: how it is drawn.
        title: in its upper edge.
        text: what is copied.
        said: the lines as they are drawn; the text itself without them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "no", "close", id="read_close", tooltip="Close it"),
        Binding("y", "copy", "copy", id="read_copy", tooltip="Copy all of it"),
        Binding("j,down", "scroll(1)", "down", id="read_down", tooltip="One line down"),
        Binding("k,up", "scroll(-1)", "up", id="read_up", tooltip="One line up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "page", id="read_page", tooltip="On"),
        Binding("pageup,ctrl+u", "scroll(-10)", "back", id="read_back", tooltip="Back"),
    ]

    def __init__(
        self, look: Look, title: str, text: str, said: Sequence[Said] | None = None
    ) -> None:
        super().__init__(look, title, "y copies · esc closes")
        self._text = text
        self._said = said
        self.add_class("-read")

    def content(self) -> Iterable[Widget]:
        """The text."""
        base = self.look.palette.base
        plain: list[Said] = [[(self.look.said(line), base)] for line in self._text.split("\n")]
        with VerticalScroll(id="read", can_focus=False):
            yield lines(*(plain if self._said is None else self._said))

    def action_copy(self) -> None:
        """Copy all of it."""
        self.app.copy_to_clipboard(self._text)
        self.notify("copied", timeout=2, markup=False)

    def action_scroll(self, by: int) -> None:
        """Scroll."""
        self.query_one("#read", VerticalScroll).scroll_relative(y=by, animate=False)
