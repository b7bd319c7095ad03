"""Days of use by a clock that is moved: eight hours asleep, and an hour without a network."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from itertools import pairwise
from typing import TYPE_CHECKING

from profiles.destinations.renewing import EARLY, LONGEST_PAUSE, Renewing, renewal
from profiles.errors import NetworkUnavailable
from profiles.renewals import BEFORE, JITTER, PACE, WAKE
from profiles.request import Request
from profiles.switcher import Switcher
from tests.storm.storm import Storm
from tests.terminal.picker_world import SETTINGS, canned_aws, desk, machine

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600
GROWTH = 600_000
"""Bytes that Python's objects may grow by from the second hour to the last."""


class Away(NetworkUnavailable):
    """No network: a new one each time, as the same one would keep where it was raised before."""

    def __init__(self):
        super().__init__("there is no network", "try again")


class Day:
    """When what happens, in seconds since it began.

    A whole day has its sleep of eight hours and its hour without a network; a shorter one has
    its share of both.
    """

    def __init__(self, hours: int, begun: float):
        self.begun = begun
        self.end = hours * HOUR
        self.asleep = (int(self.end * 0.4), int(self.end * 0.4) + self.end // 3)
        self.away = (int(self.end * 0.85), int(self.end * 0.85) + self.end // 24)

    def is_away(self, at: float) -> bool:
        return self.away[0] <= at < self.away[1]

    def seconds(self, step: int):
        """Those that are lived through; one by one after waking up."""
        at = 0
        while at < self.end:
            yield at
            recovers = self.asleep[1] <= at < self.asleep[1] + 120
            at += 1 if recovers else step
            if self.asleep[0] <= at < self.asleep[1]:
                at = self.asleep[1]

    def settled(self, at: float, awake: float, online: float) -> bool:
        """Whether it had its time to get over what happened."""
        woken = not self.asleep[1] <= at < self.asleep[1] + awake
        return woken and not self.away[0] <= at < self.away[1] + online


class Memory:
    """What Python's objects take, from when it has seen everything once."""

    def __enter__(self):
        tracemalloc.start()
        self.first = 0
        return self

    def __exit__(self, *_):
        tracemalloc.stop()

    def now(self) -> int:
        import gc

        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    def warm(self):
        self.first = self.first or self.now()

    def grown(self) -> int:
        grown = self.now() - self.first
        assert grown < GROWTH, f"{grown} bytes more than when it was warm"
        return grown


class _Asked(list):
    """Where canned AWS notes who was asked for: each role has its own length of session."""

    def __init__(self, aws, clock, lasting):
        super().__init__()
        self._aws, self._clock, self._lasting = aws, clock, lasting
        self.at: list[tuple[float, str]] = []

    def append(self, arn):
        self._aws.lasting = self._lasting[arn]
        self.at.append((self._clock.at, arn))


def shell(folder: Path, count: int, seed: str) -> str:
    """So many hours in a renewing shell with sessions of a quarter, an hour, and twelve."""
    del seed
    renewals, late = 0, 0.0
    grown = []
    for lasting in (900, HOUR, 12 * HOUR):
        home = folder / str(lasting)
        home.mkdir()
        made, most, more = _shell_day(home, count, lasting)
        renewals, late = renewals + made, max(late, most)
        grown.append(more)
    return (
        f"{count} hours with sessions of 15 m, 1 h and 12 h: {renewals} renewals, none missed or "
        f"doubled, at most {late:.0f} s after they were due; {max(grown) // 1024} KiB more"
    )


def _shell_day(home: Path, hours: int, lasting: int) -> tuple[int, float, int]:
    on = machine(home)
    clock = on.now
    heard = []
    with canned_aws() as aws, Memory() as memory:
        aws.lasting = lasting
        switcher = Switcher(on)
        role = switcher.catalogue.get("data-dev-analyst")
        day = Day(hours, clock.at)
        renewing = Renewing(on, switcher.session(role, Request(yes=True)), None, heard.append)
        again = renewal(on, role)
        margin = min(EARLY, lasting / 4)
        ends: list[float] = []
        calls = late = 0

        def later(before):
            nonlocal calls, late
            now = clock.at - day.begun
            assert before.expires_at - clock.at <= margin, "renewed before it was due"
            found = again(before)
            calls += 1
            if day.settled(now, 60, LONGEST_PAUSE + 60):
                late = max(late, clock.at - (before.expires_at - margin))
            ends.append(found.expires_at)
            return found

        renewing._again = later
        for at in day.seconds(1):
            clock.at = day.begun + at
            aws.refusals = {role.role_arn: Away} if day.is_away(at) else {}
            renewing.look()
            if at % 30 == 0 and day.settled(at, 0, 20):
                assert renewing.session().expires_at > clock.at
            elif day.settled(at, 20, LONGEST_PAUSE + 20):
                assert renewing._held.end > clock.at, "over, and nobody renewed it"
            if at > day.end // 8 and calls > 0:
                memory.warm()
        del aws.asked[:]
        assert len(set(ends)) == len(ends) == calls, "doubled"
        assert late < 2, f"{late} s late"
        reasons = [trouble is None for trouble in heard]
        assert reasons == [False, True] * (len(heard) // 2), heard  # each trouble, and its end
        return calls, late, memory.grown()


_ROLES = {
    "data-dev-analyst": HOUR,
    "payments-dev-admin": 900,
    "payments-dev-readonly": 12 * HOUR,
    "data-staging-analyst": 2 * HOUR,
    "data-dev-engineer": HOUR,
}


def app(folder: Path, count: int, seed: str) -> str:
    """So many hours in the picker with sessions of many lengths that renew themselves."""
    return asyncio.run(_app_day(folder, count, random.Random(seed)))


async def _app_day(folder: Path, hours: int, chance: random.Random) -> str:
    from profiles.renewals import Schedule

    settings = f'renew = "auto"\n{SETTINGS}'
    with Memory() as memory:
        async with desk(folder, settings=settings, sessions=_ROLES) as at:
            picker, clock = at.picker, at.clock
            picker.schedule = Schedule(chance.random)
            names = {at.arn(name): name for name in _ROLES}
            lasting = {arn: _ROLES[name] for arn, name in names.items()}
            asked = at.aws.asked = _Asked(at.aws, clock, lasting)
            day = Day(hours, clock.at)
            until = {name: clock.at + seconds for name, seconds in _ROLES.items()}
            made: list[float] = []
            for second in day.seconds(5):
                clock.at = day.begun + second
                away = day.is_away(second)
                at.aws.refusals = dict.fromkeys(names, Away) if away else {}
                picker._beat()
                while picker.facts.trying or "sessions" in picker.errands.running:
                    await at.pilot.pause(0.001)
                for when, arn in asked.at:
                    name = names[arn]
                    early = until[name] - when
                    assert early <= BEFORE + JITTER, f"{name}: doubled, {early} s before its end"
                    if not away:
                        until[name] = when + _ROLES[name]
                        made.append(when)
                asked.at.clear()
                if day.settled(second, WAKE + len(_ROLES) * (PACE + 1), 1.2 * LONGEST_PAUSE + 60):
                    _all_live(at, until)
                if second > day.end // 8:
                    memory.warm()
            woken = [when for when in made if 0 <= when - day.begun - day.asleep[1] < 60]
            gaps = [later - sooner for sooner, later in pairwise(woken)]
            assert all(gap >= PACE for gap in gaps), f"not paced: {gaps}"
            assert not woken or woken[0] - day.begun - day.asleep[1] >= WAKE
            at.app.clear_notifications()
            grown = memory.grown()
    return (
        f"{hours} hours with {len(_ROLES)} sessions of 15 m to 12 h: {len(made)} renewals, none "
        f"missed or doubled, {len(woken)} on waking, {min(gaps, default=0):.0f} s apart or more; "
        f"{grown // 1024} KiB more"
    )


def _all_live(at, until: dict[str, float]):
    """Every session lives, and the countdown is as long as AWS made it, to the second."""
    for name, end in until.items():
        status = at.picker.facts.sessions[name]
        assert status.expires_at > at.clock.at, f"{name}: a renewal was missed"
        assert abs(status.expires_at - end) < 1, f"{name}: counts to another end"


STORMS = [
    Storm("day in a shell", "hours with a renewing shell, asleep and offline", 24, 6, shell),
    Storm("day in the app", "hours with the picker, asleep and offline", 24, 3, app),
]
