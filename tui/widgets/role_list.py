"""The list of roles, under the accounts they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region

from tui.widgets.filter_line import FilterLine
from tui.widgets.palette import over
from tui.widgets.pane import Line, Pane, fitted
from tui.widgets.role_row import RowPainter
from tui.widgets.role_rows import ORDERS, Heading, Known, RoleLine, role_lines
from tui.widgets.text import cut, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.catalogue.role import Role
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Look

_CURSOR = Style(reverse=True)
_CLEARS = "esc clears the filter"
_NOTHING_YET = (
    "no roles yet",
    "Neither ~/.aws/config nor ~/.aws/credentials has one.",
    "aws configure adds keys; aws configure sso adds an Identity Center sign-in.",
    "n is a form for a role by its ARN; D lists what a sign-in gives.",
    "rolecall demo tries it all on an emulated AWS.",
    "A file that appears is read at once.",
)


class RoleList(Pane):
    """Every role; the filter in its first line.

    Attributes:
        facts: what it shows.
        filter: the words being typed.
        order: one of `ORDERS`.
        at: the place of the highlighted line.
        beat: which of the spinner's signs is drawn.
        hints: what is said below the roles where there is room.
    """

    pinned_count = 1

    def __init__(self, look: Look, facts: Facts, words: str = "") -> None:
        super().__init__(look, id="roles")
        self.facts = facts
        self.filter = FilterLine(words)
        self.order = ORDERS[0]
        self.at = 0
        self.beat = 0
        self.tabs = ""
        self.hints: tuple[str, ...] = ()
        self._folded: set[str | None] = set()
        self._lines: list[RoleLine] = []
        self._found = 0
        self._shown: dict[str, str] = {}
        self.lay_out()

    # What is in it -----------------------------------------------------------------------

    @property
    def role(self) -> Role | None:
        """The highlighted role; None on an account's heading and in an empty list."""
        return self._role_at(self.at) if self._lines else None

    @property
    def account(self) -> Heading | None:
        """The account whose heading is highlighted."""
        line = self._lines[self.at] if self._lines else None
        return line if isinstance(line, Heading) else None

    def lay_out(self, *, keep: str | None = None) -> None:
        """Lay the lines out anew: after typing, folding, ordering, and for new roles.

        Args:
            keep: the role to stay on, by name; without it, or where it is gone, the first.
        """
        known = Known(self.facts.sessions, self.facts.frequent, self.facts.states)
        self._lines, self._found = role_lines(
            self.facts.catalogue, self.filter.text.strip(), self.order, self._folded, known
        )
        self.at = self._place(keep)
        self._show_highlight()
        self.refresh()

    @property
    def found_any(self) -> bool:
        """Whether the filter finds anything."""
        return self._found > 0

    def go_to(self, name: str) -> bool:
        """Highlight a role by its name, where it is listed; whether it is."""
        at = self._find(name)
        if at is not None:
            self._highlight(at)
        return at is not None

    def _role_at(self, index: int) -> Role | None:
        line = self._lines[index]
        return None if isinstance(line, Heading) else self.facts.catalogue.roles[line]

    def _find(self, name: str) -> int | None:
        place = self.facts.catalogue.roles.place(name)
        return next((n for n, line in enumerate(self._lines) if line == place), None)

    def _place(self, keep: str | None) -> int:
        if keep is not None and (at := self._find(keep)) is not None:
            return at
        return next((n for n, at in enumerate(self._lines) if not isinstance(at, Heading)), 0)

    # Moving ------------------------------------------------------------------------------

    def move(self, by: int) -> None:
        """Move the highlight, past the headings that cannot take it."""
        at, step = self.at, 1 if by > 0 else -1
        target = max(min(at + by, len(self._lines) - 1), 0)
        while 0 <= target < len(self._lines) and not self._takes_highlight(target):
            target += step
        if not 0 <= target < len(self._lines):  # nothing further that way: the last that can
            target = at if abs(by) == 1 else self._nearest(at + by, -step)
            if step < 0 and self.top and target == at:
                self.show_from(0)
        self._highlight(target)

    def move_to_end(self, *, last: bool) -> None:
        """Highlight the first or the last line."""
        self._highlight(self._nearest(len(self._lines) if last else 0, -1 if last else 1))

    def point(self, index: int) -> bool:
        """Highlight a clicked line; whether it was highlighted already."""
        if index >= len(self._lines) or not self._takes_highlight(index):
            return False  # what an empty list says, or one that has become shorter meanwhile
        again = index == self.at
        self._highlight(index)
        return again

    def _nearest(self, start: int, step: int) -> int:
        at = max(min(start, len(self._lines) - 1), 0)
        while 0 <= at < len(self._lines):
            if self._takes_highlight(at):
                return at
            at += step
        return self.at

    def _takes_highlight(self, index: int) -> bool:
        line = self._lines[index]
        return not isinstance(line, Heading) or (len(line.roles) > 1 and not self.filter.text)

    def _highlight(self, at: int) -> None:
        if not self._lines:
            return
        before, self.at = self.at, at
        self._show_highlight()
        self.refresh_lines(before, at)

    def _show_highlight(self) -> None:
        """Scroll so that the highlighted line is seen; with it the heading right above."""
        page = self.page
        first = self.at
        if first and isinstance(self._lines[first - 1], Heading) and page > 1:
            first -= 1
        if first < self.top:
            self.show_from(first)
        elif self.at >= self.top + page:
            self.show_from(self.at - page + 1)
        else:
            self.show_from(self.top)

    def on_resize(self) -> None:
        """Keep the highlighted line on screen."""
        self._show_highlight()

    # Folding and ordering ----------------------------------------------------------------

    @property
    def fold_refused(self) -> str | None:
        """Why nothing can be folded here; None where it can."""
        if self.order != "account":
            return "only the order by account has headings to fold"
        if self.filter.text.strip():
            return "what a filter found is not folded"
        found = self._own_account()
        if found is None or len(found.roles) < 2:
            return "this account has one role: nothing to fold"
        return None

    def fold(self) -> None:
        """Fold the highlighted account, or open it again."""
        account = self._own_account()
        if account is None:
            return
        self._folded ^= {account.account_id}
        role = self.role
        self.lay_out(keep=role.name if role else None)
        if account.account_id in self._folded or role is None:
            heads = enumerate(self._lines)
            self._highlight(
                next(
                    n
                    for n, at in heads
                    if isinstance(at, Heading) and at.account_id == account.account_id
                )
            )

    def show_all(self) -> None:
        """Leave the filter and open every account."""
        self.filter.clear()
        self.filter.editing = False
        self._folded.clear()
        self.lay_out()

    @property
    def by_sessions(self) -> bool:
        """Whether what is listed depends on sessions."""
        return self.order in ("expiry", "use") or ":" in self.filter.text

    def reorder(self) -> str:
        """Take the next order; its name."""
        role = self.role
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.lay_out(keep=role.name if role else None)
        return self.order

    def _own_account(self) -> Heading | None:
        for index in range(self.at, -1, -1):
            if index < len(self._lines) and isinstance(line := self._lines[index], Heading):
                return line
        return None

    # Changes of single lines -------------------------------------------------------------

    def tick(self) -> None:
        """Draw the rows on screen whose countdown changed."""
        changed = []
        for index, role in self._seen():
            shown = self.facts.shown(self.facts.status(role))
            if shown != self._shown.get(role.name, ""):
                self._shown[role.name] = shown
                changed.append(index)
        self.refresh_lines(*changed)

    def redraw(self, names: set[str]) -> None:
        """Draw the rows of some roles."""
        self.refresh_lines(*(index for index, role in self._seen() if role.name in names))

    def refresh_filter(self) -> None:
        """Draw the filter's line."""
        self.refresh(Region(0, 1, self.size.width, 1))

    def _seen(self) -> Iterator[tuple[int, Role]]:
        """The roles on screen, with their places."""
        for index in range(self.top, min(self.top + self.page, len(self._lines))):
            role = self._role_at(index)
            if role is not None:
                yield index, role

    # Drawing -----------------------------------------------------------------------------

    @property
    def titled(self) -> str:
        """The pane's name, the order where it is not the usual, the panes behind it."""
        order = "" if self.order == "account" else f" {self.look.glyphs.dot} by {self.order}"
        return f"Roles{order}{self.tabs}"

    @property
    def counted(self) -> str:
        """How many of how many."""
        total = len(self.facts.catalogue.roles)
        return f"{self._found} of {total}" if self.filter.text.strip() else f"{total}"

    @property
    def line_count(self) -> int:
        """Headings and roles."""
        if not self._lines:
            return len(self._empty(self.size.width - 2))
        return len(self._lines) + (len(self.hints) + 1 if self.hinting else 0)

    @property
    def hinting(self) -> bool:
        """Whether the hints have room below the roles."""
        return bool(self.hints) and len(self._lines) + len(self.hints) < self.page

    def pinned(self, index: int, cells: int) -> Line:  # noqa: ARG002  # there is one
        """The filter."""
        palette, text = self.look.palette, self.filter.text
        if not self.filter.editing and not text:
            return [Segment(" / filter", palette.faint)]
        at = self.filter.at
        shown = max(0, at - (cells - 6))  # a long filter shows where the cursor is
        line = [Segment(" / ", palette.accent), Segment(text[shown:at], palette.strong)]
        if self.filter.editing:
            line.append(Segment(text[at : at + 1] or " ", palette.base + _CURSOR))
            line.append(Segment(text[at + 1 :], palette.strong))
        else:
            line.append(Segment(text[at:], palette.strong))
        return line

    def line(self, index: int, cells: int) -> Line:
        """A heading, a role, or what to do in an empty list."""
        if not self._lines:
            return self._empty(cells)[index]
        if index >= len(self._lines):
            return self._hint(index - len(self._lines) - 1, cells)
        entry = self._lines[index]
        words = self.filter.text
        grouped = self.order == "account"
        folded = self._folded if grouped and not words.strip() else set()
        painter = RowPainter(self.look, self.facts, words, grouped, self.beat, folded)
        line = painter.draw(entry, cells)
        if index != self.at:
            return line
        palette = self.look.palette
        ground = palette.cursor if self.has_focus or self.filter.editing else palette.resting
        whole = fitted(line, cells, palette.base)
        return [Segment(text, over(style or palette.base, ground)) for text, style, _ in whole]

    # Empty -------------------------------------------------------------------------------

    def _empty(self, cells: int) -> list[Line]:
        """What an empty list says: the filter it is by, or what there is to do."""
        palette = self.look.palette
        words = self.filter.text.strip()
        strong, *others = self._none_found(words) if words else _NOTHING_YET
        lines: list[Line] = [[]]
        for text in (strong, *others):
            style = palette.strong if text is strong else palette.muted
            lines += [[Segment(f"   {line}", style)] for line in wrap(text, max(cells - 4, 1))]
            lines += [[]]
        return lines

    def _hint(self, at: int, cells: int) -> Line:
        if at < 0:
            return []
        palette = self.look.palette
        style = palette.muted if at else palette.strong
        text = cut(self.look.said(self.hints[at]), max(cells - 4, 1), self.look.glyphs.ellipsis)
        return [Segment(f"   {text}", style)]

    def _none_found(self, words: str) -> tuple[str, ...]:
        """That nothing matches, and why."""
        facts = self.facts
        why = facts.catalogue.index.why_none(words, facts.states)
        return f"no role matches {words!r}", self.look.said(why), _CLEARS
