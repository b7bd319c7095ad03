"""Signing in and out from the picker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles.errors import Cancelled, RolecallError
from profiles.times import local_clock
from tui.same_command import same_command
from tui.screens.picker_copying import PickerCopying

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.portal import Portal
    from profiles.challenges import Ask
    from profiles.model import SessionStatus

_IN, _OUT = "in", "out"


class PickerSigning(PickerCopying):
    """What the picker does with sign-ins to IAM Identity Center."""

    def action_login(self) -> None:
        """Sign in to what the role starts from, or out of it; else offer the sign-ins there are."""
        from profiles.catalogue.portal import portals

        found = self._own_portals() or portals(self.facts.catalogue)
        if not found:
            self.say("no file names an SSO session: aws configure sso adds one")
        elif len(found) == 1 and not self._signed_in(found[0]):
            self._sign_in_to(found[0])
        else:
            self._offer_sign_ins(found)

    def _own_portals(self) -> list[Portal]:
        """What the highlighted role or session starts from."""
        from profiles.catalogue.portal import find_portal

        status = self.board.status if self.pane == "board" else None
        role = self.role
        name = role.name if role is not None else status.name if status is not None else None
        if name is None:
            return []
        try:
            return [find_portal(self.facts.catalogue, name)]
        except RolecallError:
            return []

    def _offer_sign_ins(self, found: list[Portal]) -> None:
        from tui.screens.menu import Menu

        options: list[tuple[str, tuple[str, Portal]]] = []
        for portal in found:
            status = self._signed_in(portal)
            if status is None:
                options.append((f"sign in to {portal.name}", (_IN, portal)))
                continue
            left = f"{self.facts.left(status)} left"
            options.append((f"sign out of {portal.name}, {left}", (_OUT, portal)))
            options.append((f"sign in to {portal.name} again", (_IN, portal)))

        def chosen(taken: tuple[str, Portal] | None) -> None:
            if taken is not None:
                way, portal = taken
                (self._sign_in_to if way == _IN else self._sign_out_of)(portal)

        self.app.push_screen(Menu(self.roles.look, "Sign-ins", options), chosen)

    def _signed_in(self, portal: Portal) -> SessionStatus | None:
        """The sign-in of a portal that is not over."""
        return next(
            (
                status
                for status in self.facts.statuses
                if status.origin == "sso"
                and status.name in (portal.name, portal.start_url)
                and self.facts.left(status)
            ),
            None,
        )

    def _sign_in_to(self, portal: Portal) -> None:
        name = f"login:{portal.name}"

        def work(ask: Ask, stop: Callable[[], bool]) -> Any:
            from profiles.portal_login import login

            return login(self.machine, self.facts.catalogue, portal, ask=ask, cancelled=stop)

        def then(done: Any, error: RolecallError | None) -> None:
            self.questions.forget(name)
            if isinstance(error, Cancelled):
                self.say(f"stopped: {portal.name}")
            elif error is not None:
                self.say_error(error)
            else:
                until = local_clock(done.expires_at)
                more = ", then it is refreshed without you" if done.refreshable else ""
                said = f"signed in to {portal.name} until {until}{more}"
                self.say_done(said, same_command("login", portal.name))
                self.read_sessions()

        self.say(f"signing in to {portal.name} …", timeout=3)
        self.errands.start(name, work, then)

    def _sign_out_of(self, portal: Portal) -> None:
        def work(*_: Any) -> Any:
            from profiles.sign_out import sign_out

            return sign_out(self.machine, self.facts.catalogue, portal.name)

        def then(done: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
                return
            gone = f", {done.sessions} cached sessions removed" if done.sessions else ""
            said = "\n".join((f"signed out of {portal.name}{gone}", *done.notes))
            self.say_done(said, same_command("logout", portal.name))
            self.read_sessions()

        self.errands.start(f"logout:{portal.name}", work, then)
