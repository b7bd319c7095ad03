"""`rolecall pick`: choose a role in the picker, and print its name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles.errors import UsageError
from tui.commands.options import Parser, command_parser

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine

_NONE_TAKEN = 130


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "pick",
        "Choose a role in the picker: enter prints its name on standard output. No session is made "
        "and nothing is written. Without a choice the exit status is 130.",
        "  rolecall pick                                   # the whole screen\n"
        "  rolecall pick --inline prod                     # twelve lines under the prompt\n"
        '  rolecall assume "$(rolecall pick --inline)"\n'
        '  rolecall exec "$(rolecall pick --inline)" -- aws s3 ls',
    )
    found.add_argument("words", metavar="WORDS", nargs="*", help="the filter to begin with")
    found.add_argument(
        "--inline", action="store_true", help="in twelve lines under the prompt, filtering at once"
    )
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the name of the role that is taken."""
    name = _taken(args, machine)
    if name is None:
        return _NONE_TAKEN
    # A script gets the name as it is, whatever it is made of; others are asked for by it.
    sys.stdout.buffer.write(f"{name}\n".encode("utf-8", "surrogateescape"))
    return 0


def _taken(args: argparse.Namespace, machine: Machine) -> str | None:
    """The name of the role that a person takes in the picker, or in its plain form.

    Raises:
        UsageError: there is no terminal to choose on.
        ConfigUnreadable: a file is there and cannot be read.
    """
    words = " ".join(args.words)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("which role? The picker needs a terminal", "rolecall list names them")
    if machine.env.get("TERM") == "dumb":
        import contextlib

        from profiles.errors import Cancelled
        from tui.plain import chosen

        try:
            with contextlib.redirect_stdout(sys.stderr):
                return chosen(machine, words)
        except Cancelled:
            return None
    import gc

    # As for the picker itself: nothing is garbage before its first frame.
    gc.disable()
    from tui.app import pick

    return pick(machine, words, inline=args.inline)
