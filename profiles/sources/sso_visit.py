"""A visit to an IAM Identity Center portal: its calls, and what the person is shown."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiles.browser import has_browser, open_url
from profiles.challenges import Presence, SignIn
from profiles.errors import Cancelled, NetworkUnavailable, PersonNeeded
from profiles.insight.portal_refusal import login_command
from profiles.insight.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiles.catalogue.portal import Portal
    from profiles.challenges import Ask
    from profiles.files.turn import Notice, Turn
    from profiles.machine import Machine
    from profiles.settings import Settings
    from profiles.sources.surroundings import Surroundings

_LOOK = 0.1
# Pages of other processes' sign-ins that this one's person was shown: one dialog for ten roles.
_shown_here: set[str] = set()
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit, for one role or for a sign-in alone.

    Attributes:
        portal: what is visited.
        place: where its services are; its region is the portal's.
        role: the name of the role it is for; the portal's own for a sign-in alone.
        ask: shows the person where to sign in.
        cancelled: asked between steps.
        clock: told how many seconds AWS's clock is ahead.
        device_code: sign in with a device code, whatever else would do.
        browser: open one, where there is one.
    """

    portal: Portal
    place: Surroundings
    machine: Machine
    settings: Settings
    role: str
    ask: Ask
    cancelled: Callable[[], bool]
    clock: Callable[[float], None]
    device_code: bool = False
    browser: bool = True

    @property
    def has_browser(self) -> bool:
        """Whether the person has a browser on this machine."""
        return has_browser(self.machine, self.settings)

    def check(self) -> None:
        """Stop here if the person gave up.

        Raises:
            Cancelled: they did.
        """
        if self.cancelled():
            raise Cancelled(f"{self.role}: stopped")

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        needed: Mapping[str, type],
        *,
        service: str = "sso-oidc",
    ) -> dict[str, Any]:
        """One call of the portal, which nothing but a token in it signs.

        Args:
            operation: botocore's name.
            needed: members that the answer cannot do without, and their types.

        Raises:
            Refusal: AWS answered with an error.
            RolecallError: it was not reached, or is not what answered; or the person gave up.
        """
        from profiles.sources import sts

        self.check()
        try:
            answer = sts.call(
                operation, parameters, None, self.place, self.machine, service=service
            )
        except Refusal as refusal:
            if refusal.offset is not None:
                self.clock(refusal.offset)
            raise
        self.check()
        if answer.offset is not None:
            self.clock(answer.offset)
        self.expect(answer.data, needed)
        return answer.data

    def expect(self, said: Mapping[str, Any], needed: Mapping[str, type]) -> None:
        """Go on only with an answer that has everything.

        Raises:
            NetworkUnavailable: it lacks something.
        """
        for member, kind in needed.items():
            if not said.get(member) or not isinstance(said[member], kind):
                raise NetworkUnavailable(
                    f"what answered for {self.portal.name} is not AWS: no {member} in it",
                    "a proxy or captive portal may stand between",
                )

    def ask_for_person(self) -> None:
        """Go on only where somebody can sign in.

        Raises:
            PersonNeeded: nobody can.
        """
        self.ask(Presence(self.portal.name, self.role, login_command(self.portal)))

    def show(self, turn: Turn, url: str, code: str | None, until: float) -> None:
        """Show the person, and all who wait for the same sign-in, where to sign in.

        Raises:
            PersonNeeded: there is none.
        """
        opening = self.browser and self.has_browser
        self._ask(url, code, until, opened=opening)
        turn.announce(url, code, until)
        if opening and not open_url(self.machine, self.settings, url):
            self.machine.log(f"{self.portal.name}: no browser was opened")

    def waiting(self) -> Callable[[Notice | None], None]:
        """What is done while another signs in: its person's page is shown here too, once."""
        known: list[str] = []

        def look(notice: Notice | None) -> None:
            self.check()
            if notice is None or notice.url in known:
                return
            known.append(notice.url)
            self.machine.log(f"{self.role}: waiting for the sign-in to {self.portal.name}")
            with _guard:
                shown = notice.here or notice.url in _shown_here
                _shown_here.add(notice.url)
            if shown:
                return
            try:
                self._ask(notice.url, notice.code, notice.until, opened=True)
            except PersonNeeded:
                # Nobody here; who sees the page of the other will sign in.
                return

        return look

    def wait(self, until: float) -> None:
        """Let time pass, up to an instant.

        Raises:
            Cancelled: the person gave up.
        """
        while (left := until - self.machine.now()) > 0:
            self.check()
            time.sleep(min(left, _LOOK))

    def _ask(self, url: str, code: str | None, until: float, *, opened: bool) -> None:
        self.ask(
            SignIn(
                name=self.portal.name,
                role=self.role,
                url=url,
                code=code,
                expires_at=until,
                opened=opened,
                again=login_command(self.portal),
            )
        )
