"""What is measured against what, and the bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.catalogue import Catalogue
from profiles.machine import Machine
from tests.bench.commands import Failed, milliseconds
from tests.bench.home import BASELINES, PYTHON, ROLECALL, Home
from tests.bench.table import Result, Row
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.bench.sts_stand_in import StsStandIn

    Figures = dict[str, float]
    Run = Callable[[], Figures]

MANY, MORE, RENEWED = 10_000, 50_000, 50
_IDLE = 6.0
"""Seconds of idling: several beats of the countdown and looks at the files."""
_WORD = "prod"
"""Typed letter by letter."""
_TOLD, _LATER = "not held", "not held: a later milestone"


class Contest(NamedTuple):
    """Two sides that run in turn, and the rows that their figures fill.

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
        """Run both in turn, after one run of each that only warms up."""
        taken: tuple[list[Figures], list[Figures]] = ([], [])
        for turn in range(runs + 1):
            for side, run in zip(taken, (self.baseline, self.ours), strict=True):
                figures = run()
                if turn:
                    side.append(figures)
        return [
            Result(row, self.against, *([run[row.figure] for run in side] for side in taken))
            for row in self.rows
            if row.name in wanted
        ]


def contests(folder: Path, sts: StsStandIn) -> list[Contest]:
    """All of them; homes are made in the folder when they are first needed."""
    bench = _Bench(folder, sts)
    return [*bench.of_commands(), *bench.of_the_picker(), *bench.of_sessions()]


class _Bench:
    def __init__(self, folder: Path, sts: StsStandIn):
        self._folder = folder
        self._sts = sts
        self._homes: dict[str, Home] = {}

    def home(self, name: str) -> Home:
        """By name: `many`, `more`, `counting` (with a live session), `sts`, `renewing`."""
        if name not in self._homes:
            count = MORE if name == "more" else MANY
            live = {"counting": 1, "renewing": RENEWED}.get(name, 0)
            sts = self._sts.url if name in ("sts", "renewing") else ""
            self._homes[name] = Home(self._folder / name, count, live=live, sts=sts)
        return self._homes[name]

    # Commands ----------------------------------------------------------------------------

    def of_commands(self) -> list[Contest]:
        def passing() -> Figures:
            return {"ms": milliseconds(self.home("many"), PYTHON, "-c", "pass")}

        def command(*words: str, lines: int = 1, first: bool = False) -> Run:
            def run() -> Figures:
                home = self.home("counting")
                if first:
                    home.forget()
                return {"ms": milliseconds(home, ROLECALL, *words, lines=lines)}

            return run

        listing, listing_json = command("list", lines=MANY), command("list", "--json", lines=MANY)
        told = {"bound": 8, "note": _TOLD}
        rows: list[tuple[Run, Row]] = [
            (command("--help"), Row("help", "--help", bound=3, held=True)),
            (command("--version"), Row("version", "--version", bound=3, held=True)),
            (listing, Row("list", "list of 10,000", bound=8, held=True)),
            (listing_json, Row("list-json", "list --json of 10,000", **told)),
            (command("status"), Row("status", "status among 10,000", **told)),
            (command("list", lines=MANY, first=True), Row("list-first", "list, first time")),
            (
                command("list", "--json", lines=MANY, first=True),
                Row("list-json-first", "list --json, first time"),
            ),
        ]
        return [Contest("python -c pass", passing, run, (row,)) for run, row in rows]

    # The picker --------------------------------------------------------------------------

    def of_the_picker(self) -> list[Contest]:
        told = {"note": _TOLD}
        memory = {"unit": "MB", "figure": "memory", **told}
        return [
            Contest(
                "hello",
                self._hello_seen,
                lambda: self._seen("many"),
                (
                    Row("first-frame", "first frame, 10,000 roles", bound=1.3, held=True),
                    Row("memory", "peak memory at the first frame", bound=1.3, **memory),
                    Row("quit-at-once", "quit at the first frame", "quit", bound=1, **told),
                ),
            ),
            Contest(
                "hello",
                self._hello_seen,
                lambda: self._seen("more"),
                (
                    Row("first-frame-50000", "first frame, 50,000 roles", bound=1.7, note=_LATER),
                    Row("memory-50000", "peak memory, 50,000 roles", **memory),
                ),
            ),
            Contest(
                "echo",
                lambda: self._typed(
                    [PYTHON, str(BASELINES / "echo.py")], r"said: \.", r"said: {}\."
                ),
                self._filtered,
                (Row("filter", "a filter letter to the repaint", bound=0.5, **told),),
            ),
            Contest(
                "hello",
                self._hello_idle,
                self._counting,
                (
                    Row("idle", "idle, counting down", "cpu", "ms/s", bound=3.5, held=True),
                    Row("quit", "quit, the SDK loaded", "quit", bound=1, **told),
                ),
            ),
            Contest(
                "hello",
                self._hello_idle,
                self._switched,
                (Row("memory-sdk", "peak memory after a switch", bound=1.9, **memory),),
            ),
        ]

    def _opened(self, argv: list[str], home: str = "many") -> Terminal:
        found = self.home(home)
        return Terminal(argv, found.env, str(found.path))

    def _picker(self, home: str, *words: str) -> Terminal:
        return self._opened([ROLECALL, *words], home)

    def _hello(self) -> Terminal:
        return self._opened([PYTHON, str(BASELINES / "hello.py")])

    def _whole(self, home: str) -> tuple[str, str]:
        """What the first whole frame has: in its second line how many roles, in its last keys."""
        return rf" {self._total(home)} ", r"^ enter switch .* quit"

    def _total(self, home: str) -> int:
        """How many roles there are; those that rolecall wrote are sessions."""
        return sum(self.home(home).folder.kinds.values())

    def _hello_seen(self) -> Figures:
        with self._hello() as terminal:
            return _first_frame(terminal, "hello")

    def _seen(self, home: str) -> Figures:
        wanted = self._whole(home)
        with self._picker(home) as terminal:
            return _first_frame(terminal, *wanted)

    def _hello_idle(self) -> Figures:
        with self._hello() as terminal:
            terminal.until("hello")
            return _idle(terminal)

    def _counting(self) -> Figures:
        wanted = self._whole("counting")
        with self._picker("counting") as terminal:
            terminal.until(*wanted, r"\b1 live")
            return _idle(terminal)

    def _switched(self) -> Figures:
        home = self.home("sts")
        home.restore()
        name = next(iter(home.folder.plain))
        with self._picker("sts", name) as terminal:
            terminal.until(name)
            terminal.rest()
            terminal.type("\r")
            terminal.until(r"\b1 live")
            terminal.rest()
            return {"memory": terminal.memory()}

    def _filtered(self) -> Figures:
        home = self.home("many")
        catalogue = Catalogue.load(Machine(env={}, home=str(home.path)))
        found = [len(catalogue.search(_WORD[:end])) for end in range(1, len(_WORD) + 1)]
        total = self._total("many")
        with self._picker("many") as terminal:
            terminal.until(*self._whole("many"))
            terminal.rest()
            terminal.type("/")
            terminal.until(r"esc cancel")
            return _letters(terminal, lambda typed: (
                rf"/ {typed} ", rf" {found[len(typed) - 1]} of {total} "
            ))  # fmt: skip

    def _typed(self, argv: list[str], first: str, each: str) -> Figures:
        with self._opened(argv) as terminal:
            terminal.until(first)
            terminal.rest()
            return _letters(terminal, lambda typed: (each.format(typed),))

    # Sessions ----------------------------------------------------------------------------

    def of_sessions(self) -> list[Contest]:
        return [
            Contest(
                "signed request",
                lambda: self._bare("sts", 0),
                self._assumed,
                (Row("assume", "assume among 10,000", bound=12, note=_TOLD),),
            ),
            Contest(
                "a renewal",
                lambda: self._renewed(1),
                lambda: self._renewed(RENEWED),
                (Row("renew", "50 renewals, 50 ms away", bound=0.2, note=_TOLD, times=RENEWED),),
            ),
            Contest(
                "50 requests in turn",
                lambda: self._bare("renewing", 0.05, RENEWED),
                lambda: self._renewed(RENEWED),
                (Row("renew-in-turn", "50 renewals, 50 ms away", bound=0.2, note=_TOLD),),
            ),
        ]

    def _bare(self, name: str, round_trip: float, times: int = 1) -> Figures:
        self._sts.round_trip = round_trip
        home = self.home(name)
        role_arn = next(iter(home.folder.plain.values()))
        script = str(BASELINES / "signed_request.py")
        argv = [PYTHON, script, self._sts.url, role_arn, *home.folder.keys, str(times)]
        return {"ms": milliseconds(home, *argv)}

    def _assumed(self) -> Figures:
        self._sts.round_trip = 0
        home = self.home("sts")
        home.restore()
        names = list(home.folder.plain)
        return {"ms": self._calling(1, home, "assume", names[len(names) // 2], "--fresh")}

    def _renewed(self, count: int) -> Figures:
        self._sts.round_trip = 0.05
        home = self.home("renewing")
        home.restore()
        which = ["--all"] if count > 1 else [next(iter(home.folder.plain))]
        return {"ms": self._calling(count, home, "renew", *which, "--fresh")}

    def _calling(self, calls: int, home: Home, *words: str) -> float:
        """Run a command that has to ask STS so many times."""
        before = self._sts.calls
        took = milliseconds(home, ROLECALL, *words, lines=1)
        if (made := self._sts.calls - before) != calls:
            raise Failed(f"{' '.join(words)}: {made} calls, not {calls}")
        return took


def _first_frame(terminal: Terminal, *wanted: str) -> Figures:
    seen = terminal.until(*wanted)
    frame = 1000 * (seen.at - terminal.started)
    return {"ms": frame, "memory": seen.memory, "quit": terminal.quit("q")}


def _idle(terminal: Terminal) -> Figures:
    terminal.rest()
    cpu, memory = terminal.cpu(_IDLE), terminal.memory()
    return {"cpu": cpu, "memory": memory, "quit": terminal.quit("q")}


def _letters(terminal: Terminal, shown: Callable[[str], Sequence[str]]) -> Figures:
    """Type the word: the median of its letters."""
    times = []
    for end, letter in enumerate(_WORD, 1):
        start = terminal.type(letter)
        times.append(1000 * (terminal.until(*shown(_WORD[:end])).at - start))
    times.sort()
    return {"ms": sum(times[1:-1]) / (len(times) - 2)}
