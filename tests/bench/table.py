"""The table: medians, their ratio, and whether it is within its bound."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEADINGS = ("measure", "baseline", "median", "ours", "ratio", "bound", "")


class Row(NamedTuple):
    """One line of the table, before anything was measured.

    Attributes:
        name: to ask for it by.
        what: what is measured.
        figure: which of the figures that both sides give.
        unit: of the figure.
        bound: of the ratio; None where there is none.
        held: whether exceeding the bound fails the run.
        note: why it does not.
        times: the baseline counts so often.
    """

    name: str
    what: str
    figure: str = "ms"
    unit: str = "ms"
    bound: float | None = None
    held: bool = False
    note: str = ""
    times: int = 1


class Result(NamedTuple):
    """A row that was measured.

    Attributes:
        row: which.
        against: what the baseline is.
        baseline: the baseline's figures, run by run.
        ours: rolecall's.
    """

    row: Row
    against: str
    baseline: Sequence[float]
    ours: Sequence[float]

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return median(self.ours) / (median(self.baseline) * self.row.times)

    @property
    def over(self) -> bool:
        """Whether the ratio exceeds its bound."""
        return self.row.bound is not None and self.ratio > self.row.bound

    @property
    def fails(self) -> bool:
        """Whether it exceeds a bound that is held now."""
        return self.over and self.row.held

    @property
    def verdict(self) -> str:
        """A word on it."""
        if self.row.bound is None:
            return self.row.note
        word = "over" if self.over else "ok"
        return f"{word}, {self.row.note}" if self.row.note else word

    def as_json(self) -> dict[str, object]:
        """Everything known of it."""
        return {
            "name": self.row.name,
            "what": self.row.what,
            "unit": self.row.unit,
            "against": self.against,
            "baseline": [round(value, 3) for value in self.baseline],
            "baseline_times": self.row.times,
            "ours": [round(value, 3) for value in self.ours],
            "ratio": round(self.ratio, 3),
            "bound": self.row.bound,
            "held": self.row.held,
            "over": self.over,
        }


def table(results: Iterable[Result]) -> str:
    """All of them, a line each."""
    lines = [_HEADINGS, *(_cells(result) for result in results)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = (True, True, False, False, False, False, True)
    return "\n".join(
        "  ".join(
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(line, widths, left, strict=True)
        ).rstrip()
        for line in lines
    )


def _cells(result: Result) -> tuple[str, ...]:
    row = result.row
    against = f"{row.times} × {result.against}" if row.times > 1 else result.against
    return (
        row.what,
        against,
        f"{median(result.baseline) * row.times:.1f} {row.unit}",
        f"{median(result.ours):.1f} {row.unit}",
        f"{result.ratio:.2f}",
        "" if row.bound is None else f"≤ {row.bound:.2f}",
        result.verdict,
    )
