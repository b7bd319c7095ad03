"""A dialog that scrolls: help, log, and whatever else is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll

from tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from tui.widgets.pane import Look


class Scrolling(Dialog[None]):
    """What is to be read, and the keys that scroll it.

    Args:
        look: how it is drawn.
        title: in its upper edge.
        keys: what its keys do, in its lower edge.
        name: of the kind of dialog, for the style sheet: `help`, `log`, `read`.

    Attributes:
        scroll: what scrolls.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter", "no", "close", id="scroll_close", tooltip="Close it"),
        Binding("j,down", "scroll(1)", "down", id="scroll_down", tooltip="One line down"),
        Binding("k,up", "scroll(-1)", "up", id="scroll_up", tooltip="One line up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "page", id="scroll_page", tooltip="On"),
        Binding("pageup,ctrl+u", "scroll(-10)", "back", id="scroll_back", tooltip="Back"),
        Binding("g,home", "end(False)", "first", id="scroll_first", tooltip="To the first line"),
        Binding("G,end", "end(True)", "last", id="scroll_last", tooltip="To the last line"),
    ]

    def __init__(self, look: Look, title: str, keys: str, name: str) -> None:
        super().__init__(look, title, keys)
        self.scroll = VerticalScroll(id=name, can_focus=False)
        self.add_class(f"-{name}")

    def content(self) -> Iterable[Widget]:
        """What is read, in what scrolls."""
        with self.scroll:
            yield self.read()

    def read(self) -> Widget:
        """What is read."""
        raise NotImplementedError

    def action_scroll(self, by: int) -> None:
        """Scroll."""
        self.scroll.scroll_relative(y=by, animate=False)

    def action_end(self, last: bool) -> None:  # noqa: FBT001  # a binding's parameter
        """Go to an end."""
        if last:
            self.scroll.scroll_end(animate=False)
        else:
            self.scroll.scroll_home(animate=False)
