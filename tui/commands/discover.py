"""`rolecall discover`: the accounts and roles that one has at AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from profiles.catalogue.portal import find_portal
from profiles.discovery import (
    Found,
    Written,
    discover_organizations,
    discover_sso,
    new_places,
    write,
)
from profiles.errors import UsageError
from profiles.sources.protocol import never
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import opened
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.files.discovered import Place
    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "discover",
        "Find the accounts and roles that you have: those of an IAM Identity Center sign-in, or "
        "the accounts of an organization. What is found at a sign-in is listed from then on; "
        "--write adds profiles to the config file, for the AWS CLI as well.",
        "  rolecall discover sso\n  rolecall discover sso corp --write --prune\n"
        "  rolecall discover organizations management-admin --write",
    )
    found.add_argument("kind", choices=("sso", "organizations"))
    found.add_argument(
        "target", metavar="SESSION|TARGET", nargs="?", help="an SSO session; a role or profile"
    )
    found.add_argument("--write", action="store_true", help="add profiles to the config file")
    found.add_argument("--prune", action="store_true", help="remove those it added that are gone")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Find, say, and write what is wanted."""
    if args.prune and not args.write:
        raise UsageError("--prune goes with --write", "rolecall discover … --write --prune")
    switcher = opened(machine, quietly=args.json)
    if args.kind == "sso":
        portal = find_portal(switcher.catalogue, args.target)
        found = discover_sso(switcher, portal, ask=on_terminal, cancelled=never)
    else:
        if args.target is None:
            raise UsageError("by whose session?", "rolecall discover organizations TARGET")
        found = discover_organizations(switcher, args.target, request_of(args), ask=on_terminal)
    new = set(new_places(switcher.catalogue, found))
    done = write(switcher, found, prune=args.prune) if args.write else None
    if args.json:
        print(json.dumps(_record(found, new, done), indent=1))
    else:
        _say(found, new, done)
    return 0


def _say(found: Found, new: set[Place], done: Written | None) -> None:
    width = max((len(printable(place.account_name)) for place in found.places), default=0)
    for place in found.places:
        sign = "+" if place in new else " "
        name = f"{printable(place.account_name):<{width}}"
        print(f"{sign} {name}  {place.account_id}  {printable(place.role_name)}".rstrip())
    accounts = len({place.account_id for place in found.places})
    print(f"{len(found.places)} roles in {accounts} accounts, {len(new)} without a profile")
    if done is None:
        if new:
            print("--write adds profiles for them")
        return
    for name in done.added:
        print(f"added [profile {printable(name)}]")
    for name in done.removed:
        print(f"removed [profile {printable(name)}]")


def _record(found: Found, new: set[Place], done: Written | None) -> dict[str, object]:
    return {
        "origin": found.origin,
        "roles": [{**place._asdict(), "new": place in new} for place in found.places],
        "added": list(done.added) if done else [],
        "removed": list(done.removed) if done else [],
    }
