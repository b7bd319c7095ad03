"""The dialog that a SAML response is pasted into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from tui.screens.dialog import Dialog, lines
from tui.widgets.line_input import TypedInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.widget import Widget

    from profiles.challenges import Assertion
    from tui.widgets.pane import Look


class AssertionDialog(Dialog[str]):
    """One line for the paste, which is not shown; it goes on with enter.

    Args:
        look: how it is drawn.
        challenge: for which role, and where it comes from.
    """

    def __init__(self, look: Look, challenge: Assertion) -> None:
        super().__init__(look, "SAML response", "enter sends · esc stops")
        self._challenge = challenge

    def content(self) -> Iterable[Widget]:
        """What to paste, and the line."""
        palette, said = self.look.palette, self.look.said
        where = self._challenge.url
        yield lines(
            [
                (said(self._challenge.role), palette.strong),
                (" wants the SAML response of its identity provider", palette.muted),
            ],
            [(said(where), palette.base)] if where else [],
            [("Paste it here (base64 or XML); it is not shown.", palette.muted)],
        )
        typed = Pasted(id="typed", password=True)
        typed.cursor_blink = False
        yield typed

    @on(Input.Submitted)
    def _sent(self, message: Input.Submitted) -> None:
        message.stop()
        if message.value.strip():
            self.answer(message.value.strip())


class Pasted(TypedInput):
    """A line that takes a paste of many lines; Textual's own keeps the first alone."""

    def _on_paste(self, event: events.Paste) -> None:
        if event.text:
            self.insert_text_at_cursor(" ".join(event.text.split()))
        event.stop()
        event.prevent_default()  # the first line alone would be added again
