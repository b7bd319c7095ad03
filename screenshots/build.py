"""Renders scenes of the picker, on a made-up company, to SVG files beside this one.

    python screenshots/build.py            writes them
    python screenshots/build.py --check    writes nothing; exit status 1 where one would change

The scenes stand still: the clock, the zone, the theme and what AWS answers are fixed.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from tui.app import RolecallApp

    Reach = Callable[[RolecallApp, Pilot[int]], Awaitable[None]]

_IDS = re.compile(r"terminal-\d+")
_SETTINGS = """\
[accounts.123456789012]
name = "payments-prod"

[accounts.210987654321]
name = "payments-dev"

[accounts.333344445555]
name = "data-dev"

[accounts.444455556666]
name = "data-staging"

[stages.production]
match = ["*prod*"]
confirm = "ask"

[stages.staging]
match = ["*staging*"]
"""
_HOPS = (
    ("payments-prod-admin", "123456789012", "Admin", "base"),
    ("payments-prod-readonly", "123456789012", "ReadOnly", "base"),
    ("payments-prod-billing", "123456789012", "Billing", "payments-prod-readonly"),
    ("payments-dev-admin", "210987654321", "Admin", "base"),
    ("payments-dev-developer", "210987654321", "Developer", "base"),
    ("payments-dev-readonly", "210987654321", "ReadOnly", "base"),
    ("data-dev-analyst", "333344445555", "Analyst", "base"),
    ("data-dev-engineer", "333344445555", "Engineer", "payments-dev-admin"),
    ("data-staging-analyst", "444455556666", "Analyst", "base"),
    ("data-staging-loader", "444455556666", "Loader", "data-dev-engineer"),
    ("shop-prod-deployer", "555566667777", "Deployer", "base"),
    ("shop-prod-support", "555566667777", "Support", "base"),
)
_MFA = "arn:aws:iam::111122223333:mfa/ana"


class Scene(NamedTuple):
    """One picture.

    Attributes:
        name: the file's.
        size: columns and lines.
        sessions: seconds that roles have left, by name.
        reach: brings the app there.
    """

    name: str
    size: tuple[int, int]
    sessions: dict[str, int]
    reach: Reach


async def _idle(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "payments-dev-admin")


async def _on(app: RolecallApp, pilot: Pilot[int], name: str) -> None:
    app.picker.roles.go_to(name)
    app.picker.follow()
    await pilot.pause()


async def _filtering(_app: RolecallApp, pilot: Pilot[int]) -> None:
    await pilot.press("slash", "p", "a", "y", "space", "a", "d", "m")


async def _live(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "payments-prod-admin")


async def _mfa(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.challenges import MfaCode
    from tui.screens.mfa_dialog import MfaDialog

    await _on(app, pilot, "payments-prod-admin")
    app.push_screen(MfaDialog(app.look, MfaCode(_MFA, "payments-prod-admin"), lambda _: None))
    await pilot.pause()
    await pilot.press("2", "7", "4")


async def _help(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "payments-dev-admin")
    await pilot.press("question_mark")


async def _form(app: RolecallApp, pilot: Pilot[int]) -> None:
    from textual.widgets import Input, TextArea

    await pilot.press("n")
    await pilot.pause()
    form: Any = app.screen
    for name, text in _TYPED.items():
        form.query_one(f"#{name}", Input).value = text
    form.query_one("#policy", TextArea).text = _POLICY
    key, value = form.query(".tag Input")
    key.value, value.value = "team", "payments"
    while form.form != form.read():
        await pilot.pause(0.01)


async def _settings(_app: RolecallApp, pilot: Pilot[int]) -> None:
    await pilot.press("comma", "j", "enter", "9", "0", "m")


_TYPED = {
    "role_arn": "arn:aws:iam::999988887777:role/Auditor",
    "source": "base",
    "duration": "2h",
    "external_id": "audit-4711",
    "mfa_serial": _MFA,
}
_POLICY = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
  ]
}"""
_SESSIONS = {"payments-prod-admin": 2467, "data-dev-analyst": 7900, "data-staging-analyst": 598}
SCENES = (
    Scene("picker", (120, 30), {}, _idle),
    Scene("filtering", (120, 30), _SESSIONS, _filtering),
    Scene("live", (120, 30), _SESSIONS, _live),
    Scene(
        "expiring",
        (120, 30),
        {"payments-prod-admin": 598, "data-dev-analyst": 7900, "data-staging-analyst": 187},
        _live,
    ),
    Scene("mfa", (120, 30), {"data-dev-analyst": 7900}, _mfa),
    Scene("help", (120, 50), _SESSIONS, _help),
    Scene("form", (120, 30), _SESSIONS, _form),
    Scene("settings", (120, 30), _SESSIONS, _settings),
    Scene("80-columns", (80, 24), _SESSIONS, _live),
    Scene("40-columns", (40, 20), _SESSIONS, _live),
)


def picture(scene: Scene) -> str:
    """The SVG of a scene."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_picture(scene, Path(folder)))


async def _picture(scene: Scene, folder: Path) -> str:
    from tests.terminal.picker_world import (
        CREDENTIALS,
        canned_aws,
        machine,
        sessions_read,
        switcher_with,
    )
    from tui.app import RolecallApp

    with canned_aws() as aws:
        made = machine(folder, config=_config(), credentials=CREDENTIALS, settings=_SETTINGS)
        app = RolecallApp(switcher_with(made, aws, scene.sessions))
        async with app.run_test(size=scene.size) as pilot:
            await sessions_read(app, pilot)
            await scene.reach(app, pilot)
            await pilot.pause()
            return steady(app.export_screenshot(title="rolecall"))


def steady(svg: str) -> str:
    """An SVG without the ids that Rich makes up for each."""
    return _IDS.sub("terminal", svg)


def _config() -> str:
    sections = ["[profile base]\nregion = eu-west-1\n"]
    for name, account, role, source in _HOPS:
        mfa = f"mfa_serial = {_MFA}\n" if role == "Admin" and "prod" in name else ""
        arn = f"role_arn = arn:aws:iam::{account}:role/{role}\n"
        sections.append(f"[profile {name}]\n{arn}source_profile = {source}\n{mfa}")
    return "\n".join(sections)


def main() -> int:
    """Write or check all scenes."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    check = "--check" in sys.argv[1:]
    changed = []
    for scene in SCENES:
        path = HERE / f"{scene.name}.svg"
        svg = picture(scene)
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            changed.append(path.name)
            if not check:
                path.write_text(svg, encoding="utf-8")
    print(f"{len(SCENES)} scenes, changed: {', '.join(changed) or 'none'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
