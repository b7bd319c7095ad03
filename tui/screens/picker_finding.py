"""Finding a role in the picker: the filter and its history, favourites, orders, folding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.picker_insight import PickerInsight

if TYPE_CHECKING:
    from textual import events


class PickerFinding(PickerInsight):
    """What brings the highlight to a role, but for the keys that move it."""

    def typed(self, event: events.Key) -> bool:
        """Take a key into the filter; whether it was one of editing."""
        if event.key in ("tab", "shift+tab"):
            self._leave_filter()
            return False
        before = self.roles.filter.text
        if not self.roles.filter.key(event.key, event.character):
            return False
        if self.roles.filter.text != before:
            self.roles.lay_out()
        else:
            self.roles.refresh_filter()
        self.follow()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the filter."""
        if self.roles.filter.editing:
            event.stop()
            self.roles.filter.insert(event.text)
            self.roles.lay_out()
            self.follow()

    def action_filter(self) -> None:
        """Type words to look for."""
        if self.pane != "roles":
            self.show_pane("roles")
        self.roles.filter.editing = True
        self.roles.refresh()
        self.show_keys()

    def _leave_filter(self) -> None:
        self.roles.filter.editing = False
        self._keep_filter()
        self.roles.refresh()
        self.show_keys()

    def action_switch(self) -> None:
        """Leave the filter, and switch."""
        if self.roles.filter.editing:
            self._leave_filter()
        super().action_switch()

    def action_filter_before(self) -> None:
        """Filter by what was looked for before; again, by what was before that."""
        self.action_filter()
        words = self.roles.filter
        known = [text for text in self.facts.filters if text != words.text]
        if words.text in self.facts.filters:
            known = self.facts.filters[self.facts.filters.index(words.text) + 1 :]
        if not known:
            self.say("no filter before this one", timeout=2)
            return
        words.clear()
        words.insert(known[0])
        self.roles.lay_out()
        self.follow()

    def _keep_filter(self) -> None:
        """Remember what was looked for and found."""
        from profiles.files.state import record_filter

        text = self.roles.filter.text.strip()
        if text and self.roles.found_any and text not in self.facts.filters[:1]:
            self.facts.filters = list(record_filter(self.machine, text).filters)

    def action_cancel(self) -> None:
        """Clear the filter, then leave it; stop a switch; go back to the list."""
        words = self.roles.filter
        if words.text and words.editing:
            self._clear_filter()
        elif words.editing:
            self._leave_filter()
        elif self.stop_trying():
            return
        elif words.text:
            self._clear_filter()
        elif self.pane != "roles":
            self.show_pane("roles")
            self.follow()
        elif self.host.naming:
            self.host.action_leave()

    def _clear_filter(self) -> None:
        role = self.roles.role
        self.roles.filter.clear()
        self.roles.lay_out(keep=role.name if role else None)
        self.follow()

    def action_previous(self) -> None:
        """Highlight the role that was switched to before."""
        name = self._previous()
        if name is not None:
            self.go_to_role(name)

    def _previous(self) -> str | None:
        """The latest role that was used and is not the highlighted one."""
        here = self.roles.role
        for name in self.facts.recents:
            if (here is None or name != here.name) and self.facts.catalogue.get(name):
                return name
        return None

    def action_favourite(self) -> None:
        """Make the role a favourite, or none any more."""
        from profiles.files.state import save_favourite

        role = self.role
        if role is None:
            return
        wanted = role.name not in self.facts.favourites
        state = save_favourite(self.machine, role.name, favourite=wanted)
        self.facts.favourites = list(state.favourites)
        self.roles.refresh()
        if wanted:
            place = self.facts.favourites.index(role.name) + 1
            key = f": {place} comes back to it" if place < 10 else ""
            self.say(f"{role.name} is a favourite{key}", timeout=3)

    def action_favourite_at(self, number: int) -> None:
        """Highlight a favourite."""
        self.go_to_role(self.facts.favourites[number - 1])

    def go_to_role(self, name: str) -> None:
        """Highlight a role in the list, whatever hides it."""
        if self.pane != "roles":
            self.show_pane("roles")
        if not self.roles.go_to(name):
            self.roles.show_all()
            if not self.roles.go_to(name):
                self.say(f"{name} is no longer in the AWS files")
        self.follow()

    def action_order(self) -> None:
        """Take the next order."""
        order = self.roles.reorder()
        self.say(f"ordered by {order}", timeout=2)
        self.follow()

    def action_fold(self) -> None:
        """Fold the account, or open it."""
        self.roles.fold()
        self.follow()
