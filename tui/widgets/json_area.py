"""An editor for JSON, coloured by its words; Textual's own colours want a parser for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from textual.widgets.text_area import TextAreaTheme

from tui.widgets.line_input import TypedArea

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.widgets.pane import Look

_WORDS = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\b\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)|(?P<mark>[{}\[\],:])"
)
_THEME = "rolecall"


class JsonArea(TypedArea):
    """Lines of JSON; `tab` leaves it.

    Args:
        look: how it is drawn.
        text: to begin with.
        lines: how high it is.
    """

    def __init__(self, look: Look, text: str = "", **options: Any) -> None:
        super().__init__(text, compact=True, highlight_cursor_line=False, **options)
        self.cursor_blink = False
        palette = look.palette
        styles = {
            "key": palette.accent,
            "string": palette.live,
            "number": palette.staging,
            "word": palette.staging,
            "mark": palette.muted,
        }
        # Without their background: the editor's own differs from the screen's.
        drawn = {
            name: style.without_color if style.color is None else _ink(style)
            for name, style in styles.items()
        }
        self.register_theme(TextAreaTheme(_THEME, syntax_styles=drawn))
        self.theme = _THEME

    def _build_highlight_map(self) -> None:
        super()._build_highlight_map()
        for number in range(self.document.line_count):
            line = self.document.get_line(number)
            self._highlights[number] = list(_coloured(line))


def _ink(style: Any) -> Any:
    from rich.style import Style

    return Style(color=style.color, bold=style.bold)


def _coloured(line: str) -> Iterator[tuple[int, int, str]]:
    """Where the words of a line are, counted in bytes of UTF-8, and what they are."""
    for found in _WORDS.finditer(line):
        start, end = (len(line[:at].encode()) for at in found.span())
        yield start, end, str(found.lastgroup)
