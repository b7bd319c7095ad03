"""The names of the keys that lie in the system's store, which itself cannot be listed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from profiles.files.state import load_json, locked_state, private_write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiles.machine import Machine

_NAME = "keys.json"


def key_names(machine: Machine) -> tuple[str, ...]:
    """The names, in the order they were added; none where the file is lost or broken."""
    found = load_json(key_names_file(machine)).get("names")
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()


def write_key_names(machine: Machine, names: Iterable[str]) -> None:
    """Remember the names.

    Raises:
        OSError: the state folder cannot be written.
    """
    import json

    with locked_state(machine):
        private_write(key_names_file(machine), json.dumps({"names": list(names)}).encode())


def key_names_file(machine: Machine) -> str:
    """Where they are kept."""
    return os.path.join(machine.state_folder, _NAME)
