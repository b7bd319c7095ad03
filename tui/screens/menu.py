"""A dialog that takes one of several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from rich.segment import Segment
from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.screens.dialog import Dialog, Said, lines
from tui.widgets.palette import over
from tui.widgets.pane import fitted
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.binding import BindingType

    from tui.widgets.pane import Line, Look

Taken = TypeVar("Taken")


class Choices(Widget, can_focus=True):
    """Lines, one of them highlighted.

    Attributes:
        look: how they are drawn.
        items: what they say.
        at: the highlighted one's place.
        numbered: whether each has its number before it.
    """

    def __init__(self, look: Look, items: Sequence[str]) -> None:
        super().__init__(id="choices")
        self.look = look
        self.items = items
        self.at = 0
        self.numbered = True
        self.styles.height = len(items)

    def move(self, by: int) -> None:
        """Move the highlight, round the ends."""
        self.at = (self.at + by) % len(self.items)
        self.refresh()
        if isinstance(self.parent, Widget):
            self.parent.scroll_to_region(Region(0, self.at, 1, 1), animate=False)

    def render_line(self, y: int) -> Strip:
        """One item, with its number where they have some."""
        palette, cells = self.look.palette, self.size.width
        if y >= len(self.items):
            return Strip.blank(cells, palette.base)
        number = f" {y + 1:>{len(str(len(self.items)))}} " if self.numbered else " "
        room = max(cells - len(number) - 1, 0)
        text = cut(self.look.said(self.items[y]), room, self.look.glyphs.ellipsis)
        line: Line = [Segment(number, palette.accent), Segment(text, palette.base)]
        line = fitted(line, cells, palette.base)
        if y == self.at:
            line = [Segment(t, over(s or palette.base, palette.cursor)) for t, s, _ in line]
        return Strip(line, sum(width(segment.text) for segment in line))


class Menu(Dialog[Taken]):
    """One of several; a click, enter, or the number of one of the first nine takes it.

    Args:
        look: how it is drawn.
        title: in its upper edge.
        options: each with its line.
        keys: what the keys do, in its lower edge.
        above: what stands above the lines.
    """

    AUTO_FOCUS = "#choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", id="menu_take", tooltip="Take it"),
        Binding("j,down", "step(1)", "down", id="menu_down", tooltip="One line down"),
        Binding("k,up", "step(-1)", "up", id="menu_up", tooltip="One line up"),
    ]

    def __init__(
        self,
        look: Look,
        title: str,
        options: Sequence[tuple[str, Taken]],
        keys: str = "enter takes it · esc stops",
        above: Sequence[Said] = (),
    ) -> None:
        super().__init__(look, title, keys)
        self._values = [value for _, value in options]
        self._choices = Choices(look, [label for label, _ in options])
        self._above = above

    def content(self) -> Iterable[Widget]:
        """The list."""
        if self._above:
            yield lines(*self._above, [])
        yield Vertical(self._choices, id="menu")

    async def on_key(self, event: events.Key) -> None:
        """A number takes its line."""
        letter = event.character or ""
        if letter.isascii() and letter.isdigit() and 1 <= int(letter) <= len(self._values):
            self.answer(self._values[int(letter) - 1])

    def on_click(self, event: events.Click) -> None:
        """A click takes a line."""
        if event.widget is self._choices and event.y < len(self._values):
            self.answer(self._values[event.y])

    def action_take(self) -> None:
        """Take the highlighted one."""
        self.answer(self._values[self._choices.at])

    def action_step(self, by: int) -> None:
        """Move the highlight."""
        self._choices.move(by)
