"""A subshell with the session in its environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from profiles.destinations import child
from profiles.destinations.environment import environment
from profiles.destinations.prompt_mark import marked
from profiles.destinations.protocol import Delivery
from profiles.files.running import announced

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from profiles.destinations.endpoint import Endpoint
    from profiles.machine import Machine
    from profiles.session import Session

_FALLBACK = "/bin/sh"


class Subshell:
    """The user's own shell, inside which clients find the session.

    Args:
        terminal: a file descriptor that the shell's standard streams are; None for this process's.
        endpoint: hands out the session for as long as the shell lives, which gets no keys then.
        login: whether it is a login shell.
    """

    def __init__(
        self,
        machine: Machine,
        terminal: int | None = None,
        endpoint: Endpoint | None = None,
        *,
        login: bool = False,
    ) -> None:
        self.machine = machine
        self.terminal = terminal
        self.endpoint = endpoint
        self.login = login

    def deliver(self, session: Session) -> Delivery:
        """Open the shell and wait for its end.

        Raises:
            NotStarted: it cannot be run; its exit status is 127 or 126.
            UsageError: the session is none that an endpoint serves.
        """
        if self.endpoint is None:
            return self._opened(session, environment(session, self.machine.env))
        with self.endpoint as endpoint:
            endpoint.deliver(session)
            env = environment(session, self.machine.env, endpoint.variables)
            return self._opened(session, env)

    def _opened(self, session: Session, env: dict[str, str]) -> Delivery:
        program = user_shell(self.machine.env)
        shell = marked(program, session.role, self.machine, login=self.login)
        inside = {"ROLECALL_DEPTH": str(depth(self.machine.env) + 1)}
        env = env | shell.variables | inside

        def started(pid: int) -> AbstractContextManager[None]:
            return announced(self.machine, f"shell (pid {pid})", pid, session)

        status = child.run(shell.argv, env, self.terminal, program=program, started=started)
        return Delivery("a subshell", status=status)


def user_shell(env: Mapping[str, str]) -> str:
    """The user's shell: `$SHELL`, else the one this process was started from, else `/bin/sh`."""
    named = env.get("SHELL")
    if named and os.access(named, os.X_OK):
        return named
    import shellingham

    try:
        return str(shellingham.detect_shell()[1])
    except (shellingham.ShellDetectionFailure, OSError):
        return env.get("COMSPEC", _FALLBACK)


def depth(env: Mapping[str, str]) -> int:
    """How many of our subshells stand around this process; what is no number counts as none."""
    said = env.get("ROLECALL_DEPTH", "")
    return int(said) if said.isascii() and said.isdigit() else 0
