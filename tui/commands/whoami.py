"""`rolecall whoami`: who AWS says you are, and where the credentials came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from profiles.insight.identity import whoami
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import notes, opened
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "whoami",
        "Ask AWS (GetCallerIdentity) by the credentials that a client would use now, or by a "
        "target's, and say where those came from.",
        "  rolecall whoami\n  rolecall whoami s3-reader --json",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="a role or a profile")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the identity."""
    request = request_of(args)
    switcher = opened(machine, quietly=args.json)
    identity = whoami(switcher, args.target, request, ask=on_terminal)
    if args.json:
        notes(switcher.catalogue.settings.warnings)
        print(json.dumps(identity._asdict()))
        return 0
    print(f"identity  {printable(identity.arn)}")
    print(f"account   {printable(identity.account_id)}")
    print(f"from      {printable(identity.source)} ({printable(identity.method)})")
    return 0
