"""Asking and telling a line at a time, on standard output and input alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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
from profiles.errors import Cancelled
from tui.prompts import numbered, pasted, picked, sign_in_lines
from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


def ask(challenge: Challenge) -> str:
    """Ask in the same way as everything else here: a line on standard output, a line back."""
    match challenge:
        case MfaCode(serial, role, rejected):
            if rejected:
                say(rejected)
            prompt = f"MFA code of {serial} for {role}: "
        case Confirmation(role, stage, account, None, change):
            said = line(f"{role} is {stage} ({account}): this will {change}; go on? [y/N] ")
            if (said or "").lower() not in ("y", "yes"):
                raise Cancelled(f"{role}: not confirmed")
            return "yes"
        case Confirmation(role, stage, account, typed, change):
            say(f"{role} is {stage}: this will {change}")
            prompt = f"type {typed} to go on: "
        case TagValue(key, role, suggestion):
            prompt = f"{key} (session tag of {role}){f' [{suggestion}]' if suggestion else ''}: "
            return line(prompt) or suggestion
        case Presence():
            return ""
        case SignIn():
            say("\n".join(sign_in_lines(challenge)))
            return ""
        case Assertion(role, url):
            say(f"{role}: copy the SAML response{f' of {url}' if url else ''}")
            return pasted("paste it here, then enter twice: ")
        case Choice(role, question, options):
            return choose(f"{role}: {question}", options, role)
    said = line(prompt)
    if not said:
        raise Cancelled(f"{challenge.role}: stopped")
    return said


def line(prompt: str) -> str | None:
    """One line of the person's, without the spaces around it; None at the end of the input."""
    sys.stdout.write(printable(prompt))
    sys.stdout.flush()
    said = sys.stdin.readline()
    if not said:
        sys.stdout.write("\n")
        return None
    return said.strip()


def say(text: str) -> None:
    """Text for the person, as plain as it is."""
    sys.stdout.write("\n".join(map(printable, text.split("\n"))) + "\n")


def choose(question: str, options: Sequence[str], role: str) -> str:
    """One of several, by its number.

    Raises:
        Cancelled: none was taken.
        UsageError: it is no number of the list.
    """
    say("\n".join([f"{question}:", *numbered(options)]))
    challenge = Choice(role, question, tuple(options))
    return picked(line(f"1 to {len(options)}: ") or "", challenge)


def agreed(question: str) -> bool:
    """Whether the person says yes."""
    return (line(f"{question} [y/N] ") or "").lower() in ("y", "yes")
