"""Challenges answered on the terminal, a line at a time."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from profiles.challenges import Challenge, Confirmation, MfaCode, TagValue, nobody
from profiles.errors import Cancelled
from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def has_person() -> bool:
    """Whether somebody sits at a terminal: standard input or standard error is one."""
    return sys.stdin is not None and (sys.stdin.isatty() or sys.stderr.isatty())


def on_terminal(challenge: Challenge) -> str:
    """Ask on the terminal, so that standard output stays free for `eval`; without one, fail.

    Raises:
        PersonNeeded, ConfirmationNeeded, UsageError: there is no terminal.
        Cancelled: the answer was no, or the input ended.
    """
    if not has_person():
        return nobody(challenge)
    match challenge:
        case MfaCode(serial, role, rejected):
            if rejected:
                tell(rejected)
                tell("a code works once: wait for the next one")
            return asked(f"MFA code of {serial} for {role}: ")
        case Confirmation(role, stage, account, None, change):
            tell(f"{role} is {stage} ({account}): this will {change}")
            if asked("go on? [y/N] ").lower() not in ("y", "yes"):
                raise Cancelled(f"{role}: not confirmed")
            return "yes"
        case Confirmation(role, stage, account, typed, change):
            tell(f"{role} is {stage}: this will {change}")
            said = asked(f"type {typed} to go on: ")
            if not said:
                raise Cancelled(f"{role}: not confirmed")
            return said
        case TagValue(key, role, suggestion):
            default = f" [{suggestion}]" if suggestion else ""
            return asked(f"{key} (session tag of {role}){default}: ") or suggestion


def asked(prompt: str) -> str:
    """One line from the terminal, without the spaces around it.

    Raises:
        Cancelled: the input ended.
    """
    with _terminal() as (reading, writing):
        writing.write(printable(prompt))
        writing.flush()
        line = reading.readline()
        if not line:
            writing.write("\n")
            raise Cancelled("the input ended")
        return line.strip()


def tell(text: str) -> None:
    """One line for the person."""
    sys.stderr.write(printable(text) + "\n")


@contextmanager
def _terminal() -> Iterator[tuple[TextIO, TextIO]]:
    """The terminal to read from and to write to, whatever the standard streams are tied to."""
    if sys.stdin.isatty():
        yield sys.stdin, sys.stderr
        return
    try:
        with open("/dev/tty", encoding="utf-8", errors="replace") as reading:
            yield reading, sys.stderr
    except OSError:
        yield sys.stdin, sys.stderr
