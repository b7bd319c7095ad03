"""`rolecall export`: variables for `eval`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.destinations.export import FORMATS, Export, default_format
from tui.commands.options import Parser, add_session_options, command_parser
from tui.commands.sessions import got

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "export",
        "Print what sets the session's variables in a shell, and removes what would win over them.",
        '  eval "$(rolecall export s3-reader)"\n'
        "  rolecall export s3-reader --format fish | source\n"
        "  rolecall export s3-reader --format env > session.env",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    found.add_argument(
        "--format", choices=FORMATS, metavar="F", help=f"one of {', '.join(FORMATS)}"
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the lines."""
    form = args.format or ("json" if args.json else default_format(machine.env))
    _, _, session = got(args, machine, "print a session of it")
    # cmd's line ends are its own: they are written as they are.
    sys.stdout.write(Export(form).deliver(session).text)
    return 0
