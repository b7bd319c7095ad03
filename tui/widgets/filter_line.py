"""The line that the filter is typed into: no more editing than a filter needs."""

from __future__ import annotations

from tui.widgets.text import clean


class FilterLine:
    """Words being typed, with a cursor.

    A letter is one repaint here; Textual's own input repaints itself, then tells its parent.

    Attributes:
        text: what was typed.
        at: the cursor's place.
        editing: letters go into it.
    """

    def __init__(self, text: str = "") -> None:
        self.text = clean(text)
        self.at = len(self.text)
        self.editing = False

    def insert(self, letters: str) -> None:
        """Put letters in at the cursor; a paste has several, its line ends are blanks."""
        letters = clean(letters.replace("\r", " ").replace("\n", " "))
        self.text = self.text[: self.at] + letters + self.text[self.at :]
        self.at += len(letters)

    def clear(self) -> None:
        """Forget the words."""
        self.text, self.at = "", 0

    def key(self, key: str, character: str | None) -> bool:
        """Take a key, if it is one of editing; whether it was."""
        if key in _EDITS:
            _EDITS[key](self)
        elif character is not None and character.isprintable() and not key.startswith("ctrl+"):
            self.insert(character)
        else:
            return False
        return True

    def _backspace(self) -> None:
        if self.at:
            self.text = self.text[: self.at - 1] + self.text[self.at :]
            self.at -= 1

    def _delete(self) -> None:
        self.text = self.text[: self.at] + self.text[self.at + 1 :]

    def _left(self) -> None:
        self.at = max(self.at - 1, 0)

    def _right(self) -> None:
        self.at = min(self.at + 1, len(self.text))

    def _home(self) -> None:
        self.at = 0

    def _end(self) -> None:
        self.at = len(self.text)

    def _word_back(self) -> None:
        before = self.text[: self.at].rstrip()
        cut = before.rfind(" ") + 1
        self.text = before[:cut] + self.text[self.at :]
        self.at = cut

    def _line_back(self) -> None:
        self.text, self.at = self.text[self.at :], 0


_EDITS = {
    "backspace": FilterLine._backspace,
    "ctrl+h": FilterLine._backspace,
    "delete": FilterLine._delete,
    "left": FilterLine._left,
    "right": FilterLine._right,
    "home": FilterLine._home,
    "ctrl+a": FilterLine._home,
    "end": FilterLine._end,
    "ctrl+e": FilterLine._end,
    "ctrl+w": FilterLine._word_back,
    "ctrl+u": FilterLine._line_back,
}
