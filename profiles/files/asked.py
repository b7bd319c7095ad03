"""What the sessions in credentials profiles were asked with, so that a renewal asks for the same.

Kept by session, not by profile alone: after `undo` a profile holds the session of before again,
and what that one was asked with. Sessions are told apart by a digest of their access key's id.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import ConfigUnreadable
from profiles.files.atomic import discard
from profiles.files.state import locked_state, private_write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from profiles.machine import Machine

__all__ = ["Asked", "asked_with", "forget_asked", "remember_asked"]

KEPT = 400
_NAME = "asked.json"


class Asked(NamedTuple):
    """What one session was asked with.

    Attributes:
        role: the role's name.
        profile: where the session was written to.
        session: which one, by `session_digest`.
        options: by the names of `Request`; empty where nothing was asked for.
    """

    role: str
    profile: str
    session: str
    options: Mapping[str, Any]


def session_digest(access_key_id: str) -> str:
    """Tells sessions apart without the id of their key."""
    return hashlib.sha256(access_key_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def asked_with(
    machine: Machine, role: str, profile: str, access_key_id: str | None
) -> Mapping[str, Any]:
    """What the session in a profile was asked with; empty where nothing was asked for.

    Args:
        access_key_id: of the session that the profile holds; None where it holds none any more,
            and the role's latest one counts.

    Raises:
        ConfigUnreadable: what is remembered cannot be read: a session policy may be in it, and a
            renewal without it would be wider than what it renews.
    """
    try:
        known = [each for each in _load(machine, strict=True) if each.role == role]
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is broken"
        raise ConfigUnreadable(
            f"what sessions were asked with cannot be read: {_path(machine)}: {why.lower()}",
            f"assume {role} again with its options; drop --all starts that file anew",
        ) from error
    if access_key_id is None:
        known = [each for each in known if each.profile == profile] or known
        return known[-1].options if known else {}
    session = session_digest(access_key_id)
    same = [each for each in known if each.session == session]
    own = [each for each in same if each.profile == profile] or same
    return own[-1].options if own else {}


def remember_asked(
    machine: Machine,
    role: str,
    profiles: Iterable[str],
    access_key_id: str,
    options: Mapping[str, Any],
) -> bool:
    """Remember what a written session was asked with; whether that could be done.

    Nothing asked for is remembered only where something was before.
    """
    session = session_digest(access_key_id)
    new = [Asked(role, profile, session, options) for profile in profiles]
    places = {(each.profile, session) for each in new}

    def changed(known: list[Asked]) -> list[Asked]:
        others = [each for each in known if (each.profile, each.session) not in places]
        return _few([*others, *new], machine)

    if not options and all(each.role != role for each in _load(machine)):
        return True
    return _save(machine, changed)


def forget_asked(
    machine: Machine, roles: Iterable[str] | None, profiles: Iterable[str] = ()
) -> None:
    """Forget what sessions of some roles (None: all), or in some profiles, were asked with."""
    if roles is None:
        discard(_path(machine))
        return
    gone, places = set(roles), set(profiles)

    def kept(known: list[Asked]) -> list[Asked]:
        return [each for each in known if each.role not in gone and each.profile not in places]

    known = _load(machine)
    if kept(known) != known:
        _save(machine, kept)


def _path(machine: Machine) -> str:
    return os.path.join(machine.state_folder, _NAME)


def _few(known: list[Asked], machine: Machine) -> list[Asked]:
    """Not too many of them: what a profile holds a session of stays, of the others the latest."""
    if len(known) <= KEPT:
        return known
    from profiles.files.credentials import owned

    held = {session_digest(each.access_key_id) for each in owned(machine).values()}
    late = known[-KEPT:]
    return [*(each for each in known[:-KEPT] if each.session in held), *late]


def _load(machine: Machine, *, strict: bool = False) -> list[Asked]:
    """What is remembered; of what is broken, what can be read.

    Raises:
        OSError, ValueError: strictly, it is there and some of it cannot be read.
    """
    try:
        entries = _entries(machine)
    except (OSError, ValueError):
        if strict:
            raise
        return []
    found = []
    for entry in entries:
        match entry:
            case {
                "role": str(role),
                "profile": str(profile),
                "session": str(session),
                "options": dict(options),
            }:
                found.append(Asked(role, profile, session, options))
            case _ if strict:
                raise ValueError("an entry is no session")
    return found


def _entries(machine: Machine) -> list[Any]:
    import json

    try:
        with open(_path(machine), "rb") as file:
            said = json.loads(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except RecursionError as error:
        raise ValueError(str(error)) from error
    match said:
        case {"sessions": list(entries)}:
            return entries
    raise ValueError("there are no sessions in it")


def _save(machine: Machine, changed: Callable[[list[Asked]], list[Asked]]) -> bool:
    import json

    try:
        with locked_state(machine):
            entries = [each._asdict() for each in changed(_load(machine, strict=True))]
            data = json.dumps({"sessions": entries}, indent=1).encode()
            private_write(_path(machine), data)
    except (OSError, ValueError, ConfigUnreadable):
        return False
    return True
