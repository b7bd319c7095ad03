"""What is typed or pasted into: what cannot be seen does not get in, and keys count in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from tui.widgets.text import clean

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget


async def take(widget: Widget, event: events.Key) -> None:
    """Run what a key is bound to in a widget that is typed into, before the next letter is.

    Textual's own goes round by the screen: letters typed right after a `backspace` or `ctrl+u`
    would be in before it, and be taken out by it.
    """
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):  # noqa: SLF001
        if not binding.priority and await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return


class TypedInput(Input):
    """Textual's input, its keys in turn."""

    async def on_key(self, event: events.Key) -> None:
        """Take a key of editing."""
        await take(self, event)


class LineInput(TypedInput):
    """One that hands no pasted escape on to the terminal, as Textual's would."""

    def validate_value(self, value: str) -> str:
        """The text without control characters, direction marks and the like."""
        return clean(value)


class TypedArea(TextArea):
    """Textual's editor of several lines, its keys in turn."""

    async def on_key(self, event: events.Key) -> None:
        """Take a key of editing."""
        await take(self, event)
