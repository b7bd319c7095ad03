"""Work that goes on beside the screen: in threads, cancellable, each with a number.

A thread of ours never keeps the app from quitting: it is a daemon, told to stop by an event. What
a cancelled one still says is dropped, because its number is no longer the one that counts.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from textual.message import Message

from profiles.errors import Cancelled, Internal, RolecallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.challenges import Ask, Challenge

    Work = Callable[[Ask, Callable[[], bool]], Any]
    Then = Callable[[Any, RolecallError | None], None]

_GRACE = 0.4
"""Seconds that running work is waited for when the app quits: it is gone in half a second."""


class Errand:
    """One piece of work.

    Attributes:
        number: a later one's is higher.
        name: what it is about; a new one of the same name replaces it.
        cancelled: set to stop it.
    """

    def __init__(self, number: int, name: str, then: Then) -> None:
        self.number = number
        self.name = name
        self.then = then
        self.cancelled = threading.Event()
        self.thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"Errand({self.number}, {self.name})"


class Asked(Message):
    """An errand needs something from a person.

    Attributes:
        errand: which.
        challenge: what.
        answer: to be given the answer, or `Cancelled`.
    """

    def __init__(self, errand: Errand, challenge: Challenge, answer: Future[str]) -> None:
        super().__init__()
        self.errand = errand
        self.challenge = challenge
        self.answer = answer


class Ended(Message):
    """An errand is done.

    Attributes:
        errand: which.
        outcome: what it returned.
        error: why it failed, or None.
    """

    def __init__(self, errand: Errand, outcome: Any, error: RolecallError | None) -> None:
        super().__init__()
        self.errand = errand
        self.outcome = outcome
        self.error = error


class Errands:
    """The errands of a screen.

    Args:
        post: sends a message to the screen, from any thread.

    Attributes:
        running: by name.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._number = 0
        self.running: dict[str, Errand] = {}

    def start(self, name: str, work: Work, then: Then) -> Errand:
        """Do work in a thread; an errand of that name that still runs is stopped.

        Args:
            work: gets an `Ask` and a function that tells whether to stop.
            then: called in the app with the outcome, unless the errand was stopped.
        """
        self.stop(name)
        self._number += 1
        errand = Errand(self._number, name, then)
        self.running[name] = errand
        errand.thread = threading.Thread(
            target=self._run, args=(errand, work), name=f"rolecall-{name}", daemon=True
        )
        errand.thread.start()
        return errand

    def stop(self, name: str) -> bool:
        """Stop an errand; whether there was one."""
        errand = self.running.pop(name, None)
        if errand is not None:
            errand.cancelled.set()
        return errand is not None

    def counts(self, errand: Errand) -> bool:
        """Whether an errand is still wanted."""
        return self.running.get(errand.name) is errand

    def finish(self, ended: Ended) -> None:
        """Hand an outcome on, where the errand is still wanted."""
        if self.counts(ended.errand):
            del self.running[ended.errand.name]
            ended.errand.then(ended.outcome, ended.error)

    def close(self) -> None:
        """Stop them all, and give those that write a moment to finish."""
        running = list(self.running.values())
        for errand in running:
            self.stop(errand.name)
        until = time.monotonic() + _GRACE
        for errand in running:
            if errand.thread is not None and errand.name.startswith("role:"):
                errand.thread.join(max(until - time.monotonic(), 0))

    def _run(self, errand: Errand, work: Work) -> None:
        outcome, failure = None, None
        try:
            outcome = work(self._asker(errand), errand.cancelled.is_set)
        except RolecallError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # a defect must not look like work going on
            from tui.report import place_of

            # Without the error's own words: what a library says may hold secrets.
            failure = Internal(
                f"something went wrong inside rolecall ({type(error).__name__}, {place_of(error)})",
                "rolecall -vv assume shows where",
            )
        self._post(Ended(errand, outcome, failure))

    def _asker(self, errand: Errand) -> Ask:
        def ask(challenge: Challenge) -> str:
            from profiles.challenges import Presence

            if isinstance(challenge, Presence):
                return ""  # whoever looks at the screen
            answer: Future[str] = Future()
            self._post(Asked(errand, challenge, answer))
            while True:
                try:
                    return answer.result(timeout=0.1)
                except TimeoutError:
                    if errand.cancelled.is_set():
                        raise Cancelled("stopped") from None

        return ask
