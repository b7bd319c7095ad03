"""MFA codes that were sent to AWS a short while ago, so that none is sent twice.

Kept is a hash of device and code, with the time, as long as a code could still be shown.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from profiles.files.state import load_json, locked_state, private_write

if TYPE_CHECKING:
    from profiles.machine import Machine

KEPT = 120.0
"""Seconds; a code is shown for 30, and AWS takes those of the intervals beside it too."""
_NAME = "mfa-codes.json"


def take(machine: Machine, serial: str, code: str) -> bool:
    """Note that a code is sent now; False where it was sent before.

    Where the state folder cannot be written nothing is known, and every code counts as new.
    """
    mark = _mark(serial, code)
    try:
        with locked_state(machine):
            used = _used(machine, strict=True)
            if mark in used:
                return False
            _write(machine, {**used, mark: machine.now()})
    except OSError:
        return mark not in _used(machine)
    return True


def give_back(machine: Machine, serial: str, code: str) -> None:
    """Forget a code that did not reach AWS."""
    mark = _mark(serial, code)
    try:
        with locked_state(machine):
            _write(
                machine,
                {at: sent for at, sent in _used(machine, strict=True).items() if at != mark},
            )
    except OSError:
        return


def _used(machine: Machine, *, strict: bool = False) -> dict[str, float]:
    now = machine.now()
    return {
        mark: sent
        for mark, sent in load_json(_path(machine), strict=strict).items()
        if isinstance(sent, float) and abs(now - sent) < KEPT
    }


def _write(machine: Machine, used: dict[str, float]) -> None:
    private_write(_path(machine), json.dumps(used).encode())


def _path(machine: Machine) -> str:
    return os.path.join(machine.state_folder, _NAME)


def _mark(serial: str, code: str) -> str:
    return hashlib.sha256(f"{serial}\n{code}".encode("utf-8", "surrogatepass")).hexdigest()
