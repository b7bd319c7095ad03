"""The terminal handed to a child, and taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from profiles.errors import RolecallError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.app import App


def hand_terminal(
    app: App[Any], what: str, use: Callable[[int], int]
) -> tuple[int, RolecallError | None]:
    """Give the screen up for as long as a child has the terminal; its exit status, and what failed.

    Args:
        what: the child, as people call it.
        use: gets the terminal's file descriptor, and returns the child's exit status.
    """
    try:
        return _handed(app, what, use)
    except SuspendNotSupported:
        return 0, RolecallError(f"{what} needs a terminal, and this one cannot be handed over")


def _handed(
    app: App[Any], what: str, use: Callable[[int], int]
) -> tuple[int, RolecallError | None]:
    # App.suspend restores nothing when its body raises: everything is caught inside. The child
    # gets the terminal itself, and the keyboard's signals are its own until it ends.
    with app.suspend():
        try:
            terminal = os.open("/dev/tty", os.O_RDWR)
            try:
                return use(terminal), None
            finally:
                os.close(terminal)
        except RolecallError as error:
            return 0, error
        except OSError as error:
            return 0, RolecallError(f"{what} did not start: {error.strerror}")
