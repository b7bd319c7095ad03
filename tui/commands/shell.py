"""`rolecall shell`: a subshell with the session in its environment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.destinations.shell import Subshell, depth
from profiles.errors import UsageError
from tui.commands.options import Parser, add_session_options, command_parser
from tui.commands.sessions import got, lifetime, notes
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "shell",
        "Open your shell with the session in its environment; `exit` comes back. Its exit "
        "status is the shell's own.",
        "  rolecall shell s3-reader\n  rolecall shell payments-prod-admin --duration 30m --yes",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="without one, a list to choose")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Open the shell."""
    if args.target is None:
        if not sys.stdin.isatty():
            raise UsageError("which role?", "rolecall shell TARGET")
        from tui.plain import chosen

        args.target = chosen(machine)
    _, role, session = got(args, machine, "open a shell with a session of it")
    inside = depth(machine.env)
    if sys.stderr.isatty():
        within = f" inside {machine.env.get('ROLECALL_ROLE')}'s" if inside else ""
        notes(
            [
                f"a shell{within} with {printable(role.name)}: "
                f"{lifetime(session.expires_at, machine.now())}; exit comes back"
            ]
        )
    return Subshell(machine).deliver(session).status
