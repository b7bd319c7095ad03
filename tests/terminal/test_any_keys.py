"""Any keys, at any size: nothing ends the app but the keys that are meant to.

A share of what `python -m tests.terminal.any_keys` presses.
"""

import random

import pytest

from tests.terminal.any_keys import SIZES, hammer
from tests.terminal.picker_world import desk


@pytest.mark.parametrize("size", SIZES)
async def test_random_keys_and_clicks_do_not_end_the_app(tmp_path, size):
    await hammer(tmp_path, size, 250, "test")


async def test_every_size_is_drawn_while_it_changes(tmp_path):
    chance = random.Random("sizes")
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        for _ in range(60):
            await at.pilot.resize_terminal(chance.randint(1, 140), chance.randint(1, 40))
            await at.press(chance.choice(["j", "tab", "o", "G", "z"]))
        assert at.app.defect is None
