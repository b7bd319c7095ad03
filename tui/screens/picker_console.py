"""The console of a role, from the picker, in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.same_command import same_command
from tui.screens.picker_shell import PickerShell

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.console_link import Link


class PickerConsole(PickerShell):
    """What the picker does with the console."""

    def action_console(self) -> None:
        """Open the console as the role."""
        if self.role is not None:
            self._open_console(self.role)

    def action_console_service(self) -> None:
        """Choose a service, and open its page as the role."""
        from profiles.destinations.console_services import SERVICES
        from tui.screens.long_menu import LongMenu

        role = self.role
        if role is None:
            return

        def chosen(service: str | None) -> None:
            if service is not None:
                self._open_console(role, service)

        self.app.push_screen(
            LongMenu(
                self.roles.look,
                f"Console of {role.name}",
                [(name, name) for name in SERVICES],
                "letters find · enter opens · esc no",
            ),
            chosen,
        )

    def _open_console(self, role: Role, service: str | None = None) -> None:
        def work(ask: Ask, stop: Callable[[], bool]) -> Link:
            from profiles.console_link import check_browser, console_link, open_console

            check_browser(self.switcher, role)
            link = console_link(self.switcher, role, service=service, ask=ask, cancelled=stop)
            open_console(self.switcher, role, link, stop)
            return link

        def use(_: Link) -> None:
            page = f", at {service}" if service else ""
            key = "console_service" if service else "console"
            self.say_done(
                f"the console of {role.name} is open in the browser{page}",
                same_command(key, role.name, service or ""),
            )

        self.beside(role, work, use)
