"""What the picker renews by itself, shown as it happens (`renew = "auto"`)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from profiles.times import local_clock
from tui.screens.picker_switching import PickerSwitching

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.model import SessionStatus
    from profiles.renewals import Schedule
    from profiles.switcher import Assumed


class PickerRenewing(PickerSwitching):
    """At each beat of the clock, the sessions that need no person renew themselves."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._by_sign_in: dict[str, str] = {}

    @cached_property
    def schedule(self) -> Schedule:
        """When which session renews itself; made at the first beat of the clock."""
        from profiles.renewals import Schedule as Made

        return Made()

    def _beat(self) -> None:
        super()._beat()
        if self.is_mounted:
            self._renew_due()

    def _renew_due(self) -> None:
        now = self.facts.now()
        self.schedule.see(self.facts.statuses, now)
        name = self.schedule.next(now, self._may_renew)
        if name is not None:
            self._renew_by_itself(name)

    def _policy(self, name: str) -> str:
        from profiles.renewals import policy

        return policy(self.facts.catalogue, self.facts.catalogue.get(name))

    def _may_renew(self, name: str) -> bool:
        """Whether a session renews itself, and no other of its sign-in does so now."""
        if self._policy(name) != "auto" or name in self.facts.trying:
            return False
        return self._sign_in(name) not in self._by_sign_in.values()

    def _sign_in(self, name: str) -> str:
        from profiles.renewals import sign_in_of

        return sign_in_of(self.facts.catalogue, self.facts.catalogue.get(name)) or name

    def _renew_by_itself(self, name: str) -> None:
        from profiles.renewals import renewed

        end = self.schedule.end(name)
        self._by_sign_in[name] = self._sign_in(name)
        self.facts.renewing.add(name)

        def work(_ask: object, stop: Callable[[], bool]) -> Assumed | None:
            return renewed(self.switcher, name, end, cancelled=stop)

        def use(outcome: Assumed | None, error: RolecallError | None) -> None:
            now = self.facts.now()
            if error is not None:
                if self.schedule.failed(name, error, now):
                    self._say_not_renewed(name, error)
                return
            self.schedule.done(name, outcome and outcome.session.expires_at, now)
            if outcome is None:
                self.files_written()
                return
            self.know_written(name, outcome)
            until = outcome.session.expires_at
            time = f", until {local_clock(until)}" if until else ""
            self.say("\n".join((f"{name} renewed itself{time}", *outcome.notes)))

        self.run_role(name, work, use)

    def _say_not_renewed(self, name: str, error: RolecallError) -> None:
        from profiles.renewals import FOR_A_PERSON

        if isinstance(error, FOR_A_PERSON):
            key = self.host.current_key_of("renew")
            said = f"{name} ends soon and needs you: {error.summary}\n{key} renews it"
        else:
            said = f"{name} could not renew itself: {error.summary}\nit is tried again"
        self.say(said, warn=True, timeout=12)
        self.host.tell_terminal(self.roles.look.said(said.split("\n")[0]))

    def _no_longer(self, name: str) -> None:
        self._by_sign_in.pop(name, None)
        self.facts.renewing.discard(name)
        super()._no_longer(name)

    def stopped(self, name: str) -> None:
        """Leave a session alone whose renewal a person stopped."""
        if name in self.facts.renewing:
            self.schedule.leave([name])
        super().stopped(name)

    def _offer(self, status: SessionStatus) -> str | None:
        """Nothing of a session that renews itself; no key of one that never is."""
        said = self._policy(status.name)
        if said == "auto" and self.schedule.will(status.name):
            return None
        role: Role | None = self.facts.catalogue.get(status.name)
        return "" if said == "never" and role is not None else super()._offer(status)
