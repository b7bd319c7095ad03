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

    def delete_back(self) -> None:
        """Take out the letter before the cursor."""
        if self.at:
            self.text = self.text[: self.at - 1] + self.text[self.at :]
            self.at -= 1

    def delete(self) -> None:
        """Take out the letter at the cursor."""
        self.text = self.text[: self.at] + self.text[self.at + 1 :]

    def left(self) -> None:
        """One letter to the left."""
        self.at = max(self.at - 1, 0)

    def right(self) -> None:
        """One letter to the right."""
        self.at = min(self.at + 1, len(self.text))

    def home(self) -> None:
        """To the start."""
        self.at = 0

    def end(self) -> None:
        """To the end."""
        self.at = len(self.text)

    def delete_word(self) -> None:
        """Take out the word before the cursor."""
        before = self.text[: self.at].rstrip()
        cut = before.rfind(" ") + 1
        self.text = before[:cut] + self.text[self.at :]
        self.at = cut

    def delete_line(self) -> None:
        """Take out everything before the cursor."""
        self.text, self.at = self.text[self.at :], 0


_EDITS = {
    "backspace": FilterLine.delete_back,
    "ctrl+h": FilterLine.delete_back,
    "delete": FilterLine.delete,
    "left": FilterLine.left,
    "right": FilterLine.right,
    "home": FilterLine.home,
    "ctrl+a": FilterLine.home,
    "end": FilterLine.end,
    "ctrl+e": FilterLine.end,
    "ctrl+w": FilterLine.delete_word,
    "ctrl+u": FilterLine.delete_line,
}
