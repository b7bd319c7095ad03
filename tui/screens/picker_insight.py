"""What the picker knows of a role's way, and of the trust that it needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tui.same_command import same_command
from tui.screens.picker_signing import PickerSigning
from tui.screens.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.challenges import Ask
    from tui.screens.dialog import Said


class PickerInsight(PickerSigning):
    """The actions that tell and change nothing."""

    def action_explain(self) -> None:
        """Show the hops to the role, the failing one marked, and what wins over its session."""
        from profiles.insight.explained import explained

        role = self.role
        if role is None:
            return
        facts, look = self.facts, self.roles.look
        found = explained(self.switcher, role, facts.statuses, facts.now())
        palette = look.palette
        said: list[Said] = []
        for line in found.lines:
            style = palette.muted if line.startswith(" ") else palette.strong
            style = palette.critical if line.lstrip().startswith("fails: ") else style
            style = palette.base if line in found.wins else style
            said.append([(look.said(line), style)])
        text = "\n".join(found.lines)
        self.app.push_screen(Reading(look, f"The way to {role.name}", text, said))

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
            self.facts.done = same_command("trust", role.name)
            text = json.dumps(policy, indent=2)
            title = f"Trust policy that {role.name} needs"
            self.app.push_screen(Reading(self.roles.look, title, text))

        self.beside(role, work, use)
