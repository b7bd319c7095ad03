"""`rolecall init`: the shell function, completions and prompt helper."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui.commands.options import Parser, command_parser
from tui.shells import LOADED_BY, SHELLS, script

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    lines = "\n".join(f"  {line}" for line in LOADED_BY.values())
    found = command_parser(
        "init",
        "Print what a shell needs for `rolecall use`, for completions and for a prompt with the "
        "time left: one line in its start-up file loads it.",
        lines,
    )
    found.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print it."""
    del machine
    sys.stdout.write(script(args.shell))
    return 0
