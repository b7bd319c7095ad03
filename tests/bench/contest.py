"""Two sides that run in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.bench.table import Result, Row

MANY, MORE = 10_000, 50_000
"""Roles in a home."""

Figures = dict[str, float]
Run = Callable[[], Figures]


PATIENCE = 4
"""How many times as many runs a row gets that is over its bound."""


class Contest(NamedTuple):
    """A baseline, rolecall, and the rows that their figures fill.

    Attributes:
        against: what the baseline is, in a word or two.
        baseline: one run of it: figures by name.
        ours: one run of rolecall.
        rows: which of the figures count.
    """

    against: str
    baseline: Run
    ours: Run
    rows: tuple[Row, ...]

    def results(self, runs: int, wanted: set[str]) -> list[Result]:
        """Run both in turn, after one run of each that only warms up.

        Each is the first one every other time: who comes second finds the machine still busy with
        the end of the other. Where a bound is exceeded that is held, more runs tell whether the
        machine or rolecall was slow; the medians are of all of them.
        """
        taken: tuple[list[Figures], list[Figures]] = ([], [])
        found: list[Result] = []
        for turn in range(runs * PATIENCE + 1):
            sides = list(zip(taken, (self.baseline, self.ours), strict=True))
            for side, run in sides if turn % 2 == 0 else reversed(sides):
                figures = run()
                if turn:
                    side.append(figures)
            if not turn or turn % runs:
                continue
            found = [
                Result(row, self.against, *([run[row.figure] for run in side] for side in taken))
                for row in self.rows
                if row.name in wanted
            ]
            if not any(result.fails for result in found):
                break
        return found
