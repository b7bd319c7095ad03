"""Finding roles by words: every word has to match, the best come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Match(NamedTuple):
    """A role that was found.

    Attributes:
        place: its place among the texts that were searched.
        score: higher is better.
    """

    place: int
    score: int


class SearchIndex:
    """One prepared string a role, searched as plain text.

    A substring search over prepared strings costs half a millisecond for ten thousand roles;
    fuzzy scoring costs a hundred times that.

    Args:
        names: the roles' names.
        details: what else is searched, by role: account name and id, role, stage, source.
    """

    def __init__(self, names: Sequence[str], details: Sequence[str]) -> None:
        self._names = [name.casefold() for name in names]
        self._texts = [
            f"{name}\n{detail.casefold()}"
            for name, detail in zip(self._names, details, strict=True)
        ]
        self._last: tuple[str, list[int]] = ("", [])

    def search(self, query: str) -> list[Match]:
        """The roles that hold every word of the query, best first, else in their order."""
        words = query.casefold().split()
        if not words:
            return [Match(index, 0) for index in range(len(self._texts))]
        texts = self._texts
        found: Sequence[int] = range(len(texts))
        said, earlier = self._last
        if said and query.startswith(said):
            found = earlier  # typing on can only narrow it
        for word in words:
            found = [index for index in found if word in texts[index]]
        self._last = (query, list(found))
        matches = [Match(index, self._score(index, words)) for index in found]
        matches.sort(key=lambda match: -match.score)
        return matches

    def _score(self, index: int, words: list[str]) -> int:
        """How well it fits: the whole name, its start, the start of a part, the name, the rest."""
        name, text = self._names[index], self._texts[index]
        score = 0
        for word in words:
            at = name.find(word)
            if at == 0:
                score += 100 if len(word) == len(name) else 40
            elif at > 0:
                score += 20 if not name[at - 1].isalnum() else 10
            elif f"\n{word}" in text:
                score += 5
        return score


def highlights(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words of a query stand in a text: start and end of each, not overlapping."""
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds to two: places would be off
        folded = text.lower() if len(text.lower()) == len(text) else text
    spans: list[tuple[int, int]] = []
    for word in query.casefold().split():
        at = folded.find(word)
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
