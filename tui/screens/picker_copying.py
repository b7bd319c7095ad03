"""What can be copied of a role: its session, its names, and command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import RolecallError
from tui.same_command import same_command, same_commands
from tui.screens.picker_console import PickerConsole

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.console_link import Link
    from profiles.session import Session
    from tui.copies import Copied


class PickerCopying(PickerConsole):
    """The copy menu; a secret is taken out of the clipboard again where that can be done."""

    def action_copy(self) -> None:
        """Offer what can be copied of the role."""
        from tui.copies import COMMANDS, CONSOLE
        from tui.screens.copy_menu import CopyMenu

        role = self.role
        if role is None:
            return

        def chosen(item: Copied | None) -> None:
            if item is None:
                return
            if item.text is not None:
                self.host.copy(item.text, lambda _: self.say(f"copied: {item.label}"))
            elif item.form == CONSOLE:
                self._copy_console_link(role, item)
            elif item.form == COMMANDS:
                self._copy_command(role)
            else:
                change = "copy its keys"
                self.hand_out(role, change, lambda session: self._copy_keys(session, item))

        status, done = self.facts.status(role), self.facts.done
        self.app.push_screen(CopyMenu(self.roles.look, self.machine, role, status, done), chosen)

    def _copy_command(self, role: Role) -> None:
        """Offer the command lines of everything that can be done with the role."""
        from profiles.destinations.export import default_format
        from tui.screens.copy_menu import CommandMenu

        try:
            profile = self.switcher.profile_for(role)
        except RolecallError as error:
            self.say_error(error)
            return
        found = same_commands(role, default_format(self.machine.env), profile)
        keys = [(self.host.current_key_of(key), command) for key, command in found]

        def chosen(command: str | None) -> None:
            if command is not None:
                self.host.copy(command, lambda _: self.say(f"copied: {command}"))

        self.app.push_screen(CommandMenu(self.roles.look, role.name, keys), chosen)

    def _copy_console_link(self, role: Role, item: Copied) -> None:
        """Copy the link that opens the console."""

        def work(ask: Ask, stop: Callable[[], bool]) -> Link:
            from profiles.console_link import console_link

            return console_link(self.switcher, role, ask=ask, cancelled=stop)

        def use(link: Link) -> None:
            same = f"{same_command('console', role.name)} --print"
            self._copy_secret(link.url, item.label, same)

        self.beside(role, work, use)

    def _copy_keys(self, session: Session, item: Copied) -> None:
        from profiles.destinations.export import lines

        try:
            text = lines(session, item.form)
        except RolecallError as error:
            self.say_error(error)
            return
        self._copy_secret(text, item.label, same_command("copy", session.role, item.form))

    def _copy_secret(self, text: str, label: str, same: str) -> None:
        """Copy what only its taker shall have, and say for how long it stays."""

        def copied(left: str) -> None:
            self.say_done(f"copied: {label}; {left}", same)

        self.host.copy(text, copied, secret=True)
