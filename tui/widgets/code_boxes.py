"""Six boxes for the six digits of an MFA code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events

    from tui.widgets.pane import Line, Look

DIGITS = 6
_BOX = 5
_WIDE = DIGITS * _BOX + 1


class CodeBoxes(Widget, can_focus=True):
    """Takes digits, one a box, and sends itself at the sixth.

    Attributes:
        code: what was typed.
        waiting: a code was sent; nothing is taken until it came back.
    """

    class Complete(Message):
        """Six digits are there.

        Attributes:
            code: the digits.
        """

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self, look: Look) -> None:
        super().__init__(id="code")
        self.look = look
        self.code = ""
        self.waiting = False

    def take(self, digits: str) -> None:
        """Take what was typed or pasted; what is no digit is passed over."""
        if self.waiting:
            return
        found = "".join(d for d in digits if d.isascii() and d.isdigit())
        self.code = (self.code + found)[:DIGITS]
        self.refresh()
        if found and len(self.code) == DIGITS:
            self.waiting = True
            self.post_message(self.Complete(self.code))

    def clear(self) -> None:
        """Empty the boxes for another code."""
        self.code, self.waiting = "", False
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A digit goes in, backspace takes one out."""
        if event.key in ("backspace", "ctrl+h") and not self.waiting:
            event.stop()
            self.code = self.code[:-1]
            self.refresh()
        elif event.key == "ctrl+u" and not self.waiting:
            event.stop()
            self.clear()
        elif event.character and event.character.isprintable():
            event.stop()
            self.take(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A pasted code, with or without a space in its middle."""
        event.stop()
        self.take(event.text)

    def render_line(self, y: int) -> Strip:
        """One line of the boxes; bare digits where there is no room."""
        cells = self.size.width
        palette = self.look.palette
        line: Line = []
        wide = cells >= _WIDE and self.size.height >= 3
        if not wide and y != self.size.height // 2:
            return Strip.blank(cells, palette.base)
        pad = max((cells - (_WIDE if wide else DIGITS * 2)) // 2, 0)
        line.append(Segment(" " * pad, palette.base))
        tl, tr, br, bl, across, down = list(self.look.glyphs.frame[:6])
        for at in range(DIGITS):
            digit = self.code[at : at + 1]
            here = at == len(self.code) and not self.waiting
            sides = palette.accent if here else palette.frame
            if at == DIGITS // 2:
                line.append(Segment(" ", palette.base))
            if not wide:
                line.append(Segment(digit or "_", palette.strong if digit else sides))
                line.append(Segment(" ", palette.base))
            elif y == 0:
                line.append(Segment(tl + across * (_BOX - 2) + tr, sides))
            elif y == 1:
                line.append(Segment(f"{down} ", sides))
                line.append(Segment(digit or " ", palette.strong))
                line.append(Segment(f" {down}", sides))
            else:
                line.append(Segment(bl + across * (_BOX - 2) + br, sides))
        return Strip(line).adjust_cell_length(cells, palette.base)
