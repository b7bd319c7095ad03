"""MFA codes: from the request, from the settings' command, or from a person."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, TypeVar

from profiles.challenges import MfaCode
from profiles.errors import MfaRejected, MfaRequired, NetworkUnavailable, UsageError
from profiles.files import used_codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.sources.protocol import Way

ATTEMPTS = 3
COMMAND_TIMEOUT = 30.0
INTERVAL = 30
"""Seconds that a code is shown (RFC 6238, and every device that AWS takes)."""
_POLL = 0.1
_CODE = re.compile(r"\d{6}", re.ASCII)
_LAST_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)\s*\Z", re.ASCII)

Result = TypeVar("Result")


class CodeUsed(MfaRejected):
    """The code was sent to AWS before, which takes each once; it was not sent again."""


def with_code(way: Way, role: str, serial: str, call: Callable[[str], Result]) -> Result:
    """Make a call that needs a code of a device; a person whose code is refused is asked again.

    Args:
        role: the role's name, for the question.
        serial: the device's.
        call: made with the code; raises MfaRejected where AWS refuses it.

    A code that was sent before is not sent again.

    Raises:
        MfaRejected: the code was refused or used, and nobody can give another.
        MfaRequired: nobody can give one.
        Cancelled: the person would not.
    """
    given = way.request.mfa_code
    if given is not None:
        return _sent(way, serial, checked(given), call)
    command = way.catalogue.settings.argv("mfa_command")
    if command:
        try:
            return _sent(way, serial, _by_command(way, role, serial, command), call)
        except CodeUsed:
            way.machine.log(f"{role}: the code of mfa_command was used; waiting for the next")
        _wait_for_the_next(way)
        return _sent(way, serial, _by_command(way, role, serial, command), call)
    rejected: str | None = None
    for attempt in range(1, ATTEMPTS + 1):
        said = way.ask(MfaCode(serial, role, rejected))
        way.check()
        try:
            code = checked(said)
        except UsageError as error:  # mistyped is no worse than refused
            if attempt == ATTEMPTS:
                raise
            rejected = error.summary
            continue
        try:
            return _sent(way, serial, code, call)
        except MfaRejected as error:
            if attempt == ATTEMPTS:
                raise
            rejected = error.summary
    raise AssertionError  # the loop returns or raises


def _sent(way: Way, serial: str, code: str, call: Callable[[str], Result]) -> Result:
    if not used_codes.take(way.machine, serial, code):
        raise CodeUsed(
            "that code was used already", "a code works once and for 30 seconds: wait for the next"
        )
    try:
        return call(code)
    except NetworkUnavailable:
        used_codes.give_back(way.machine, serial, code)
        raise


def _wait_for_the_next(way: Way) -> None:
    """Until devices show another code."""
    now = way.machine.now
    end = (now() // INTERVAL + 1) * INTERVAL
    for _ in range(round(INTERVAL / _POLL)):
        way.check()
        if now() >= end:
            return
        time.sleep(_POLL)


def checked(code: str) -> str:
    """A code as AWS takes it: six digits, spaces inside forgiven.

    Raises:
        UsageError: it is none.
    """
    digits = code.replace(" ", "")
    if not _CODE.fullmatch(digits):
        raise UsageError("an MFA code has six digits")
    return digits


def _by_command(way: Way, role: str, serial: str, command: tuple[str, ...]) -> str:
    """The code that `mfa_command` prints: its last six digits. No shell reads its arguments."""
    argv = [word.replace("{serial}", serial) for word in command]
    try:
        done = way.machine.run(argv, way.machine.env_without_keys, COMMAND_TIMEOUT)
    except FileNotFoundError as error:
        raise MfaRequired(
            f"mfa_command: there is no command {argv[0]!r}", "rolecall config set mfa_command …"
        ) from error
    except (OSError, TimeoutError) as error:
        raise MfaRequired(f"mfa_command: {error}", f"{role} needs a code of {serial}") from error
    found = _LAST_CODE.search(done.stdout)
    if done.status or not found:
        said = done.stderr.strip().splitlines()
        why = said[-1] if said else f"exit status {done.status}, and no six digits"
        raise MfaRequired(f"mfa_command gave no code: {why}", f"{role} needs a code of {serial}")
    return found[1]
