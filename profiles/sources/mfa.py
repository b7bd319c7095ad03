"""MFA codes: from the request, from the settings' command, or from a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from profiles.challenges import MfaCode
from profiles.errors import MfaRejected, MfaRequired, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.sources.protocol import Way

ATTEMPTS = 3
COMMAND_TIMEOUT = 30.0
_CODE = re.compile(r"\d{6}", re.ASCII)
_LAST_CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)\s*\Z", re.ASCII)

Result = TypeVar("Result")


def with_code(way: Way, role: str, serial: str, call: Callable[[str], Result]) -> Result:
    """Make a call that needs a code of a device; a person whose code is refused is asked again.

    Args:
        role: the role's name, for the question.
        serial: the device's.
        call: made with the code; raises MfaRejected where AWS refuses it.

    Raises:
        MfaRejected: the code was refused, and nobody can give another.
        MfaRequired: nobody can give one.
        Cancelled: the person would not.
    """
    given = way.request.mfa_code
    if given is not None:
        return call(checked(given))
    command = way.catalogue.settings.argv("mfa_command")
    if command:
        return call(_by_command(way, role, serial, command))
    rejected: str | None = None
    for attempt in range(1, ATTEMPTS + 1):
        code = checked(way.ask(MfaCode(serial, role, rejected)))
        way.check()
        try:
            return call(code)
        except MfaRejected as error:
            if attempt == ATTEMPTS:
                raise
            rejected = error.summary
    raise AssertionError  # the loop returns or raises


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
    env = {
        key: value
        for key, value in way.machine.env.items()
        if key not in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
    }
    try:
        done = way.machine.run(argv, env, COMMAND_TIMEOUT)
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
