"""The dialog for the value of a session tag that the settings leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui.screens.dialog import Dialog, lines
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from profiles.challenges import TagValue
    from tui.widgets.pane import Look


class TagDialog(Dialog[str]):
    """One line, with what was typed last time as a suggestion.

    Args:
        look: how it is drawn.
        challenge: which tag of which role.
    """

    def __init__(self, look: Look, challenge: TagValue) -> None:
        super().__init__(look, f"Tag {challenge.key}", "enter sends · esc stops")
        self._challenge = challenge

    def content(self) -> Iterable[Widget]:
        """Which role's tag, and the line."""
        palette, said = self.look.palette, self.look.said
        yield lines(
            [
                (said(self._challenge.role), palette.strong),
                (" is tagged with ", palette.muted),
                (said(self._challenge.key), palette.strong),
            ],
        )
        typed = LineInput(said(self._challenge.suggestion), id="typed", max_length=256)
        typed.cursor_blink = False
        yield typed

    @on(Input.Submitted)
    def _sent(self, message: Input.Submitted) -> None:
        message.stop()
        if message.value.strip():
            self.answer(message.value.strip())
