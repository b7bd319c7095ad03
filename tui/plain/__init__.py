"""The picker a line at a time: a numbered list with prompts, for screen readers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from profiles.errors import Cancelled, RolecallError
from tui.plain.asking import line, say
from tui.plain.doing import Doing
from tui.plain.listing import Listing

if TYPE_CHECKING:
    from profiles.machine import Machine

__all__ = ["chosen", "run"]


def run(machine: Machine, query: str = "") -> int:
    """Serve prompts until `q` or the end of the input."""
    plain = Doing(machine, query)
    plain.show()
    threading.Thread(target=plain.ask_machine, name="rolecall-machine", daemon=True).start()
    while True:
        said = line("rolecall> ")
        if said is None or said in ("q", "quit", "exit"):
            return 0
        try:
            plain.do(said)
        except RolecallError as error:
            _say_error(error)


def chosen(machine: Machine, query: str = "") -> str:
    """The name of the role that a person picks from the list.

    Raises:
        Cancelled: they picked none.
    """
    plain = Listing(machine, query)
    plain.show()
    while True:
        said = line("number, or /words: ")
        if said is None or said in ("", "q"):
            raise Cancelled("no role chosen")
        if said.startswith("/"):
            plain.filter(said[1:])
            continue
        try:
            return plain.role(said).name
        except RolecallError as error:
            _say_error(error)


def _say_error(error: RolecallError) -> None:
    say(f"rolecall: {error.summary}")
    if error.hint:
        say(f"  hint: {error.hint}")
