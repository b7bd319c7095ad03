"""The picker: every role, its session, and one key for each thing to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.events import Key
from textual.screen import Screen

from tui.screens import keys
from tui.screens.picker_forms import PickerForms

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType

    from tui.widgets.keys_footer import KeysFooter
    from tui.widgets.pane import Pane

_NEEDS_ROLE = (
    "switch",
    "write_default",
    "write_to",
    "shell",
    "renewing_shell",
    "console",
    "console_service",
    "copy",
    "favourite",
    "renew",
    "explain",
    "trust",
)


class PickerScreen(PickerForms, Screen[None], inherit_bindings=False):
    """The keyboard and the mouse of the picker."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.PICKER)

    # What can run ------------------------------------------------------------------------

    def refused(self, action: str) -> str | None:
        """Why an action cannot run now; None where it can."""
        name, _, number = action.partition("(")
        if self.host.naming and self.beyond_naming(action):
            return "here a role is only named: enter takes it"
        role = self.role
        if name in _NEEDS_ROLE:
            folds = name == "switch" and self.pane == "roles" and self.roles.account is not None
            if role is None and not folds:
                return self._no_role
            beside = name in ("favourite", "explain") or (name == "switch" and self.pane == "board")
            if role is not None and role.name in self.facts.trying and not beside:
                return f"{role.name} is being switched to: esc stops it"
        if name == "trust" and role is not None and role.kind != "role":
            return f"{role.name} is not assumed: it has no trust policy"
        if name.startswith("console") and role is not None and role.kind == "session-token":
            return f"AWS opens the console for roles, and {role.name} is a user"
        if name in ("renew", "drop"):
            return self._no_session(name)
        if name == "fold":
            return self.roles.fold_refused
        if name == "previous" and self._previous() is None:
            return "no role was switched to before this one"
        if name == "favourite_at" and int(number[0]) > len(self.facts.favourites):
            return f"there is no favourite {number[0]} yet: f makes one"
        return None

    @property
    def _no_role(self) -> str:
        """Why there is no role to do something with."""
        status = self.board.status if self.pane == "board" else None
        return "no role is highlighted" if status is None else f"no role is behind {status.name}"

    def _no_session(self, action: str) -> str | None:
        status = self._dropped_status()
        if status is None:
            return "there is no session of it"
        if action == "drop" and status.origin != "rolecall":
            return f"that session is not rolecall's ({status.origin}): it is left alone"
        if action == "drop" and status.profile is None and status.destinations:
            return f"it goes with {status.destinations[0]}"
        if action == "renew" and self.role is None:
            key = self.host.current_key_of("login")
            more = f": {key} signs in again" if status.origin == "sso" else ""
            return f"no role is behind {status.name}{more}"
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot run; `run_named` says why."""
        said = f"{action}({parameters[0]})" if parameters else action
        if not hasattr(self, f"action_{action}"):
            return True
        return True if self.refused(said) is None else None

    # Keys --------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """Type into the filter, run a key's action, or say why it does nothing now.

        Textual itself would look for bindings only when the key has risen to the app, by which
        time keys typed right after it have passed here already: `/pay` would filter nothing.
        """
        event.stop()
        event.prevent_default()
        if self.app.screen is not self:  # typed ahead into a dialog that opens
            self.app.post_message(Key(event.key, event.character))
            return
        if self.roles.filter.editing and self.typed(event):
            return
        found = self.active_bindings.get(event.key)
        if found is None or found.node is not self:
            return
        await self.run_named(found.binding.action, found.binding.description)

    # Moving ------------------------------------------------------------------------------

    def _move(self, by: int) -> None:
        self.current.move(by)
        self.follow()

    def action_down(self) -> None:
        """One line down."""
        self._move(1)

    def action_up(self) -> None:
        """One line up."""
        self._move(-1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self._move(max(self.current.page // 2, 1))

    def action_half_up(self) -> None:
        """Half a page up."""
        self._move(-max(self.current.page // 2, 1))

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.current.page)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.current.page)

    def action_first(self) -> None:
        """To the first line."""
        self.current.move_to_end(last=False)
        self.follow()

    def action_last(self) -> None:
        """To the last line."""
        self.current.move_to_end(last=True)
        self.follow()

    def action_next_pane(self) -> None:
        """To the next pane."""
        self.step_pane(1)
        self.follow()

    def action_last_pane(self) -> None:
        """To the pane before."""
        self.step_pane(-1)
        self.follow()

    # The mouse ---------------------------------------------------------------------------

    def on_pane_pointed(self, message: Pane.Pointed) -> None:
        """A click highlights; a second one on the same row switches."""
        message.stop()
        if message.pane.id and message.pane.id != self.pane:
            self.show_pane(message.pane.id)
        again = message.pane is not self.details and message.pane.point(message.index)  # type: ignore[attr-defined]
        self.follow()
        if again and self.refused("switch") is None:
            self.action_switch()

    async def on_keys_footer_pressed(self, message: KeysFooter.Pressed) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_named(message.action)

    async def run_named(self, action: str, word: str = "") -> None:
        """Run an action by its name, or say why not."""
        reason = self.refused(action)
        if reason is not None:
            self.say(f"{word}: {reason}" if word else reason, timeout=3)
            return
        await self.run_action(action)

    # The rest ----------------------------------------------------------------------------

    def action_help(self) -> None:
        """Every key, by section."""
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.roles.look, self.refused, self.host.current_key))

    def action_palette(self) -> None:
        """Every action, theme and role, by name."""
        from tui.screens.palette import ActionPalette

        self.app.push_screen(ActionPalette())

    def action_log(self) -> None:
        """What was done in this run."""
        from tui.screens.log_screen import LogScreen

        self.app.push_screen(LogScreen(self.roles.look, self.host.kept_log))

    def action_redraw(self) -> None:
        """Draw the screen anew, where something else has written over it."""
        self.app.refresh(layout=True)

    def action_quit(self) -> None:
        """Leave; sessions stay."""
        if self.host.naming:
            self.host.action_leave()
        else:
            self.app.exit(0)

    def on_mount(self, *_: Any) -> None:
        """Show the first keys; under the prompt, letters go to the filter from the first one on."""
        self.roles.filter.editing = self.host.inline
        self.show_keys()
