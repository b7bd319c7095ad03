"""What is known of the highlighted role, and why its last try failed."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.geometry import Region

from tui.widgets.detail_lines import DetailLines
from tui.widgets.pane import Line, Pane

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Look


class Details(Pane):
    """The highlighted role, field by field; a failed try stands above them until the next.

    Attributes:
        facts: what it shows.
        role: whom it is about.
        status: the session that it is about where no role is behind it.
    """

    def __init__(self, look: Look, facts: Facts) -> None:
        super().__init__(look, id="details")
        self.facts = facts
        self.role: Role | None = None
        self.status: SessionStatus | None = None
        self.tabs = ""
        self._drawn: tuple[int, list[Line]] | None = None

    def show(self, role: Role | None, status: SessionStatus | None = None) -> None:
        """Show another role, or a session that no role is behind, from its top.

        On a slow line, only what is another line counts.
        """
        drawn, top = self._drawn, self.top
        self.role = role
        self.status = status
        self.top = 0
        if drawn is None or top or not self.display:
            self.renewed()
            return
        cells, before = drawn
        after = self._fields(cells)
        self._drawn = (cells, after)
        if max(len(before), len(after)) > self.page:  # the frame has a thumb
            self.refresh()
            return
        self.refresh(Region(0, 0, self.size.width, 1))
        pairs = enumerate(zip_longest(before, after))
        self.refresh_lines(*(index for index, (old, new) in pairs if old != new))

    def renewed(self) -> None:
        """Draw it anew: something about the role changed."""
        self._drawn = None
        self.refresh()

    def tick(self) -> None:
        """Draw the countdown's lines again."""
        if self._drawn is None or not self._counts():
            return
        cells, before = self._drawn
        after = self._fields(cells)
        if len(after) != len(before):
            self.renewed()
            return
        self._drawn = (cells, after)
        both = enumerate(zip(before, after, strict=True))
        self.refresh_lines(*(index for index, (old, new) in both if old != new))

    def _counts(self) -> bool:
        role, facts = self.role, self.facts
        if role is None:
            return self.status is not None
        return facts.status(role) is not None or bool(facts.layers(role))

    def move(self, by: int) -> None:
        """Scroll: there is nothing to highlight here."""
        self.scroll_lines(by)

    def move_to_end(self, *, last: bool) -> None:
        """Scroll to the end or the top."""
        self.show_from(self.line_count if last else 0)

    @property
    def titled(self) -> str:
        """The role's name, or the session's."""
        about = self.role or self.status
        return (self.look.said(about.name) if about else "Details") + self.tabs

    @property
    def line_count(self) -> int:
        """As many as the fields take."""
        return len(self._lines(max(self.size.width - 2, 1)))

    def line(self, index: int, cells: int) -> Line:
        """A line of a field."""
        return self._lines(cells)[index]

    def _lines(self, cells: int) -> list[Line]:
        if self._drawn is None or self._drawn[0] != cells:
            self._drawn = (cells, self._fields(cells))
        return self._drawn[1]

    def _fields(self, cells: int) -> list[Line]:
        lines = DetailLines(self.look, self.facts, cells)
        if self.role is not None:
            return lines.of_role(self.role)
        return lines.of_session(self.status) if self.status is not None else []
