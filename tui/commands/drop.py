"""`rolecall drop`: removes what rolecall wrote, and its cached sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.dropping import drop, drop_all
from profiles.errors import UsageError
from tui.commands.options import Parser, command_parser
from tui.commands.sessions import opened
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "drop",
        "Remove the credentials profiles that rolecall wrote and the sessions it cached. Nothing "
        "that another tool wrote is touched.",
        "  rolecall drop s3-reader\n  rolecall drop --expired",
    )
    found.add_argument("targets", metavar="TARGET", nargs="*", help="roles, or profiles written")
    found.add_argument("--all", action="store_true", help="everything that rolecall wrote")
    found.add_argument("--expired", action="store_true", help="only what has expired")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Remove, and say what."""
    if bool(args.targets) + args.all + args.expired != 1:
        raise UsageError("which sessions?", "rolecall drop TARGET… | --all | --expired")
    if args.targets:
        dropped = drop(machine, opened(machine).catalogue, args.targets)
    else:
        dropped = drop_all(machine, expired=args.expired)
    for profile in dropped.profiles:
        print(f"removed [{printable(profile)}]")
    if dropped.sessions:
        plural = "" if dropped.sessions == 1 else "s"
        print(f"removed {dropped.sessions} cached session{plural}")
    if not dropped.profiles and not dropped.sessions:
        print("nothing to remove")
    return 0
