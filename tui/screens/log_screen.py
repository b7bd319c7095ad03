"""The log: what rolecall did in this run, the latest line last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widgets import Static

from profiles.times import local_clock
from tui.screens.scrolling import Scrolling

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.log import Log
    from tui.widgets.pane import Look

_LOOK = 1.0
"""Seconds between looks for new lines."""


class LogScreen(Scrolling):
    """Each line with its time; it stays at the end for as long as nobody scrolls up.

    Args:
        look: how it is drawn.
        log: what is shown; its secrets are masked when it is kept.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("at", "no", "close", id="log_close", tooltip="Close the log"),
        Binding("y", "copy", "copy", id="log_copy", tooltip="Copy its lines"),
    ]

    def __init__(self, look: Look, log: Log) -> None:
        super().__init__(look, "Log of this run", "y copies · esc closes", "log")
        self._log = log
        self._shown = -1
        self._text = Static(markup=False)

    def read(self) -> Static:
        """The lines."""
        return self._text

    def on_mount(self) -> None:
        """Show what there is, and look for more."""
        self._look()
        self.set_interval(_LOOK, self._look, name="log")

    def action_copy(self) -> None:
        """Copy the lines."""
        self.app.copy_to_clipboard(self._lines().plain)
        self.notify("the log is copied", timeout=2, markup=False)

    def _look(self) -> None:
        if self._log.count == self._shown:
            return
        at_end = self._shown < 0 or self.scroll.scroll_offset.y >= self.scroll.max_scroll_y
        self._shown = self._log.count
        self._text.update(self._lines())
        if at_end:
            self.scroll.scroll_end(animate=False)

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
