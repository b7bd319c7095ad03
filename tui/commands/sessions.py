"""What the commands that get a session have in common: target, request, session, notes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from profiles import times
from tui.commands.options import request_of
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.request import Request
    from profiles.session import Session
    from profiles.switcher import Switcher


def opened(machine: Machine, *, quietly: bool = False) -> Switcher:
    """A switcher, its settings' warnings said.

    Args:
        quietly: they are said later, where nothing fails: an error in JSON stands alone.
    """
    # Completion asks for a command's options alone.
    from profiles.switcher import Switcher

    switcher = Switcher(machine)
    if not quietly:
        notes(switcher.catalogue.settings.warnings)
    return switcher


def got(
    args: argparse.Namespace,
    machine: Machine,
    change: str = "hand out a session of it",
    request: Request | None = None,
    needs: int | None = None,
) -> tuple[Switcher, Role, Session]:
    """The session that a command's target and options ask for.

    Args:
        request: what the options ask for, where they were read before.
        needs: seconds that the session has to last; None takes what the settings say.
    """
    request = request_of(args) if request is None else request
    switcher = opened(machine, quietly=args.json)
    role = switcher.catalogue.resolve(args.target)
    session = switcher.session(role, request, ask=on_terminal, change=change, needs=needs)
    if args.json:
        notes(switcher.catalogue.settings.warnings)
    notes(session.notes)
    return switcher, role, session


def notes(said: Iterable[str]) -> None:
    """Sentences for the person, on standard error."""
    for note in said:
        print(f"rolecall: {printable(note)}", file=sys.stderr)


def record(session: Session, profile: str | None, now: float) -> dict[str, Any]:
    """A session as `assume --json` gives it: no secret in it."""
    return {
        "name": session.role,
        "profile": profile,
        "role_arn": session.role_arn,
        "assumed_role_arn": session.identity,
        "account_id": session.account_id,
        "region": session.region,
        "expires_at": None if session.expires_at is None else times.rfc3339(session.expires_at),
        "seconds_left": session.seconds_left(now),
        "source": session.source,
        "from_cache": session.from_cache,
    }


def lifetime(expires_at: float | None, now: float) -> str:
    """`59m 58s, until 22:31:07`."""
    if expires_at is None:
        return "its end is not known"
    left = max(expires_at - now, 0)
    return f"{times.words(left)}, until {times.local_clock(expires_at)}"
