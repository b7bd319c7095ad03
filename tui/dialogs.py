"""Challenges answered by the desktop's own dialog, for who runs without a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.challenges import Ask, Challenge, MfaCode, TagValue, nobody
from profiles.errors import Cancelled, ConfigUnreadable
from tui.text import printable

if TYPE_CHECKING:
    from profiles.machine import Machine
    from profiles.settings import Settings

# SDKs give a credential_process a minute at most (Go's does).
TIMEOUT = 55.0


def asking(machine: Machine, settings: Settings) -> Ask:
    """The `Ask` that opens the dialog of the setting `ask_with`; without one there is nobody.

    Only what is typed is asked so. A guarded stage's question, and a sign-in, are not.
    """
    command = settings.argv("ask_with")
    if not command:
        return nobody

    def ask(challenge: Challenge) -> str:
        match challenge:
            case MfaCode(serial, role, rejected):
                again = f"{rejected}; " if rejected else ""
                prompt = f"{again}MFA code of {serial} for {role}"
            case TagValue(key, role, _):
                prompt = f"{key} (session tag of {role})"
            case _:
                return nobody(challenge)
        return _typed(machine, command, prompt, challenge.role)

    return ask


def _typed(machine: Machine, command: tuple[str, ...], prompt: str, role: str) -> str:
    """What the dialog prints; no shell reads its arguments.

    Raises:
        ConfigUnreadable: it cannot be run, or takes too long.
        Cancelled: it ended with another status than 0, or printed nothing.
    """
    argv = [word.replace("{prompt}", printable(prompt)) for word in command]
    try:
        done = machine.run(argv, machine.env_without_keys, TIMEOUT)
    except FileNotFoundError as error:
        raise ConfigUnreadable(
            f"ask_with: there is no command {argv[0]!r}", "rolecall config set ask_with …"
        ) from error
    except (OSError, TimeoutError) as error:
        raise ConfigUnreadable(f"ask_with: {error}") from error
    if done.status or not done.stdout.strip():
        raise Cancelled(f"{role}: stopped")
    return done.stdout.strip()
