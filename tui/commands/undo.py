"""`rolecall undo`: the file that rolecall wrote last, as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.options import Parser, command_parser
from tui.commands.sessions import opened
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options: none."""
    return command_parser(
        "undo",
        "Put back the AWS file that rolecall wrote last, credentials or config, as it was before; "
        "refused if somebody else has changed it since.",
        "  rolecall undo",
    )


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Undo, and say which file."""
    del args
    change = opened(machine).undo()
    print(f"{printable(change.path)} is as it was before the last write")
    return 0
