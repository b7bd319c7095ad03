"""Any keys, at any size: nothing ends the app but the keys that are meant to.

A share of what `python -m tests.terminal.any_keys` presses.
"""

import random

import pytest
from textual.events import Key

from tests.terminal.any_keys import KEYS, NAMED, SIZES, hammer
from tests.terminal.picker_world import desk


@pytest.mark.parametrize("size", SIZES)
async def test_random_keys_and_clicks_do_not_end_the_app(tmp_path, size):
    await hammer(tmp_path, size, 250, "test")


FORM_KEYS = [
    *KEYS,
    "ctrl+s",
    "ctrl+t",
    "ctrl+l",
    "ctrl+r",
    "ctrl+o",
    "tab",
    "tab",
    "left",
    "x",
    "e",
]


@pytest.mark.parametrize("opens", ["n", "comma"])
@pytest.mark.parametrize("size", [(120, 30), (40, 20), (40, 10), (9, 3), (1, 1)])
async def test_random_keys_in_the_form_and_in_the_settings(tmp_path, size, opens):
    chance = random.Random(f"{size} {opens}")
    async with desk(tmp_path, size=size) as at:
        at.picker.action_shell = at.picker.action_renewing_shell = lambda: None
        for number in range(200):
            if at.app.screen is at.picker and number % 10 == 0:
                at.app.post_message(Key(opens, "," if opens == "comma" else opens))
                await at.pilot.pause()
            key = chance.choice(FORM_KEYS)
            at.app.post_message(Key(NAMED.get(key, key), key if len(key) == 1 else None))
            if number % 5 == 0:
                await at.pilot.pause()
        await at.settle()
        # A letter may have been given to the key that leaves.
        leaving = {"quit", "leave"} & set(at.app._remapped)
        assert at.app._exit is False or leaving
        assert at.app.defect is None


async def test_every_size_is_drawn_while_it_changes(tmp_path):
    chance = random.Random("sizes")
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        for _ in range(60):
            await at.pilot.resize_terminal(chance.randint(1, 140), chance.randint(1, 40))
            await at.press(chance.choice(["j", "tab", "o", "G", "z"]))
        assert at.app.defect is None
