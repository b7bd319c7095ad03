"""`rolecall status`: every session and its time left, whoever made it."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.sessions import session_statuses
from profiles.errors import UnknownTarget
from profiles.files.aws_clock import aws_now
from profiles.model import Phase
from tui.commands.options import Parser, command_parser
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine
    from profiles.model import SessionStatus

_GLYPHS = {Phase.LIVE: "●", Phase.EXPIRING: "◐", Phase.CRITICAL: "◑", Phase.EXPIRED: "✕"}


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "status",
        "Every session on this machine, whoever made it, by the files alone: no network.",
        "  rolecall status\n  rolecall status s3-reader --exit-code && aws s3 ls\n"
        "  rolecall status --watch",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="a role, or a profile written")
    found.add_argument("--json", action="store_true", help="an array of objects")
    found.add_argument("--exit-code", action="store_true", help="1 where no session is live")
    found.add_argument("--watch", action="store_true", help="go on, once a second, until ctrl+c")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the sessions."""
    while True:
        found = _statuses(args.target, machine)
        now = aws_now(machine)
        if args.json:
            print(
                json.dumps([record(status, now) for status in found], ensure_ascii=False, indent=1)
            )
        else:
            _print_table(found, now)
        if not args.watch:
            break
        sys.stdout.flush()
        time.sleep(1)
        if sys.stdout.isatty() and not args.json:
            lines = max(len(found), 1)
            sys.stdout.write(f"\x1b[{lines}A\x1b[J")
    alive = any(status.phase(aws_now(machine)) is not Phase.EXPIRED for status in found)
    return 1 if args.exit_code and not alive else 0


def _statuses(target: str | None, machine: Machine) -> list[SessionStatus]:
    catalogue = Catalogue.load(machine)
    found = session_statuses(machine, catalogue)
    if target is None:
        return found
    ours = [status for status in found if target in (status.name, status.profile, status.identity)]
    if not ours and catalogue.get(target) is None and target not in catalogue.files.profiles:
        role = catalogue.resolve(target)  # says what is near where nothing is
        ours = [status for status in found if status.name == role.name]
        if not ours and role.origin == "settings" and catalogue.get(role.name) is None:
            raise UnknownTarget(
                f"no session is called {target!r}", "rolecall status shows them all"
            )
    return ours


def record(status: SessionStatus, now: float) -> dict[str, Any]:
    """A session as `status --json` gives it."""
    return {
        "name": status.name,
        "profile": status.profile,
        "identity": status.identity,
        "phase": str(status.phase(now)),
        "expires_at": None if status.expires_at is None else times.rfc3339(status.expires_at),
        "seconds_left": status.seconds_left(now),
        "origin": status.origin,
        "destinations": list(status.destinations),
    }


def _print_table(found: list[SessionStatus], now: float) -> None:
    if not found:
        print("no session")
        return
    rows = []
    for status in found:
        phase, left = status.phase(now), status.seconds_left(now)
        clock = f"until {times.local_clock(status.expires_at)}" if status.expires_at else ""
        rows.append(
            (
                f"{_GLYPHS[phase]} {phase}",
                "?" if left is None else times.words(left),
                clock,
                printable(status.name),
                status.origin,
                printable(" ".join(status.destinations)) or "-",
            )
        )
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    for row in rows:
        padded = [f"{text:{width}}" for text, width in zip(row[:-1], widths, strict=True)]
        print("  ".join([*padded, row[-1]]).rstrip())
