"""What the storms on files start from: a home, a file of others, sessions, processes to kill."""

from __future__ import annotations

import contextlib
import os
import traceback
import warnings
from typing import TYPE_CHECKING

from profiles.files.credentials import SessionSection
from profiles.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = 1_795_000_000.0
OTHERS = b"".join(
    b"[p%d]\r\naws_access_key_id = AKIA%d\n  # caf\xe9 %%\n\ns3 =\n  a = b\n" % (n, n)
    for n in range(300)
)


def machine_in(home: Path, **env: str) -> Machine:
    """A machine with that home, and a clock that stands still."""
    return Machine(env=env, home=str(home), now=lambda: NOW)


def session(profile: str = "own", letter: str = "A", *, role: str = "prod") -> SessionSection:
    """A session whose every secret is made of one letter, so that half of another is seen."""
    return SessionSection(
        profile,
        role,
        f"ASIA{letter * 16}",
        letter * 40,
        letter * 400,
        "eu-west-1",
        "123456789012",
        NOW + 3600,
    )


def is_of_one_letter(settings: dict[str, str]) -> bool:
    """Whether a section of such a session is whole, and of one write."""
    secret = settings.get("aws_secret_access_key", "")
    letter = secret[:1]
    return (
        secret == letter * 40
        and settings.get("aws_access_key_id") == f"ASIA{letter * 16}"
        and settings.get("aws_session_token") == letter * 400
    )


def put(path: str, data: bytes, mode: int = 0o600) -> None:
    """Make a file, and its folder, 0700."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def bytes_of(path: str) -> bytes | None:
    """A file's bytes; None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def temporary_files(home: Path | str) -> list[str]:
    """What writers left anywhere in a home."""
    return [
        os.path.join(folder, name)
        for folder, _, names in os.walk(home)
        for name in names
        if name.endswith(".tmp")
    ]


def forked(act: Callable[[], int | None]) -> int:
    """A process that does it and ends, its status what that gives, or 1; the process's number."""
    with warnings.catch_warnings():
        # The child only acts and ends: it waits for no lock that another thread may have.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process:
        return process
    status = 1
    try:
        status = act() or 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process ends here
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        os._exit(status)


def status_of(process: int) -> int:
    """Its exit status once it has ended; negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
