"""Sessions that renew themselves: which may, when, and one at a time for each sign-in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiles.errors import (
    Cancelled,
    ConfirmationNeeded,
    NetworkUnavailable,
    PersonNeeded,
    RolecallError,
    Throttled,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus
    from profiles.switcher import Assumed, Switcher

BEFORE = 10 * 60
"""Seconds before its end that a session renews itself."""
JITTER = 60
"""Up to so many seconds earlier, so that what was begun together is not renewed together."""
PACE = 2
"""Seconds from one renewal to the next: after a night's sleep all of them are due."""
WAKE = 5
"""Seconds that a machine that slept gets to find its network again."""
_ASLEEP = 30
_FIRST_WAIT = 15
_LONGEST_WAIT = 300
FOR_A_PERSON = (PersonNeeded, ConfirmationNeeded, UsageError, Cancelled)
"""What waiting does not mend: a person has to do something."""


def policy(catalogue: Catalogue, role: Role | None) -> str:
    """When a role's sessions are renewed: `ask`, `auto` or `never`.

    The stage's own `renew` counts first. A stage with a guard does without `auto` of its own wish
    alone: the general setting does not speak for it.

    Args:
        role: None for one that no file knows; it has no stage.
    """
    said = catalogue.settings.text("renew") or "ask"
    stage = None if role is None else catalogue.stage(role)
    if stage is None:
        return said
    if stage.renew is not None:
        return stage.renew
    return "ask" if said == "auto" and stage.confirm != "none" else said


def sign_in_of(catalogue: Catalogue, role: Role | None) -> str:
    """What proves who is behind a role: the same text for all roles that start from the same."""
    try:
        first = catalogue.hops(role)[0] if role is not None else None
    except RolecallError:
        first = None
    return "" if first is None else f"{first.kind} {first.name}"


def renewed(
    switcher: Switcher, name: str, seen: float, *, cancelled: Callable[[], bool]
) -> Assumed | None:
    """Renew a role's session as its policy has it, asking nobody.

    Of all threads and processes one at a time does so for a sign-in; whoever comes next looks
    first at what is written by then.

    Args:
        seen: the end of the session that is to be renewed, seconds since 1970.

    Returns:
        The new session; None where another got it, or where there is nothing left to renew.

    Raises:
        PersonNeeded: only a person could.
        UsageError: the policy of the role is another one.
        RolecallError: it cannot be had, and why.
    """
    import hashlib

    from profiles.destinations.renewing import as_before
    from profiles.files import credentials
    from profiles.files.turn import turn
    from profiles.renewal import renew

    def waiting(_: object) -> None:
        if cancelled():
            raise Cancelled("stopped")

    role = switcher.known(name)
    if policy(switcher.catalogue, role) != "auto":
        raise UsageError(f"{name} does not renew itself")
    whose = hashlib.sha256(
        sign_in_of(switcher.catalogue, role).encode("utf-8", "surrogatepass")
    ).hexdigest()[:32]
    try:
        with turn(switcher.machine, f"renewal-{whose}", waiting):
            held = credentials.owned(switcher.machine).values()
            ends = [each.expires_at or 0 for each in held if each.role == name]
            if not ends or min(ends) > seen:
                return None
            return renew(switcher, name, ask=as_before, cancelled=cancelled, since=seen)
    except TimeoutError as error:
        raise NetworkUnavailable(f"{name}: another renewal of its sign-in does not end") from error


@dataclass
class _Plan:
    """When a session is renewed.

    Attributes:
        end: of the session, seconds since 1970.
        due: when it is tried next.
        failures: tries that failed one after another.
        over: it is left alone until there is another session.
    """

    end: float
    due: float
    failures: int = 0
    over: bool = False


class Schedule:
    """When which session renews itself; told the time, it starts nothing itself.

    Args:
        spread: a number from 0 to 1, another each time.
    """

    def __init__(self, spread: Callable[[], float] = random.random) -> None:
        self._spread = spread
        self._plans: dict[str, _Plan] = {}
        self._looked: float | None = None
        self._not_before = 0.0

    def see(self, statuses: Iterable[SessionStatus], now: float) -> None:
        """Plan for the sessions there are; one that was over when it was first seen stays over."""
        if self._looked is not None and now - self._looked > _ASLEEP:
            self._not_before = now + WAKE
        self._looked = now
        ends: dict[str, float] = {}
        for status in statuses:
            if status.origin == "rolecall" and status.profile and status.expires_at is not None:
                ends[status.name] = min(ends.get(status.name, status.expires_at), status.expires_at)
        for name in self._plans.keys() - ends.keys():
            del self._plans[name]
        for name, end in ends.items():
            before = self._plans.get(name)
            if before is not None and before.end == end:
                continue
            if before is None and end <= now:
                continue
            early = BEFORE + self._spread() * JITTER
            if before is not None:  # made just now: what lasts minutes is renewed minutes before
                early = min(early, (end - now) / 4)
            self._plans[name] = _Plan(end, end - early)

    def will(self, name: str) -> bool:
        """Whether a session is still to be renewed, so that nobody needs to."""
        plan = self._plans.get(name)
        return plan is not None and not plan.over and plan.failures == 0

    def end(self, name: str) -> float:
        """When the session that is to be renewed ends."""
        return self._plans[name].end

    def next(self, now: float, may: Callable[[str], bool]) -> str | None:
        """The one to be renewed now, if any.

        Args:
            may: whether a role's session may renew itself at the moment.
        """
        if now < self._not_before:
            return None
        due = [name for name, plan in self._plans.items() if plan.due <= now and not plan.over]
        for name in sorted(due, key=lambda name: self._plans[name].end):
            if may(name):
                self._not_before = now + PACE
                return name
        return None

    def done(self, name: str, end: float | None, now: float) -> None:
        """A renewal gave a session with this end, or None: another process was quicker."""
        plan = self._plans.get(name)
        if plan is None:
            return
        plan.failures = 0
        # Where it is no later one, asking at once again would not make it so.
        plan.due = now + _FIRST_WAIT if end is None else now + _LONGEST_WAIT

    def failed(self, name: str, error: RolecallError, now: float) -> bool:
        """A renewal failed; whether that is worth a word: the first time alone."""
        plan = self._plans.get(name)
        if plan is None:
            return False
        plan.failures += 1
        wait = min(_FIRST_WAIT * 2 ** (plan.failures - 1), _LONGEST_WAIT)
        plan.due = now + wait * (1 + self._spread() / 5)
        passes = isinstance(error, (NetworkUnavailable, Throttled))
        plan.over = isinstance(error, FOR_A_PERSON) or (not passes and now >= plan.end)
        return plan.failures == 1

    def leave(self, names: Collection[str]) -> None:
        """Leave sessions alone that a person stopped the renewal of."""
        for name in names:
            if name in self._plans:
                self._plans[name].over = True
