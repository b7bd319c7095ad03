"""The log: what rolecall did in this run, the latest line last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from profiles.times import local_clock
from tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from tui.log import Log
    from tui.widgets.pane import Look

_LOOK = 1.0
"""Seconds between looks for new lines."""


class LogScreen(Dialog[None]):
    """Each line with its time; it stays at the end for as long as nobody scrolls up.

    Args:
        look: how it is drawn.
        log: what is shown; its secrets are masked when it is kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("at,q,enter", "no", "close", id="log_close", tooltip="Close the log"),
        Binding("y", "copy", "copy", id="log_copy", tooltip="Copy its lines"),
        Binding("j,down", "scroll(1)", "down", id="log_down", tooltip="One line down"),
        Binding("k,up", "scroll(-1)", "up", id="log_up", tooltip="One line up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "page", id="log_page", tooltip="On"),
        Binding("pageup,ctrl+u", "scroll(-10)", "back", id="log_back", tooltip="Back"),
        Binding("g,home", "end(False)", "first", id="log_first", tooltip="To the first line"),
        Binding("G,end", "end(True)", "last", id="log_last", tooltip="To the last line"),
    ]

    def __init__(self, look: Look, log: Log) -> None:
        super().__init__(look, "Log of this run", "y copies · esc closes")
        self._log = log
        self._shown = -1
        self._text = Static(markup=False)
        self._scroll = VerticalScroll(self._text, id="log", can_focus=False)
        self.add_class("-log")

    def content(self) -> Iterable[Widget]:
        """The lines."""
        yield self._scroll

    def on_mount(self) -> None:
        """Show what there is, and look for more."""
        self._look()
        self.set_interval(_LOOK, self._look, name="log")

    def action_scroll(self, by: int) -> None:
        """Scroll."""
        self._scroll.scroll_relative(y=by, animate=False)

    def action_end(self, last: bool) -> None:  # noqa: FBT001  # a binding's parameter
        """Go to an end."""
        if last:
            self._scroll.scroll_end(animate=False)
        else:
            self._scroll.scroll_home(animate=False)

    def action_copy(self) -> None:
        """Copy the lines."""
        self.app.copy_to_clipboard(self._lines().plain)
        self.notify("the log is copied", timeout=2, markup=False)

    def _look(self) -> None:
        if self._log.count == self._shown:
            return
        at_end = self._shown < 0 or self._scroll.scroll_offset.y >= self._scroll.max_scroll_y
        self._shown = self._log.count
        self._text.update(self._lines())
        if at_end:
            self._scroll.scroll_end(animate=False)

    def _lines(self) -> Text:
        palette = self.look.palette
        if not self._log.entries:
            return Text("nothing was done yet", palette.muted)
        text = Text()
        for entry in list(self._log.entries):
            if text:
                text.append("\n")
            text.append(f"{local_clock(entry.at)}  ", palette.muted)
            text.append(self.look.said(entry.text), palette.base)
        return text
