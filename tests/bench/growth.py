"""How the figures grow with the roles: `python -m tests.bench.growth`.

Each is measured among 100 roles, 1,000, 10,000 and 100,000. It grows no more than linearly where
ninety thousand roles more cost no more than ten times what nine thousand more do; the exit status
is 1 where one does not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.commands import milliseconds
from tests.bench.home import ROLECALL, Home
from tests.bench.of_commands import cached_session
from tests.bench.of_the_picker import filtered, seen

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (100, 1_000, 10_000, 100_000)
ROOM = 1.25
"""What noise may add to a growth that is exactly linear."""


class Figure(NamedTuple):
    """What is measured.

    Attributes:
        what: it is.
        unit: of it.
        measure: one run in a home.
        still: what does not count as growth between two sizes, in the unit: noise.
    """

    what: str
    unit: str
    measure: Callable[[Home], float]
    still: float


def _command(*words: str, first: bool = False) -> Callable[[Home], float]:
    def measure(home: Home) -> float:
        if first:
            home.forget()
        return milliseconds(home, ROLECALL, *words)

    return measure


def _credential_process(home: Home) -> float:
    return milliseconds(home, ROLECALL, "credential-process", cached_session(home))


FIGURES = [
    Figure("`credential-process`, cached", "ms", _credential_process, 2),
    Figure("`list`", "ms", _command("list"), 2),
    Figure("completion", "ms", _command("__complete", "bash", "rolecall assume ", ""), 2),
    Figure("`status`", "ms", _command("status"), 2),
    Figure("first frame", "ms", lambda home: seen(home)["ms"], 10),
    Figure("memory at the first frame", "MB", lambda home: seen(home)["memory"], 1),
    Figure("a filter letter to the repaint", "ms", lambda home: filtered(home)["ms"], 2),
    # The last one: it takes away what is known of the session.
    Figure("`list`, the first time", "ms", _command("list", first=True), 5),
]


def linear(sizes: dict[int, float], still: float) -> bool:
    """Whether the last step costs no more than its share of the one before."""
    *_, low, middle, high = sizes
    before = max(sizes[middle] - sizes[low], still)
    return sizes[high] - sizes[middle] <= before * (high - middle) / (middle - low) * ROOM


def main() -> int:
    """Measure and tell."""
    said = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    said.add_argument("--runs", type=int, default=3, metavar="N", help="of each (3)")
    args = said.parse_args()
    bent = []
    print("| figure | " + " | ".join(f"{size:,}" for size in SIZES) + " | growth |")
    print("|---|" + "---|" * (len(SIZES) + 1))
    with tempfile.TemporaryDirectory(prefix="rolecall-bench-") as folder:
        homes = {size: Home(Path(folder) / str(size), size, live=1) for size in SIZES}
        for figure in FIGURES:
            found = {}
            for size, home in homes.items():
                figure.measure(home)  # the first run compiles, and keeps what it found
                found[size] = median(figure.measure(home) for _ in range(args.runs))
            straight = linear(found, figure.still)
            if not straight:
                bent.append(figure.what)
            cells = " | ".join(f"{found[size]:.1f} {figure.unit}" for size in SIZES)
            verdict = "linear or less" if straight else "**more than linear**"
            print(f"| {figure.what} | {cells} | {verdict} |", flush=True)
    return 1 if bent else 0


if __name__ == "__main__":
    sys.exit(main())
