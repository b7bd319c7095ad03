"""What the picker does with a role: switch, write, undo, renew, drop."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from profiles.errors import Cancelled, RolecallError
from profiles.model import Phase, SessionStatus
from profiles.times import local_clock
from tui.same_command import same_command
from tui.screens.picker_watch import PickerWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask, Challenge
    from profiles.request import Request
    from profiles.session import Session
    from profiles.switcher import Assumed
    from tui.screens.errands import Asked, Ended
    from tui.screens.questions import Questions

_SPIN = 0.1


class PickerSwitching(PickerWatch):
    """The actions on a role; each runs beside the screen, and several roles' at once."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._spinner: Any = None

    @cached_property
    def questions(self) -> Questions:
        """What is asked of the person; made when the first switch needs it."""
        from tui.screens.questions import Questions as Made

        return Made(self.app_push, self.errands, self.machine.now, self.browse, self._sharing)

    def _sharing(self, challenge: Challenge) -> set[str]:
        """The errands of the roles that a device's code or a sign-in lets go on."""
        from profiles.challenges import MfaCode, SignIn

        found = set()
        for name in self.facts.trying:
            role = self.facts.catalogue.get(name)
            for hop in () if role is None else self.facts.hops(role):
                serial = hop.role.get("mfa_serial") if hop.role is not None else None
                by_code = isinstance(challenge, MfaCode) and serial == challenge.serial
                signs_in = isinstance(challenge, SignIn) and hop.name == challenge.name
                if by_code or (signs_in and hop.kind == "sso-session"):
                    found.add(f"role:{name}")
        return found

    def app_push(self, dialog: Any, answered: Callable[[Any], None]) -> None:
        """Open a dialog."""
        self.app.push_screen(dialog, answered)

    def browse(self, url: str) -> bool:
        """Open an address in the browser; whether it was opened."""
        from profiles.browser import open_url

        return open_url(self.machine, self.switcher.catalogue.settings, url)

    # Switching ---------------------------------------------------------------------------

    def action_switch(self) -> None:
        """Assume the role and write its profile; fold a heading; go to the role of a session."""
        if self.pane == "roles" and self.roles.account is not None:
            self.roles.fold()
            return
        role = self.role
        if role is None:
            return
        if self.host.naming:
            self.host.give_name(role.name)
            return
        if self.pane == "board":
            self.go_to_role(role.name)
            return
        if self.host.choosing is not None:
            change = "set it in the calling shell"
            self.hand_out(role, change, self.host.hand_over, self.host.choosing)
            return
        status = self.facts.status(role)
        phase = self.facts.phase(status)
        if status is not None and status.profile and phase not in (None, Phase.EXPIRED):
            left = self.facts.left(status)
            time = f", {left} left" if left else ""
            key = self.host.current_key_of("renew")
            self.say(f"{role.name} is live already{time}: {key} renews it")
            return
        same = same_command("switch", role.name)
        self._try(role, same, lambda ask, stop: self.switcher.assume(role, ask=ask, cancelled=stop))

    def go_to_role(self, name: str) -> None:
        """Highlight a role in the list."""
        raise NotImplementedError

    def action_write_default(self) -> None:
        """Switch, and write to `[default]`."""
        role = self.role
        if role is not None:
            self._try(
                role,
                same_command("default", role.name),
                lambda ask, stop: self.switcher.assume(role, default=True, ask=ask, cancelled=stop),
            )

    def action_write_to(self) -> None:
        """Ask for a profile's name, show the change, switch."""
        from tui.screens.write_dialog import WriteDialog

        role = self.role
        if role is None:
            return

        def named(profile: str | None) -> None:
            if profile:
                self._try(
                    role,
                    same_command("write_to", role.name, profile),
                    lambda ask, stop: self.switcher.assume(
                        role, profiles=[profile], ask=ask, cancelled=stop
                    ),
                )

        self.app.push_screen(WriteDialog(self.roles.look, self.switcher, role), named)

    def action_renew(self) -> None:
        """Get a new session into the profiles that hold the old one."""
        from profiles.renewal import renew

        role = self.role
        if role is not None:
            name = role.name
            self._try(
                role,
                same_command("renew", name),
                lambda ask, stop: renew(self.switcher, name, ask=ask, cancelled=stop),
            )

    def stop_trying(self) -> bool:
        """Stop the switch to the highlighted role, or else the latest; whether there was one."""
        role = self.role
        names = [role.name] if role is not None and role.name in self.facts.trying else []
        names = names or sorted(self.facts.trying)[:1]
        for name in names:
            self.errands.stop(f"role:{name}")
            self.stopped(name)
            self._no_longer(name)
            self.say(f"stopped: {name}")
        return bool(names)

    def stopped(self, name: str) -> None:
        """A person stopped what was going on with a role."""

    def _try(
        self, role: Role, same: str, work: Callable[[Ask, Callable[[], bool]], Assumed]
    ) -> None:
        """Get a session and write it."""
        self.beside(role, work, lambda outcome: self._written(role, outcome, same))

    def run_role(
        self,
        name: str,
        work: Callable[[Ask, Callable[[], bool]], Any],
        use: Callable[[Any, RolecallError | None], None],
    ) -> None:
        """Do something of a role's beside the screen, with a spinner in its row."""
        self.facts.trying.add(name)

        def then(outcome: Any, error: RolecallError | None) -> None:
            self._no_longer(name)
            use(outcome, error)

        self.errands.start(f"role:{name}", work, then)
        self.questions.count()
        if self._spinner is None and not self.host.still:
            self._spinner = self.set_interval(_SPIN, self._spin, name="spinner")
        self.details.renewed()
        self.roles.refresh()
        self.show_keys()

    def _spin(self) -> None:
        self.roles.beat += 1
        self.roles.redraw(self.facts.trying)

    def _no_longer(self, name: str) -> None:
        self.facts.trying.discard(name)
        self.questions.forget(f"role:{name}")
        self.questions.count()
        if not self.facts.trying and self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
        self.details.renewed()
        self.roles.refresh()
        self.show_keys()

    def _failed(self, role: Role, error: RolecallError) -> None:
        if isinstance(error, Cancelled):
            self.say(f"stopped: {role.name}")
            return
        self.facts.failures[role.name] = error
        self.details.renewed()
        self.say_error(error)

    def _written(self, role: Role, assumed: Assumed, same: str) -> None:
        """Show the session at once; what the files say of it follows."""
        if role.name in self.facts.recents:
            self.facts.recents.remove(role.name)
        self.facts.recents.insert(0, role.name)
        end = assumed.session.expires_at
        until = f" until {local_clock(end)}" if end else ""
        places = " ".join(f"[{profile}]" for profile in assumed.profiles)
        self.say_done("\n".join((f"{role.name} is live{until}, in {places}", *assumed.notes)), same)
        self.know_written(role.name, assumed)

    def know_written(self, name: str, assumed: Assumed) -> None:
        """Show a role's session that was written."""
        session = assumed.session
        status = SessionStatus(
            name=name,
            profile=assumed.profile,
            identity=session.identity,
            expires_at=session.expires_at,
            origin="rolecall",
            destinations=tuple(f"[{profile}]" for profile in assumed.profiles),
        )
        others = [s for s in self.facts.statuses if s.name != name or s.origin != "rolecall"]
        self.facts.know([*others, status])
        self.sessions_changed()
        self.files_written()

    # Undoing -----------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Put the credentials file back as it was before the last write."""

        def then(change: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
                return
            del change
            undone = "undone: the credentials file is as it was before the last write"
            self.say_done(undone, same_command("undo"))
            self.files_written()

        self.errands.start("undo", lambda _ask, _stop: self.switcher.undo(), then)

    def action_drop(self) -> None:
        """Ask, then remove what rolecall wrote of the session."""
        from tui.screens.drop_dialog import DropDialog

        status = self._dropped_status()
        if status is None:
            return
        name = status.name

        def dropped_now(*_: Any) -> Any:
            from profiles.dropping import drop

            return drop(self.machine, self.switcher.catalogue, [name])

        def answered(yes: bool | None) -> None:  # noqa: FBT001  # a screen's answer
            if yes:
                self.errands.start(f"role:{name}", dropped_now, then)

        def then(dropped: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
                return
            gone = ", ".join(f"[{profile}]" for profile in dropped.profiles) or "its cached session"
            self.facts.know([s for s in self.facts.statuses if s.name != name])
            self.sessions_changed()
            self.say_done(f"dropped {name}: {gone}", same_command("drop", name))
            self.files_written()

        self.app.push_screen(DropDialog(self.roles.look, status), answered)

    def _dropped_status(self) -> SessionStatus | None:
        if self.pane == "board":
            return self.board.status
        role = self.role
        return self.facts.status(role) if role else None

    # Handing out -------------------------------------------------------------------------

    def say_done(self, text: str, same: str) -> None:
        """Say what was done, and by which command line it could be done again."""
        self.facts.done = same
        self.say(f"{text}\nsame as: {same}")

    def hand_out(
        self,
        role: Role,
        change: str,
        use: Callable[[Session], None],
        request: Request | None = None,
        needs: int | None = None,
    ) -> None:
        """Get a session of a role and use it in the app; `needs` is that of `Switcher.session`."""

        def work(ask: Ask, stop: Callable[[], bool]) -> Session:
            return self.switcher.session(
                role, request, ask=ask, cancelled=stop, change=change, needs=needs
            )

        self.beside(role, work, use)

    def beside(
        self, role: Role, work: Callable[[Ask, Callable[[], bool]], Any], use: Callable[[Any], None]
    ) -> None:
        """Do something of a role's beside the screen, and use in the app what comes of it."""
        self.facts.failures.pop(role.name, None)

        def then(outcome: Any, error: RolecallError | None) -> None:
            if error is not None:
                self._failed(role, error)
            elif outcome is not None:
                use(outcome)

        self.run_role(role.name, work, then)

    # Messages of errands -----------------------------------------------------------------

    def on_ended(self, message: Ended) -> None:
        """Hand an outcome to whoever started the errand."""
        message.stop()
        self.errands.finish(message)

    def on_asked(self, message: Asked) -> None:
        """Ask the person what an errand needs."""
        message.stop()
        self.questions.ask(message, self.roles.look)
