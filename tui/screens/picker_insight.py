"""What the picker tells: the way to a role, the trust that it needs, and the first hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles.files.state import load_state, record_hinted
from tui.same_command import same_command
from tui.screens.picker_discovering import PickerDiscovering
from tui.screens.picker_panes import TWO

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.errors import RolecallError
    from profiles.insight.explanation import Explanation
    from tui.screens.dialog import Said


HINTED_RUNS = 3


class PickerInsight(PickerDiscovering):
    """The actions that tell and change nothing."""

    def action_explain(self) -> None:
        """Show the hops to the role, the failing one marked, and what wins over its session."""
        from profiles.insight.explanation import of_target
        from profiles.sources.asking import is_denial

        role = self.role
        if role is None:
            return
        said = of_target(self.switcher, role, statuses=self.facts.statuses)
        refused = self.facts.failures.get(role.name)
        if refused is not None:
            said = said.refused(refused, self.switcher.catalogue)
        if refused is None or not is_denial(refused):
            self._read_explanation(role, said)
            return
        name = role.name if said.failing is None else said.hops[said.failing].name

        def ask_iam(ask: Ask, _stop: Callable[[], bool]) -> tuple[str, ...]:
            from profiles.insight.denial import causes_of
            from profiles.request import Request

            return causes_of(self.switcher, name, refused, Request(), ask=ask)

        def then(causes: tuple[str, ...] | None, _error: RolecallError | None) -> None:
            self._read_explanation(role, said._replace(causes=causes or ()))

        self.run_role(role.name, ask_iam, then)

    def _read_explanation(self, role: Role, said: Explanation) -> None:
        from tui.explained import BAD, MUTED, STRONG, explained
        from tui.screens.reading import Reading

        look = self.roles.look
        palette = look.palette
        styles = {STRONG: palette.strong, MUTED: palette.muted, BAD: palette.critical}
        lines = list(explained(said, self.machine.home))
        shown: list[Said] = [
            [(look.said(line.text), styles.get(line.weight, palette.base))] for line in lines
        ]
        text = "\n".join(line.text for line in lines)
        self.app.push_screen(Reading(look, f"The way to {role.name}", text, shown))

    def begin(self) -> None:
        """Give the first hints, in the first runs."""
        super().begin()

        def work(*_: Any) -> int:
            hinted = load_state(self.machine).hinted
            if hinted < HINTED_RUNS:
                record_hinted(self.machine, hinted + 1)
            return hinted

        def then(hinted: int | None, _error: RolecallError | None) -> None:
            if hinted is not None and hinted < HINTED_RUNS:
                self._show_hints(self._hints())
                if not self.roles.hinting:
                    # It covers roles: where there is little room, the two that lead to the rest.
                    some = self._hints() if self.app.size.width >= TWO else self._hints()[-2:]
                    self.say("\n".join(some), timeout=12)

        self.errands.start("hints", work, then)

    def action_hints(self) -> None:
        """Hide the first hints for good, or show them again."""
        hide = bool(self.roles.hints)
        record_hinted(self.machine, HINTED_RUNS if hide else 0)
        self._show_hints(() if hide else self._hints())
        if hide:
            self.app.clear_notifications()
            self.say("no more hints; the help has every key", timeout=3)

    def _show_hints(self, hints: tuple[str, ...]) -> None:
        self.roles.hints = hints
        self.roles.refresh()

    def _hints(self) -> tuple[str, ...]:
        key = self.host.current_key_of
        return (
            "First steps",
            f"{key('switch')}  gets the role's session and writes its profile",
            f"{key('filter')}  finds roles: a part of a name, an account, a stage",
            f"{key('shell')}  opens a shell with it, {key('console')} the console",
            f"{key('help')}  has every key, {key('palette')} every action by name",
            f"{key('hints')}  hides this",
        )

    def action_trust(self) -> None:
        """Show the trust policy that the role needs for its source."""
        role = self.role
        if role is None:
            return

        def work(ask: Ask, _stop: Callable[[], bool]) -> dict[str, Any]:
            from profiles.insight.trust import trust_policy
            from profiles.request import Request

            return trust_policy(self.switcher, role, Request(), ask=ask)

        def use(policy: dict[str, Any]) -> None:
            import json

            from tui.screens.reading import Reading

            self.facts.done = same_command("trust", role.name)
            text = json.dumps(policy, indent=2)
            title = f"Trust policy that {role.name} needs"
            self.app.push_screen(Reading(self.roles.look, title, text))

        self.beside(role, work, use)
