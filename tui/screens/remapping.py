"""Keys that a person gives to bindings: which are taken, and which could never be pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.binding import Binding

SCREENS: Mapping[str, tuple[Binding, ...]] = {
    "the picker": keys.PICKER,
    "the form": keys.FORM,
    "the settings": keys.SETTINGS,
}
"""What can be pressed at a time, besides what can be everywhere."""


def keys_of(binding: Binding, remapped: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of a binding as they are now."""
    said = remapped.get(binding.id or "") or binding.key
    return tuple(key.strip() for key in said.split(","))


def refused_key(binding: Binding, key: str, remapped: Mapping[str, str]) -> str | None:
    """Why a binding cannot have a key; None where it can."""
    if binding in keys.FORM and (len(key) == 1 or key in _PRINTED):
        return "letters are typed into the form: take one with ctrl, or a function key"
    other = next(_holders(binding, key, remapped), None)
    return None if other is None else f"{keys.spelt(key)} is {other.description!r} already"


def conflicts(remapped: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the bindings that a file gave keys to, by id: a key is taken."""
    found = {}
    for name in remapped:
        binding = keys.BY_ID.get(name)
        if binding is None:
            found[name] = "there is no such key here"
            continue
        for key in keys_of(binding, remapped):
            why = refused_key(binding, key, remapped)
            if why is not None:
                found[name] = why
    return found


def _holders(binding: Binding, key: str, remapped: Mapping[str, str]) -> Iterator[Binding]:
    """The other bindings that have a key on a screen where this one counts."""
    everywhere = binding in keys.EVERYWHERE
    for bindings in SCREENS.values():
        if everywhere or binding in bindings:
            for other in (*bindings, *keys.EVERYWHERE):
                if other.id != binding.id and key in keys_of(other, remapped):
                    yield other


_PRINTED = ("space", "slash", "question_mark", "minus", "comma", "full_stop", "underscore", "enter")
