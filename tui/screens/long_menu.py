"""A menu of more lines than there are digits: letters find a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.screens.menu import Menu, Taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from tui.widgets.pane import Look


class LongMenu(Menu[Taken]):
    """One of many; what is typed goes to the first that begins with it, else that holds it.

    `j` and `k` move until something is typed; `/` begins a word with one of them.

    Args:
        look: how it is drawn.
        title: in its upper edge, before what is typed.
        options: each with its line.
        keys: what the keys do, in its lower edge.
    """

    def __init__(
        self, look: Look, title: str, options: Sequence[tuple[str, Taken]], keys: str
    ) -> None:
        super().__init__(look, title, options, keys)
        self._choices.numbered = False
        self._typed: str | None = None

    async def on_key(self, event: events.Key) -> None:
        """Take a letter of what is looked for."""
        typed, letter = self._typed or "", event.character or ""
        if event.key == "slash" and self._typed is None:
            self._look_for("")
        elif event.key == "backspace":
            self._look_for(typed[:-1])
        elif letter.isprintable() and letter and (self._typed is not None or letter not in "jk"):
            self._look_for(typed + letter.lower())
        else:
            return
        event.stop()
        event.prevent_default()

    def _look_for(self, typed: str) -> None:
        """Go to what is typed; a letter that nothing has is left out."""
        items = [item.lower() for item in self._choices.items]
        found = [at for at, item in enumerate(items) if item.startswith(typed)]
        found += [at for at, item in enumerate(items) if typed in item]
        if not found:
            return
        self._typed = typed
        if typed:
            self._choices.move(found[0] - self._choices.at)
        self.query_one("#box").border_title = Content(f"{self._title}: {typed}")
