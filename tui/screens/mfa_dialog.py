"""The dialog for an MFA code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Static

from tui.screens.dialog import Dialog, lines
from tui.widgets.code_boxes import CodeBoxes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from profiles.challenges import MfaCode
    from tui.widgets.pane import Look


class MfaDialog(Dialog[str]):
    """Six boxes; the code goes on at the sixth digit, and the dialog stays until AWS said yes.

    Args:
        look: how it is drawn.
        challenge: whose code is wanted.
        send: takes the code.
    """

    AUTO_FOCUS = "#code"

    def __init__(self, look: Look, challenge: MfaCode, send: Callable[[str], None]) -> None:
        super().__init__(look, "MFA code", "six digits send themselves · esc stops")
        self._challenge = challenge
        self._send = send
        self._boxes = CodeBoxes(look)
        self._state = Static(id="state", markup=False)

    def content(self) -> Iterable[Widget]:
        """Whose code, the boxes, what came of it."""
        palette, said = self.look.palette, self.look.said
        yield lines(
            [(said(self._challenge.role), palette.strong), (" asks for a code of", palette.muted)],
            [(said(self._challenge.serial), palette.base)],
        )
        yield self._boxes
        yield self._state

    def on_mount(self) -> None:
        """Say at once where a code was rejected before."""
        self._say(self._challenge)

    def again(self, challenge: MfaCode) -> None:
        """The code was rejected: say so, and take another."""
        self._challenge = challenge
        self._boxes.clear()
        self._say(challenge)

    def _say(self, challenge: MfaCode) -> None:
        from rich.text import Text

        if challenge.rejected is None:
            self._state.update("")
            return
        glyphs, palette = self.look.glyphs, self.look.palette
        text = Text()
        text.append(f"{glyphs.expired} {self.look.said(challenge.rejected)}\n", palette.critical)
        text.append("A code works once: wait for the next one.", palette.muted)
        self._state.update(text)

    @on(CodeBoxes.Complete)
    def _typed(self, message: CodeBoxes.Complete) -> None:
        from rich.text import Text

        message.stop()
        self._state.update(Text("asking AWS …", self.look.palette.muted))
        self._send(message.code)
