"""AWS's clock, by which sessions end: this machine's, put right where it was seen to be off.

Every answer of AWS tells the time. How far it was ahead is kept in the state folder, so that
commands that ask nothing of AWS count right too. It counts for as long as nobody has set this
machine's clock since, and it has not been started anew: time since the start, which nobody sets,
has then gone by as fast as the clock says.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from profiles.files.atomic import discard, private_write
from profiles.files.state import load_json

if TYPE_CHECKING:
    from profiles.machine import Machine

SKEW = 30
"""Seconds that this machine's clock may be off before it is worth a word."""
_STEP = 2.0
_KNOWN_FOR = 24 * 3600.0
_PARTS = ("at", "up", "offset")


def aws_now(machine: Machine) -> float:
    """The time by AWS's clock, seconds since 1970."""
    return machine.now() + clock_offset(machine)


def clock_offset(machine: Machine) -> float:
    """Seconds that AWS's clock is ahead of this machine's; 0 where that is little, or not known."""
    said = load_json(clock_file(machine))
    up = _up()
    parts = [said.get(part) for part in _PARTS]
    if up is None or not all(type(part) in {int, float} for part in parts):
        return 0.0
    at, up_then, offset = map(float, parts)  # type: ignore[arg-type]  # looked at above
    passed = up - up_then
    is_as_then = abs(machine.now() - at - passed) <= _STEP
    return offset if is_as_then and 0 <= passed <= _KNOWN_FOR else 0.0


def saw_offset(machine: Machine, offset: float) -> None:
    """Remember how far AWS's clock is ahead, by an answer that came just now.

    A state folder that cannot be written is no error: countdowns are then off, as the clock is.
    """
    path = clock_file(machine)
    if abs(offset) <= SKEW:
        discard(path)
        return
    up = _up()
    if up is None or abs(clock_offset(machine) - offset) <= _STEP:
        return
    import json

    data = json.dumps(dict(zip(_PARTS, (machine.now(), up, offset), strict=True))).encode()
    with contextlib.suppress(OSError):
        private_write(path, data)


def clock_file(machine: Machine) -> str:
    """Where it is kept; absent while the clock is right."""
    return os.path.join(machine.state_folder, "clock.json")


def _up() -> float | None:
    """Seconds since this machine started, asleep or awake; None where it does not tell."""
    if sys.platform == "win32":
        return None
    # Linux's other clock stands still while it sleeps; macOS's does not.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
