"""What `list` printed for the very same files, kept so that ten thousand roles cost what ten do.

Reading ten thousand sections takes Python longer than `list` may take. What a role is follows
from the config file, the settings and the credentials file's other sections alone; while those
stay as they are, only the sessions are looked up anew. No secret is kept.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.files.discovered import discovered_file
from profiles.files.key_names import key_names_file
from profiles.files.text import may_change_unseen, read_bytes, stamp
from tui import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

# Below this many roles, reading them is as quick as reading what was kept.
WORTH_KEEPING = 500
_BETWEEN = "\x1f"


class Kept(NamedTuple):
    """One form of the list.

    Attributes:
        warnings: of the settings and the AWS files.
        cached: the names of roles by the cache keys that were there, None for those of none.
        rows: by role, in order: the line without its session.
    """

    warnings: list[str]
    cached: Mapping[str, str | None]
    rows: dict[str, str]


def load(machine: Machine, form: str) -> Kept | None:
    """What was kept; None where the files have changed since, or nothing was.

    Args:
        machine: its surroundings.
        form: `table` or `json`.
    """
    try:
        with open(_path(machine, form), encoding="utf-8", errors="surrogateescape") as file:
            head = json.loads(file.readline())
            if head["of"] != _files(machine):
                return None
            text = file.read()
        rows = dict([line.split(_BETWEEN, 1) for line in text.split("\n") if line])
        return Kept(head["warnings"], head["cached"], rows)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(machine: Machine, form: str, kept: Kept) -> None:
    """Keep a form of the list for the files as they are; where that cannot be, it is left."""
    from profiles.errors import RolecallError
    from profiles.files.atomic import private_write

    files = _files(machine)
    changed = [found[1] for found in files["stamps"] if found]
    if len(kept.rows) < WORTH_KEEPING or may_change_unseen(changed, machine.now()):
        return
    if any(_BETWEEN in name or "\n" in name + row for name, row in kept.rows.items()):
        return
    head = {"of": files, "warnings": kept.warnings, "cached": kept.cached}
    rows = [f"{name}{_BETWEEN}{row}" for name, row in kept.rows.items()]
    text = "\n".join([json.dumps(head), *rows])
    try:
        private_write(_path(machine, form), text.encode("utf-8", "surrogateescape"))
    except (RolecallError, OSError):
        return


def _path(machine: Machine, form: str) -> str:
    return os.path.join(machine.state_folder, f"list.{form}")


def _files(machine: Machine) -> dict[str, Any]:
    """What tells one state of the files and variables from another."""
    foreign, credentials = _foreign(machine.credentials_file)
    return {
        "version": __version__,
        "stamps": [
            _stamp(machine.config_file),
            _stamp(machine.settings_file),
            _stamp(key_names_file(machine)),
            _stamp(discovered_file(machine)),
            credentials,
        ],
        "foreign": foreign,
        "env": sorted(
            [name, value]
            for name, value in machine.env.items()
            if name.startswith("ROLECALL_") and name not in _OF_SESSIONS
        ),
    }


# Set inside our subshells, and without a say in what the roles are.
_OF_SESSIONS = ("ROLECALL_ROLE", "ROLECALL_EXPIRES_AT", "ROLECALL_DEPTH")


def _stamp(path: str) -> list[Any] | None:
    found = stamp(path)
    return [path, *found] if found else None


def _foreign(path: str) -> tuple[list[Any] | None, list[Any] | None]:
    """What is in the credentials file besides our sections, as length and sum; else its stamp.

    rolecall's own writing changes the file with every switch, and no role with it.
    """
    now = _stamp(path)
    if now is None:
        return None, None
    data = read_bytes(path)  # a pipe would be waited for: it counts as absent here, too
    if data is None or b"x_rolecall" not in data:
        return None, now
    import zlib

    rest = [part for part in (b"\n" + data).split(b"\n[") if b"x_rolecall" not in part]
    whole = b"\n[".join(rest)
    return [path, len(whole), zlib.crc32(whole)], None
