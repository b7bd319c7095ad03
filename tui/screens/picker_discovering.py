"""Finding more accounts and roles from the picker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles.errors import Cancelled, RolecallError
from tui.same_command import same_command
from tui.screens.picker_signing import PickerSigning

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.portal import Portal
    from profiles.challenges import Ask


class PickerDiscovering(PickerSigning):
    """What the picker does to find the permission sets of a sign-in."""

    def action_discover(self) -> None:
        """Find what the sign-in of the role gives; else offer the sign-ins there are."""
        from profiles.catalogue.portal import portals

        found = self._own_portals() or portals(self.facts.catalogue)
        if not found:
            self.say("no file names an SSO session: aws configure sso adds one")
        elif len(found) == 1:
            self._discover(found[0])
        else:
            self._offer_portals(found)

    def _offer_portals(self, found: list[Portal]) -> None:
        from tui.screens.menu import Menu

        def chosen(portal: Portal | None) -> None:
            if portal is not None:
                self._discover(portal)

        options = [(f"what {portal.name} gives", portal) for portal in found]
        self.app.push_screen(Menu(self.roles.look, "Discover", options), chosen)

    def _discover(self, portal: Portal) -> None:
        name = f"discover:{portal.name}"

        def work(ask: Ask, stop: Callable[[], bool]) -> Any:
            from profiles.discovery import discover_sso, new_places

            found = discover_sso(self.switcher, portal, ask=ask, cancelled=stop)
            return found.places, len(list(new_places(self.switcher.catalogue, found)))

        def then(done: Any, error: RolecallError | None) -> None:
            self.questions.forget(name)
            if isinstance(error, Cancelled):
                self.say(f"stopped: {portal.name}")
            elif error is not None:
                self.say_error(error)
            else:
                places, new = done
                said = f"roles of {portal.name}: {len(places)}, without a profile: {new}"
                same = same_command("discover", portal.name)
                self.say_done(f"{said}; all are listed", same)
                self.files_written()

        self.say(f"looking for what {portal.name} gives …", timeout=3)
        self.errands.start(name, work, then)
