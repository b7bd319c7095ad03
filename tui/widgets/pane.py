"""A framed pane that draws only the lines on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.text import clean, cut, width

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from tui.widgets.glyphs import Glyphs
    from tui.widgets.palette import Palette

Line = list[Segment]


class Look(NamedTuple):
    """How things are drawn now: colours by meaning and the signs the terminal has."""

    palette: Palette
    glyphs: Glyphs

    def said(self, text: str) -> str:
        """Text from outside as it may be drawn here: plain, ASCII where there is no more."""
        text = clean(text)
        return text if self.glyphs.unicode else text.encode("ascii", "replace").decode()


def fitted(line: Line, cells: int, style: Style) -> Line:
    """The line in exactly so many cells: cut, or filled up with blanks of a style."""
    used = 0
    if not line:
        return [Segment(" " * cells, style)]
    for at, segment in enumerate(line):
        size = width(segment.text)
        if used + size > cells:
            kept = line[:at]
            kept.append(Segment(cut(segment.text, cells - used, ""), segment.style))
            return fitted(kept, cells, style) if used < cells else kept
        used += size
    return [*line, Segment(" " * (cells - used), style)] if used < cells else line


class Pane(Widget, can_focus=True):
    """A frame with a title, a count at its right and lines within that scroll.

    Subclasses give `line` and `line_count`, and may pin lines to the top. There is no scroll bar:
    a thumb in the frame's right side shows the place, as in lazygit.

    Attributes:
        look: how it is drawn.
        top: the first line on screen.
        joined: its upper edge is the lower edge of the pane above.
        closed: it has a lower edge of its own.
    """

    pinned_count = 0

    class Pointed(Message):
        """A line was clicked.

        Attributes:
            pane: where.
            index: the line's place.
        """

        def __init__(self, pane: Pane, index: int) -> None:
            super().__init__()
            self.pane = pane
            self.index = index

    def __init__(self, look: Look, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(id=id)
        self.look = look
        self.top = 0
        self.joined = False
        self.closed = True

    @property
    def titled(self) -> str:
        """What stands in the upper edge, at the left."""
        return ""

    @property
    def counted(self) -> str:
        """What stands in the upper edge, at the right."""
        return ""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return 0

    def line(self, index: int, cells: int) -> Line:
        """The line at a place, in at most so many cells; longer ones are cut."""
        raise NotImplementedError

    def pinned(self, index: int, cells: int) -> Line:
        """A line that stays at the top."""
        raise NotImplementedError

    @property
    def page(self) -> int:
        """How many lines fit."""
        return max(self.size.height - 1 - self.pinned_count - self.closed, 1)

    def scroll_lines(self, by: int) -> None:
        """Move what is on screen, as far as there are lines."""
        self.show_from(self.top + by)

    def show_from(self, top: int) -> None:
        """Put a line first on screen, or the last one that fills the pane."""
        top = max(min(top, self.line_count - self.page), 0)
        if top != self.top:
            self.top = top
            self.refresh()

    def on_resize(self) -> None:
        """Keep the pane filled."""
        self.show_from(self.top)

    def on_focus(self) -> None:
        """Light the frame."""
        self.refresh()

    def on_blur(self) -> None:
        """Dim the frame."""
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by the wheel."""
        event.stop()
        self.scroll_lines(-3)

    def on_click(self, event: events.Click) -> None:
        """Tell which line was clicked."""
        index = event.y - 1 - self.pinned_count + self.top
        if event.y > self.pinned_count and index < self.line_count:
            self.post_message(self.Pointed(self, index))

    def render_line(self, y: int) -> Strip:
        """One line of the frame or of what it holds."""
        cells, lines = self.size
        palette = self.look.palette
        if cells < 4:
            return Strip.blank(cells, palette.base)
        sides = palette.accent if self.has_focus else palette.frame
        if y == 0:
            return Strip(self._edge(cells, sides), cells)
        frame = self.look.glyphs.frame
        if self.closed and y == lines - 1:
            bottom = frame[3] + frame[4] * (cells - 2) + frame[2]
            return Strip([Segment(bottom, sides)], cells)
        at = y - 1
        if at < self.pinned_count:
            content = self.pinned(at, cells - 2)
        elif (index := at - self.pinned_count + self.top) < self.line_count:
            content = self.line(index, cells - 2)
        else:
            content = []
        thumb = self._thumb(at - self.pinned_count)
        return Strip(
            [
                Segment(frame[5], sides),
                *fitted(content, cells - 2, palette.base),
                Segment(self.look.glyphs.thumb if thumb else frame[5], sides),
            ],
            cells,
        )

    def refresh_lines(self, *indices: int) -> None:
        """Draw some lines again, where they are on screen; neighbours are drawn as one."""
        first = last = -2
        regions: list[Region] = []
        for index in sorted(indices):
            at = index - self.top
            if not 0 <= at < self.page:
                continue
            if at == last + 1:
                regions.pop()
            else:
                first = at
            last = at
            top = first + 1 + self.pinned_count
            regions.append(Region(0, top, self.size.width, last - first + 1))
        if regions:
            self.refresh(*regions)

    def _edge(self, cells: int, sides: Style) -> Line:
        palette, frame = self.look.palette, self.look.glyphs.frame
        left, right = (frame[6], frame[7]) if self.joined else (frame[0], frame[1])
        room = cells - 2
        title, count = self.titled, self.counted
        title = cut(f" {title} ", room, self.look.glyphs.ellipsis) if title else ""
        count = f" {count} " if count else ""
        if width(title) + width(count) + 1 > room:
            count = ""
        rule = frame[4] * (room - width(title) - width(count))
        bold = palette.strong if self.has_focus else palette.muted
        return [
            Segment(left, sides),
            Segment(title, bold),
            Segment(rule, sides),
            Segment(count, palette.muted),
            Segment(right, sides),
        ]

    def _thumb(self, at: int) -> bool:
        """Whether the thumb stands beside this line: it does where not all lines fit."""
        count, page = self.line_count, self.page
        if count <= page or at < 0:
            return False
        size = max(page * page // count, 1)
        start = self.top * (page - size) // max(count - page, 1)
        return start <= at < start + size
