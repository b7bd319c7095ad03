"""Disks that are really full or read-only, files that are really mounted or another user's."""

from __future__ import annotations

import collections
import os
import resource
import shutil
from typing import TYPE_CHECKING

from profiles.errors import CredentialsFileUnwritable
from profiles.files import credentials
from tests.storm import scene, surroundings
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiles.machine import Machine

OLD = b"[default]\naws_access_key_id = AKIAOLD\n" + b"# \xe9\r\n" * 2000
_TOLD, _DONE, _NOT_HERE = 0, 3, 4
_SIZE = 16
"""Pages that a small disk has besides what is on it; a page is 4 KiB."""


def _limited(machine: Machine, share: float) -> None:
    """No file may grow beyond a share of what is to be written."""
    scene.put(machine.credentials_file, OLD)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(len(OLD) * 1.1 * share),) * 2)


def _full(machine: Machine, share: float) -> None:
    """A disk in memory that has room for a share of what is to be written, or for a bit more."""
    surroundings.own_mounts()
    surroundings.small_disk(machine.home, "size=512k")
    scene.put(machine.credentials_file, OLD)
    ballast = os.path.join(machine.home, "ballast")
    with open(ballast, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            file.truncate(max(file.tell() - int(_SIZE * share) * 4096, 0))


def _without_inodes(machine: Machine, share: float) -> None:
    """A disk in memory that has room for some files more, however small."""
    surroundings.own_mounts()
    surroundings.small_disk(machine.home, "size=1m,nr_inodes=64")
    scene.put(machine.credentials_file, OLD)
    made = []
    try:
        while True:
            made.append(os.path.join(machine.home, str(len(made))))
            os.close(os.open(made[-1], os.O_CREAT | os.O_WRONLY))
    except OSError:
        for name in made[: int(8 * share)]:
            os.unlink(name)


def _read_only(machine: Machine, share: float) -> None:
    """The home, the folder or the file is mounted read-only."""
    scene.put(machine.credentials_file, OLD)
    folder = os.path.dirname(machine.credentials_file)
    surroundings.own_mounts()
    places = [machine.home, folder, machine.credentials_file]
    surroundings.mounted_alone(places[int(share * 2.99)], read_only=True)


def _mounted(machine: Machine, share: float) -> None:
    """The file is mounted alone, as into a container; there may be a session in it."""
    scene.put(machine.credentials_file, OLD)
    if share > 0.5:
        credentials.write(machine, scene.session(letter="B"))
    surroundings.own_mounts()
    surroundings.mounted_alone(machine.credentials_file)


def _of_another(machine: Machine, share: float) -> None:
    """The folder is root's; or only the lock in it, or the file, which then may be replaced."""
    scene.put(machine.credentials_file, OLD, 0o644)
    folder = os.path.dirname(machine.credentials_file)
    which = int(share * 2.99)
    os.chmod(folder, 0o755)
    if which:
        os.chown(folder, surroundings.NOBODY, surroundings.NOBODY)
    if which == 1:
        scene.put(f"{machine.credentials_file}.lock", b"")
    if which == 2:
        os.chmod(machine.credentials_file, 0o666)
    surroundings.as_nobody_in(machine.home)


_HURDLES: dict[str, Callable[[Machine, float], None]] = {
    "a limit on sizes": _limited,
    "a full disk": _full,
    "a disk without inodes": _without_inodes,
    "a read-only mount": _read_only,
    "a mounted file": _mounted,
    "another user's": _of_another,
}


def disks(folder: Path, count: int, seed: str) -> str:
    """Write at each of them that often, by turns."""
    # Whatever a write imports is there before a process sees nothing but its own folder.
    credentials.write(scene.machine_in(folder / "first"), scene.session())
    ways = list(_HURDLES)
    happened: dict[str, collections.Counter[int]] = {way: collections.Counter() for way in ways}
    rounds = max(-(-count // len(ways)), 3)
    for turn in range(rounds):
        for way in ways:
            home = folder / "home"
            home.mkdir(mode=0o755)
            home.chmod(0o755)
            process = scene.forked(
                lambda: _write(home, _HURDLES[way], turn / (rounds - 1))  # noqa: B023
            )
            status = scene.status_of(process)
            assert status in {_TOLD, _DONE, _NOT_HERE}, f"{way}, {turn} of {rounds}: see above"
            happened[way][status] += 1
            shutil.rmtree(home)
    assert happened["a limit on sizes"][_TOLD]
    assert happened["a limit on sizes"][_DONE]
    said = [
        f"{way} " + ("not to be had here" if not met else f"{met[_TOLD]} told, {met[_DONE]} done")
        for way, found in happened.items()
        for met in [found if not found[_NOT_HERE] else {}]
    ]
    return f"{'; '.join(said)}: the file the old one where told, the new one where done"


def _write(home: Path, hurdle: Callable[[Machine, float], None], share: float) -> int:
    """How a write ends there."""
    machine = scene.machine_in(home)
    try:
        hurdle(machine, share)
    except surroundings.NotHere:
        return _NOT_HERE
    if hurdle is _of_another:
        machine = scene.machine_in(type(home)("/"))
    path = machine.credentials_file
    old = scene.bytes_of(path)
    try:
        credentials.write(machine, scene.session())
    except CredentialsFileUnwritable as error:
        told = error
    else:
        assert scene.bytes_of(path) != old
        assert list(credentials.owned(machine)) == ["own"]
        return _DONE
    assert "\n" not in f"{told}{told.hint}"
    assert scene.bytes_of(path) == old
    assert not scene.temporary_files(machine.home)
    undo = os.path.join(machine.state_folder, "undo")
    assert not os.path.isdir(undo) or len(os.listdir(undo)) <= bool(b"x_rolecall" in (old or b""))
    return _TOLD


STORMS = [
    Storm(
        "disks",
        "disks that are full or read-only, files that are mounted or another user's",
        600,
        42,
        disks,
    ),
]
