"""`rolecall shell`: a subshell with the session in its environment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.destinations.shell import Subshell, depth
from profiles.errors import UsageError
from profiles.files.aws_clock import aws_now
from tui.commands.options import (
    RENEWING,
    Parser,
    add_session_options,
    command_parser,
    request_of,
)
from tui.commands.sessions import got, lifetime, notes
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.session import Session


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "shell",
        "Open your shell with the session in its environment; `exit` comes back. Its exit "
        "status is the shell's own.",
        "  rolecall shell s3-reader\n  rolecall shell payments-prod-admin --duration 30m --yes\n"
        "  rolecall shell s3-reader --renewing",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="without one, a list to choose")
    found.add_argument(
        "--login", action="store_true", help="a login shell: it reads .profile and the like"
    )
    found.add_argument("--renewing", action="store_true", help=RENEWING)
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Open the shell."""
    if args.target is None:
        if not sys.stdin.isatty():
            raise UsageError("which role?", "rolecall shell TARGET")
        from tui.plain import chosen

        args.target = chosen(machine)
    request = request_of(args)
    # One that renews itself needs no length.
    needs = 0 if args.renewing else None
    change = "open a shell with a session of it"
    switcher, role, session = got(args, machine, change, request, needs)
    if not args.renewing:
        _hello(machine, role, session, "")
        return Subshell(machine, login=args.login).deliver(session).status
    from profiles.destinations.endpoint import for_child
    from tui.title import Title

    with Title(role.name) as title:
        endpoint = for_child(machine, switcher.catalogue, role, request, title)
        _hello(machine, role, session, ", renewed for as long as it lives")
        return Subshell(machine, None, endpoint, login=args.login).deliver(session).status


def _hello(machine: Machine, role: Role, session: Session, more: str) -> None:
    inside = depth(machine.env)
    if sys.stderr.isatty():
        within = f" inside {machine.env.get('ROLECALL_ROLE')}'s" if inside else ""
        notes(
            [
                f"a shell{within} with {printable(role.name)}: "
                f"{lifetime(session.expires_at, aws_now(machine))}{more}; exit comes back"
            ]
        )
