"""The guard's dialog: what stands before a session of a guarded role."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog, lines
from tui.widgets.line_input import LineInput
from tui.widgets.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from profiles.challenges import Confirmation
    from tui.widgets.pane import Look


class GuardDialog(Dialog[str]):
    """Says what will change, and wants a yes or the account's name typed; esc is no.

    Args:
        look: how it is drawn.
        challenge: the guard's question.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "yes", id="dialog_yes", tooltip="Yes, do it"),
    ]

    def __init__(self, look: Look, challenge: Confirmation) -> None:
        keys = "enter sends · esc is no" if challenge.typed else "y or enter is yes · esc is no"
        super().__init__(look, challenge.stage.upper(), keys)
        self._challenge = challenge
        self._state = Static(id="state", markup=False)
        self.add_class("-guard")

    def content(self) -> Iterable[Widget]:
        """Which role, what will happen, and where a name is typed."""
        palette, glyphs, said = self.look.palette, self.look.glyphs, self.look.said
        challenge = self._challenge
        yield lines(
            [(f"{glyphs.warning} ", palette.production), (said(challenge.role), palette.strong)],
            [("in account ", palette.muted), (said(challenge.account), palette.base)],
            [],
            [("This will ", palette.muted), (f"{said(challenge.change)}.", palette.base)],
        )
        if challenge.typed is not None:
            yield lines(
                [],
                [
                    ("Type ", palette.muted),
                    (said(challenge.typed), palette.strong),
                    (" to go on:", palette.muted),
                ],
            )
            typed = LineInput(id="typed")
            typed.cursor_blink = False
            yield typed
            yield self._state

    def action_yes(self) -> None:
        """Say yes, where a yes is enough."""
        if self._challenge.typed is None:
            self.answer("yes")

    @on(Input.Submitted)
    def _sent(self, message: Input.Submitted) -> None:
        message.stop()
        typed = self._challenge.typed
        if typed is not None and message.value.strip() == clean(typed).strip():
            self.answer(typed)
        else:
            self._state.update(Text("that is not the account's name", self.look.palette.critical))
