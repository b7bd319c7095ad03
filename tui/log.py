"""What rolecall did in this run, line by line: the picker's own log, without secrets."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from tui.text import masked, printable

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1000
"""Lines that are kept; older ones are forgotten."""


class Entry(NamedTuple):
    """One line.

    Attributes:
        at: seconds since 1970.
        text: what was done.
    """

    at: float
    text: str


class Log:
    """A machine's `log`, kept to be looked at; lines may come from any thread.

    Args:
        now: the clock, seconds since 1970.

    Attributes:
        entries: the lines, the oldest first.
        count: how many there were, those that are forgotten included.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.entries: deque[Entry] = deque(maxlen=MOST)
        self.count = 0

    def __call__(self, text: str) -> None:
        """Keep a line."""
        self.entries.append(Entry(self._now(), printable(masked(text))))
        self.count += 1
