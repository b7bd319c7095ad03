"""The lines of the details: a role's fields, or those of a session that no role is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from profiles import times
from profiles.catalogue.behind import device_of, kinds_of, limits, origin_of
from profiles.model import Phase
from profiles.quoted import quoted
from tui.widgets.text import cut, width, wrap

if TYPE_CHECKING:
    from rich.style import Style

    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Line, Look

_LABEL = 9
_HOUR = 3600
_MADE_BY = {
    "rolecall": "rolecall",
    "aws-cli": "the AWS CLI or an SDK",
    "sso": "a sign-in, shared with the AWS CLI",
    "environment": "the environment of this shell",
    "file": "the credentials file",
}


class DetailLines:
    """Builds them for a width.

    Args:
        look: how they are drawn.
        facts: what is known.
        cells: the width.
    """

    def __init__(self, look: Look, facts: Facts, cells: int) -> None:
        self._look = look
        self._facts = facts
        self._cells = cells

    def of_role(self, role: Role) -> list[Line]:
        """A role's: stage, what is wrong, who it is, its session, what is behind and over it."""
        palette, said = self._look.palette, self._look.said
        status = self._facts.status(role)
        lines = [*self._stage(role), *self._wrong(role)]
        for label, value in self._known(role):
            lines += self._field(label, value, palette.base)
        lines += self._session(role, status)
        lines += self._written(role, status)
        lines += self._behind(role)
        for label, value in self._origin(role):
            lines += self._field(label, value, palette.base)
        command = f"rolecall assume {quoted(role.name)}"
        return [*lines, *self._field("Same as", said(command), palette.accent)]

    def of_session(self, status: SessionStatus) -> list[Line]:
        """A session's that no role is behind: a sign-in's, the environment's, another profile's."""
        palette, said = self._look.palette, self._look.said
        lines = self._clock(status)
        if status.refreshed_until is not None:
            left = times.words(max(status.refreshed_until - self._facts.now(), 0))
            lines += self._field("Renewed", f"by itself, for {left} at most", palette.base)
        if status.identity:
            lines += self._field("Identity", said(status.identity), palette.base)
        if status.destinations:
            where = " ".join(map(said, status.destinations))
            lines += self._field("Where", where, palette.base)
        return [*lines, *self._field("Made by", _MADE_BY[status.origin], palette.base)]

    # What it is --------------------------------------------------------------------------

    def _stage(self, role: Role) -> list[Line]:
        palette, glyphs = self._look.palette, self._look.glyphs
        stage = self._facts.about(role).stage
        if stage is None:
            return []
        sign = f"{glyphs.warning} " if stage.name == "production" else ""
        name = self._look.said(stage.name).upper()
        return [
            [Segment(cut(f" {sign}{name}", self._cells, glyphs.ellipsis), palette.stage(stage))]
        ]

    def _wrong(self, role: Role) -> list[Line]:
        palette, glyphs, said = self._look.palette, self._look.glyphs, self._look.said
        lines: list[Line] = []
        failure = self._facts.failures.get(role.name)
        if failure is not None:
            lines += self._said(f"{glyphs.expired} {said(failure.summary)}", palette.critical)
            if failure.hint:
                lines += self._said(f"  {said(failure.hint)}", palette.base)
            lines.append([])
        if problem := self._facts.about(role).problem:
            lines += [*self._said(f"{glyphs.warning} {said(problem)}", palette.warning), []]
        return lines

    def _known(self, role: Role) -> list[tuple[str, str]]:
        said = self._look.said
        account = (self._facts.catalogue.heading(role), role.account_id)
        fields = [
            ("Account", said("  ".join(filter(None, account)))),
            ("Role", said(role.role_arn or role.role_name or "")),
            *self._chain(role),
            ("Region", said(role.get("region") or "")),
            ("Ext. id", "asked for by the role" if role.get("external_id") else ""),
        ]
        return [(label, value) for label, value in fields if value]

    def _chain(self, role: Role) -> list[tuple[str, str]]:
        """The names of its hops and their kinds, in one line where there is room."""
        glyphs, said = self._look.glyphs, self._look.said
        names = f" {glyphs.hop} ".join(map(said, self._facts.about(role).chain))
        kinds = f" {glyphs.dot} ".join(map(said, kinds_of(self._facts.hops(role))))
        if not kinds:
            return [("Chain", names)]
        both = f"{names} ({kinds})"
        fits = width(both) <= self._cells - _LABEL - 2
        return [("Chain", both)] if fits else [("Chain", names), ("", f"({kinds})")]

    def _origin(self, role: Role) -> list[tuple[str, str]]:
        bounds = limits(self._facts.catalogue, role, self._facts.hops(role))
        found = [("" if at else "Lasts", text) for at, text in enumerate(bounds)]
        return [*found, ("From", origin_of(role))]

    # Its session -------------------------------------------------------------------------

    def _session(self, role: Role, status: SessionStatus | None) -> list[Line]:
        palette, glyphs = self._look.palette, self._look.glyphs
        if role.name in self._facts.trying:
            doing = "renewing itself" if role.name in self._facts.renewing else "switching"
            return self._field("Session", f"{doing}; esc stops it", palette.accent)
        if status is None:
            return self._field("Session", f"{glyphs.none} none", palette.muted)
        asked = role.get("duration_seconds") or ""
        lines = self._clock(status, int(asked) if asked.isdigit() else _HOUR)
        return [*lines, *self._too_short(status)]

    def _too_short(self, status: SessionStatus) -> list[Line]:
        """That it ends before the time that the settings say is needed."""
        needs = self._facts.catalogue.settings.seconds("needs") or 0
        left = status.seconds_left(self._facts.now())
        if left is None or not 0 < left < needs:
            return []
        text = f"shorter than the {times.words(needs)} that are needed"
        return self._field("", text, self._look.palette.warning)

    def _clock(self, status: SessionStatus, whole: int | None = None) -> list[Line]:
        """Phase, what is left and until when; a bar where it is known of how much."""
        palette, glyphs = self._look.palette, self._look.glyphs
        phase = self._facts.phase(status)
        style = palette.of(phase)
        if status.expires_at is None or phase is None:
            return self._field("Session", f"{glyphs.of(phase)} no end known", style)
        until = times.local_clock(status.expires_at)
        if phase is Phase.EXPIRED:
            return self._field("Session", f"{glyphs.expired} expired at {until}", style)
        left = self._facts.left(status)
        text = f"{glyphs.of(phase)} {phase.value} {left} {glyphs.dot} until {until}"
        lines = self._field("Session", text, style)
        return lines if whole is None else [*lines, self._bar(whole, status.expires_at, style)]

    def _bar(self, whole: int, expires_at: float, style: Style) -> Line:
        """How much is left of how much: of the role's duration, or of the hours that hold it."""
        palette, glyphs = self._look.palette, self._look.glyphs
        left = max(expires_at - self._facts.now(), 0)
        if whole < left:
            whole = -int(-left // _HOUR) * _HOUR
        tail = f"  {times.words(whole)}"
        room = self._cells - _LABEL - len(tail) - 2
        if room < 6:
            return []
        full = min(round(room * left / whole), room)
        return [
            Segment(" " * (_LABEL + 1), palette.base),
            Segment(glyphs.filled * full, style),
            Segment(glyphs.empty * (room - full), palette.faint),
            Segment(tail, palette.muted),
        ]

    def _written(self, role: Role, status: SessionStatus | None) -> list[Line]:
        """Where it is, and what wins over it there."""
        palette, said = self._look.palette, self._look.said
        if status is None or not status.destinations:
            return []
        places = " ".join(map(said, status.destinations))
        lines = self._field("Written", places, palette.base)
        if status.profile:
            for note in self._facts.overruled(role, [status.profile]):
                lines += self._field("", said(note), palette.warning)
        return lines

    def _behind(self, role: Role) -> list[Line]:
        """The sessions behind it, each with its countdown; a device that none is of."""
        palette, said = self._look.palette, self._look.said
        lines: list[Line] = []
        layers = self._facts.layers(role)
        serial = role.get("mfa_serial")
        if serial and all(layer.kind != "MFA" for layer in layers):
            lines += self._field("MFA", said(device_of(serial)), palette.base)
        for kind, name, status in layers:
            left = self._facts.left(status)
            good = f"good for {left}" if left else "over"
            if status.refreshed_until is not None:
                good += ", then refreshed"
            style = palette.base if left else palette.muted
            label = "Behind" if kind == "role" else kind
            lines += self._field(label, f"{said(name)} ({good})", style)
        return lines

    # Lines -------------------------------------------------------------------------------

    def _field(self, label: str, value: str, style: Style) -> list[Line]:
        palette = self._look.palette
        room = self._cells - _LABEL - 2
        if room < 12:
            return [[Segment(cut(f" {value}", self._cells, self._look.glyphs.ellipsis), style)]]
        lines: list[Line] = []
        for at, text in enumerate(wrap(value, room)):
            head = f" {label:<{_LABEL}}" if at == 0 else " " * (_LABEL + 1)
            lines.append([Segment(head, palette.muted), Segment(text, style)])
        return lines

    def _said(self, text: str, style: Style) -> list[Line]:
        return [[Segment(f" {line}", style)] for line in wrap(text, max(self._cells - 2, 1))]
