"""What is known of the highlighted role, and why its last try failed."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region

from profiles import times
from profiles.model import Phase
from tui.widgets.pane import Line, Pane
from tui.widgets.text import cut, wrap

if TYPE_CHECKING:
    from rich.style import Style

    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Look

_LABEL = 9
_HOUR = 3600
_SERIAL = "mfa_serial"


class Details(Pane):
    """The highlighted role, field by field; a failed try stands above them until the next.

    Attributes:
        facts: what it shows.
        role: whom it is about.
    """

    def __init__(self, look: Look, facts: Facts) -> None:
        super().__init__(look, id="details")
        self.facts = facts
        self.role: Role | None = None
        self.tabs = ""
        self._drawn: tuple[int, list[Line]] | None = None

    def show(self, role: Role | None) -> None:
        """Show another role, from its top; on a slow line, only what is another line counts."""
        drawn, top = self._drawn, self.top
        self.role = role
        self.top = 0
        if drawn is None or top or not self.display:
            self.renewed()
            return
        cells, before = drawn
        after = self._fields(role, cells) if role else []
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
        drawn = self._drawn
        if drawn is None or self.role is None or self.facts.status(self.role) is None:
            return
        cells, before = drawn
        after = self._fields(self.role, cells)
        if len(after) != len(before):
            self.renewed()
            return
        self._drawn = (cells, after)
        both = enumerate(zip(before, after, strict=True))
        self.refresh_lines(*(index for index, (old, new) in both if old != new))

    def move(self, by: int) -> None:
        """Scroll: there is nothing to highlight here."""
        self.scroll_lines(by)

    def move_to_end(self, *, last: bool) -> None:
        """Scroll to the end or the top."""
        self.show_from(self.line_count if last else 0)

    @property
    def titled(self) -> str:
        """The role's name."""
        return (self.look.said(self.role.name) if self.role else "Details") + self.tabs

    @property
    def line_count(self) -> int:
        """As many as the fields take."""
        return len(self._lines(max(self.size.width - 2, 1)))

    def line(self, index: int, cells: int) -> Line:
        """A line of a field."""
        return self._lines(cells)[index]

    def _lines(self, cells: int) -> list[Line]:
        if self._drawn is None or self._drawn[0] != cells:
            self._drawn = (cells, self._fields(self.role, cells) if self.role else [])
        return self._drawn[1]

    def _fields(self, role: Role, cells: int) -> list[Line]:
        palette, glyphs, said = self.look.palette, self.look.glyphs, self.look.said
        about = self.facts.about(role)
        lines: list[Line] = []
        if about.stage is not None:
            sign = f"{glyphs.warning} " if about.stage.name == "production" else ""
            stage = cut(f" {sign}{said(about.stage.name).upper()}", cells, glyphs.ellipsis)
            lines.append([Segment(stage, palette.stage(about.stage))])
        failure = self.facts.failures.get(role.name)
        if failure is not None:
            lines += self._said(
                f"{glyphs.expired} {said(failure.summary)}", palette.critical, cells
            )
            if failure.hint:
                lines += self._said(f"  {said(failure.hint)}", palette.base, cells)
            lines.append([])
        if about.problem:
            problem = f"{glyphs.warning} {said(about.problem)}"
            lines += [*self._said(problem, palette.warning, cells), []]
        for label, value in self._known(role):
            lines += self._field(label, value, palette.base, cells)
        status = self.facts.status(role)
        lines += self._session(role, status, cells)
        if status is not None and status.destinations:
            written = " ".join(said(place) for place in status.destinations)
            lines += self._field("Written", written, palette.base, cells)
        command = f"rolecall assume {role.name}"
        lines += self._field("Same as", said(command), palette.accent, cells)
        return lines

    def _known(self, role: Role) -> list[tuple[str, str]]:
        said = self.look.said
        heading = self.facts.catalogue.heading(role)
        account = "  ".join(part for part in (heading, role.account_id) if part)
        fields = [("Account", said(account))] if account else []
        if role.role_arn:
            fields.append(("Role", said(role.role_arn)))
        elif role.role_name:
            fields.append(("Role", said(role.role_name)))
        fields.append(("Chain", self._chain(role)))
        for label, key in (
            ("Region", "region"),
            ("MFA", _SERIAL),
            ("Ext. id", "external_id"),
            ("Duration", "duration_seconds"),
        ):
            value = role.get(key)
            if value:
                shown = "asked for by the role" if key == "external_id" else said(value)
                if key == _SERIAL and (left := self.facts.left_behind(value)):
                    shown = f"{said(value.rpartition(':')[2])} (good for {left})"
                if key == "duration_seconds" and value.isdigit():
                    shown = times.words(int(value))
                fields.append((label, shown))
        fields.append(("From", f"{role.origin}, {role.kind}"))
        return fields

    def _chain(self, role: Role) -> str:
        chain = self.facts.about(role).chain
        return f" {self.look.glyphs.hop} ".join(self.look.said(name) for name in chain)

    def _session(self, role: Role, status: SessionStatus | None, cells: int) -> list[Line]:
        palette, glyphs = self.look.palette, self.look.glyphs
        phase = self.facts.phase(status)
        style = palette.of(phase)
        if role.name in self.facts.trying:
            return self._field("Session", "switching; esc stops it", palette.accent, cells)
        if status is None or phase is None:
            return self._field("Session", f"{glyphs.none} none", palette.muted, cells)
        if status.expires_at is None:
            return self._field("Session", f"{glyphs.of(phase)} no end known", style, cells)
        until = times.local_clock(status.expires_at)
        if phase is Phase.EXPIRED:
            text = f"{glyphs.expired} expired at {until}"
            return self._field("Session", text, style, cells)
        left = self.facts.left(status)
        text = f"{glyphs.of(phase)} {phase.value} {left} {glyphs.dot} until {until}"
        lines = self._field("Session", text, style, cells)
        return [*lines, self._bar(role, status.expires_at, style, cells)]

    def _bar(self, role: Role, expires_at: float, style: Style, cells: int) -> Line:
        """How much is left of how much: of the role's duration, or of the hours that hold it."""
        palette, glyphs = self.look.palette, self.look.glyphs
        left = max(expires_at - self.facts.now(), 0)
        asked = role.get("duration_seconds") or ""
        whole = int(asked) if asked.isdigit() else _HOUR
        if whole < left:
            whole = -int(-left // _HOUR) * _HOUR
        tail = f"  {times.words(whole)}"
        room = cells - _LABEL - len(tail) - 2
        if room < 6:
            return []
        full = min(round(room * left / whole), room)
        return [
            Segment(" " * (_LABEL + 1), palette.base),
            Segment(glyphs.filled * full, style),
            Segment(glyphs.empty * (room - full), palette.frame),
            Segment(tail, palette.muted),
        ]

    def _field(self, label: str, value: str, style: Style, cells: int) -> list[Line]:
        palette = self.look.palette
        room = cells - _LABEL - 2
        if room < 12:
            return [[Segment(cut(f" {value}", cells, self.look.glyphs.ellipsis), style)]]
        texts = wrap(value, room)
        lines: list[Line] = []
        for at, text in enumerate(texts):
            head = f" {label:<{_LABEL}}" if at == 0 else " " * (_LABEL + 1)
            lines.append([Segment(head, palette.muted), Segment(text, style)])
        return lines

    def _said(self, text: str, style: Style, cells: int) -> list[Line]:
        return [[Segment(f" {line}", style)] for line in wrap(text, max(cells - 2, 1))]
