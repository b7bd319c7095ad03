"""The menu of what can be copied of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.copies import Copied, offers
from tui.screens.menu import Menu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus
    from tui.widgets.pane import Look


class CopyMenu(Menu[Copied]):
    """What to copy; a number or enter chooses.

    Args:
        look: how it is drawn.
        machine: tells the shell.
        role: whose.
        status: its session, or None.
        done: the command line for what was done last.
    """

    def __init__(
        self,
        look: Look,
        machine: Machine,
        role: Role,
        status: SessionStatus | None,
        done: str = "",
    ) -> None:
        found = offers(machine, role, status, done)
        super().__init__(
            look,
            f"Copy of {role.name}",
            [(offer.label, offer) for offer in found],
            "enter copies · esc closes",
        )


class CommandMenu(Menu[str]):
    """The command line of everything that can be done with a role; a number or enter copies it.

    Args:
        look: how it is drawn.
        name: the role's.
        commands: how the key is written, and its command line.
    """

    def __init__(self, look: Look, name: str, commands: Sequence[tuple[str, str]]) -> None:
        cells = max(len(key) for key, _ in commands)
        super().__init__(
            look,
            f"Command lines for {name}",
            [(f"{key:<{cells}}  {command}", command) for key, command in commands],
            "enter copies · esc closes",
        )
