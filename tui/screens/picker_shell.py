"""A subshell from the picker: the screen is handed over, and taken back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from profiles.errors import RolecallError
from profiles.files.aws_clock import aws_now
from profiles.times import countdown
from tui.same_command import same_command
from tui.screens.handing import hand_terminal
from tui.screens.picker_renewing import PickerRenewing

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.session import Session


class PickerShell(PickerRenewing):
    """What the picker does with shells."""

    def action_shell(self) -> None:
        """Hand the terminal to a subshell with the session in it."""
        role = self.role
        if role is not None:
            self.hand_out(role, "open a shell with it", self._open_shell)

    def action_renewing_shell(self) -> None:
        """Hand the terminal to a subshell whose session is renewed for as long as it lives."""
        from profiles.destinations.endpoint import bare_profile

        role = self.role
        if role is None:
            return
        try:
            bare_profile(self.machine, self.switcher.catalogue)
        except RolecallError as error:
            self.say_error(error)
            return
        change = "open a shell that renews it"
        self.hand_out(role, change, lambda session: self._open_shell(session, role), needs=0)

    def _open_shell(self, session: Session, renewed: Role | None = None) -> None:
        left = session.seconds_left(aws_now(self.machine))
        time = f", {countdown(left)} left" if left else ""
        time = time if renewed is None else ", renewed for as long as it lives"

        def use(terminal: int) -> int:
            said = self.roles.look.said(session.role)
            hello = f"rolecall: a shell with {said}{time}; exit comes back\r\n"
            os.write(terminal, hello.encode("utf-8", "surrogateescape"))
            return self._in_shell(session, terminal, renewed)

        status, failure = hand_terminal(self.app, "the shell", use)
        if failure is not None:
            self.say_error(failure)
        else:
            ended = f" with status {status}" if status else ""
            key = "shell" if renewed is None else "renewing_shell"
            self.say_done(f"the shell ended{ended}", same_command(key, session.role))
        self.files_written()

    def _in_shell(self, session: Session, terminal: int, renewed: Role | None) -> int:
        """Wait for the end of the shell; its exit status."""
        from profiles.destinations.shell import Subshell

        if renewed is None:
            return Subshell(self.machine, terminal).deliver(session).status
        from profiles.destinations.endpoint import for_child
        from tui.title import Title

        with Title(renewed.name, terminal) as title:
            endpoint = for_child(self.machine, self.switcher.catalogue, renewed, None, title)
            return Subshell(self.machine, terminal, endpoint).deliver(session).status
