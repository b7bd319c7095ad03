"""`rolecall exec`: one command with the session in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.destinations.command import Command
from profiles.errors import UsageError
from tui.commands.options import (
    RENEWING,
    Parser,
    add_session_options,
    command_parser,
    needed,
    request_of,
)
from tui.commands.sessions import got

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from profiles.machine import Machine


class _ExecParser(Parser):
    """Everything behind the first `--` is the command's, whatever it looks like."""

    def parse_args(self, args: Sequence[str], namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        words = list(args)
        command: list[str] = []
        if "--" in words:
            at = words.index("--")
            words, command = words[:at], words[at + 1 :]
        found = super().parse_args(words, namespace)
        found.command = [*found.command, *command]
        return found


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "exec",
        "Run one command with the session in its environment. It takes rolecall's place: its "
        "exit status is the result, signals reach it alone.",
        "  rolecall exec s3-reader -- aws s3 ls\n"
        "  rolecall exec payments-prod-admin --region eu-west-1 -- terraform plan\n"
        "  rolecall exec payments-prod-admin --needs 50m -- terraform apply",
        _ExecParser,
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    found.add_argument("command", metavar="-- COMMAND…", nargs="*", help="the command, behind --")
    lasting = found.add_mutually_exclusive_group()
    lasting.add_argument("--renewing", action="store_true", help=RENEWING)
    lasting.add_argument(
        "--needs",
        metavar="D",
        type=needed,
        help="how long the command takes: a session that ends before is renewed first, or refused",
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Become the command."""
    if not args.command:
        raise UsageError("there is no command to run", "rolecall exec TARGET -- COMMAND…")
    change = f"run {args.command[0]} with a session of it"
    if not args.renewing:
        _, _, session = got(args, machine, change, needs=args.needs)
        return Command(machine, args.command).deliver(session).status
    from profiles.destinations.endpoint import for_child
    from tui.title import Title

    request = request_of(args)
    switcher, role, session = got(args, machine, change, request, needs=0)
    with Title(role.name) as title:
        endpoint = for_child(machine, switcher.catalogue, role, request, title)
        return Command(machine, args.command, endpoint).deliver(session).status
