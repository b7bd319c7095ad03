"""`rolecall undo`: the credentials file as it was before rolecall's last write."""

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
        "Put the credentials file back as it was before rolecall's last write; refused if "
        "somebody else has changed it since.",
        "  rolecall undo",
    )


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Undo, and say which file."""
    del args
    change = opened(machine).undo()
    print(f"{printable(change.path)} is as it was before the last write")
    return 0
