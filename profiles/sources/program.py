"""What a program of the person's own prints: a token, an assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import ConfigUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiles.machine import Machine

# A program may wait for a browser or a finger on a key; one that hangs must not hang us for ever.
TIMEOUT = 60.0


def printed(
    argv: Sequence[str], setting: str, machine: Machine, check: Callable[[], None] | None = None
) -> str:
    """The text that a program prints; no shell reads its arguments.

    Args:
        argv: the program and its arguments; they may hold secrets, and are not shown.
        setting: whose it is, for the error: `the token_command of NAME`.
        machine: runs it.
        check: raises where the person gave up.

    Raises:
        ConfigUnreadable: it cannot be run, fails, or prints nothing.
    """
    if check is not None:
        check()
    try:
        done = machine.run(argv, machine.env_without_keys, TIMEOUT)
    except FileNotFoundError as error:
        raise failed(setting, f"there is no command {argv[0]!r}") from error
    except (OSError, TimeoutError) as error:
        raise failed(setting, str(error)) from error
    if check is not None:
        check()
    if done.status:
        said = " ".join(done.stderr.split())[-300:]
        raise failed(setting, said or f"it ended with status {done.status}")
    if not done.stdout.strip():
        raise failed(setting, "it prints nothing")
    return done.stdout


def failed(setting: str, why: str) -> ConfigUnreadable:
    """The error of a program that did not do what it is there for."""
    return ConfigUnreadable(f"{setting} failed: {why}", "run it by hand to see what it says")
