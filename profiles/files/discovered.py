"""What was found at AWS: accounts, and the roles that one has in them; kept in the state folder.

Losing it costs another `rolecall discover`. No secret is in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from profiles.machine import Machine


class Place(NamedTuple):
    """A role in an account.

    Attributes:
        account_id: twelve digits.
        account_name: as AWS has it; empty where it has none.
        role_name: the permission set's, or the role's.
    """

    account_id: str
    account_name: str
    role_name: str


class Discovered(NamedTuple):
    """Everything that was found.

    Attributes:
        names: of accounts, by id.
        permission_sets: by SSO session.
    """

    names: Mapping[str, str]
    permission_sets: Mapping[str, tuple[Place, ...]]


def discovered_file(machine: Machine) -> str:
    """Where it is kept."""
    return os.path.join(machine.state_folder, "discovered.json")


NOTHING = Discovered({}, {})


def load_discovered(machine: Machine) -> Discovered:
    """What was found; nothing where the file is lost or broken."""
    if not os.path.exists(discovered_file(machine)):
        return NOTHING
    from profiles.files.state import load_json

    names: dict[str, str] = {}
    sets: dict[str, tuple[Place, ...]] = {}
    for origin, said in load_json(discovered_file(machine)).items():
        places = tuple(_places(said))
        names |= {place.account_id: place.account_name for place in places if place.account_name}
        kind, _, session = origin.partition(" ")
        if kind == "sso":
            sets[session] = places
    return Discovered(names, sets)


def keep_discovered(machine: Machine, origin: str, places: Iterable[Place]) -> None:
    """Keep what was found in place of what was found there before.

    Args:
        machine: says where.
        origin: `sso SESSION`, or `organizations SOURCE`.
        places: all of them.

    Raises:
        OSError: the state folder cannot be written.
    """
    import json

    from profiles.files.state import load_json, locked_state, private_write

    with locked_state(machine):
        said = load_json(discovered_file(machine), strict=True)
        said[origin] = [list(place) for place in places]
        private_write(discovered_file(machine), json.dumps(said, indent=1).encode())


def name_of(place: Place, taken: Collection[str]) -> str:
    """A name for a role that nothing else has: its account's and its own."""
    import re

    account, role = (
        re.sub(r"[^\w.@+-]+", "-", each).strip("-")
        for each in (place.account_name, place.role_name)
    )
    account = account or place.account_id
    name = f"{account}-{role}"
    return f"{account}-{place.account_id}-{role}" if name in taken else name


def _places(said: object) -> Iterable[Place]:
    for each in said if isinstance(said, list) else ():
        if isinstance(each, list) and len(each) == 3 and all(isinstance(x, str) for x in each):
            yield Place(*each)
