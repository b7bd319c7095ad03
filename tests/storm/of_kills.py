"""Kills in mid-write, at instants swept over the whole of it."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from typing import TYPE_CHECKING

from profiles.files import credentials
from tests.storm.scene import (
    OTHERS,
    bytes_of,
    forked,
    machine_in,
    put,
    session,
    status_of,
    temporary_files,
)
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from pathlib import Path

    from profiles.machine import Machine

_EVERY = 10
"""After so many kills what they left is looked through, and swept."""


def kills(folder: Path, count: int, seed: str) -> str:
    """Kill that many processes, each of which writes for as long as it lives."""
    machine = machine_in(folder)
    path = machine.credentials_file
    put(path, OTHERS)
    whole = set()
    for letter in "BA":
        credentials.write(machine, session(letter=letter))
        whole.add(bytes_of(path))
    started = time.perf_counter()
    credentials.write(machine, session(letter="B"))
    credentials.write(machine, session(letter="A"))
    one_write = (time.perf_counter() - started) / 2
    in_mid_write = left = 0
    for kill in range(count):
        reading, writing = os.pipe()
        process = forked(lambda: _write_on(machine, writing))  # noqa: B023 - it runs right here
        os.close(writing)
        assert os.read(reading, 1) == b"("
        # From the first instant of a write to beyond the end of one.
        time.sleep(one_write * 2 * kill / count)
        os.kill(process, signal.SIGKILL)
        assert status_of(process) == -signal.SIGKILL
        in_mid_write += (b"(" + _all_of(reading)).endswith(b"(")
        found = bytes_of(path)
        assert found in whole, f"kill {kill} of {count} left neither the old nor the new file"
        left += bool(temporary_files(folder))
        with open(f"{path}.lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if kill % _EVERY == _EVERY - 1 or kill == count - 1:
            _look_through(machine, folder)
    assert in_mid_write, "no kill hit a write: nothing was shown"
    return (
        f"{count} kills, {in_mid_write} of them in mid-write, {left} left a temporary file; "
        f"every time the file was the old or the new one, whole, and the lock free"
    )


def _write_on(machine: Machine, writing: int) -> None:
    while True:
        for letter in "BA":
            os.write(writing, b"(")
            credentials.write(machine, session(letter=letter))
            os.write(writing, b")")


def _all_of(reading: int) -> bytes:
    found = b""
    while more := os.read(reading, 65536):
        found += more
    os.close(reading)
    return found


def _look_through(machine: Machine, folder: Path) -> None:
    """The next write sweeps, and undo gives back what was before it."""
    path = machine.credentials_file
    before = bytes_of(path)
    credentials.write(machine, session("other", "C"), wait=5)
    assert sorted(os.listdir(os.path.dirname(path))) == ["credentials", "credentials.lock"]
    credentials.undo(machine, wait=5)
    assert bytes_of(path) == before
    credentials.remove(machine, ["own"], wait=5)
    assert bytes_of(path) == OTHERS
    credentials.undo(machine, wait=5)
    assert bytes_of(path) == before


STORMS = [
    Storm("kills", "SIGKILL at any instant of a write: the file is whole", 1000, 60, kills),
]
