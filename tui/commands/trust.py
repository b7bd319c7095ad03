"""`rolecall trust`: the trust policy that a role needs for its source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from profiles.insight.trust import trust_policy
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import opened
from tui.prompts import on_terminal

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "trust",
        "Print the trust policy that a role needs so that its source may assume it, ready to "
        "paste. Who the source is gets asked of AWS.",
        "  rolecall trust payments-prod-admin",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the policy."""
    request = request_of(args)
    switcher = opened(machine)
    role = switcher.catalogue.resolve(args.target)
    print(json.dumps(trust_policy(switcher, role, request, ask=on_terminal), indent=2))
    return 0
