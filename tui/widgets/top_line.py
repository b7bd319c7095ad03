"""The top line: what clients use now, how many sessions there are, the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from profiles.files.aws_clock import SKEW
from profiles.model import Phase
from profiles.times import countdown, words
from tui.widgets.pane import fitted
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from profiles.machine import Machine
    from tui.widgets.facts import Facts
    from tui.widgets.pane import Line, Look


class TopLine(Widget):
    """One line; inside a subshell of rolecall's own it is a banner that says so.

    Attributes:
        facts: what it counts.
        machine: tells the default profile and the own subshell.
        skew: seconds that AWS's clock is ahead; None before it answered.
    """

    def __init__(self, look: Look, facts: Facts, machine: Machine) -> None:
        super().__init__(id="top")
        self.look = look
        self.facts = facts
        self.machine = machine
        self.skew: float | None = None
        self._said = ""

    def tick(self) -> None:
        """Draw it again, where its words changed."""
        if self._words() != self._said:
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one
        """The line."""
        cells = self.size.width
        palette, ellipsis = self.look.palette, self.look.glyphs.ellipsis
        self._said = self._words()
        state, role, right = self._said.split("\n")
        right = f"{right} " if right else ""
        line: Line = [Segment(" rolecall", palette.accent)]
        room = cells - 9 - width(right)
        if room < 12:
            right, room = "", cells - 9
        left = cut(f"   {state}", room - 2 if right else room, ellipsis)
        line.append(Segment(left, palette.warning if role else palette.muted))
        line.append(Segment(" " * (room - width(left)), palette.base))
        line.append(Segment(right, palette.muted))
        return Strip(fitted(line, cells, palette.base), cells)

    def _words(self) -> str:
        inside = self._inside()
        return "\n".join((inside or self._default(), "inside" if inside else "", self._counts()))

    def _default(self) -> str:
        """What clients use when nobody names a profile, and whose session is in it."""
        profile = self.machine.profile()
        if self.machine.env.get("AWS_ACCESS_KEY_ID") and not profile:
            return "default: the keys in the environment"
        profile = profile or "default"
        place = f"[{profile}]"
        held = next((s for s in self.facts.statuses if place in s.destinations), None)
        if held is not None:
            return f"default: {self.look.said(f'{profile} {self.look.glyphs.dot} {held.name}')}"
        known = profile in self.facts.catalogue.files.profiles
        return f"default: {self.look.said(profile)}" if known else "no default profile"

    def _inside(self) -> str:
        """What to say inside a subshell of rolecall's own."""
        if not self.machine.env.get("ROLECALL_DEPTH"):
            return ""
        from profiles.times import instant

        role = self.look.said(self.machine.env.get("ROLECALL_ROLE", "")) or "a session"
        ends = instant(self.machine.env.get("ROLECALL_EXPIRES_AT", ""))
        if ends is None:
            return f"inside the shell of {role}"
        left = ends - self.facts.now()
        time = f"{countdown(left)} left" if left > 0 else "expired"
        return f"inside the shell of {role} {self.look.glyphs.dot} {time}"

    def _counts(self) -> str:
        dot = f" {self.look.glyphs.dot} "
        now = self.facts.now()
        phases = [status.phase(now) for status in self.facts.statuses]
        parts = [
            f"{phases.count(phase)} {phase.value}"
            for phase in (Phase.LIVE, Phase.EXPIRING, Phase.CRITICAL)
            if phase in phases
        ]
        if self.skew is not None:
            off = abs(self.skew)
            parts.append("clock ok" if off <= SKEW else f"clock off by {words(off)}")
        return dot.join(parts)
