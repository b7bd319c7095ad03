"""Shells and endpoints that hold a session now: each says so in a file, gone with its process.

The files lie in the state folder, 0600 each, and hold no secret: of the session's access key only
what tells it from others. What a killed process left is told by its number and when it began.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.files.atomic import discard, private_write
from profiles.files.cache import json_files
from profiles.files.state import load_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.machine import Machine
    from profiles.session import Session

_TIMEOUT = 5.0


class Running(NamedTuple):
    """One that holds a session.

    Attributes:
        where: for people: `shell (pid 4711)`, `endpoint 127.0.0.1:4712`.
        role: the role's name.
        expires_at: of its session, seconds since 1970; None where nothing tells it.
        mark: of its session, see `mark_of`.
    """

    where: str
    role: str
    expires_at: float | None
    mark: str


class Announcement:
    """That a process holds a session, for others to see, until `withdraw`.

    A state folder that cannot be written is no error: it is then not seen.

    Args:
        where: see `Running`.
        pid: of the process.
    """

    def __init__(self, machine: Machine, where: str, pid: int) -> None:
        self._machine = machine
        self._said = {"where": where, "pid": pid, "began": _began(machine, pid)}
        self._path = os.path.join(folder(machine), f"{pid}-{os.urandom(4).hex()}.json")

    def holds(self, session: Session) -> None:
        """Say which session it holds now."""
        import json

        said = {
            **self._said,
            "role": session.role,
            "expires_at": session.expires_at,
            "mark": mark_of(session.credentials.access_key_id),
        }
        if self._said["began"] is None:
            return  # it is over already, or its end could never be told
        try:
            private_write(self._path, json.dumps(said).encode())
        except OSError as error:
            self._machine.log(f"{self._path}: {error.strerror or error}")

    def withdraw(self) -> None:
        """Say no more."""
        discard(self._path)


@contextlib.contextmanager
def announced(machine: Machine, where: str, pid: int, session: Session) -> Iterator[None]:
    """That a process holds a session, for as long as the block lasts."""
    found = Announcement(machine, where, pid)
    found.holds(session)
    try:
        yield
    finally:
        found.withdraw()


def running(machine: Machine) -> list[Running]:
    """All that hold a session now; what processes left that are gone is removed."""
    found = []
    for name, said in json_files(folder(machine)):
        where, role, pid = said.get("where"), said.get("role"), said.get("pid")
        end, mark = said.get("expires_at"), said.get("mark")
        if not (isinstance(where, str) and isinstance(role, str) and isinstance(pid, int)):
            continue
        if said.get("began") != _began(machine, pid) or said.get("began") is None:
            path = os.path.join(folder(machine), f"{name}.json")
            if load_json(path) == said:
                discard(path)
            continue
        found.append(Running(where, role, times.known(end), str(mark)))
    return found


def folder(machine: Machine) -> str:
    """Where they say so."""
    return os.path.join(machine.state_folder, "running")


def mark_of(access_key_id: str) -> str:
    """What tells a session from others and is no part of its keys."""
    import hashlib

    return hashlib.sha256(access_key_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _began(machine: Machine, pid: int) -> str | None:
    """When a process began, in the system's own way of saying it; None where there is none."""
    if os.path.exists("/proc/self/stat"):
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The second field is the program's name, and may hold anything.
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return None if fields[0] in (b"Z", b"X") else fields[19].decode()
    try:
        argv = ("ps", "-o", "lstart=", "-p", str(pid))
        return machine.run(argv, machine.env_without_keys, _TIMEOUT).stdout.strip() or None
    except (OSError, TimeoutError):
        return None
