"""Turns at a sign-in: of many threads and processes that need the same one, one does it.

The turn is a lock in the state folder. Beside it lies what the one whose turn it is shows to its
person, so that the others can show the same and know until when to wait.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

from profiles.files.atomic import discard, private_folder, private_write
from profiles.files.lock import locked
from profiles.files.state import load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

_FOLDER = "turns"
WITHOUT_NOTICE = 60.0
"""Seconds that a turn takes at most that shows nothing to a person: a refresh, some calls."""


class Notice(NamedTuple):
    """What a person is shown by whoever's turn it is.

    Attributes:
        url: where the person goes.
        code: what the page there asks for; None where it needs none.
        until: when it is over, seconds since 1970.
        here: whether it is this very process that shows it.
    """

    url: str
    code: str | None
    until: float
    here: bool


class Turn:
    """The turn that one has.

    Attributes:
        missed: the notice of another's turn that this one waited through; None where none was.
    """

    def __init__(self, machine: Machine, path: str) -> None:
        self.missed: Notice | None = None
        self._machine = machine
        self._path = path

    def announce(self, url: str, code: str | None, until: float) -> None:
        """Let those who wait know what the person is shown."""
        said = {"url": url, "code": code, "until": until, "process": os.getpid()}
        try:
            private_write(self._path, json.dumps(said).encode())
        except OSError as error:
            self._machine.log(f"{self._path}: {error.strerror or error}")

    def seen(self) -> Notice | None:
        """What whoever's turn it is has announced."""
        said = load_json(self._path)
        url, code, until = said.get("url"), said.get("code"), said.get("until")
        if not isinstance(url, str) or not isinstance(until, (int, float)):
            return None
        code = code if isinstance(code, str) else None
        return Notice(url, code, float(until), here=said.get("process") == os.getpid())


@contextlib.contextmanager
def turn(
    machine: Machine, key: str, waiting: Callable[[Notice | None], None] | None
) -> Iterator[Turn]:
    """Have the turn at something; it ends with the block, and with the process.

    Args:
        machine: says where the state folder is, and the time.
        key: of what is signed in to; part of a file's name.
        waiting: called ten times a second while it is another's turn, with what that one has
            announced; it raises to give up. None does not wait for a sign-in that a person sees.

    A state folder that cannot be written gives the turn to all: nothing worse comes of it than
    a sign-in too many.

    Raises:
        TimeoutError: another keeps the turn longer than it takes.
    """
    import filelock

    folder = os.path.join(machine.state_folder, _FOLDER)
    mine = Turn(machine, os.path.join(folder, f"{key}.json"))
    began = machine.now()

    def look() -> bool:
        notice = mine.seen()
        if notice is not None:
            mine.missed = notice
        if waiting is None:
            return notice is not None or machine.now() > began + WITHOUT_NOTICE
        waiting(notice)
        return machine.now() > max(notice.until if notice else 0, began) + WITHOUT_NOTICE

    with contextlib.ExitStack() as held:
        try:
            private_folder(folder)
            lock = os.path.join(folder, f"{key}.lock")
            held.enter_context(locked(lock, given_up=look))
        except filelock.Timeout as late:
            raise TimeoutError(key) from late
        except OSError as error:
            machine.log(f"{folder}: {error.strerror or error}")
        try:
            discard(mine._path)  # noqa: SLF001 — what one that was killed left; one unit
            yield mine
        finally:
            discard(mine._path)  # noqa: SLF001 — the same
