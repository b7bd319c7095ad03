"""What one storm is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Storm(NamedTuple):
    """One way of trying to break it, as often as asked.

    Attributes:
        name: to ask for it by.
        what: is tried, and what must hold.
        many: how often, in the whole storm.
        few: how often, in `scripts/test`.
        run: tries it in an empty folder, that often, by chance from that seed. Gives what happened,
            as one line of figures that were counted; raises AssertionError where it broke.
    """

    name: str
    what: str
    many: int
    few: int
    run: Callable[[Path, int, str], str]
