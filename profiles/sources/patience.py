"""How long AWS is waited for: a call is over in time, and who is asked to slow down does."""

from __future__ import annotations

import random
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHOLE = 24.0
"""Seconds for a call with all its tries. What hangs is given up before by the limits for each step;
but a resolver has none, and an answer that comes byte by byte keeps all of them."""
_PAUSES = (1.0, 2.0, 4.0)

Result = TypeVar("Result")


def in_time(work: Callable[[], Result], seconds: float) -> Result:
    """What a piece of work gives, or raises, in so many seconds.

    It runs in a thread of its own, which is left behind where it takes longer.

    Raises:
        TimeoutError: it took longer.
    """
    done: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            done.put((None, error))

    threading.Thread(target=run, name="rolecall-call", daemon=True).start()
    try:
        result, error = done.get(timeout=max(seconds, 0.0))
    except Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def pauses() -> Iterator[float]:
    """Seconds until each next try, by chance half as long or half as long again.

    Many who were asked to slow down at once would else come back at once.
    """
    for pause in _PAUSES:
        yield pause * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
