"""The mark of rolecall's own sections, in the credentials file and in the config file alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.files import edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from profiles.files.edit import Span
    from profiles.machine import Machine

LOCK_WAIT = 10.0
"""Seconds to wait for another writer."""


def remove_marked(
    machine: Machine,
    path: str,
    headers: Iterable[str],
    is_ours: Callable[[Mapping[str, str]], bool],
    *,
    without: Callable[[str, Span, str], str],
    wait: float = LOCK_WAIT,
) -> tuple[str, ...]:
    """Remove sections that are rolecall's; others stay. The headers of those that were removed.

    Args:
        machine: its surroundings.
        path: the file, as it is named.
        headers: what stands in brackets.
        is_ours: tells by a section's settings.
        without: makes of a text, a section in it and its header the text without it.
        wait: seconds to wait for another writer.

    Raises:
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    from profiles.files.text import read_text
    from profiles.files.transaction import change

    names = tuple(dict.fromkeys(headers))
    removed: list[str] = []

    def edited(text: str) -> str:
        removed.clear()
        for name in names:
            while span := next((s for s in edit.find(text, name) if is_ours(s.settings)), None):
                text = without(text, span, name)
                if name not in removed:
                    removed.append(name)
        return text

    # Where nothing is to be removed, the file need not be writable, nor exist.
    now = read_text(path)
    if now is None or edited(now) == now:
        return ()
    return tuple(removed) if change(machine, path, edited, wait=wait) else ()
