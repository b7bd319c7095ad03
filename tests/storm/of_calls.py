"""Every system call of every kind of write, failing in turn, and as the last one of its process.

What is tried is each call, with each error, of each write that there is (`WRITES`), in a home of
its own; and the same with the process killed before the call, and half-way through a write.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from typing import TYPE_CHECKING, NamedTuple

from profiles import settings_writer
from profiles.errors import RolecallError
from profiles.files import cache, credentials, process_profiles, sso_cache, state, undo_copies
from profiles.files.process_profiles import ProcessProfile
from tests.storm import scene
from tests.storm.calls import ERRORS, NONE, Blow, struck
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiles.machine import Machine

Looks = tuple[bytes, int] | None
"""A file's bytes and mode; None where there is none."""

OLD = b"\xef\xbb\xbf[default]\r\naws_access_key_id = AKIAOLD\r\n# caf\xe9"
_CODES = {  # what may be told
    "credentials-file-unwritable",
    "credentials-file-busy",
    "config-unreadable",
    "file-changed",
    "usage",
}


class Write(NamedTuple):
    """One kind of write.

    Attributes:
        prepare: makes what is there before.
        act: writes.
        file: which it writes.
        undone: whether `undo` takes it back.
        must: whether it is done, or told as an error; a cache may also be left as it was.
    """

    prepare: Callable[[Machine], object]
    act: Callable[[Machine], object]
    file: Callable[[Machine], str]
    undone: bool = False
    must: bool = True


def _nothing(machine: Machine) -> None:
    return


def _credentials(machine: Machine) -> None:
    scene.put(machine.credentials_file, OLD)


def _linked(machine: Machine) -> None:
    """The file is elsewhere, and a session of ours in it."""
    target = os.path.join(machine.home, "elsewhere", "keys")
    scene.put(target, OLD, 0o664)
    os.makedirs(os.path.dirname(machine.credentials_file), mode=0o700)
    os.symlink(target, machine.credentials_file)
    credentials.write(machine, scene.session(letter="B"))


def _config(machine: Machine) -> None:
    scene.put(machine.config_file, b"[profile a]\nregion = x\n", 0o644)


def _settings(machine: Machine) -> None:
    scene.put(machine.settings_file, b'# mine\nduration = "1h"\n')


def _answer(letter: str) -> dict[str, object]:
    keys = {"AccessKeyId": letter * 20, "SecretAccessKey": letter * 40, "SessionToken": letter * 99}
    return {"Credentials": keys | {"Expiration": scene.NOW + 60}}


def _cached(machine: Machine) -> None:
    cache.write_session(machine, "k", _answer("B"), "prod")


_TOKEN = {"startUrl": "https://x", "accessToken": "t", "expiresAt": "2030-01-01T00:00:00Z"}
_PROCESS = ProcessProfile("own", "prod", "rolecall credential-process prod", "x")


def _real(machine: Machine) -> str:
    return os.path.realpath(machine.credentials_file)


WRITES = {
    "the first session": Write(
        _nothing, lambda m: credentials.write(m, scene.session()), _real, undone=True
    ),
    "a session": Write(
        _credentials, lambda m: credentials.write(m, scene.session()), _real, undone=True
    ),
    "a renewal through a link": Write(
        _linked, lambda m: credentials.write(m, scene.session()), _real, undone=True
    ),
    "keys overwritten by force": Write(
        _credentials,
        lambda m: credentials.write(m, scene.session("default"), force=True),
        _real,
        undone=True,
    ),
    "a drop": Write(_linked, lambda m: credentials.remove(m, ["own"]), _real, undone=True),
    "an undo": Write(_linked, credentials.undo, _real),
    "a profile of the config file": Write(
        _config,
        lambda m: process_profiles.write(m, _PROCESS),
        lambda m: m.config_file,
        undone=True,
    ),
    "a setting": Write(
        _settings,
        lambda m: settings_writer.save_setting(m, "duration", "2h"),
        lambda m: m.settings_file,
    ),
    "a cached session": Write(
        _cached,
        lambda m: cache.write_session(m, "k", _answer("A"), "prod"),
        lambda m: cache.cache_path(m.role_cache, "k"),
        must=False,
    ),
    "the record of what was cached": Write(
        _cached,
        lambda m: cache.write_session(m, "j", _answer("A"), "dev"),
        lambda m: os.path.join(m.state_folder, "sessions.json"),
        must=False,
    ),
    "cached sessions dropped": Write(
        _cached,
        lambda m: cache.drop_sessions(m, None),
        lambda m: cache.cache_path(m.role_cache, "k"),
    ),
    "a sign-in": Write(
        _nothing,
        lambda m: sso_cache.write(m, "k", _TOKEN),
        lambda m: cache.cache_path(m.sso_cache, "k"),
    ),
    "a favourite": Write(
        lambda m: state.save_favourite(m, "a", favourite=True),
        lambda m: state.save_favourite(m, "b", favourite=True),
        lambda m: os.path.join(m.state_folder, "state.json"),
        must=False,
    ),
}


class Plain(NamedTuple):
    """What a write does where nothing fails.

    Attributes:
        calls: the names of its system calls.
        new: the file after it.
    """

    calls: list[str]
    new: Looks


def failing_calls(folder: Path, count: int, seed: str) -> str:
    """Try all of them, or that many by chance where there are more."""
    plain = {name: _plain(folder / "plain", write) for name, write in WRITES.items()}
    cases = [
        (name, Blow(at, kind))
        for name, (calls, _) in plain.items()
        for at, call in enumerate(calls)
        for kind in [*ERRORS, "full", "kill"] + ["short", "kill-in"] * (call == "write")
    ]
    if count < len(cases):
        cases = random.Random(seed).sample(cases, count)
    told = killed = 0
    for name, blow in cases:
        home = folder / "home"
        home.mkdir()
        try:
            if blow.kind.startswith("kill"):
                killed += 1
                _kill(home, WRITES[name], blow, plain[name].new)
            else:
                told += _fail(home, WRITES[name], blow, plain[name].new)
        except Exception as error:
            raise AssertionError(f"{name}: {blow} at {plain[name].calls[blow.at]}") from error
        shutil.rmtree(home)
    return (
        f"{sum(len(calls) for calls, _ in plain.values())} system calls of {len(WRITES)} kinds of "
        f"write: {len(cases) - killed} failures, {told} of them told in one line and the file the "
        f"old one, the others did no harm; {killed} kills, the file the old or the new one, whole"
    )


def _plain(home: Path, write: Write) -> Plain:
    home.mkdir()
    machine = scene.machine_in(home)
    write.prepare(machine)
    with struck(NONE) as made:
        write.act(machine)
    new = _looks_of(write.file(machine))
    shutil.rmtree(home)
    return Plain(made, new)


def _fail(home: Path, write: Write, blow: Blow, new: Looks) -> bool:
    """Whether the failure was told."""
    machine = scene.machine_in(home)
    write.prepare(machine)
    path = write.file(machine)
    old, copies = _looks_of(path), _copies(machine)
    told = None
    with struck(blow) as made:
        try:
            write.act(machine)
        except RolecallError as error:
            told = error
    assert len(made) > blow.at, "another number of calls than was counted"
    now = _looks_of(path)
    if told is not None:
        assert told.code in _CODES, told.code
        assert not any(odd in f"{told}{told.hint}" for odd in ("\n", ".tmp"))
        assert now == old, "told as an error, and yet another file"
        assert _copies(machine) == copies, "an undo copy of what never was, or one is lost"
    else:
        assert now in ([new] if write.must else [old, new]), "nothing was told"
    assert not scene.temporary_files(home) or made[blow.at] == "unlink"
    _goes_on(machine, write, now, new)
    return told is not None


def _kill(home: Path, write: Write, blow: Blow, new: Looks) -> None:
    machine = scene.machine_in(home)
    write.prepare(machine)
    old = _looks_of(write.file(machine))

    def act() -> None:
        with struck(blow):
            write.act(machine)

    assert scene.status_of(scene.forked(act)) == -signal.SIGKILL
    now = _looks_of(write.file(machine))
    assert now in [old, new], "neither the old nor the new file"
    _copies(machine)
    _goes_on(machine, write, now, new)
    if write.undone:
        credentials.undo(machine, wait=5)
        assert _looks_of(write.file(machine)) == old, "undo gave something else back"


def _goes_on(machine: Machine, write: Write, now: Looks, new: Looks) -> None:
    """The next write of the same kind is done, and sweeps."""
    if now == new:
        return
    write.act(machine)
    assert _looks_of(write.file(machine)) == new
    if write.undone:
        assert not scene.temporary_files(os.path.dirname(write.file(machine)))


def _looks_of(path: str) -> Looks:
    found = scene.bytes_of(path)
    return None if found is None else (found, os.stat(path).st_mode)


def _copies(machine: Machine) -> list[str]:
    """The undo copies, each of which is whole."""
    folder = os.path.join(machine.state_folder, "undo")
    names = [name for name in _listed(folder) if name.endswith(".undo")]
    for name in names:
        assert undo_copies._read(os.path.join(folder, name)) is not None
    return names


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []


STORMS = [
    Storm(
        "failing-calls",
        "each system call of each write fails in turn, or is the last one",
        20_000,
        400,
        failing_calls,
    ),
]
