"""A dialog: a box over the picker; esc is always no, and no key of it reaches what is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.style import Style
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from tui.widgets.pane import Look

Answer = TypeVar("Answer")
Said = list[tuple[str, "Style"]]


class Dialog(ModalScreen[Answer], inherit_bindings=False):
    """A box with a title, what it holds, and the keys that answer it.

    Args:
        look: how it is drawn.
        title: in its upper edge.
        keys: what the keys do, in its lower edge.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", "no", id="dialog_no", tooltip="Close it; nothing happens")
    ]

    def __init__(self, look: Look, title: str, keys: str = "") -> None:
        super().__init__()
        self.look = look
        self._title = look.said(title)
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="box") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content(self._keys)
            yield from self.content()
        box.set_class(not self.look.glyphs.unicode, "-ascii")

    def content(self) -> Iterable[Widget]:
        """What the box holds."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Keep what the dialog does not know from what is behind it."""
        if event.key not in ("escape", "ctrl+c", "tab", "shift+tab"):
            event.stop()

    def close(self) -> None:
        """Close it without an answer, as what it asks for is no longer wanted."""
        self.dismiss(None)

    def action_no(self) -> None:
        """Say no."""
        self.dismiss(None)


def lines(*said: Said) -> Static:
    """Text from anywhere, line by line, as plain text in styles."""
    text = Text()
    for at, line in enumerate(said):
        if at:
            text.append("\n")
        for words, style in line:
            text.append(words, style)
    return Static(text, markup=False)
