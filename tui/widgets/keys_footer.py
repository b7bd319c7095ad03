"""The last line: the keys that matter here, seven at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.text import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from tui.widgets.pane import Line, Look

MOST = 7


class FooterKey(NamedTuple):
    """A key of the footer.

    Attributes:
        key: as it is written: `enter`, `/`.
        word: what it does.
        action: what a click runs.
        refused: it cannot run now; it is grey.
    """

    key: str
    word: str
    action: str
    refused: bool = False


class KeysFooter(Widget):
    """Keys from the left, as many as fit; the last one stays."""

    class Pressed(Message):
        """A key was clicked.

        Attributes:
            action: to be run.
        """

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, look: Look, keys: Sequence[FooterKey] = ()) -> None:
        super().__init__(id="keys")
        self.look = look
        self._keys = tuple(keys)

    def show(self, keys: Sequence[FooterKey]) -> None:
        """Show other keys."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh()

    def shown(self, cells: int) -> list[FooterKey]:
        """The keys that fit."""
        keys = list(self._keys[:MOST])
        while len(keys) > 1 and sum(_cells(key) for key in keys) > cells:
            del keys[-2]  # the last one tells where the others are
        return keys

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one
        """The line."""
        palette, cells = self.look.palette, self.size.width
        line: Line = []
        used = 0
        for key in self.shown(cells):
            own = palette.faint if key.refused else palette.accent
            word = palette.faint if key.refused else palette.muted
            line += [Segment(f" {key.key}", own), Segment(f" {key.word} ", word)]
            used += _cells(key)
        line.append(Segment(" " * max(cells - used, 0), palette.base))
        return Strip(line, max(used, cells)).crop(0, cells)

    def on_click(self, event: events.Click) -> None:
        """Run the key under the mouse."""
        at = 0
        for key in self.shown(self.size.width):
            at += _cells(key)
            if event.x < at:
                self.post_message(self.Pressed(key.action))
                return


def _cells(key: FooterKey) -> int:
    return width(key.key) + width(key.word) + 3
