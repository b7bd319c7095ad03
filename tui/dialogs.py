"""Challenges answered by the desktop's own dialog, for who runs without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.challenges import Ask, Challenge, MfaCode, TagValue
from profiles.errors import Cancelled, ConfigUnreadable
from profiles.unattended import nobody
from tui.text import printable

if TYPE_CHECKING:
    from profiles.machine import Machine
    from profiles.settings import Settings

# SDKs give a credential_process a minute at most (Go's does).
TIMEOUT = 55.0
"""Seconds for all that is asked in one run."""


def asking(machine: Machine, settings: Settings) -> Ask:
    """The `Ask` that opens the dialog of the setting `ask_with`; without one there is nobody.

    Only what is typed is asked so. A guarded stage's question, and a sign-in, are not.
    """
    command = settings.argv("ask_with")
    if not command:
        return nobody
    until = machine.now() + TIMEOUT

    def ask(challenge: Challenge) -> str:
        match challenge:
            case MfaCode(serial, role, rejected):
                again = f"{rejected}; " if rejected else ""
                question = f"{again}MFA code of {serial} for {role}"
            case TagValue(key, role, _):
                question = f"{key} (session tag of {role})"
            case _:
                return nobody(challenge)
        argv = [word.replace("{question}", printable(question)) for word in command]
        try:
            return _typed(machine, argv, until - machine.now(), challenge.role)
        except TimeoutError as late:
            # Nobody sits there; who called has given up by now, or will.
            machine.log(f"ask_with: {late}")
            return nobody(challenge)

    return ask


def _typed(machine: Machine, argv: list[str], patience: float, role: str) -> str:
    """What the dialog prints; no shell reads its arguments.

    Raises:
        ConfigUnreadable: it cannot be run.
        TimeoutError: nobody answered within so many seconds; it was closed.
        Cancelled: it ended with another status than 0, or printed nothing.
    """
    if patience <= 0:
        raise TimeoutError(f"{argv[0]}: no time is left to ask again")
    try:
        done = machine.run(argv, machine.env_without_keys, patience)
    except FileNotFoundError as error:
        raise ConfigUnreadable(
            f"ask_with: there is no command {argv[0]!r}", "rolecall config set ask_with …"
        ) from error
    except TimeoutError:
        raise
    except OSError as error:
        raise ConfigUnreadable(f"ask_with: {error}") from error
    if done.status or not done.stdout.strip():
        raise Cancelled(f"{role}: stopped")
    return done.stdout.strip()
