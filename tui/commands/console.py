"""`rolecall console`: the AWS console in the browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from profiles.browser import only_prints
from profiles.console_link import check_browser, console_link, open_console
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import notes, opened
from tui.prompts import on_terminal

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "console",
        "Open the AWS console as a role, in the browser. A permission set's opens through the "
        "access portal, any other by a sign-in link made with the role's session.",
        "  rolecall console s3-reader --service s3\n"
        "  rolecall console payments-prod-admin --region eu-west-1 --logout-first\n"
        "  rolecall console s3-reader --print     # the link is a secret, good for 15 minutes",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    found.add_argument("--service", metavar="S", help="the page to begin with: s3, ec2, iam …")
    found.add_argument("--print", action="store_true", help="print the link, open no browser")
    found.add_argument(
        "--logout-first", action="store_true", help="end the console session of before"
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Open the console, or print the link."""
    request = request_of(args)
    switcher = opened(machine, quietly=args.json)
    role = switcher.catalogue.resolve(args.target)
    printed = args.json or args.print or only_prints(switcher.catalogue.settings)
    if not printed:
        check_browser(switcher, role)
    link = console_link(
        switcher,
        role,
        request,
        service=args.service,
        logout_first=args.logout_first,
        ask=on_terminal,
    )
    if args.json:
        notes(switcher.catalogue.settings.warnings)
    notes(link.notes)
    if args.json:
        print(json.dumps({"url": link.url}))
    elif printed:
        print(link.url)
    else:
        notes([f"the console of {role.name} opens in the browser"])
        open_console(switcher, role, link)
    return 0
