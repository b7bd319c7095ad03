"""The board of sessions: whose, how long still, and where they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from profiles.model import Phase
from tui.widgets.palette import over
from tui.widgets.pane import Line, Pane, fitted
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from profiles.model import SessionStatus
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Look

_TIME = 8


class SessionsBoard(Pane):
    """Every session on this machine, whoever made it.

    Attributes:
        facts: what it shows.
        at: the place of the highlighted session.
    """

    def __init__(self, look: Look, facts: Facts) -> None:
        super().__init__(look, id="board")
        self.facts = facts
        self.at = 0
        self.tabs = ""
        self._shown: dict[int, str] = {}

    @property
    def status(self) -> SessionStatus | None:
        """The highlighted session."""
        statuses = self.facts.statuses
        return statuses[self.at] if self.at < len(statuses) else None

    def renewed(self) -> None:
        """Draw the sessions anew, the highlight within them."""
        self.at = max(min(self.at, len(self.facts.statuses) - 1), 0)
        self.show_from(self.top)
        self.refresh()

    def tick(self) -> None:
        """Draw the sessions on screen whose countdown changed."""
        changed = []
        seen = slice(self.top, self.top + self.page)
        for index, status in enumerate(self.facts.statuses[seen], self.top):
            shown = f"{self.facts.shown(status)} {self._where(status)}"
            if shown != self._shown.get(index, ""):
                self._shown[index] = shown
                changed.append(index)
        self.refresh_lines(*changed)

    def move(self, by: int) -> None:
        """Move the highlight."""
        self.at = max(min(self.at + by, len(self.facts.statuses) - 1), 0)
        if self.at < self.top:
            self.show_from(self.at)
        elif self.at >= self.top + self.page:
            self.show_from(self.at - self.page + 1)
        self.refresh()

    def move_to_end(self, *, last: bool) -> None:
        """Highlight the first or the last session."""
        count = len(self.facts.statuses)
        self.move(count if last else -count)

    def point(self, index: int) -> bool:
        """Highlight a clicked session; whether it was highlighted already."""
        again = self.at == index
        self.move(index - self.at)
        return again

    @property
    def titled(self) -> str:
        """The pane's name."""
        return f"Sessions{self.tabs}"

    @property
    def counted(self) -> str:
        """How many."""
        return f"{len(self.facts.statuses)}" if self.facts.statuses else ""

    @property
    def line_count(self) -> int:
        """One a session; one that says there is none."""
        return max(len(self.facts.statuses), 1)

    def line(self, index: int, cells: int) -> Line:
        """One session."""
        palette = self.look.palette
        if not self.facts.statuses:
            return [Segment(f" {self.look.glyphs.none} none yet", palette.faint)]
        status = self.facts.statuses[index]
        line = self._row(status, cells)
        if index == self.at and self.has_focus:
            whole = fitted(line, cells, palette.base)
            return [Segment(t, over(s or palette.base, palette.cursor)) for t, s, _ in whole]
        return line

    def _where(self, status: SessionStatus) -> str:
        """Where it is; for one that is nowhere, that it renews itself, or what is behind it."""
        said, facts = self.look.said, self.facts
        places = [said(place) for place in status.destinations]
        if status.refreshed_until is not None:
            places.append("renews itself")
        role = facts.catalogue.get(status.name)
        if role is not None and status is facts.status(role):
            for layer in facts.layers(role):
                left = facts.left(layer.status)
                places.append(f"{layer.kind} {left or 'over'}")
        return ", ".join(places)

    def _row(self, status: SessionStatus, cells: int) -> Line:
        palette, glyphs = self.look.palette, self.look.glyphs
        phase = self.facts.phase(status)
        style = palette.of(phase)
        time = self.facts.left(status) or ("over" if phase is Phase.EXPIRED else glyphs.nothing)
        where = self._where(status)
        note_cells = max(cells * 2 // 5, 12) if cells >= 40 else 0
        name_cells = cells - 3 - _TIME - 1 - (note_cells + 2 if note_cells else 0)
        name = self.look.said(status.name)
        if status.origin not in ("rolecall", "file"):
            name = f"{name} ({status.origin})"
        name = cut(name, name_cells, glyphs.ellipsis)
        line = [
            Segment(f" {glyphs.of(phase)} ", style),
            Segment(name + " " * (name_cells - width(name)), palette.base),
            Segment(f" {time:>{_TIME}}", style),
        ]
        if note_cells:
            note = cut(where or glyphs.nothing, note_cells, glyphs.ellipsis)
            line.append(Segment(f"  {note}", palette.muted))
        return line
