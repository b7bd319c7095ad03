"""`rolecall explain`: who wins, what is passed over, the hops, and why one fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from profiles.errors import UsageError
from profiles.insight.explanation import Explanation, of_environment, of_target
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import opened
from tui.explained import explained
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "explain",
        "Show the hops to a role and what each AWS client would take for it, in the order in which "
        "the client looks; with --env, what clients would take in this environment. Nothing is "
        "asked of AWS without --try.",
        "  rolecall explain payments-prod-admin\n  rolecall explain payments-prod-admin --try\n"
        "  rolecall explain --env",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="a role, or a profile")
    found.add_argument("--env", action="store_true", help="explain the environment")
    found.add_argument("--try", dest="tried", action="store_true", help="really make the hops")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Show it; the exit status is 1 where the target or the environment leads to nothing."""
    if bool(args.target) == args.env:
        raise UsageError("explain what?", "rolecall explain TARGET, or rolecall explain --env")
    if args.tried and args.env:
        raise UsageError("--try makes the hops to a target", "rolecall whoami asks who you are")
    switcher = opened(machine, quietly=args.json)
    if args.env:
        said = of_environment(switcher)
    else:
        catalogue = switcher.catalogue
        role = catalogue.get(args.target) or catalogue.profile_role(args.target)
        role = role or catalogue.resolve(args.target)
        said = of_target(switcher, role, request_of(args), ask=on_terminal if args.tried else None)
    if args.json:
        print(json.dumps(_record(said), indent=1))
    else:
        print("\n".join(printable(line.text) for line in explained(said, machine.home)))
    failed = said.problem is not None or any(hop.failure for hop in said.hops)
    return 1 if failed else 0


def _record(said: Explanation) -> dict[str, Any]:
    return {
        "target": said.target,
        "problem": said.problem,
        "region": _region(said.region),
        "hops": [hop._asdict() for hop in said.hops],
        "wins": list(said.wins),
        "hint": said.hint,
        "causes": list(said.causes),
        "clients": [
            {
                "client": chain.client,
                "profile": chain.profile,
                "winner": chain.winner.place if chain.winner else None,
                "failure": chain.failure,
                "region": _region(chain.region),
                "steps": [step._asdict() for step in chain.steps],
            }
            for chain in said.chains
        ],
    }


def _region(found: tuple[str, str] | None) -> dict[str, str] | None:
    return None if found is None else {"value": found[0], "where": found[1]}
