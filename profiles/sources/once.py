"""One for all: of many threads and processes that want the same of a person, one asks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from profiles.errors import Cancelled, PersonNeeded, RolecallError
from profiles.sources.one_at_a_time import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.sources.protocol import Way

PATIENCE = 120.0
"""Seconds that another process is waited for, which may itself wait for a person."""
_POLL = 0.1

Result = TypeVar("Result")


class _Flight:
    """What one thread is getting while others wait for it."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.outcome: Any = None
        self.error: RolecallError | None = None


_guard = threading.Lock()
_flights: dict[tuple[str, str], _Flight] = {}


def one_for_all(
    way: Way,
    name: str,
    known: Callable[[], Result | None],
    new: Callable[[], Result],
    patience: float = PATIENCE,
) -> Result:
    """What `new` gets, or what another got meanwhile.

    Threads of this process share the outcome, a refusal too: who said no to one question is not
    asked it again for each that waits. Processes share what the first of them kept.

    Args:
        name: of what is wanted, the same for all who want it.
        known: looks whether it is there by now.
        new: gets it and keeps it where `known` looks.
        patience: seconds that another process is waited for.

    Raises:
        Cancelled: this one was stopped while it waited, or the person said no.
        RolecallError: what `new` raised.
    """
    at = (way.machine.state_folder, name)
    while True:
        with _guard:
            flight = _flights.get(at)
            first = flight is None
            if flight is None:
                flight = _flights[at] = _Flight()
        if first:
            return _flown(way, at, flight, known, new, patience)
        while not flight.landed.wait(_POLL):
            way.check()
        if flight.error is not None:
            raise flight.error
        if flight.outcome is not None:
            return flight.outcome  # type: ignore[no-any-return]


def _flown(
    way: Way,
    at: tuple[str, str],
    flight: _Flight,
    known: Callable[[], Result | None],
    new: Callable[[], Result],
    patience: float,
) -> Result:
    try:
        with one_at_a_time(way, at[1], patience):
            found = known()
            flight.outcome = new() if found is None else found
    except RolecallError as error:
        # Stopped, or nobody here to ask: that is so for this one, and says nothing of the others.
        own = isinstance(error, PersonNeeded) or (isinstance(error, Cancelled) and way.cancelled())
        flight.error = None if own else error
        raise
    finally:
        with _guard:
            del _flights[at]
        flight.landed.set()
    return flight.outcome  # type: ignore[no-any-return]
