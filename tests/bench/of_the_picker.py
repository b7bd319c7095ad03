"""The picker, against the least that a Textual program can be."""

from __future__ import annotations

import re
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.catalogue import Catalogue
from profiles.machine import Machine
from tests.bench.commands import Failed
from tests.bench.contest import MANY, MORE, Contest, Figures
from tests.bench.home import BASELINES, PYTHON, ROLECALL, Home
from tests.bench.table import Row
from tests.bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bench.sts_stand_in import StsStandIn

_IDLE = 6.0
"""Seconds of idling: several beats of the countdown and looks at the files."""
_WORD = "prod"
"""What is looked for; typed letter by letter."""
_FAR = 3.0
"""Seconds until an AWS far away answers."""
_ONE_LIVE = r"\b1 live"
_CROWD = 200
"""Sessions that count down at once."""


class Held(NamedTuple):
    """A home, and the STS that it asks, which takes its time."""

    home: Home
    sts: StsStandIn


def contests(folder: Path, sts: StsStandIn) -> list[Contest]:
    """Measured among 10,000 roles, and 50,000."""
    many = Home(folder / "many", MANY)
    more = Home(folder / "more", MORE)
    counting = Home(folder / "counting", MANY, live=1)
    crowd = Home(folder / "crowd", MANY, live=_CROWD)
    switching = Home(folder / "switching", MANY, sts=sts.url)
    held = Held(Home(folder / "held", MANY, sts=sts.url), sts)
    memory = partial(Row, figure="memory", unit="MB")
    return [
        Contest(
            "hello",
            lambda: _hello_seen(many),
            lambda: seen(many),
            (
                Row("first-frame", "first frame, 10,000 roles", bound=1.3, held=True),
                memory("memory", "peak memory at the first frame", bound=1.3, held=True),
                Row("quit-at-once", "quit at the first frame", "quit", bound=1, held=True),
            ),
        ),
        Contest(
            "hello",
            lambda: _hello_seen(many),
            lambda: seen(more),
            (
                Row("first-frame-50000", "first frame, 50,000 roles", bound=1.7, held=True),
                memory("memory-50000", "peak memory, 50,000 roles"),
            ),
        ),
        Contest(
            "hello",
            lambda: _hello_seen(many),
            lambda: _found(many),
            (Row("first-frame-found", f"first frame of rolecall {_WORD}"),),
        ),
        Contest(
            "echo",
            lambda: _echoed(many),
            lambda: filtered(many),
            (Row("filter", "a filter letter to the repaint", bound=0.5, held=True),),
        ),
        Contest(
            "echo",
            lambda: _echoed_bytes(many),
            lambda: _moved(many),
            (Row("bytes", "bytes of a key that moves the highlight", "bytes", "B"),),
        ),
        Contest(
            "echo",
            lambda: _echoed(many),
            lambda: _moved_while_switching(held),
            (
                Row("key-switching", "a key while AWS takes 3 s", bound=1, held=True),
                Row("key-slowest", "the slowest of 20 such keys", "slowest"),
            ),
        ),
        Contest(
            "hello",
            lambda: _hello_idle(many),
            lambda: _counting(counting, 1),
            (
                Row("idle", "idle, counting down", "cpu", "ms/s", bound=3.5, held=True),
                Row("quit", "quit, the SDK loaded", "quit", bound=1, held=True),
            ),
        ),
        Contest(
            "hello",
            lambda: _hello_idle(many),
            lambda: _counting(crowd, _CROWD),
            (
                Row(
                    "idle-crowd",
                    f"idle, {_CROWD} counting down",
                    "cpu",
                    "ms/s",
                    bound=3.5,
                    held=True,
                ),
            ),
        ),
        Contest(
            "hello",
            lambda: _hello_seen(many),
            lambda: _switched(switching),
            (memory("memory-sdk", "peak memory after a switch", bound=1.9, held=True),),
        ),
    ]


def _picker(home: Home, *words: str) -> Terminal:
    return Terminal([ROLECALL, *words], home.env, str(home.path))


def _baseline(home: Home, script: str) -> Terminal:
    return Terminal([PYTHON, str(BASELINES / script)], home.env, str(home.path))


def _roles(home: Home) -> int:
    """How many there are to be listed."""
    return home.folder.kinds.total()


def _whole(home: Home) -> tuple[str, str]:
    """On the first whole frame, at its top and its bottom: how many roles, which keys."""
    return rf" {_roles(home)} ", r"^ enter switch .* help"


def _hello_seen(home: Home) -> Figures:
    with _baseline(home, "hello.py") as terminal:
        return _first_frame(terminal, "hello")


def seen(home: Home) -> Figures:
    with _picker(home) as terminal:
        return _first_frame(terminal, *_whole(home))


def _found(home: Home) -> Figures:
    with _picker(home, _WORD) as terminal:
        return _first_frame(terminal, rf" \d+ of {_roles(home)} ", "^ enter switch .* help")


def _first_frame(terminal: Terminal, *wanted: str) -> Figures:
    seen = terminal.until(*wanted)
    frame = 1000 * (seen.at - terminal.started)
    return {"ms": frame, "memory": seen.memory, "quit": terminal.quit("q")}


def _hello_idle(home: Home) -> Figures:
    with _baseline(home, "hello.py") as terminal:
        return _idle(terminal, "hello")


def _counting(home: Home, live: int) -> Figures:
    with _picker(home) as terminal:
        return _idle(terminal, *_whole(home), rf"\b{live} live")


def _idle(terminal: Terminal, *wanted: str) -> Figures:
    terminal.until(*wanted)
    terminal.rest()
    return {"cpu": terminal.cpu(_IDLE), "quit": terminal.quit("q")}


def _switched(home: Home) -> Figures:
    home.restore()
    name = next(iter(home.folder.plain))
    with _picker(home, name) as terminal:
        terminal.until(name)
        terminal.rest()
        terminal.type("\r")
        terminal.until(_ONE_LIVE)
        terminal.rest()
        return {"memory": terminal.memory()}


def _echoed(home: Home) -> Figures:
    with _baseline(home, "echo.py") as terminal:
        terminal.until(r"said: \.")
        terminal.rest()
        return _letters(terminal, lambda typed: (rf"said: {typed}\.",))


def filtered(home: Home) -> Figures:
    catalogue = Catalogue.load(Machine(env={}, home=str(home.path)))

    def shown(typed: str) -> tuple[str, str]:
        return f"/ {typed} ", f" {len(catalogue.search(typed))} of {_roles(home)} "

    with _picker(home) as terminal:
        terminal.until(*_whole(home))
        terminal.rest()
        terminal.type("/")
        terminal.until("esc cancel")
        return _letters(terminal, shown)


def _echoed_bytes(home: Home) -> Figures:
    with _baseline(home, "echo.py") as terminal:
        terminal.until(r"said: \.")
        terminal.rest()
        before = terminal.drawn
        for end in range(1, len(_WORD) + 1):
            terminal.type(_WORD[end - 1])
            terminal.until(rf"said: {_WORD[:end]}\.")
            terminal.rest()
        return {"bytes": (terminal.drawn - before) / len(_WORD)}


def _moved(home: Home) -> Figures:
    """Every move shows another role in the details, and its name in the title there."""
    with _picker(home) as terminal:
        terminal.until(*_whole(home))
        terminal.rest()
        before, keys = terminal.drawn, "jjkj"
        for key in keys:
            shown = _title(terminal)
            terminal.type(key)
            terminal.until(rf"┐┌ (?!{re.escape(shown)} )")
            terminal.rest()
        return {"bytes": (terminal.drawn - before) / len(keys)}


def _title(terminal: Terminal) -> str:
    """The name of the role in the details."""
    found = re.search(r"┐┌ (\S+) ", terminal.text())
    if found is None:
        raise Failed(f"no details on\n{terminal.text()}")
    return found[1]


def _moved_while_switching(held: Held) -> Figures:
    held.home.restore()
    held.sts.round_trip = _FAR
    try:
        with _picker(held.home, next(iter(held.home.folder.plain))) as terminal:
            terminal.until("Same as")
            terminal.rest()
            terminal.type("\r")
            terminal.until("switching")
            terminal.type("o")  # everything is listed, in another order
            times = []
            for _ in range(20):
                shown = _title(terminal)
                start = terminal.type("j" if len(times) % 2 == 0 else "k")
                seen = terminal.until(rf"┐┌ (?!{re.escape(shown)} )")
                times.append(1000 * (seen.at - start))
            return {"ms": median(times), "slowest": max(times)}
    finally:
        held.sts.round_trip = 0.0


def _letters(terminal: Terminal, shown: Callable[[str], tuple[str, ...]]) -> Figures:
    """Type the word: the median of its letters."""
    times = []
    for end in range(1, len(_WORD) + 1):
        wanted = shown(_WORD[:end])
        start = terminal.type(_WORD[end - 1])
        times.append(1000 * (terminal.until(*wanted).at - start))
    return {"ms": median(times), "slowest": max(times)}
