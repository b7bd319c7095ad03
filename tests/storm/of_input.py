"""Whatever may stand in a file or an answer: no traceback, no hang, and no good row lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiles.errors import ConfigUnreadable, RolecallError
from tests.storm.answers import ANSWERS
from tests.storm.house import House
from tests.storm.mangled import mangled
from tests.storm.odd_values import odd_value, oddly
from tests.storm.real_files import (
    CONFIG_SECTIONS,
    CREDENTIALS_SECTIONS,
    FILES,
    JSON_FILES,
    LOGIN_FILE,
    ROLES,
)
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1.0
"""Seconds of work that one command may take over one input."""
_HANGS = 20
_PROCESSES = 200
ROOT = Path(__file__).parents[2]


def any_input(folder: Path, count: int, seed: str) -> str:
    """Read that many inputs, each of them wrong in another way."""
    house = House(folder)
    whole = house.look()
    assert len(whole) > len(ROLES)
    slowest: dict[str, float] = {}
    refused = 0
    kinds: list[tuple[str, Callable[[House, dict, random.Random], None]]] = [
        ("config", _config),
        ("config", _config),
        ("credentials", _credentials),
        ("settings", _settings),
        ("caches and state", _json),
        ("caches and state", _json),
        *((name, _answering(read)) for name, read in ANSWERS.items()),
    ]
    for number in range(count):
        kind, read = kinds[number % len(kinds)]
        chance = random.Random(f"{seed} {number}")
        house.longest = 0.0
        try:
            with _no_hang():
                read(house, whole, chance)
        except RolecallError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"{kind}, seed {seed!r}, input {number}: {error!r}") from error
        took = house.longest
        assert took < LONGEST, f"{kind}, seed {seed!r}, input {number}: {took:.1f} s"
        slowest[kind] = max(slowest.get(kind, 0.0), took)
    assert house.look() == whole
    sample = max(count // _PROCESSES, 2)
    for number in range(sample):
        _by_the_real_command(house, random.Random(f"{seed} process {number}"))
    longest = ", ".join(f"{kind} {took * 1000:.0f}" for kind, took in slowest.items())
    return (
        f"{count} inputs, {refused} refused with an error of ours, {sample} more by the real "
        f"command; longest in ms: {longest}"
    )


def _by_the_real_command(house: House, chance: random.Random):
    """The same in a process of its own, as a person has it."""
    place = chance.choice(list(FILES))
    words = chance.choice(("list", "list --json", "status", "doctor --json", "config")).split()
    with house.having(place, mangled(FILES[place], chance)):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tui", *words],
            env=dict(house.machine.env) | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
                                           "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )  # fmt: skip
    assert done.returncode in (0, 1), (place, words, done)
    for said in (done.stdout, done.stderr):
        assert b"Traceback" not in said, (place, words, done)
        assert b"a defect of rolecall" not in said, (place, words, done)


@contextmanager
def _no_hang():
    """End what takes no end, after so many seconds of this process's own time."""

    def over(*_):
        raise TimeoutError(f"it took {_HANGS} s of work and was not done")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _one_section_wrong(sections: tuple[str, ...], chance: random.Random) -> tuple[bytes, set[str]]:
    """A file with one section made wrong, and the names of those that nothing happened to."""
    at = chance.randrange(len(sections))
    parts = [section.encode() for section in sections]
    parts[at] = mangled(parts[at].rstrip(b"\n"), chance) + b"\n\n"
    # What stands before the header, now, is of the section before.
    others = {
        _name(section) for number, section in enumerate(sections) if number not in (at - 1, at)
    }
    # A section that now goes by the name of another is merged with it.
    return b"".join(parts), {name for name in others if name.encode() not in parts[at]}


def _name(section: str) -> str:
    header = section[section.index("[") + 1 : section.index("]")]
    return header.removeprefix("profile ").strip('"')


def _same_rows(house: House, place: str, data: bytes, wanted: dict[str, dict]):
    """The rows of sections that nothing happened to are there, their facts as before."""
    if b"\0" in data[:4]:
        with pytest.raises(ConfigUnreadable):  # another encoding: no row can be told
            house.look()
        return
    found = house.look()
    for name, row in wanted.items():
        assert name in found, f"{name} is lost from {place}"
        if name in ROLES:
            assert found[name]["role_arn"] == row["role_arn"], name


def _config(house: House, whole: dict, chance: random.Random):
    data, others = _one_section_wrong(CONFIG_SECTIONS, chance)
    with house.having(".aws/config", data):
        wanted = {name: row for name, row in whole.items() if name in others}
        _same_rows(house, "config", data, wanted)
        house.examined()
        house.sessions()


def _credentials(house: House, whole: dict, chance: random.Random):
    data, others = _one_section_wrong(CREDENTIALS_SECTIONS, chance)
    with house.having(".aws/credentials", data):
        wanted = {name: row for name, row in whole.items() if name in ROLES}
        _same_rows(house, "credentials", data, wanted)
        sessions = house.sessions()
        kept = {name for name in ROLES if f"{name}-session" in others}
        assert kept <= sessions, f"sessions are lost: {kept - sessions}"
        house.examined()


def _settings(house: House, whole: dict, chance: random.Random):
    place = ".config/rolecall/config.toml"
    data = oddly(chance) if chance.random() < 0.5 else mangled(FILES[place], chance)
    with house.having(place, data):
        found = house.look()  # a file that is no TOML is refused: there are guards in it
        assert {name for name in whole if name in ROLES} <= found.keys()
        house.examined()
        for name in ("entry", "by-saml", "by-token"):
            house.tried(name)


def _json(house: House, whole: dict, chance: random.Random):
    place = chance.choice(list(JSON_FILES))
    if chance.random() < 0.5:
        data = mangled(FILES[place], chance)
    else:
        data = json.dumps(odd_value(JSON_FILES[place], chance)).encode("utf-8", "surrogatepass")
    with house.having(place, data):
        wanted = {name for name in whole if name in ROLES}
        assert wanted <= house.look().keys()
        assert {"Beside@123456789012", "role-0"} <= house.sessions()
        house.remembered()
        if place == LOGIN_FILE:
            house.tried("signed-in")


def _answering(read: Callable[[House, random.Random], None]):
    def one(house: House, _: dict, chance: random.Random):
        read(house, chance)

    return one


STORMS = [
    Storm(
        "input",
        "files, caches, answers, tokens and assertions made wrong: no traceback, no second's "
        "wait, no good row lost",
        10_000,
        300,
        any_input,
    ),
]
