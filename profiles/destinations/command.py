"""One command with the session in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.destinations.child import replace_process, run
from profiles.destinations.environment import environment
from profiles.destinations.protocol import Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.destinations.endpoint import Endpoint
    from profiles.machine import Machine
    from profiles.session import Session


class Command:
    """A command that takes this process's place.

    Args:
        argv: the command and its arguments; no shell reads them.
        endpoint: hands out the session for as long as the command runs, which gets no keys then;
            this process stays behind it.
    """

    def __init__(
        self, machine: Machine, argv: Sequence[str], endpoint: Endpoint | None = None
    ) -> None:
        self.machine = machine
        self.argv = argv
        self.endpoint = endpoint

    def deliver(self, session: Session) -> Delivery:
        """Become the command; returns only where this process cannot be replaced, or stays.

        Raises:
            NotStarted: it cannot be run; its exit status is 127 or 126.
            UsageError: the session is none that an endpoint serves.
        """
        if self.endpoint is None:
            status = replace_process(self.argv, environment(session, self.machine.env))
        else:
            with self.endpoint as endpoint:
                endpoint.deliver(session)
                env = environment(session, self.machine.env, endpoint.variables)
                status = run(self.argv, env)
        return Delivery(self.argv[0], status=status)
