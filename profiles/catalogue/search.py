"""Finding roles by words: every word has to match, the best come first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiles.catalogue.query import FIELDS, SIGNS, STATES, Query, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.catalogue.query import States


_FEW = 8


class SearchIndex:
    """One prepared string a role, searched as plain text.

    A substring search over prepared strings costs half a millisecond for ten thousand roles;
    fuzzy scoring costs a hundred times that.

    Args:
        names: the roles' names.
        texts: what is searched, by role: see `searched`.
    """

    def __init__(self, names: Sequence[str], texts: Sequence[str]) -> None:
        self._names = names
        folded = map(str.casefold, names)
        # Most are folded as they are, and need no room of their own.
        self._folded = [n if n == f else f for n, f in zip(names, folded, strict=True)]
        self._texts = texts
        self._last: tuple[str, Sequence[int]] = ("", range(len(texts)))

    def search(self, query: str, states: States | None = None) -> list[int]:
        """The places of the roles that hold every word of the query, best first, else in order.

        Args:
            query: words, `key:value` and states, see `Query`.
            states: the names of the roles that are in each state; none is where it is not said.
        """
        words, wanted = Query.of(query)
        found = self._holding(query, words)
        for state in wanted:
            names = (states or {}).get(state, ())
            found = [place for place in found if self._names[place] in names]
        if not words:
            return list(found)
        scores = self._scores(found, words)
        best = sorted(range(len(found)), key=scores.__getitem__, reverse=True)
        return [found[at] for at in best]

    def why_none(self, query: str, states: States | None = None) -> str:
        """What keeps a query from finding anything, in a sentence."""
        words, wanted = Query.of(query)
        for state in wanted:
            if not (states or {}).get(state):
                return f"no role is {state}"
        for word in words:
            if self._holding("", (word,)):
                continue
            key, colon, _ = str(word).partition(":")
            if colon and word.field is None and key.isalpha():
                known = " ".join(f"{each}:" for each in (*FIELDS, *STATES))
                return f"{key}: is none of {known}"
            if word.field and (values := self._values(word.field)):
                return f"no {word.field} holds {word.text!r}: there is {', '.join(values)}"
            return f"no role holds {str(word)!r}"
        return "each of it is found, but no role has it all"

    def _values(self, field: str) -> list[str]:
        """The values of a field, where they are few."""
        pattern = re.compile(f"{FIELDS[field]}\n([^{SIGNS}]*)")
        values: set[str] = set()
        for text in self._texts:
            values.update(pattern.findall(text))
            if len(values) > _FEW:
                return []
        return sorted(values)

    def _holding(self, query: str, words: Sequence[Word]) -> Sequence[int]:
        """The places of the roles that hold every word; typing on can only narrow it."""
        said, earlier = self._last
        rest = query.removeprefix(said)
        narrows = said and rest != query and ":" not in rest
        texts = self._texts
        found: Sequence[int] = earlier if narrows else range(len(texts))
        for word in words:
            text = word.text
            found = [place for place in found if text in texts[place]]
            if word.field is not None:
                matches = word.pattern.search
                found = [place for place in found if matches(texts[place])]
        if query:
            self._last = (query, found)
        return found

    def _scores(self, found: Sequence[int], words: Sequence[Word]) -> list[int]:
        """How well each fits: the whole name, its start, a part's start, the name, the rest."""
        scores = [0] * len(found)
        names, texts = self._folded, self._texts
        for word, field in words:
            if field not in (None, "name"):
                continue
            length, start = len(word), f"\n{word}"
            for at, place in enumerate(found):
                name = names[place]
                where = name.find(word)
                if where == 0:
                    scores[at] += 100 if length == len(name) else 40
                elif where > 0:
                    scores[at] += 10 if name[where - 1].isalnum() else 20
                elif start in texts[place]:
                    scores[at] += 5
        return scores


def highlights(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words of a query stand in a text: start and end of each, not overlapping."""
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds to two: places would be off
        folded = text.lower() if len(text.lower()) == len(text) else text
    spans: list[tuple[int, int]] = []
    for word, _ in Query.of(query).words:
        at = folded.find(word) if word else -1
        if at >= 0:
            spans.append((at, at + len(word)))
    spans.sort()
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
