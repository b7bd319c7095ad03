"""Twenty thousand key presses and mouse events by chance: `python -m tests.terminal.any_keys`.

A seed makes the same ones again. What is held: the app goes on, no dialog stays that escape does
not close, and no session of a role is made or written whose guard wants a name typed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path

from textual.events import Key, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp, Paste

from tests.terminal.picker_world import SETTINGS, desk

KEYS = [
    *"abcdefghijklmnoprstuvwxyzGDLSCNqRTW0123456789/?-,@ .",
    *("enter", "enter", "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right"),
    *("home", "end", "pageup", "pagedown", "backspace", "delete", "f1", "f5"),
    *("ctrl+d", "ctrl+u", "ctrl+p", "ctrl+w", "ctrl+r", "ctrl+l", "ctrl+a", "ctrl+home"),
]
NAMED = {
    "/": "slash",
    "?": "question_mark",
    "-": "minus",
    ",": "comma",
    " ": "space",
    ".": "full_stop",
    "@": "at",
}
SIZES = [(120, 30), (100, 24), (80, 24), (60, 15), (40, 20), (40, 10), (25, 6), (9, 3), (1, 1)]
PASTES = ["dev", "654321", "\x1b[2J\x07", "[bold]x[/", "日本 \u202e", "x" * 300, "a\nb\tc"]
GUARDED = SETTINGS.replace('confirm = "ask"', 'confirm = "type"')


def event(chance: random.Random, columns: int, lines: int) -> list[object]:
    """A key, a paste, or what a mouse does."""
    kind = chance.random()
    if kind < 0.86:
        key = chance.choice(KEYS)
        return [Key(NAMED.get(key, key), key if len(key) == 1 else None)]
    if kind < 0.88:
        return [Paste(chance.choice(PASTES))]
    x, y = chance.randrange(columns), chance.randrange(lines)

    def at(what, button=1):
        return what(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y)  # noqa: FBT003

    if kind < 0.96:
        return [at(MouseDown), at(MouseUp)] * chance.choice((1, 1, 2))
    return [at(chance.choice((MouseScrollDown, MouseScrollUp, MouseMove)), 0)]


async def hammer(home: Path, size: tuple[int, int], presses: int, seed: object) -> None:
    """Press that many keys in a terminal of that size."""
    chance = random.Random(f"{seed} {size}")
    env = {"ROLECALL_FEDERATION_ENDPOINT": "http://127.0.0.1:9"}
    files = {"settings": GUARDED, "env": env}
    async with desk(home, size=size, sessions={"payments-dev-admin": 2467}, **files) as at:
        ended = []
        # What leaves is meant to; a subshell and a stop would wait for a terminal.
        at.app.exit = lambda *args, **_: ended.append(args)
        at.app.action_suspend_process = lambda: None
        at.picker.action_shell = at.picker.action_renewing_shell = lambda: None
        columns, lines = size
        for number in range(presses):
            for each in event(chance, columns, lines):
                at.app.post_message(each)
            if number % 5 == 0:
                await at.pilot.pause(0)
            if number % 50 == 0:
                at.clock.at += chance.choice((1, 1, 60, 600))
            if number % 400 == 399:
                columns, lines = chance.choice(
                    (size, (chance.randint(1, 130), chance.randint(1, 40)))
                )
                await at.pilot.resize_terminal(columns, lines)
            assert at.app.defect is None, repr(at.app.defect)
        await at.settle()
        for _ in range(12):
            if at.app.screen is at.picker:
                break
            await at.press("escape")
        assert at.app.screen is at.picker, f"{at.app.screen} stays"
        assert at.app.defect is None
        guarded = [name for name in at.asked if "prod" in name]
        assert not guarded, guarded
        written = (home / ".aws" / "credentials").read_text()
        assert "payments-prod" not in written, written


def main() -> None:
    """Do it at every size."""
    said = argparse.ArgumentParser(prog="python -m tests.terminal.any_keys", description=__doc__)
    said.add_argument("--presses", type=int, default=20_000, metavar="N", help="in all (20000)")
    said.add_argument("--seed", default="any keys", metavar="TEXT", help="what chance starts from")
    args = said.parse_args()
    for size in SIZES:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="rolecall-keys-") as folder:
            asyncio.run(hammer(Path(folder), size, -(-args.presses // len(SIZES)), args.seed))
        print(f"{size[0]} × {size[1]}: held, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
