"""`rolecall assume`: get a session and write it to a credentials profile."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from profiles.errors import UsageError
from profiles.files.aws_clock import aws_now
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import lifetime, notes, opened, record
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "assume",
        "Get a session of a role and write it to a credentials profile, where every client "
        "finds it. A session that is cached and still good is written without asking AWS.",
        "  rolecall assume payments-prod-admin\n"
        "  rolecall assume 123456789012/Admin --as work --duration 2h\n"
        "  rolecall assume arn:aws:iam::123456789012:role/Admin --source base --dry-run\n"
        "  rolecall assume payments-prod-admin --as work --as default",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    found.add_argument(
        "--as",
        dest="profiles",
        metavar="PROFILE",
        action="append",
        default=[],
        help="the profile to write; repeatable",
    )
    found.add_argument("--default", action="store_true", help="write to [default]")
    found.add_argument(
        "--dry-run", action="store_true", help="show the change as a diff, write nothing"
    )
    found.add_argument(
        "--force", action="store_true", help="overwrite a profile that is not rolecall's"
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Write the session, and say where."""
    if args.default and args.profiles:
        raise UsageError("--as and --default are two ways", "for both places: --as default")
    request = request_of(args)
    switcher = opened(machine, quietly=args.json)
    role = switcher.catalogue.resolve(args.target)
    place = {"profiles": args.profiles, "default": args.default, "force": args.force}
    if args.dry_run:
        diff = switcher.preview(role, request, **place)
        print("\n".join(map(printable, diff.splitlines())))
        return 0
    assumed = switcher.assume(role, request, ask=on_terminal, **place)
    session, now = assumed.session, aws_now(machine)
    if args.json:
        notes(switcher.catalogue.settings.warnings)
    notes(assumed.notes)
    if args.json:
        print(json.dumps(record(session, assumed.profile, now), indent=1))
        return 0
    for profile in assumed.profiles:
        print(f"profile   {printable(profile)}")
    print(f"identity  {printable(session.identity or session.account_id or 'not known')}")
    print(f"expires   in {lifetime(session.expires_at, now)}")
    if sys.stdout.isatty():
        print(f"use it    export AWS_PROFILE={_quoted(assumed.profile)}")
    return 0


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(printable(name))
