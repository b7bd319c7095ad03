"""What rolecall remembers between runs: favourites, recents, answers. Losing it loses little.

A lost or broken file is an empty one, and a folder that cannot be written is no error: nothing
here is worth failing a switch for.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.files.atomic import private_folder, private_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

__all__ = [
    "State",
    "load_json",
    "load_state",
    "locked_state",
    "private_write",
    "save_answer",
    "save_favourite",
    "save_use",
]

USES_KEPT = 20
ROLES_KEPT = 200
ANSWERS_KEPT = 10
LOCK_WAIT = 2.0

_POLL = 0.005
_NAME = "state.json"


class State(NamedTuple):
    """What is remembered.

    Attributes:
        favourites: names of roles, in the order they were made favourites.
        recents: the instants at which a role was used, seconds since 1970, the latest first.
        answers: what was typed for a session tag that asks, the latest first, by the tag's key.
    """

    favourites: tuple[str, ...] = ()
    recents: dict[str, list[float]] = {}  # noqa: RUF012 -- a tuple's default is never changed
    answers: dict[str, list[str]] = {}  # noqa: RUF012 -- the same


def load_state(machine: Machine) -> State:
    """What is remembered; empty where the file is lost or broken."""
    said = load_json(os.path.join(machine.state_folder, _NAME))
    favourites = said.get("favourites")
    return State(
        tuple(_only(str, favourites)),
        {role: uses for role, found in _items(said, "recents") if (uses := _only(float, found))},
        {tag: words for tag, found in _items(said, "answers") if (words := _only(str, found))},
    )


def save_favourite(machine: Machine, role: str, *, favourite: bool) -> State:
    """Make a role a favourite, or none any more; the new state."""

    def changed(state: State) -> State:
        others = tuple(name for name in state.favourites if name != role)
        return state._replace(favourites=(*others, role) if favourite else others)

    return _save(machine, changed)


def save_use(machine: Machine, role: str) -> State:
    """Remember that a role is used now; the new state. The last 20 uses of 200 roles are kept."""

    def changed(state: State) -> State:
        uses = sorted([machine.now(), *state.recents.get(role, [])], reverse=True)[:USES_KEPT]
        recents = sorted(
            {**state.recents, role: uses}.items(), key=lambda item: item[1][0], reverse=True
        )
        return state._replace(recents=dict(recents[:ROLES_KEPT]))

    return _save(machine, changed)


def save_answer(machine: Machine, tag: str, answer: str) -> State:
    """Remember what was typed for a session tag; the new state. The last 10 answers are kept."""

    def changed(state: State) -> State:
        others = [each for each in state.answers.get(tag, []) if each != answer]
        answers = {**state.answers, tag: [answer, *others][:ANSWERS_KEPT]}
        return state._replace(answers=answers)

    return _save(machine, changed)


@contextlib.contextmanager
def locked_state(machine: Machine) -> Iterator[None]:
    """Keep others from writing to the state folder.

    Raises:
        OSError: the folder cannot be written, or another process kept the lock for 2 s.
    """
    import filelock

    private_folder(machine.state_folder)
    lock = filelock.FileLock(os.path.join(machine.state_folder, "lock"), mode=0o600)
    with lock.acquire(timeout=LOCK_WAIT, poll_interval=_POLL):
        yield


def load_json(path: str) -> dict[str, Any]:
    """A JSON object from a file; an empty one where the file is lost or broken."""
    import json

    try:
        with open(path, "rb") as file:
            said = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _save(machine: Machine, changed: Callable[[State], State]) -> State:
    import json

    try:
        with locked_state(machine):
            state = changed(load_state(machine))
            data = json.dumps(state._asdict(), indent=1).encode()
            private_write(os.path.join(machine.state_folder, _NAME), data)
            return state
    except OSError:
        return changed(load_state(machine))


def _only(kind: type, found: object) -> list[Any]:
    """The values of a kind in what should be a list."""
    values = found if isinstance(found, list) else []
    if kind is float:
        return sorted((float(each) for each in values if type(each) in {int, float}), reverse=True)
    return [each for each in values if isinstance(each, kind)]


def _items(said: dict[str, Any], key: str) -> list[tuple[str, object]]:
    found = said.get(key)
    return list(found.items()) if isinstance(found, dict) else []
