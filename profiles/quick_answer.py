"""What `credential-process` printed, found again without reading what it was made from.

A client runs that command for each of its own runs, and waits. So where the session came from is
kept per target: which cache file, where in it the keys stand, until when it is used, and of what
files and variables all that is true. While nothing of it has changed, answering is reading two
files; anything else takes the full way. No secret is kept here.

    surroundings                 version, machine's name, variables
    instant                      until when the session is used, seconds since 1970
    6 numbers                    where the three values of the keys start and end in the cache file
    JSON                         what is no secret
    stamp TAB path               of the cache file, then of every file that was read

This file is run before all others and imports nothing that Python has not loaded by itself.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from profiles.machine import Machine
    from profiles.session import Session

_FOLDER = "answers"
_LONGEST = 200
_OF_PERSONS = (
    "HOME",
    "LOGNAME",
    "USER",
    "LNAME",
    "USERNAME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
)
_OF_CALLERS = "AWS_DATA_PATH"
"""Set by AWS CLI v1 for its children; it says where service models are, and no session with it."""
_OF_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "ROLECALL_CONFIG")
_ABSENT = "-"
_KEYS = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def answer(target: str, version: str, env: "Mapping[str, str]" = os.environ) -> bytes | None:
    """What is to be printed for a target; None where the full way has to be gone.

    Args:
        target: as it was said.
        version: rolecall's.
        env: the environment.
    """
    path = _path(target, env)
    surroundings = _surroundings(version, env)
    if path is None or surroundings is None:
        return None
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            was, until, places, rest, cached, *files = file.read().split("\n")
        if was != surroundings or time.time() > float(until):
            return None
        if any(stamped(each.partition("\t")[2]) != each for each in files):
            return None
        found = _unchanged(cached)
        at = [int(place) for place in places.split()]
        parts = [found[start:end] for start, end in zip(at[::2], at[1::2], strict=True)]
        key_id, secret, token = parts
    except (OSError, ValueError):
        return None
    return b'{"Version": 1, "AccessKeyId": %b, "SecretAccessKey": %b, "SessionToken": %b, %b}\n' % (
        key_id,
        secret,
        token,
        rest.encode(),
    )


def stamped(path: str) -> str:
    """A file's path behind what tells one state of it from another: mtime in ns, size, inode."""
    try:
        return f"{_stamp(os.stat(path))}\t{path}"
    except OSError:
        return f"{_ABSENT}\t{path}"


def keep(
    machine: "Machine",
    target: str,
    version: str,
    session: "Session",
    files: "Iterable[str]",
    *,
    until: float,
) -> None:
    """Remember where a session came from, where that can be told for sure; else nothing.

    Args:
        machine: its surroundings.
        target: as it was said.
        version: rolecall's.
        session: one that has its place in the cache.
        files: those that it follows from, each as `stamped` before it was read.
        until: when it is asked for anew, seconds since 1970.
    """
    import json

    from profiles import times
    from profiles.files.atomic import private_write
    from profiles.files.aws_clock import clock_file, clock_offset
    from profiles.files.cache import cache_path
    from profiles.files.text import may_change_unseen

    path, surroundings = _path(target, machine.env), _surroundings(version, machine.env)
    if path is None or surroundings is None or session.cache_key is None:
        return
    # The clock that is asked when it is answered is this machine's own.
    if session.expires_at is None or clock_offset(machine):
        return
    cached = stamped(cache_path(machine.role_cache, session.cache_key))
    stamps = [cached, stamped(clock_file(machine)), *files]
    changed = [int(each.split()[0]) for each in stamps if not each.startswith(_ABSENT)]
    if may_change_unseen(changed, machine.now()) or any("\n" in each for each in stamps):
        return
    keys = session.credentials
    values = (keys.access_key_id, keys.secret_access_key, keys.session_token)
    try:
        found = _unchanged(cached)
        if [stamped(each.partition("\t")[2]) for each in stamps] != stamps:
            return
        places = [_place(found, key, value) for key, value in zip(_KEYS, values, strict=True)]
        rest = {"Expiration": times.rfc3339(session.expires_at)}
        if session.account_id is not None:
            rest["AccountId"] = session.account_id
        lines = (surroundings, str(until), " ".join(places), json.dumps(rest)[1:-1], *stamps)
        private_write(path, "\n".join(lines).encode("utf-8", "surrogateescape"))
    except (OSError, ValueError):
        return


def _place(data: bytes, key: str, value: str | None) -> str:
    """Where the JSON text of a value starts and ends.

    Raises:
        ValueError: it is not there, or not there alone.
    """
    import json

    head, said = f'"{key}": '.encode(), json.dumps(value).encode()
    if data.count(head + said) != 1:
        raise ValueError(key)
    start = data.index(head + said) + len(head)
    return f"{start} {start + len(said)}"


def _unchanged(cached: str) -> bytes:
    """The bytes of a file that is as it was when it was stamped.

    Raises:
        ValueError: it is not.
        OSError: it cannot be read.
    """
    was, _, path = cached.partition("\t")
    handle = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(handle).st_size
        found = os.read(handle, size + 1)
        # The AWS CLI empties the file before it writes: what was read counts if nothing moved.
        if _stamp(os.fstat(handle)) != was or len(found) != size:
            raise ValueError(path)
    finally:
        os.close(handle)
    return found


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _path(target: str, env: "Mapping[str, str]") -> str | None:
    """The file of a target; None where it can have none."""
    home, name = env.get("HOME"), os.fsencode(target).hex()
    if not home or not 0 < len(name) <= _LONGEST or sys.platform == "win32":
        return None
    if sys.platform == "darwin":
        base = f"{home}/Library/Application Support"
    else:
        base = env.get("XDG_STATE_HOME", "")
        base = base if base.startswith("/") else f"{home}/.local/state"
    return f"{base}/rolecall/{_FOLDER}/{name}"


def _surroundings(version: str, env: "Mapping[str, str]") -> str | None:
    """All but files that a session follows from, as one line; None where a secret is among it."""
    found = []
    for name, value in env.items():
        if name in _OF_PERSONS or (
            name.startswith(("AWS_", "ROLECALL_")) and name != _OF_CALLERS and value
        ):
            if ("SECRET" in name or "TOKEN" in name) and not name.endswith("_FILE"):
                return None
            if name in _OF_FILES and "$" in value:
                return None
            found.append((name, value))
    return repr((version, os.uname().nodename, sorted(found)))
