"""`rolecall unset`: clears every variable that `export` sets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.destinations.export import FORMATS, default_format, unset_lines
from profiles.errors import UsageError
from tui.commands.options import Parser, command_parser

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "unset",
        "Print what clears every variable that export sets.",
        '  eval "$(rolecall unset)"\n  rolecall unset --format fish | source',
    )
    found.add_argument(
        "--format", choices=FORMATS, metavar="F", help=f"one of {', '.join(FORMATS)}"
    )
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the lines."""
    form = args.format or default_format(machine.env)
    if form in ("env", "json"):
        raise UsageError(f"{form} can only set variables", "it is for shells: bash, zsh, fish …")
    sys.stdout.write(unset_lines(form))
    return 0
