"""One command with the session in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.destinations.child import replace_process
from profiles.destinations.environment import environment
from profiles.destinations.protocol import Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.machine import Machine
    from profiles.session import Session


class Command:
    """A command that takes this process's place.

    Args:
        argv: the command and its arguments; no shell reads them.
    """

    def __init__(self, machine: Machine, argv: Sequence[str]) -> None:
        self.machine = machine
        self.argv = argv

    def deliver(self, session: Session) -> Delivery:
        """Become the command; returns only where a process cannot be replaced.

        Raises:
            NotStarted: it cannot be run; its exit status is 127 or 126.
        """
        status = replace_process(self.argv, environment(session, self.machine.env))
        return Delivery(self.argv[0], status=status)
