"""One line of the list of roles: an account's heading, or a role with its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from profiles.catalogue.search import highlights
from profiles.model import Phase
from tui.widgets.role_rows import Heading, RoleLine, short_name
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from rich.style import Style

    from profiles.catalogue.role import Role
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Line, Look

_WORD = 10  # of a phase with its sign: "◐ expiring"
_TIME = 8  # of a countdown: "11:59:59"


class RowPainter(NamedTuple):
    """Draws lines of the list.

    Attributes:
        look: how.
        facts: what is known of roles.
        words: the filter, whose letters are lit up.
        grouped: roles stand under their accounts' headings.
        beat: which of the spinner's signs is drawn.
        folded: the ids of accounts whose roles are hidden.
    """

    look: Look
    facts: Facts
    words: str
    grouped: bool
    beat: int
    folded: AbstractSet[str | None]

    def draw(self, entry: RoleLine, cells: int) -> Line:
        """A line in about so many cells; the pane cuts it."""
        return (
            self._heading(entry, cells)
            if isinstance(entry, Heading)
            else self._row(self.facts.catalogue.roles[entry], cells)
        )

    def _heading(self, account: Heading, cells: int) -> Line:
        palette, glyphs = self.look.palette, self.look.glyphs
        folded = account.account_id in self.folded and len(account.roles) > 1
        sign = glyphs.folded if folded else glyphs.opened
        stage = self.facts.account_stage(account)
        word = self.look.said(stage.name) if stage else ""
        tail = f"{len(account.roles)} roles" if folded else ""
        room = cells - 4 - (width(word) + 2 if word else 0) - (width(tail) + 2 if tail else 0)
        named = self.facts.catalogue.heading(self.facts.catalogue.roles[account.roles[0]])
        name = self.look.said(named or account.account_id or "other sources")
        name = cut(name, room, glyphs.ellipsis)
        line = [Segment(f" {sign} ", palette.faint), *self._matched(name, palette.strong)]
        used = width(name) + 3
        number = account.account_id if named and account.account_id else ""
        if number and used + 14 <= room:
            line.append(Segment("  ", palette.base))
            line.extend(self._matched(number, palette.muted))
            used += 14
        if tail:
            line.append(Segment(f"  {tail}", palette.muted))
            used += width(tail) + 2
        if stage:
            gap = cells - used - width(word) - 2
            line.append(Segment(" " * max(gap, 1), palette.base))
            line.append(Segment(word, palette.stage(stage)))
        return line

    def _row(self, role: Role, cells: int) -> Line:
        palette, glyphs = self.look.palette, self.look.glyphs
        about = self.facts.about(role)
        star = glyphs.star if role.name in self.facts.favourites else " "
        production = about.stage is not None and about.stage.name == "production"
        line: Line = [Segment(f" {star} ", palette.accent)]
        if production:
            line = [Segment(glyphs.edge, palette.production), Segment(f"{star} ", palette.accent)]
        status_cells = self._status_cells(cells)
        room = cells - 4 - status_cells
        heading = self.facts.catalogue.heading(role) if self.grouped else None
        name = self.look.said(short_name(role.name, heading))
        if about.problem:
            return line + self._broken(name, self.look.said(about.problem), cells - 4)
        chain = self._chain(role, about.chain) if room >= 26 else ""
        name_cells = room
        if chain:  # the name goes first, but leaves the chain its start
            name_cells = max(room * 45 // 100, min(width(name), room - min(width(chain), 14) - 2))
        name = cut(name, name_cells, glyphs.ellipsis)
        if chain:
            line += self._matched(name, palette.base, name_cells + 2)
            cells_left = room - name_cells - 2
            chain = cut(chain, cells_left, glyphs.ellipsis)
            line += self._matched(chain, palette.muted, cells_left)
        else:
            line += self._matched(name, palette.base, name_cells)
        line.extend(self._status(role, status_cells))
        return line

    def _broken(self, name: str, problem: str, cells: int) -> Line:
        palette, glyphs = self.look.palette, self.look.glyphs
        name = cut(name, max(cells * 2 // 5, 8), glyphs.ellipsis)
        room = cells - width(name) - 4
        reason = cut(problem, room, glyphs.ellipsis)
        return [
            *self._matched(name, palette.muted),
            Segment("  ", palette.base),
            Segment(f"{glyphs.warning} ", palette.warning),
            Segment(reason, palette.warning),
        ]

    def _status_cells(self, cells: int) -> int:
        """How much of a row its session takes: sign, word and time, by the room there is."""
        if cells >= 46:
            return _WORD + _TIME + 2
        return _TIME + 3 if cells >= 24 else 2

    def _status(self, role: Role, cells: int) -> Line:
        palette, glyphs = self.look.palette, self.look.glyphs
        if role.name in self.facts.trying:
            sign = glyphs.spinner[self.beat % len(glyphs.spinner)]
            text = f"{sign} switching" if cells > _TIME + 3 else sign
            return [Segment(f" {text}", palette.accent)]
        status = self.facts.status(role)
        phase = self.facts.phase(status)
        style = palette.of(phase)
        left = self.facts.left(status)
        if cells <= 2:
            return [Segment(f" {glyphs.of(phase)}", style)]
        if cells <= _TIME + 3:
            word = left or ("over" if phase is Phase.EXPIRED else "")
            return [Segment(f" {glyphs.of(phase)}{word:>{_TIME}} ", style)]
        word = phase.value if phase else glyphs.nothing
        return [Segment(f" {glyphs.of(phase)} {word:<{_WORD - 2}}{left:>{_TIME}} ", style)]

    def _chain(self, role: Role, chain: tuple[str, ...]) -> str:
        """Where it starts and what is between, `base → hop`; its kind where it starts by itself."""
        if len(chain) < 2:
            return {"session-token": "keys", "sso": f"sso {role.source}"}.get(role.kind, role.kind)
        return f" {self.look.glyphs.arrow} ".join(self.look.said(name) for name in chain[:-1])

    def _matched(self, text: str, style: Style, cells: int = 0) -> Line:
        """A text with the letters that the filter found lit up, filled up to so many cells."""
        spans = highlights(text, self.words) if self.words else []
        blanks = " " * (cells - width(text))
        if not spans:
            return [Segment(text + blanks, style)]
        line: Line = []
        end = 0
        lit = style + self.look.palette.match
        for start, stop in spans:
            line += [Segment(text[end:start], style), Segment(text[start:stop], lit)]
            end = stop
        line.append(Segment(text[end:] + blanks, style))
        return [segment for segment in line if segment.text]
