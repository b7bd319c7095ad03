"""The menu of what can be copied of a role."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget

from tui.screens.dialog import Dialog
from tui.widgets.pane import fitted
from tui.widgets.text import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.binding import BindingType

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus
    from tui.widgets.pane import Line, Look


class Copied(NamedTuple):
    """One thing to copy.

    Attributes:
        label: what it is called.
        text: what is copied; None where a session has to be had first.
        form: for variables, the shell they are written for.
    """

    label: str
    text: str | None
    form: str = ""


def offers(machine: Machine, role: Role, status: SessionStatus | None) -> list[Copied]:
    """What there is to copy of a role now."""
    from profiles.destinations.export import default_format

    form = default_format(machine.env)
    found = [Copied(f"variables for {form}, keys included", None, form)]
    if status is not None and status.profile:
        profile = shlex.quote(status.profile)
        found.append(Copied(f"AWS_PROFILE={profile}", f"AWS_PROFILE={profile}"))
    if role.role_arn:
        found.append(Copied("the role's ARN", role.role_arn))
    if status is not None and status.identity and status.identity != role.role_arn:
        found.append(Copied("the identity's ARN", status.identity))
    if role.account_id:
        found.append(Copied(f"the account's id, {role.account_id}", role.account_id))
    command = f"rolecall assume {shlex.quote(role.name)}"
    found.append(Copied(command, command))
    return found


class Choices(Widget, can_focus=True):
    """A few lines, one of them highlighted."""

    def __init__(self, look: Look, items: Sequence[str]) -> None:
        super().__init__(id="choices")
        self.look = look
        self.items = items
        self.at = 0
        self.styles.height = len(items)

    def move(self, by: int) -> None:
        """Move the highlight, round the ends."""
        self.at = (self.at + by) % len(self.items)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One item, with its number."""
        palette, cells = self.look.palette, self.size.width
        if y >= len(self.items):
            return Strip.blank(cells, palette.base)
        text = cut(self.look.said(self.items[y]), max(cells - 4, 0), self.look.glyphs.ellipsis)
        line: Line = [Segment(f" {y + 1} ", palette.accent), Segment(text, palette.base)]
        line = fitted(line, cells, palette.base)
        if y == self.at:
            line = [Segment(t, (s or palette.base) + palette.cursor) for t, s, _ in line]
        return Strip(line, sum(width(segment.text) for segment in line))


class CopyMenu(Dialog[Copied]):
    """What to copy; a number or enter chooses.

    Args:
        look: how it is drawn.
        machine: tells the shell.
        role: whose.
        status: its session, or None.
    """

    AUTO_FOCUS = "#choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "copy", id="copy_take", tooltip="Copy it"),
        Binding("j,down", "step(1)", "down", id="copy_down", tooltip="One line down"),
        Binding("k,up", "step(-1)", "up", id="copy_up", tooltip="One line up"),
    ]

    def __init__(
        self, look: Look, machine: Machine, role: Role, status: SessionStatus | None
    ) -> None:
        super().__init__(look, f"Copy of {role.name}", "enter copies · esc closes")
        self._offers = offers(machine, role, status)
        self._choices = Choices(look, [offer.label for offer in self._offers])

    def content(self) -> Iterable[Widget]:
        """The list."""
        yield self._choices

    async def on_key(self, event: events.Key) -> None:
        """A number chooses."""
        letter = event.character or ""
        if letter.isascii() and letter.isdigit() and 1 <= int(letter) <= len(self._offers):
            self.answer(self._offers[int(letter) - 1])

    def on_click(self, event: events.Click) -> None:
        """A click chooses."""
        if event.widget is self._choices and event.y < len(self._offers):
            self.answer(self._offers[event.y])

    def action_take(self) -> None:
        """Copy the highlighted one."""
        self.answer(self._offers[self._choices.at])

    def action_step(self, by: int) -> None:
        """Move the highlight."""
        self._choices.move(by)
