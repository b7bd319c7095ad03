"""Handing sessions out in the plain form: shells, the console, the clipboard."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from profiles import clipboard
from profiles.destinations.shell import Subshell
from profiles.errors import Cancelled
from profiles.files.aws_clock import aws_now
from tui.copies import COMMANDS, CONSOLE, offers
from tui.plain.asking import ask, choose, say
from tui.plain.listing import Listing
from tui.same_command import same_commands

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError


class Handing(Listing):
    """What takes a session out of the list."""

    def shell(self, role: Role) -> None:
        """A subshell, then the list again."""
        session = self.switcher.session(role, ask=ask, change="open a shell with a session of it")
        say(f"a shell with {role.name}; exit comes back")
        sys.stdout.flush()
        Subshell(self.machine).deliver(session)
        self.show()

    def renewing_shell(self, role: Role) -> None:
        """A subshell whose session is renewed for as long as it lives, then the list again."""
        from profiles.destinations.endpoint import for_child

        def told(trouble: RolecallError | None) -> None:
            said = "renewed again" if trouble is None else f"not renewed: {trouble.summary}"
            say(f"the session of {role.name} is {said}")

        endpoint = for_child(self.machine, self.switcher.catalogue, role, None, told)
        session = self.switcher.session(
            role, ask=ask, change="open a shell that renews it", needs=0
        )
        say(f"a shell with {role.name}, renewed for as long as it lives; exit comes back")
        sys.stdout.flush()
        Subshell(self.machine, None, endpoint).deliver(session)
        self.show()

    def console(self, role: Role, service: str) -> None:
        """Open the console in the browser, or print the link where there is none."""
        from profiles.browser import only_prints
        from profiles.console_link import console_link, open_console

        link = console_link(self.switcher, role, service=service or None, ask=ask)
        for note in link.notes:
            say(note)
        if only_prints(self.switcher.catalogue.settings):
            say(link.url)
            return
        open_console(self.switcher, role, link)
        say(f"the console of {role.name} opens in the browser")

    # The clipboard -----------------------------------------------------------------------

    def copy(self, role: Role) -> None:
        """Offer what can be copied; a secret is taken out again where that can be done."""
        from profiles.catalogue.sessions import by_role

        sessions = by_role(self.switcher.statuses(), aws_now(self.machine))
        found = {each.label: each for each in offers(self.machine, role, sessions.get(role.name))}
        item = found[choose(f"copy of {role.name}", list(found), role.name)]
        if item.text is not None:
            self._copied(item.text, item.label)
        elif item.form == COMMANDS:
            from profiles.destinations.export import default_format

            form, profile = default_format(self.machine.env), self.switcher.profile_for(role)
            commands = [command for _, command in same_commands(role, form, profile)]
            taken = choose(f"command lines for {role.name}", commands, role.name)
            self._copied(taken, taken)
        elif item.form == CONSOLE:
            from profiles.console_link import console_link

            self._copied(console_link(self.switcher, role, ask=ask).url, item.label, secret=True)
        else:
            from profiles.destinations.export import lines

            session = self.switcher.session(role, ask=ask, change="copy its keys")
            self._copied(lines(session, item.form), item.label, secret=True)

    def _copied(self, text: str, label: str, *, secret: bool = False) -> None:
        """Copy by a tool of the desktop; what is no secret is printed where there is none.

        Raises:
            Cancelled: there is none, and it is a secret.
        """
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        tool = clipboard.copy(self.machine, text, clipboard.tools(self.machine.env))
        if tool is None and secret:
            raise Cancelled(
                "there is no clipboard here, and a secret is not printed by the way",
                "rolecall export prints the variables, rolecall console --print the link",
            )
        if tool is None:
            say(f"there is no clipboard here; it is:\n{text}")
            return
        left = ""
        if secret and clipboard.clear_later(self.machine, text, tool):
            left = f"; it is taken out again in {clipboard.CLEARED_AFTER} seconds"
        say(f"copied: {label}{left}")
