"""The settings, line by line; the one that is changed is typed into."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from rich.style import Style

from tui.widgets.filter_line import FilterLine
from tui.widgets.pane import Line, Pane, fitted
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from tui.widgets.pane import Look

HEADING, SETTING, KEY, READ_ONLY, WARNING = "heading", "setting", "key", "read only", "warning"
_ORIGIN = 12
_WIDE, _MIDDLE = 100, 60
"""Columns from which there is room for the sentence, and for the origin."""


class Row(NamedTuple):
    """One line.

    Attributes:
        kind: `HEADING`, `SETTING`, `KEY`, `READ_ONLY` or `WARNING`.
        name: the setting's key, the binding's id, or what else it is about.
        value: as it is typed; empty where nothing is set.
        origin: `environment`, `file` or `default`; empty where that says nothing.
        about: one sentence.
        usual: what counts where nothing is set.
    """

    kind: str
    name: str
    value: str = ""
    origin: str = ""
    about: str = ""
    usual: str = ""


class SettingsList(Pane):
    """Rows under headings; the highlight stays off the headings.

    Attributes:
        rows: the lines.
        at: the place of the highlighted one.
        typing: what is typed into it, or None.
        waiting: it waits for a key.
        path: the file, for the title.
    """

    def __init__(self, look: Look, path: str) -> None:
        super().__init__(look, id="settings")
        self.path = path
        self.rows: list[Row] = []
        self.at = 0
        self.typing: FilterLine | None = None
        self.waiting = False

    @property
    def row(self) -> Row | None:
        """The highlighted row."""
        return self.rows[self.at] if self.at < len(self.rows) else None

    def show(self, rows: list[Row]) -> None:
        """Show other rows, the highlight where it was."""
        row = self.row
        self.rows = rows
        same = (
            at
            for at, new in enumerate(rows)
            if row and (new.kind, new.name) == (row.kind, row.name)
        )
        self.at = next(same, min(self.at, max(len(rows) - 1, 0)))
        self.move(0)

    def move(self, by: int) -> None:
        """Move the highlight, past headings."""
        step = 1 if by >= 0 else -1
        at = max(min(self.at + by, len(self.rows) - 1), 0)
        while 0 <= at < len(self.rows) and self.rows[at].kind == HEADING:
            at += step
        if not 0 <= at < len(self.rows):  # only a heading was there
            at = next((n for n, row in enumerate(self.rows) if row.kind != HEADING), 0)
        self.at = at
        # The heading above the first row of a section comes into sight with it.
        top = at - 1 if at and self.rows[at - 1].kind == HEADING else at
        if top < self.top and self.page > 1:
            self.show_from(top)
        elif at < self.top:
            self.show_from(at)
        elif self.size.height and at >= self.top + self.page:
            self.show_from(at - self.page + 1)
        self.refresh()

    def move_to_end(self, *, last: bool) -> None:
        """Highlight the first or the last row."""
        self.move(len(self.rows) if last else -len(self.rows))

    def point(self, index: int) -> bool:
        """Highlight a clicked row; whether it was highlighted already."""
        again = self.at == index
        if self.rows[index].kind != HEADING:
            self.move(index - self.at)
        return again

    @property
    def titled(self) -> str:
        """The pane's name, and the file's."""
        return f"Settings {self.look.glyphs.dot} {self.look.said(self.path)}"

    @property
    def line_count(self) -> int:
        """One a row."""
        return len(self.rows)

    def line(self, index: int, cells: int) -> Line:
        """One row."""
        palette, row = self.look.palette, self.rows[index]
        if row.kind == HEADING:
            return [Segment(f" {row.name}", palette.strong)]
        if row.kind == WARNING:
            sign = self.look.glyphs.warning
            line: Line = [Segment(f" {sign} {self.look.said(row.name)}", palette.warning)]
        else:
            line = self._row(row, cells, here=index == self.at)
        if index == self.at:
            whole = fitted(line, cells, palette.base)
            return [Segment(t, (s or palette.base) + palette.cursor) for t, s, _ in whole]
        return line

    def _row(self, row: Row, cells: int, *, here: bool) -> Line:
        palette, ellipsis = self.look.palette, self.look.glyphs.ellipsis
        wide, middle = cells >= _WIDE, cells >= _MIDDLE
        names = 22 if middle else 14
        room = max(cells - names - 4 - (_ORIGIN if middle else 0), 4)
        values = min(room, 26) if wide else room
        name = cut(self.look.said(row.name), names, ellipsis)
        line = [Segment(f"   {name}{' ' * (names - width(name))} ", palette.muted)]
        if here and self.typing is not None:
            line += self._typed(values)
        elif here and self.waiting:
            line.append(Segment(f"{'press the key'[:values]:<{values}}", palette.warning))
        else:
            line.append(self._value(row, values))
        if middle:
            set_by = palette.accent if row.origin in ("file", "environment") else palette.faint
            line.append(Segment(f" {row.origin:<{_ORIGIN - 1}}", set_by))
        if wide:
            line.append(Segment(f" {self.look.said(row.about)}", palette.muted))
        return line

    def _value(self, row: Row, cells: int) -> Segment:
        palette, glyphs = self.look.palette, self.look.glyphs
        shown = row.value or row.usual or glyphs.nothing
        style = palette.base if row.value else palette.faint
        if row.kind == KEY:
            style = palette.accent
        text = cut(self.look.said(shown), cells, glyphs.ellipsis)
        return Segment(text + " " * (cells - width(text)), style)

    def _typed(self, cells: int) -> Line:
        """The text with its cursor, as much of it as fits around that."""
        palette, typing = self.look.palette, self.typing or FilterLine()
        start = max(typing.at - cells + 2, 0)
        text = f"{typing.text} "[start:]
        at = typing.at - start
        cursor = Style(reverse=True)
        line = [
            Segment(text[:at], palette.strong),
            Segment(text[at : at + 1], palette.strong + cursor),
            Segment(text[at + 1 :], palette.strong),
        ]
        return fitted(line, cells, palette.base)
