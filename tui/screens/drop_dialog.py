"""The question before a session is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui.screens.dialog import Dialog, lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from profiles.model import SessionStatus
    from tui.widgets.pane import Look


class DropDialog(Dialog[bool]):
    """Says what would be removed; esc is no.

    Args:
        look: how it is drawn.
        status: the session.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "drop", id="drop_yes", tooltip="Drop the session"),
    ]

    def __init__(self, look: Look, status: SessionStatus) -> None:
        super().__init__(look, "Drop the session?", "y or enter drops it · esc keeps it")
        self._status = status

    def content(self) -> Iterable[Widget]:
        """What would go."""
        palette, said = self.look.palette, self.look.said
        places = " ".join(said(place) for place in self._status.destinations)
        removed = f"{places} and its cached session" if places else "its cached session"
        yield lines(
            [(said(self._status.name), palette.strong)],
            [("removes ", palette.muted), (removed, palette.base)],
        )

    def action_yes(self) -> None:
        """Drop it."""
        self.answer(True)  # noqa: FBT003  # Textual's answer of a screen
