"""Writers at once, processes and threads, while others read without a pause."""

from __future__ import annotations

import contextlib
import os
import random
import threading
from typing import TYPE_CHECKING, NamedTuple

import botocore.configloader

from profiles.errors import UsageError
from profiles.files import credentials
from profiles.files.reader import read_aws_files
from tests.storm import scene
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiles.machine import Machine

_OTHERS = b"[default]\r\naws_access_key_id = AKIAOLD\r\n" + b"# a line of others\r\n" * 300
_LETTERS = "ABCDEFGHIJ"
_PATIENCE = 300.0
"""Seconds: the machine may be a slow one, and all want the same file."""


class Order(NamedTuple):
    """What one writer does: it writes a session of each letter, and may drop it in the end."""

    letters: list[str]
    dropped: bool


def writers(folder: Path, count: int, seed: str) -> str:
    """Let that many write at once: three of four are processes, the others threads of this one."""
    machine = scene.machine_in(folder)
    path = machine.credentials_file
    scene.put(path, _OTHERS)
    # What each does is drawn beforehand: a letter, and whether the section is dropped at last.
    chance = random.Random(seed)
    orders = {
        f"own-{number}": Order(chance.sample(_LETTERS, 3), chance.random() < 0.5)
        for number in range(count)
    }
    pipes = [_reader(machine, read) for read in (_by_botocore, _by_rolecall)]
    gate, starts = os.pipe()
    processes = [
        scene.forked(lambda: _at_once(machine, gate, starts, name, orders[name]))  # noqa: B023
        for name in list(orders)[: count * 3 // 4]
    ]
    os.close(gate)
    failed: list[BaseException] = []
    threads = [
        threading.Thread(target=_caught, args=(failed, _follow, machine, name, orders[name]))
        for name in list(orders)[count * 3 // 4 :]
    ]
    os.close(starts)  # which opens the gate
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        assert scene.status_of(process) == 0, "a writer failed: see above"
    assert not failed, failed
    reads = [_ended(*pipe) for pipe in pipes]
    expected = {name: letters[-1] for name, (letters, dropped) in orders.items() if not dropped}
    found = credentials.owned(machine)
    assert {name: own.access_key_id[-1] for name, own in found.items()} == expected
    credentials.remove(machine, expected)
    assert scene.bytes_of(path) == _OTHERS
    assert sorted(os.listdir(os.path.dirname(path))) == ["credentials", "credentials.lock"]
    with contextlib.suppress(UsageError):
        credentials.undo(machine)
    assert set(credentials.owned(machine)) == set(expected)
    done = sum(len(letters) + dropped for letters, dropped in orders.values())
    return (
        f"{len(processes)} processes and {len(threads)} threads at once, {done} changes, none "
        f"lost; {reads[0]} reads by botocore and {reads[1]} by rolecall meanwhile, all whole"
    )


def _at_once(machine: Machine, gate: int, starts: int, name: str, order: Order) -> None:
    os.close(starts)
    assert os.read(gate, 1) == b""
    _follow(machine, name, order)


def _follow(machine: Machine, name: str, order: Order) -> None:
    for letter in order.letters:
        credentials.write(machine, scene.session(name, letter), wait=_PATIENCE)
    if order.dropped:
        assert credentials.remove(machine, [name], wait=_PATIENCE).profiles == (name,)


def _caught(failed: list[BaseException], act: Callable[..., None], *args: object) -> None:
    try:
        act(*args)
    except BaseException as error:  # noqa: BLE001 - the storm tells it
        failed.append(error)


def _reader(machine: Machine, read: Callable[[Machine], None]) -> tuple[int, int, int]:
    """A process that reads until it is told to end: its number, how to tell it, what it says."""
    told, tells = os.pipe()
    heard, says = os.pipe()

    def on_and_on() -> None:
        os.set_blocking(told, False)
        os.close(tells)
        number = 0
        while True:
            read(machine)
            number += 1
            try:
                os.read(told, 1)
            except BlockingIOError:
                continue
            os.write(says, str(number).encode())
            return

    process = scene.forked(on_and_on)
    os.close(told)
    os.close(says)
    return process, tells, heard


def _ended(process: int, tells: int, heard: int) -> int:
    os.write(tells, b"!")
    os.close(tells)
    said = os.read(heard, 100)
    os.close(heard)
    assert scene.status_of(process) == 0, "a reader saw half a file: see above"
    return int(said)


def _by_botocore(machine: Machine) -> None:
    found = botocore.configloader.raw_config_parse(machine.credentials_file)
    assert found.pop("default") == {"aws_access_key_id": "AKIAOLD"}
    assert all(scene.is_of_one_letter(section) for section in found.values())


def _by_rolecall(machine: Machine) -> None:
    files = read_aws_files(machine)
    assert files.profiles["default"].get("aws_access_key_id") == "AKIAOLD"
    sections = {section.name: section for section in files.credentials}
    for name in credentials.owned(machine, files):
        assert scene.is_of_one_letter(dict(sections[name].own_settings))
    whole = scene.bytes_of(machine.credentials_file)
    assert whole is not None
    assert whole.startswith(_OTHERS)


STORMS = [
    Storm(
        "writers",
        "writers at once lose nothing, and nobody reads half a file",
        200,
        16,
        writers,
    ),
]
