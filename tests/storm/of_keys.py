"""Any keys, pressed by chance in the picker, at nine sizes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.storm.storm import Storm
from tests.terminal.any_keys import SIZES, hammer

if TYPE_CHECKING:
    from pathlib import Path


def any_keys(folder: Path, count: int, seed: str) -> str:
    """Press that many keys and buttons in all."""
    for number, size in enumerate(SIZES):
        home = folder / str(number)
        home.mkdir()
        asyncio.run(hammer(home, size, -(-count // len(SIZES)), seed))
    return f"{count} keys and buttons at {len(SIZES)} sizes, the app went on"


STORMS = [
    Storm("keys", "keys and mouse buttons by chance, at nine sizes", 20_000, 90, any_keys),
]
