"""What rolecall remembers between runs: favourites, uses, answers, filters. Losing it loses little.

A lost or broken file is an empty one, and a folder that cannot be written is no error: nothing
here is worth failing a switch for.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from _thread import allocate_lock
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.files.atomic import private_folder, private_write
from profiles.files.lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

__all__ = [
    "State",
    "load_json",
    "load_state",
    "locked_state",
    "private_write",
    "record_answer",
    "record_arn",
    "record_filter",
    "record_hinted",
    "record_made",
    "record_use",
    "save_favourite",
    "toggle_favourite",
]

USES_KEPT = 20
ROLES_KEPT = 200
FILTERS_KEPT = 30
HALF_LIFE = 3 * 24 * 3600
"""Seconds after which a use of a role counts half."""
LOCK_WAIT = 2.0

# Threads of one process wait for each other here, where waiting costs nothing: the lock is polled.
_OWN_THREADS = allocate_lock()
_NAME = "state.json"


class State(NamedTuple):
    """What is remembered.

    Attributes:
        favourites: names of roles, in the order they were made favourites.
        recents: the instants at which a role was used, seconds since 1970, the latest first.
        answers: what was typed last for each session tag that asks, by role and tag.
        arns: roles that no file knows, assumed by their ARN: `role_arn`, `kind` and `source`, by
            name.
        filters: what was looked for in the picker, the latest first.
        made: the AWS files that were not there before rolecall wrote them.
        hinted: in how many runs the picker gave its first hints.
    """

    favourites: tuple[str, ...] = ()
    recents: dict[str, list[float]] = {}  # noqa: RUF012 -- a tuple's default is never changed
    answers: dict[str, dict[str, str]] = {}  # noqa: RUF012 -- the same
    arns: dict[str, dict[str, str]] = {}  # noqa: RUF012 -- the same
    filters: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    hinted: int = 0

    def suggestion(self, role: str, tag: str) -> str:
        """What was typed last for a role's session tag, or an empty string."""
        return self.answers.get(role, {}).get(tag, "")

    def frequent(self, now: float) -> list[str]:
        """The roles that were used, those used often and lately first.

        Each use counts, and half as much after three days.
        """

        def weight(uses: list[float]) -> float:
            return sum(math.exp2(-max(now - use, 0) / HALF_LIFE) for use in uses)

        return sorted(self.recents, key=lambda role: -weight(self.recents[role]))


def load_state(machine: Machine, *, strict: bool = False) -> State:
    """What is remembered; empty where the file is lost or broken.

    Args:
        strict: see `load_json`.
    """
    said = load_json(os.path.join(machine.state_folder, _NAME), strict=strict)
    return State(
        _listed(said.get("favourites")),
        {role: uses for role, found in _items(said, "recents") if (uses := _instants(found))},
        {role: _texts(found) for role, found in _items(said, "answers") if _texts(found)},
        {role: _texts(found) for role, found in _items(said, "arns") if _texts(found)},
        _listed(said.get("filters")),
        _listed(said.get("made")),
        _count(said.get("hinted")),
    )


def save_favourite(machine: Machine, role: str, *, favourite: bool) -> State:
    """Make a role a favourite, or none any more; the new state."""
    return _save(machine, lambda state: _with_favourite(state, role, favourite=favourite))


def toggle_favourite(machine: Machine, role: str) -> bool:
    """Make a role a favourite, or none any more if it is one; whether it is one now."""

    def changed(state: State) -> State:
        return _with_favourite(state, role, favourite=role not in state.favourites)

    return role in _save(machine, changed).favourites


def record_use(machine: Machine, *roles: str) -> State:
    """Remember that roles are used now; the new state. The last 20 uses of 200 roles are kept."""

    def changed(state: State) -> State:
        known, now = dict(state.recents), machine.now()
        for role in roles:
            known[role] = sorted([now, *known.get(role, [])], reverse=True)[:USES_KEPT]
        recents = sorted(known.items(), key=lambda item: item[1][0], reverse=True)
        return state._replace(recents=dict(recents[:ROLES_KEPT]))

    return _save(machine, changed)


def record_answer(machine: Machine, role: str, tag: str, answer: str) -> State:
    """Remember what was typed for a role's session tag; the new state."""

    def changed(state: State) -> State:
        answers = {**state.answers.get(role, {}), tag: answer}
        return state._replace(answers={**state.answers, role: answers})

    return _save(machine, changed)


def record_arn(
    machine: Machine, role: str, role_arn: str, source: str | None, kind: str = "role"
) -> State:
    """Remember a role that no file knows, so that its session can be renewed; the new state."""

    def changed(state: State) -> State:
        known = {"role_arn": role_arn, "kind": kind} | ({"source": source} if source else {})
        others = [(name, each) for name, each in state.arns.items() if name != role]
        return state._replace(arns=dict([*others[-ROLES_KEPT:], (role, known)]))

    return _save(machine, changed)


def record_filter(machine: Machine, text: str) -> State:
    """Remember what was looked for; the new state."""

    def changed(state: State) -> State:
        others = tuple(each for each in state.filters if each != text)
        return state._replace(filters=(text, *others)[:FILTERS_KEPT])

    return _save(machine, changed)


def record_hinted(machine: Machine, count: int) -> State:
    """Remember in how many runs the picker gave its first hints; the new state."""
    return _save(machine, lambda state: state._replace(hinted=count))


def record_made(machine: Machine, path: str, *, made: bool) -> State:
    """Remember that a file was not there before us, or forget that it was not; the new state."""

    def changed(state: State) -> State:
        others = tuple(each for each in state.made if each != path)
        return state._replace(made=(*others, path) if made else others)

    if (path in load_state(machine).made) == made:
        return load_state(machine)
    return _save(machine, changed)


@contextlib.contextmanager
def locked_state(machine: Machine) -> Iterator[None]:
    """Keep others from writing to the state folder.

    Raises:
        OSError: the folder cannot be written, or another process kept the lock for 2 s.
    """
    private_folder(machine.state_folder)
    until = time.monotonic() + LOCK_WAIT
    if not _OWN_THREADS.acquire(timeout=LOCK_WAIT):
        raise TimeoutError("another thread is writing to the state folder")
    try:
        left = max(until - time.monotonic(), 0.0)
        with locked(os.path.join(machine.state_folder, "lock"), left):
            yield
    finally:
        _OWN_THREADS.release()


def load_json(path: str, *, strict: bool = False) -> dict[str, Any]:
    """A JSON object from a file; an empty one where the file is lost or broken.

    Args:
        strict: for who writes the file anew from what is in it: where it is there and cannot be
            read just now, it is not an empty one.

    Raises:
        OSError: strictly, it cannot be read.
    """
    import json

    try:
        with open(path, "rb") as file:
            said = json.loads(file.read())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return {}
    except OSError:
        if strict:
            raise
        return {}
    return said if isinstance(said, dict) else {}


def _save(machine: Machine, changed: Callable[[State], State]) -> State:
    import json

    try:
        with locked_state(machine):
            state = changed(load_state(machine, strict=True))
            data = json.dumps(state._asdict(), indent=1).encode()
            private_write(os.path.join(machine.state_folder, _NAME), data)
            return state
    except OSError:
        return changed(load_state(machine))


def _with_favourite(state: State, role: str, *, favourite: bool) -> State:
    others = tuple(name for name in state.favourites if name != role)
    return state._replace(favourites=(*others, role) if favourite else others)


def _listed(found: object) -> tuple[str, ...]:
    values = found if isinstance(found, list) else []
    return tuple(each for each in values if isinstance(each, str))


def _count(found: object) -> int:
    return found if type(found) is int else 0


def _instants(found: object) -> list[float]:
    values = found if isinstance(found, list) else []
    return sorted((at for each in values if (at := times.known(each)) is not None), reverse=True)


def _texts(found: object) -> dict[str, str]:
    values = found if isinstance(found, dict) else {}
    return {key: value for key, value in values.items() if isinstance(value, str)}


def _items(said: dict[str, Any], key: str) -> list[tuple[str, object]]:
    found = said.get(key)
    return list(found.items()) if isinstance(found, dict) else []
