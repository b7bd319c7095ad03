"""The menu of what can be copied of a role."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from tui.screens.menu import Menu

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus
    from tui.widgets.pane import Look

CONSOLE = "console"
"""The `form` of the link to the console."""


class Copied(NamedTuple):
    """One thing to copy.

    Attributes:
        label: what it is called.
        text: what is copied; None where a session has to be had first.
        form: for variables, the shell they are written for; `CONSOLE` for the console's link.
    """

    label: str
    text: str | None
    form: str = ""


def offers(machine: Machine, role: Role, status: SessionStatus | None) -> list[Copied]:
    """What there is to copy of a role now."""
    from profiles.destinations.export import default_format

    form = default_format(machine.env)
    found = [Copied(f"variables for {form}, keys included", None, form)]
    if status is not None and status.profile:
        profile = shlex.quote(status.profile)
        found.append(Copied(f"AWS_PROFILE={profile}", f"AWS_PROFILE={profile}"))
    if role.role_arn:
        found.append(Copied("the role's ARN", role.role_arn))
    if status is not None and status.identity and status.identity != role.role_arn:
        found.append(Copied("the identity's ARN", status.identity))
    if role.kind != "session-token":
        found.append(Copied("a link to the console, good for 15 minutes", None, CONSOLE))
    if role.account_id:
        found.append(Copied(f"the account's id, {role.account_id}", role.account_id))
    command = f"rolecall assume {shlex.quote(role.name)}"
    found.append(Copied(command, command))
    return found


class CopyMenu(Menu[Copied]):
    """What to copy; a number or enter chooses.

    Args:
        look: how it is drawn.
        machine: tells the shell.
        role: whose.
        status: its session, or None.
    """

    def __init__(
        self, look: Look, machine: Machine, role: Role, status: SessionStatus | None
    ) -> None:
        found = offers(machine, role, status)
        super().__init__(
            look,
            f"Copy of {role.name}",
            [(offer.label, offer) for offer in found],
            "enter copies · esc closes",
        )
