"""A line that is typed or pasted into: what cannot be seen does not get in."""

from __future__ import annotations

from textual.widgets import Input

from tui.widgets.text import clean


class LineInput(Input):
    """Textual's input, which itself would hand a pasted escape on to the terminal."""

    def validate_value(self, value: str) -> str:
        """The text without control characters, direction marks and the like."""
        return clean(value)
