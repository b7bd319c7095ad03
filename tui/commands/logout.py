"""`rolecall logout`: ends sign-ins to IAM Identity Center and to OpenID Connect providers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.commands.options import Parser, command_parser
from tui.commands.sessions import notes, opened
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "logout",
        "End sign-ins to IAM Identity Center, here and at AWS, forget those to OpenID Connect "
        "providers, and remove the cached sessions of their roles. What was written to "
        "credentials profiles stays until rolecall drop.",
        "  rolecall logout corp\n  rolecall logout",
    )
    found.add_argument(
        "session",
        metavar="SESSION",
        nargs="?",
        help="an SSO session, a profile or role that starts from a sign-in, or a start URL; "
        "all sign-ins where left out",
    )
    found.add_argument("--json", action="store_true", help="print JSON")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Sign out, and say of what."""
    from profiles.sign_out import sign_out

    done = sign_out(machine, opened(machine).catalogue, args.session)
    notes(done.notes)
    if args.json:
        record = {"sign_ins": done.sign_ins, "cached_sessions": done.sessions}
        print(json.dumps(record, ensure_ascii=False))
        return 0
    for name in done.sign_ins:
        print(f"signed out of {printable(name)}")
    if done.sessions:
        print(f"removed {done.sessions} cached session{'' if done.sessions == 1 else 's'}")
    if not done.sign_ins and not done.sessions:
        print("not signed in")
    return 0
