"""`rolecall demo`: everything, on an emulated AWS on this machine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tui.commands.options import Parser, command_parser

if TYPE_CHECKING:
    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "demo",
        "Start an emulated AWS with an example company on this machine, and open the picker on "
        "it, or run another command in it. None of your files is read or written.",
        "  rolecall demo\n  rolecall demo list\n  rolecall demo exec s3-reader -- aws s3 ls",
    )
    found.add_argument(
        "words", metavar="COMMAND…", nargs=argparse.REMAINDER, help="a rolecall command"
    )
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Run the demo; its exit status is the command's."""
    from tui.demo.run import run as run_demo

    return run_demo(args.words, machine)
