"""What is typed into a filter: plain words, `key:value` words, and states such as `live:`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# A value stands in the text of a role as its field's sign, a line end, and itself. The signs are
# control characters, which no typed word has, so that no plain word finds a key.
FIELDS = {
    "account": "\x01",
    "role": "\x02",
    "stage": "\x03",
    "source": "\x04",
    "kind": "\x05",
    "name": "\x06",
}
States = Mapping[str, Collection[str]]
"""The names of the roles that are in each state."""
STATES = ("live", "expiring", "expired", "favourite")
SIGNS = "\x01-\x06"


class Word(NamedTuple):
    """A word that a role has to hold.

    Attributes:
        text: what is looked for, casefolded; empty where any value of the field will do.
        field: where alone; None for anywhere.
    """

    text: str
    field: str | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the word in its field."""
        sign = FIELDS[self.field or "name"]
        return re.compile(f"{sign}\n[^{SIGNS}]*{re.escape(self.text)}")

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.field}:{self.text}" if self.field else self.text


class Query(NamedTuple):
    """A filter, read.

    Attributes:
        words: all of them have to match.
        states: of these, all have to hold.
    """

    words: tuple[Word, ...]
    states: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Query:
        """Read what was typed; a key that is none is a plain word."""
        words: list[Word] = []
        states: list[str] = []
        for token in text.casefold().split():
            key, colon, value = token.partition(":")
            if colon and key in FIELDS:
                words.append(Word(value, key))
            elif token in _STATES_TYPED:
                states.append(key)
            else:
                words.append(Word(token))
        return cls(tuple(words), tuple(states))


_STATES_TYPED = {f"{state}:" for state in STATES}


def searched(name: str, values: Iterable[tuple[str, str | None]]) -> str:
    """The text that a role is found by.

    Args:
        name: the role's.
        values: by field; None for what is not known. A field may come more than once.
    """
    said = "".join(f"{FIELDS[field]}\n{value}" for field, value in values if value)
    return f"{FIELDS['name']}\n{name}{said}".casefold()
