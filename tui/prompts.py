"""Challenges answered on the terminal, a line at a time."""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from profiles.challenges import (
    Assertion,
    Challenge,
    Choice,
    Confirmation,
    MfaCode,
    Presence,
    SignIn,
    TagValue,
)
from profiles.errors import Cancelled, UsageError
from profiles.unattended import nobody
from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST_PASTE = 1024 * 1024


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
        case Presence():
            return ""
        case SignIn():
            for line in sign_in_lines(challenge):
                tell(line)
            return ""
        case Assertion(role, url):
            tell(f"{role}: copy the SAML response{f' of {url}' if url else ''}")
            return pasted("paste it here (it is not shown), then enter twice: ")
        case Choice(role, question, options):
            for line in (f"{role}: {question}:", *numbered(options)):
                tell(line)
            return picked(asked(f"1 to {len(options)}: "), challenge)


def sign_in_lines(challenge: SignIn) -> list[str]:
    """What a person has to know to sign in, in lines."""
    where = "the browser is open; else go to" if challenge.opened else "go to"
    found = [f"sign in to {challenge.name}: {where}", f"  {challenge.url}"]
    if challenge.code:
        found.append(f"  the code there is {challenge.code}")
    return [*found, "waiting; ctrl+c stops"]


def numbered(options: Sequence[str]) -> list[str]:
    """The options of a choice, a line each."""
    return [f"  {number}. {option}" for number, option in enumerate(options, 1)]


def picked(said: str, challenge: Choice) -> str:
    """The option of a number.

    Raises:
        Cancelled: nothing was said.
        UsageError: it is no number of the list.
    """
    if not said:
        raise Cancelled(f"{challenge.role}: stopped")
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(challenge.options):
        return challenge.options[int(said) - 1]
    raise UsageError(f"not one of the numbers 1 to {len(challenge.options)}: {said!r}")


def pasted(prompt: str) -> str:
    """Lines from the terminal up to an empty one, unseen.

    Raises:
        Cancelled: the input ended at once.
    """
    with _terminal() as (reading, writing):
        writing.write(printable(prompt))
        writing.flush()
        if reading.isatty():
            text = _unedited(reading.fileno())
        else:
            text = "".join(itertools.takewhile(str.strip, reading))
        writing.write("\n")
    if not text.strip():
        raise Cancelled("nothing was pasted")
    return text.strip()


def _unedited(terminal: int) -> str:
    """A paste from a terminal, which cuts the lines that it edits itself at 4,096 characters."""
    import termios

    before = termios.tcgetattr(terminal)
    bare = termios.tcgetattr(terminal)
    bare[3] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(terminal, termios.TCSADRAIN, bare)
    try:
        return _until_empty_line(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _until_empty_line(terminal: int) -> str:
    """What comes up to an empty line, ctrl+d or the end, at most a megabyte of it."""
    said = b""
    while len(said) < _LONGEST_PASTE:
        more = os.read(terminal, 65536).replace(b"\r", b"\n")
        said += more
        if not more or b"\x04" in more or said.endswith(b"\n\n"):
            break
    return said.split(b"\x04")[0].decode("utf-8", "replace")


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


def hidden(prompt: str) -> str:
    """One line from the terminal that is not shown.

    Raises:
        Cancelled: the input ended.
    """
    import getpass

    try:
        return getpass.getpass(printable(prompt), sys.stderr).strip()
    except EOFError as error:
        raise Cancelled("the input ended") from error


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
