"""What an AWS file was before each of rolecall's last writes: ten copies, 0600.

A copy is a line of JSON (the file, the hash of what was written then, whether there was a file),
then the file's bytes as they were. Copies are named by the order they were made in; each has a name
of its own as well, for the credentials file and the config file are written side by side.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import FileChanged, UsageError
from profiles.files.atomic import discard, private_write, sweep

if TYPE_CHECKING:
    from collections.abc import Container

    from profiles.machine import Machine

KEPT = 10
_SUFFIX = ".undo"


class Copy(NamedTuple):
    """One copy.

    Attributes:
        path: where the copy is.
        file: the credentials or config file that it is of.
        after: SHA-256 of what was written over it.
        image: the bytes before, None where there was no file.
    """

    path: str
    file: str
    after: str
    image: bytes | None

    def __repr__(self) -> str:
        """Without its bytes: they are secrets."""
        return f"Copy({self.path})"


def keep(
    machine: Machine, file: str, old: bytes | None, new: bytes, *, durable: bool = False
) -> str:
    """Keep a copy of the file that is about to be replaced; where the copy is.

    Args:
        durable: wait until the disk has it.

    Raises:
        OSError: it cannot be kept.
    """
    import json

    folder = _folder(machine)
    number = max((_number(name) for name in _names(folder)), default=0) + 1
    path = os.path.join(folder, f"{number:08}-{os.urandom(4).hex()}{_SUFFIX}")
    head = {"file": file, "after": _hash(new), "existed": old is not None}
    private_write(path, json.dumps(head).encode() + b"\n" + (old or b""), durable=durable)
    return path


def trim(machine: Machine) -> None:
    """Keep the last ten copies."""
    folder = _folder(machine)
    for name in _names(folder)[:-KEPT]:
        discard(os.path.join(folder, name))
    sweep(folder, now=machine.now())


def forget(path: str | None) -> None:
    """Remove a copy."""
    if path is not None:
        discard(path)


def last(machine: Machine, files: Container[str]) -> Copy:
    """The last copy of one of some files.

    Raises:
        UsageError: there is none.
    """
    folder = _folder(machine)
    for name in reversed(_names(folder)):
        copy = _read(os.path.join(folder, name))
        if copy is not None and copy.file in files:
            return copy
    raise UsageError("there is nothing to undo", "undo takes back rolecall's own last ten writes")


def to_put_back(machine: Machine, file: str, now: bytes | None) -> Copy:
    """The copy that undoes the last write which made the file what it is now.

    Raises:
        UsageError: there is none.
        FileChanged: others changed the file since.
    """
    while True:
        copy = last(machine, (file,))
        # A file that rolecall made is gone once nothing is left in it.
        if (now is not None or copy.image) and _hash(now or b"") == copy.after:
            return copy
        if now != copy.image:
            raise changed(copy)
        # That write was killed before it replaced the file.
        forget(copy.path)


def changed(copy: Copy) -> FileChanged:
    """The error where a file is not what was written over its copy."""
    return FileChanged(
        f"{copy.file} was changed since rolecall wrote it",
        f"the copy from before is {copy.path}",
    )


def _read(path: str) -> Copy | None:
    import json

    try:
        with open(path, "rb") as file:
            head, _, image = file.read().partition(b"\n")
        said = json.loads(head)
        return Copy(path, said["file"], said["after"], image if said["existed"] else None)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _hash(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _folder(machine: Machine) -> str:
    return os.path.join(machine.state_folder, "undo")


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if _number(name))
    except OSError:
        return []


def _number(name: str) -> int:
    digits = name.removesuffix(_SUFFIX).partition("-")[0]
    return int(digits) if name.endswith(_SUFFIX) and digits.isdecimal() else 0
