"""The palette: every action of the picker, every theme and every role, by name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.markup import escape
from textual.await_complete import AwaitComplete
from textual.command import (
    CommandInput,
    CommandList,
    CommandPalette,
    DiscoveryHit,
    Hit,
    Provider,
)
from textual.widgets import Input

from tui.screens import keys
from tui.widgets.line_input import take
from tui.widgets.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events
    from textual.app import ComposeResult

from textual.command import Hits

_ROLES = 8
_LEAST = 0.1  # of what the words find and the palette's own matching does not


class Entry(NamedTuple):
    """A line of the palette."""

    name: str
    help: str
    run: Callable[[], Any]


class Actions(Provider):
    """The picker's actions, those that cannot run now with the reason, and the themes."""

    async def discover(self) -> Hits:
        """All of them."""
        for entry in self._entries():
            yield DiscoveryHit(entry.name, entry.run, help=entry.help)

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for entry in self._entries():
            score = matcher.match(entry.name)
            if score > 0:
                yield Hit(score, matcher.highlight(entry.name), entry.run, help=entry.help)
        for entry in self._roles(query):
            score = max(matcher.match(entry.name), _LEAST)
            yield Hit(score, matcher.highlight(entry.name), entry.run, help=entry.help)

    def _roles(self, query: str) -> Iterator[Entry]:
        """The roles that the words find, the best first; ten thousand would not help."""
        picker: Any = cast("Any", self.app).picker
        for role in picker.facts.catalogue.search(query)[:_ROLES]:
            yield Entry(clean(role.name), "Go to this role", _goer(picker, role.name))

    def _entries(self) -> Iterator[Entry]:
        app: Any = self.app
        picker = app.picker
        for binding in (*keys.PICKER, *keys.EVERYWHERE):
            if binding.id == "palette" or binding.id in _PLAIN:
                continue
            reason = picker.refused(binding.action)
            key = app.current_key(binding)
            about = escape(f"not now: {reason}" if reason else binding.tooltip)
            yield Entry(f"{binding.description}  ({key})", about, _runner(app, binding.action))
        for name in app.available_themes:
            yield Entry(f"theme {name}", "Use these colours", _themer(app, name))


class _Commands(CommandList):
    """The palette's list."""

    async def _on_click(self, event: events.Click) -> None:
        """Pass over a line that a search took away meanwhile, where Textual 8.2.8 fails."""
        if (event.style.meta.get("option") or 0) >= self.option_count:
            event.prevent_default()


class _Words(CommandInput):
    """What is searched for."""

    async def on_key(self, event: events.Key) -> None:
        """Take a key of editing in turn."""
        await take(self, event)


class ActionPalette(CommandPalette):
    """Textual's palette over our actions."""

    CSS_PATH = "palette.tcss"

    def __init__(self) -> None:
        super().__init__(providers=[Actions], placeholder="an action, a role or a theme …")

    def compose(self) -> ComposeResult:
        """Textual's own, its list with a guard, its keys in turn."""
        for widget in super().compose():
            if isinstance(widget, CommandList):
                widget.__class__ = _Commands
            elif isinstance(widget, CommandInput):
                widget.__class__ = _Words
            yield widget

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close; the second click of two beside it finds it closed, where Textual 8.2.8 fails."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def on_mount(self) -> None:
        """Have its cursor stand still, as all of ours do."""
        self.query_one(Input).cursor_blink = False

    def _action_command_list(self, action: str) -> None:
        """Move in the list; Textual 8.2.8 fails on page keys where none of its lines is drawn."""
        with contextlib.suppress(KeyError):
            super()._action_command_list(action)


# Moving about is quicker by key than by name.
_PLAIN = {f"favourite_{number}" for number in range(1, 10)} | {
    key.id for key in keys.SECTIONS["Move"]
}


def _runner(app: Any, action: str) -> Callable[[], Any]:
    async def run() -> None:
        if action in ("leave", "suspend_process"):
            await app.run_action(action)
        else:
            await app.picker.run_named(action)

    return run


def _goer(picker: Any, name: str) -> Callable[[], Any]:
    def run() -> None:
        picker.go_to_role(name)

    return run


def _themer(app: Any, name: str) -> Callable[[], Any]:
    def run() -> None:
        app.theme = name

    return run
