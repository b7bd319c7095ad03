"""The lines of the settings screen: what is set, to what, by whom, and what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times
from profiles.settings import KNOWN, setting_text
from tui.screens import keys
from tui.screens.remapping import SCREENS, conflicts
from tui.widgets.settings_list import HEADING, KEY, READ_ONLY, SETTING, WARNING, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.binding import Binding

    from profiles.model import Stage
    from profiles.settings import Settings

IN_FILE = "changed in the file: e opens it"
_DEFAULTS = {
    "write_to": "{name}-session",
    "session_name": "{user}",
    "renew": "ask",
    "theme": "rolecall-dark",
    "clean_up": "false",
    "ascii": "false",
}


def rows_of(settings: Settings, written: Callable[[Binding], str]) -> list[Row]:
    """All lines, in order.

    Args:
        settings: as they were last read.
        written: how a binding's key is written now.
    """
    return [
        *(Row(WARNING, warning, about=IN_FILE) for warning in settings.warnings),
        *(
            Row(WARNING, f"[keys] {name}: {why}", about=IN_FILE)
            for name, why in conflicts(settings.keys).items()
        ),
        Row(HEADING, "Settings"),
        *(_setting(settings, key) for key in KNOWN),
        *_listed("Stages", (Row(READ_ONLY, s.name, _stage(s)) for s in settings.stages)),
        *_listed(
            "Accounts",
            (
                Row(READ_ONLY, account, ", ".join(said.values()))
                for account, said in settings.accounts.items()
            ),
        ),
        *_listed(
            "Roles",
            (
                Row(READ_ONLY, entry["name"], str(entry.get("role_arn") or entry.get("kind", "")))
                for entry in settings.roles
            ),
        ),
        *_keys(settings, written),
    ]


def _setting(settings: Settings, key: str) -> Row:
    value = setting_text(key, settings.values[key]) if key in settings.values else ""
    origin = settings.origins.get(key, "default")
    return Row(SETTING, key, value, origin, KNOWN[key][1], _DEFAULTS.get(key, ""))


def _keys(settings: Settings, written: Callable[[Binding], str]) -> Iterator[Row]:
    wrong = conflicts(settings.keys)
    for screen, bindings in {**SCREENS, "everywhere": keys.EVERYWHERE}.items():
        yield Row(HEADING, f"Keys of {screen}" if screen != "everywhere" else "Keys everywhere")
        for binding in bindings:
            name = binding.id or ""
            origin = "file" if name in settings.keys else "default"
            about = f"{wrong[name]}: {binding.tooltip}" if name in wrong else binding.tooltip
            yield Row(KEY, name, written(binding), origin, about)


def _listed(heading: str, rows: Iterator[Row]) -> Iterator[Row]:
    found = list(rows)
    if found:
        yield Row(HEADING, heading)
        yield from (row._replace(about=IN_FILE) for row in found)


def _stage(stage: Stage) -> str:
    said = [" ".join(stage.match), f"confirm {stage.confirm}"]
    if stage.max_duration is not None:
        said.append(f"{times.words(stage.max_duration)} at most")
    if stage.renew is not None:
        said.append(f"renew {stage.renew}")
    return ", ".join(filter(None, said))
