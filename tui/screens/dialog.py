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
    from textual.types import CSSPathType
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

    CSS_PATH: ClassVar[CSSPathType | None] = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", "no", id="dialog_no", tooltip="Close it; nothing happens")
    ]

    def __init__(self, look: Look, title: str, keys: str = "") -> None:
        super().__init__()
        self._late: tuple[()] | tuple[Answer | None] = ()
        self.look = look
        self._title = look.said(title)
        self._keys = keys.replace("·", look.glyphs.dot)
        self._answered = False
        self._more = ""

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="box") as box:
            box.border_title = Content(self._title + self._more)
            box.border_subtitle = Content(self._keys)
            yield from self.content()
        box.set_class(not self.look.glyphs.unicode, "-ascii")

    def on_mount(self) -> None:
        """Take away the toasts that stand: they would cover what is asked."""
        self.app.clear_notifications()

    def content(self) -> Iterable[Widget]:
        """What the box holds."""
        raise NotImplementedError

    async def on_key(self, event: events.Key) -> None:
        """Run the key's action here; what the dialog does not know ends here too."""
        event.stop()
        event.prevent_default()
        if self.app.screen is not self:
            return  # answered already: a key too many, or held too long
        found = self.active_bindings.get(event.key)
        if found is not None and found.enabled:
            await self.app.run_action(found.binding.action, found.node)

    def answer(self, answer: Answer | None) -> None:
        """Close with an answer, None for no; a second one changes nothing.

        Under another dialog it closes once that is gone: Textual would not close it, nor ever.
        """
        if self._answered:
            return
        self._answered = True
        if self.app.screen is self:
            self.dismiss(answer)
        else:
            self._late = (answer,)

    def on_screen_resume(self) -> None:
        """Close, where the answer came while another dialog lay over this one."""
        if self._late and self.app.screen is self:
            (answer,), self._late = self._late, ()
            self.dismiss(answer)

    def waiting(self, count: int) -> None:
        """Say in the title how many more questions wait."""
        wait = "waits" if count == 1 else "wait"
        self._more = f" {self.look.glyphs.dot} {count} more {wait}" if count else ""
        if self.is_mounted:
            self.query_one("#box").border_title = Content(self._title + self._more)

    def action_no(self) -> None:
        """Say no."""
        self.answer(None)


def lines(*said: Said) -> Static:
    """Text from anywhere, line by line, as plain text in styles."""
    text = Text()
    for at, line in enumerate(said):
        if at:
            text.append("\n")
        for words, style in line:
            text.append(words, style)
    return Static(text, markup=False)
