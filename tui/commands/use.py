"""`rolecall use`: a role's session in the calling shell, through the function of `init`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from profiles.destinations.export import FORMATS, Export, default_format
from profiles.errors import UsageError
from profiles.files.aws_clock import aws_now
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import got, lifetime, notes
from tui.shells import LOADED_BY
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine
    from profiles.request import Request
    from profiles.session import Session

_SHELLS = tuple(form for form in FORMATS if form not in ("env", "json"))
_CHANGE = "set a session of it in the calling shell"


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "use",
        "Set a role's session in the calling shell; without a target, choose it in the picker. "
        "A program cannot change the shell that called it: the function of `rolecall init` does.",
        '  eval "$(rolecall init bash)"     # once, in ~/.bashrc\n'
        "  rolecall use s3-reader\n"
        "  rolecall use                     # the picker; enter takes the role\n"
        "  rolecall unset                   # takes it back",
    )
    found.add_argument("target", metavar="TARGET", nargs="?", help="without one, the picker")
    found.add_argument(
        "--format",
        choices=_SHELLS,
        metavar="F",
        help=f"print what sets it, as the function has it: {', '.join(_SHELLS)}",
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print what sets the session, for the function to evaluate."""
    if args.format is None:
        form = default_format(machine.env)
        raise UsageError(
            "use needs rolecall's shell function, which is not loaded here",
            LOADED_BY.get(form, LOADED_BY["bash"]),
        )
    if args.target is None:
        session = chosen(machine, request=request_of(args))
    else:
        _, _, session = got(args, machine, _CHANGE)
    hand_over(session, args.format, machine)
    return 0


def chosen(machine: Machine, words: str = "", request: Request | None = None) -> Session:
    """The session of the role that a person takes in the picker, or in its plain form.

    Raises:
        UsageError: there is no terminal to choose on.
        Cancelled: they took none.
        RolecallError: it cannot be had, and why.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("which role? The picker needs a terminal", "rolecall use TARGET")
    if machine.env.get("TERM") == "dumb":
        return chosen_by_number(machine, words, request)
    import gc

    # As for the picker itself: nothing is garbage before its first frame.
    gc.disable()
    from profiles.request import Request as Asked
    from tui.app import choose

    return choose(machine, words, request or Asked())


def chosen_by_number(machine: Machine, words: str = "", request: Request | None = None) -> Session:
    """The same by a numbered list: on standard error, as standard output is the shell's.

    Raises:
        Cancelled: they took none.
        RolecallError: it cannot be had, and why.
    """
    from profiles.switcher import Switcher
    from tui.plain import chosen as by_number
    from tui.prompts import on_terminal

    with contextlib.redirect_stdout(sys.stderr):
        name = by_number(machine, words)
    switcher = Switcher(machine)
    role = switcher.catalogue.resolve(name)
    session = switcher.session(role, request, ask=on_terminal, change=_CHANGE)
    notes(session.notes)
    return session


def hand_over(session: Session, form: str, machine: Machine) -> None:
    """Print what sets a session in a shell, and tell the person that it does."""
    text = Export(form).deliver(session).text
    if sys.stderr.isatty():
        life = lifetime(session.expires_at, aws_now(machine))
        notes([f"{printable(session.role)}, {life}; rolecall unset takes it back"])
    sys.stdout.write(text)
