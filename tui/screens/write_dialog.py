"""The dialog for the name of the profile to write to, with the change it would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from profiles.errors import RolecallError
from tui.screens.dialog import Dialog, lines
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from profiles.catalogue.role import Role
    from profiles.switcher import Switcher
    from tui.widgets.pane import Look


class WriteDialog(Dialog[str]):
    """A name, and the change below it, drawn anew with every letter.

    Args:
        look: how it is drawn.
        switcher: tells the usual name, and the change.
        role: whose session would be written.
    """

    def __init__(self, look: Look, switcher: Switcher, role: Role) -> None:
        super().__init__(look, "Write to a profile", "enter switches and writes · esc stops")
        self._switcher = switcher
        self._role = role
        self._refused = False
        self._change = Static(id="change", markup=False)
        self.add_class("-write")

    def content(self) -> Iterable[Widget]:
        """Whose session, the name, the change."""
        palette, said = self.look.palette, self.look.said
        yield lines(
            [
                ("The session of ", palette.muted),
                (said(self._role.name), palette.strong),
                (" goes to the profile", palette.muted),
            ],
        )
        typed = LineInput(self._usual(), id="typed", max_length=200)
        typed.cursor_blink = False
        yield typed
        with VerticalScroll(id="changes", can_focus=False):
            yield self._change

    def on_mount(self) -> None:
        """Show the change for the usual name."""
        self._show(self._usual())

    def _usual(self) -> str:
        try:
            return self._switcher.profile_for(self._role)
        except RolecallError:
            return f"{self._role.name}-session"

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._show(message.value.strip())

    @on(Input.Submitted)
    def _sent(self, message: Input.Submitted) -> None:
        message.stop()
        if message.value.strip() and not self._refused:
            self.answer(message.value.strip())

    def _show(self, profile: str) -> None:
        palette, said = self.look.palette, self.look.said
        text = Text()
        self._refused = True
        if not profile:
            text.append("a profile needs a name", palette.warning)
        else:
            try:
                change = self._switcher.preview(self._role, profiles=[profile])
            except RolecallError as error:
                text.append(said(error.summary), palette.critical)
                if error.hint:
                    text.append("\n" + said(error.hint), palette.muted)
            else:
                self._refused = False
                styles = {"+": palette.live, "-": palette.critical, "@": palette.faint}
                for line in change.splitlines():
                    text.append(said(line) + "\n", styles.get(line[:1], palette.muted))
        self._change.set_class(self._refused, "-refused")
        self._change.update(text)
