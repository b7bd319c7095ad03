"""`rolecall login`: signs in to IAM Identity Center, for the AWS CLI and the SDKs as well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from profiles import times
from profiles.catalogue.portal import find_portal
from profiles.challenges import SignIn
from profiles.errors import LoginRequired
from tui.commands.options import Parser, command_parser
from tui.commands.sessions import lifetime, opened
from tui.prompts import has_person, on_terminal, sign_in_lines, tell
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.challenges import Challenge
    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "login",
        "Sign in to IAM Identity Center: in the browser of this machine, or with a code in any "
        "browser. The AWS CLI and the SDKs use the same sign-in.",
        "  rolecall login\n  rolecall login corp\n  rolecall login corp --device-code\n"
        "  rolecall login corp --device-code --no-browser   # without a terminal, too",
    )
    found.add_argument(
        "session",
        metavar="SESSION",
        nargs="?",
        help="an SSO session, a profile or role that starts from one, or a start URL; "
        "the only one where left out",
    )
    found.add_argument(
        "--device-code", action="store_true", help="a code instead of the browser of this machine"
    )
    found.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    found.add_argument("--json", action="store_true", help="print JSON")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Sign in, and say until when."""
    from profiles.portal_login import login

    catalogue = opened(machine).catalogue
    portal = find_portal(catalogue, args.session)
    alone = args.device_code and args.no_browser
    if not alone and not has_person():
        raise LoginRequired(
            f"a sign-in to {portal.name} needs a person at a terminal",
            "or add --device-code --no-browser: that prints address and code, and waits",
        )
    done = login(
        machine,
        catalogue,
        portal,
        ask=_printed if alone else on_terminal,
        device_code=args.device_code,
        browser=not args.no_browser,
    )
    now = machine.now()
    if args.json:
        record = {
            "name": portal.name,
            "start_url": portal.start_url,
            "region": portal.region,
            "expires_at": times.rfc3339(done.expires_at),
            "seconds_left": max(int(done.expires_at - now), 0),
            "refreshable": done.refreshable,
        }
        print(json.dumps(record, ensure_ascii=False))
        return 0
    print(f"signed in to {printable(portal.name)}: {lifetime(done.expires_at, now)}")
    if done.refreshable:
        print("it is refreshed without you for as long as Identity Center lets it")
    return 0


def _printed(challenge: Challenge) -> str:
    """Show address and code, whoever reads them."""
    if isinstance(challenge, SignIn):
        for line in sign_in_lines(challenge):
            tell(line)
    return ""
