"""Secrets behind every screen of the picker, none on one: drawn, as a picture, in a real pty."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from profiles.errors import RolecallError
from tests.storm.planted import SECRETS, Home, found_in
from tests.storm.planted_aws import planted_aws
from tests.storm.storm import Storm
from tests.terminal.picker_world import CONFIG, CannedAws, Desk, desk, machine
from tests.world.terminal import Terminal
from tui.log import Log
from tui.screens.keys import PICKER

if TYPE_CHECKING:
    from textual.binding import Binding

ROOT = Path(__file__).parents[2]
# They end or stop the app, or give the terminal to another program: the pty has those.
_LEAVING = {"quit", "suspend", "stop", "shell", "renewing_shell", "console", "console_service"}
_ROLES = ("payments-dev-admin", "payments-dev-readonly", "data-dev-analyst", "base")
_CREDENTIALS = f"""\
[base]
aws_access_key_id = AKIAPLANTED000000000
aws_secret_access_key = {SECRETS["long-lived-secret"]}
# aws_secret_access_key = {SECRETS["password"]}
"""
_given = CannedAws._credentials


def _planted(self, at, lasting):
    said = _given(self, at, lasting)
    said["Credentials"] |= {
        "SecretAccessKey": SECRETS["session-secret"],
        "SessionToken": SECRETS["session-token"],
    }
    return said


def every_screen(folder: Path, count: int, seed: str) -> str:
    """Press every key of the picker, that many times in all, and look at what comes."""
    keys = [key for key in PICKER if key.id not in _LEAVING]
    chance = random.Random(seed)
    order = [*keys, *chance.choices(keys, k=max(count - len(keys), 0))]
    chance.shuffle(order)
    with patch.object(CannedAws, "_credentials", _planted):
        looks = asyncio.run(_walk(folder, order[: max(count, len(keys))], chance))
    return f"{len(order)} keys, {looks} looks, {_in_a_pty(folder / 'pty')} bytes of a pty"


async def _walk(folder: Path, order: list[Binding], chance: random.Random) -> int:
    env = {
        "AWS_ACCESS_KEY_ID": "AKIAPLANTED000000000",
        "AWS_SECRET_ACCESS_KEY": SECRETS["environment-secret"],
        "AWS_SESSION_TOKEN": SECRETS["environment-token"],
    }
    made = machine(folder, config=CONFIG, credentials=_CREDENTIALS, env=env)
    made = made._replace(log=Log(made.now), feed=lambda *_: False)
    looks = 0
    async with desk(made, size=(120, 40), sessions={"payments-dev-readonly": 900}) as at:
        for binding in order:
            await at.go_to(chance.choice(_ROLES))
            await at.pilot.press(binding.key.split(",")[0])
            await at.settle()
            looks += _looked(at, str(binding.id))
            if at.app.screen is not at.picker:
                await at.pilot.press(*chance.choices(("down", "tab", "enter"), k=2))
                await at.settle()
                looks += _looked(at, f"{binding.id} and more")
            for _ in range(6):
                if at.app.screen is at.picker:
                    break
                await at.pilot.press("escape")
                await at.pilot.pause(0.01)
        error = RolecallError("it did not work")
        error.__cause__ = ValueError(SECRETS["password"])
        at.picker.say_error(error)
        await at.press("at")
        looks += _looked(at, "the log, of an error")
        assert at.app.defect is None
    return looks


def _looked(at: Desk, where: str) -> int:
    """Look at all that is shown, now and on demand."""
    log = "\n".join(entry.text for entry in at.switcher.machine.log.entries)
    shown = (
        at.screen(),
        at.app.export_screenshot(),
        at.toasts,
        f"{at.app.title} {at.app.sub_title}",
        log,
    )
    for what, text in zip(("screen", "picture", "toasts", "title", "log"), shown, strict=True):
        assert not found_in(text.encode()), f"{where}: {found_in(text.encode())} in the {what}"
    return len(shown)


def _in_a_pty(folder: Path) -> int:
    """The picker as a person has it: switch, look around, leave; and the editor."""
    folder.mkdir()
    with planted_aws() as aws:
        home = Home(folder, aws.url)
        env = home.env | {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", os.defpath)}
        terminal = Terminal([sys.executable, "-P", "-m", "tui"], env=env, cwd=home.path)
        try:
            terminal.until("reader", 60)
            terminal.keys("enter")
            terminal.until("/5\\d:\\d\\d|5\\d ?m|1:00/", 60)
            terminal.keys("@")
            terminal.until("Log of this run", 60)
            terminal.keys("escape", "i", "escape", "q")
            assert terminal.wait(60) == 0
        finally:
            terminal.close()
        editing = Terminal(
            [sys.executable, "-P", "-m", "tui", "config", "edit"], env=env, cwd=home.path
        )
        try:
            assert editing.wait(60) == 0
        finally:
            editing.close()
        assert list(home.told.glob("editor.*.env")), "no editor was opened"
        assert not found_in(terminal.raw + editing.raw), found_in(terminal.raw + editing.raw)
        assert not [*home.misplaced(), *home.overheard()]
        return len(terminal.raw)


STORMS = [
    Storm(
        "screens",
        "secrets behind every screen: in nothing that is drawn, said, logged or sent to a pty",
        400,
        50,
        every_screen,
    ),
]
