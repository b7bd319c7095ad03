"""What can be copied of a role."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from tui.same_command import same_command

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus

CONSOLE = "console"
"""The `form` of the link to the console."""
COMMANDS = "commands"
"""The `form` of the menu of command lines."""


class Copied(NamedTuple):
    """One thing to copy.

    Attributes:
        label: what it is called.
        text: what is copied; None where a session has to be had first.
        form: for variables, the shell they are written for; `CONSOLE` for the console's link,
            `COMMANDS` for the menu of command lines.
    """

    label: str
    text: str | None
    form: str = ""

    def __repr__(self) -> str:
        """Without its text: that may be a session."""
        return f"Copied({self.label})"


def offers(
    machine: Machine, role: Role, status: SessionStatus | None, done: str = ""
) -> list[Copied]:
    """What there is to copy of a role now.

    Args:
        done: the command line for what was done last.
    """
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
    command = same_command("switch", role.name)
    found.append(Copied(command, command))
    if done not in ("", command):
        found.append(Copied(f"just done: {done}", done))
    found.append(Copied("another command line …", None, COMMANDS))
    return found
