"""The keyboard as a whole: no key means two things on a screen, and the help has them all."""

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from textual.binding import Binding
from textual.screen import Screen

import tui.screens
from tests.terminal.picker_world import desk
from tui.screens import keys
from tui.screens.picker import PickerScreen

MODULES = [found.name for found in iter_modules([str(Path(tui.screens.__file__).parent)])]


def screens():
    """Every screen of ours."""
    for name in MODULES:
        module = import_module(f"tui.screens.{name}")
        for found in vars(module).values():
            if (
                inspect.isclass(found)
                and issubclass(found, Screen)
                and found.__module__ == module.__name__
            ):
                yield pytest.param(found, id=found.__name__)


def keys_of(bindings):
    """Each key, with the action that it runs."""
    for binding in Binding.make_bindings(bindings):
        yield binding.key, binding.action


@pytest.mark.parametrize("screen", screens())
def test_no_key_of_a_screen_has_two_meanings(screen):
    meanings = {}
    own = [bindings for kind in screen.__mro__ for bindings in [kind.__dict__.get("BINDINGS", ())]
           if kind.__module__.startswith("tui.")]  # fmt: skip
    for key, action in (pair for bindings in [*own, keys.EVERYWHERE] for pair in keys_of(bindings)):
        assert meanings.setdefault(key, action) == action, key


@pytest.mark.parametrize("screen", screens())
def test_every_key_has_a_name_to_remap_it_by_and_says_what_it_does(screen):
    for binding in Binding.make_bindings(screen.__dict__.get("BINDINGS", ())):
        assert binding.id, binding
        assert binding.tooltip, binding


def test_names_of_keys_are_used_once():
    every = (*keys.PICKER, *keys.EVERYWHERE, *keys.FORM, *keys.SETTINGS)
    names = [key.id for key in every]
    assert len(names) == len(set(names)) == len(keys.BY_ID)


def test_every_key_does_something():
    for binding in keys.PICKER:
        action = binding.action.partition("(")[0]
        assert callable(getattr(PickerScreen, f"action_{action}")), binding


async def test_the_help_lists_exactly_the_keys_of_the_picker(tmp_path):
    async with desk(tmp_path, size=(120, 120)) as at:
        real = {
            active.binding.id
            for active in at.picker.active_bindings.values()
            if active.node in (at.picker, at.app) and active.binding.action != "app.copy_text"
        }
        await at.press("question_mark")
        shown = [line.strip(" │▔▁") for line in at.screen().splitlines()]
        listed = {
            binding.id
            for binding in (*keys.PICKER, *keys.EVERYWHERE)
            for line in shown
            if f"{at.app.current_key(binding)} " in f"{line} " and binding.tooltip in line
        }
        merged = {f"favourite_{n}" for n in range(1, 10)}
        assert any("1 … 9" in line and "Go to a favourite" in line for line in shown)
        assert (
            listed | merged == real | merged == {key.id for key in (*keys.PICKER, *keys.EVERYWHERE)}
        )
        sections = [line for line in shown if line in keys.SECTIONS]
        assert sections == list(keys.SECTIONS)
