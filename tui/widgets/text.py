"""Text from outside, made fit for the screen: no control characters, measured in cells."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

# Letters of these categories move the cursor, turn the line's direction or have no shape.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def clean(text: str) -> str:
    """The text without control characters, direction marks and the like; tabs are spaces."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\t", " ")
    return "".join(letter for letter in text if unicodedata.category(letter) not in _UNSEEN)


def cut(text: str, cells: int, ellipsis: str = "…") -> str:
    """The text in at most so many cells, its end given up for an ellipsis."""
    if text.isascii():
        if len(text) <= cells:
            return text
        return text[: cells - 1] + ellipsis if cells > 0 else ""
    if cell_len(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return set_cell_size(text, cells - 1).rstrip() + ellipsis


def width(text: str) -> int:
    """How many cells a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many cells, broken between words where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        while width(rest) > cells > 0:
            room = cells - width(line) - 1 if line else cells
            if room < 4:
                lines.append(line)
                line, room = "", cells
            head = _head(rest, room)
            lines.append(f"{line} {head}" if line else head)
            line, rest = "", rest[len(head) :]
        joined = f"{line} {rest}" if line and rest else line or rest
        if width(joined) <= cells:
            line = joined
        else:
            lines.append(line)
            line = rest
    if line or not lines:
        lines.append(line)
    return lines


def _head(word: str, cells: int) -> str:
    """As many letters of a word as fit, one at least; up to a separator where one is near."""
    used, fits = 0, len(word)
    for at, letter in enumerate(word):
        used += cell_len(letter)
        if used > cells and at:
            fits = at
            break
    stop = max(word.rfind(mark, 0, fits) for mark in "/:-_.") + 1
    return word[: stop if fits < len(word) and stop > fits // 2 else fits]
