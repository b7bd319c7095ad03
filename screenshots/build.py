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
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from textual.pilot import Pilot

    from profiles.errors import RolecallError
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
_PORTAL = """\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile data-portal-auditor]
sso_session = corp
sso_account_id = 333344445555
sso_role_name = Auditor
"""
_LOST = """\
[profile data-staging-lost]
role_arn = arn:aws:iam::444455556666:role/Lost
source_profile = nobody-knows
"""
_MFA = "arn:aws:iam::111122223333:mfa/ana"


class Scene(NamedTuple):
    """One picture.

    Attributes:
        name: the file's.
        size: columns and lines.
        sessions: seconds that roles have left, by name.
        reach: brings the app there.
        theme: the colours; the usual ones without it.
        env: variables besides.
        files: what the machine has of its files: `config`, `credentials`, `settings`, `hints`.
        signed_in: somebody is signed in to the SSO session.
    """

    name: str
    size: tuple[int, int]
    sessions: dict[str, int]
    reach: Reach
    theme: str = ""
    env: Mapping[str, str] = {}  # a tuple's default is never changed
    files: Mapping[str, Any] = {}  # the same
    signed_in: bool = False


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Wait until something holds, ten seconds at most."""
    for _ in range(1000):
        if holds():
            return
        await pilot.pause(0.01)
    raise TimeoutError("the scene never came about")


async def _idle(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "payments-dev-admin")


async def nothing(_app: RolecallApp, pilot: Pilot[int]) -> None:
    """Leave the app as it opens."""
    await pilot.pause()


async def _on(app: RolecallApp, pilot: Pilot[int], name: str) -> None:
    app.picker.roles.go_to(name)
    app.picker.follow()
    await pilot.pause()


async def _filtering(_app: RolecallApp, pilot: Pilot[int]) -> None:
    await pilot.press("slash", "p", "a", "y", "space", "a", "d", "m")


async def _no_match(_app: RolecallApp, pilot: Pilot[int]) -> None:
    await pilot.press("slash", *"prod", "space", *"engineer")


async def _live(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "payments-prod-admin")


async def _board(_app: RolecallApp, pilot: Pilot[int]) -> None:
    await pilot.press("tab")


async def _mfa(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.challenges import MfaCode
    from tui.screens.mfa_dialog import MfaDialog

    await _on(app, pilot, "payments-prod-admin")
    dialog = MfaDialog(app.look, MfaCode(_MFA, "payments-prod-admin"), lambda _: None)
    app.push_screen(dialog)
    await pilot.pause()
    await pilot.press("2", "7", "4")


async def _waiting(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _mfa(app, pilot)
    app.screen.waiting(2)  # type: ignore[attr-defined]
    await pilot.pause()


async def _sign_in(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.challenges import SignIn
    from tui.screens.sign_in_dialog import SignInDialog

    await _on(app, pilot, "data-portal-auditor")
    url = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH"
    challenge = SignIn(
        name="corp",
        role="data-portal-auditor",
        url=url,
        code="ABCD-EFGH",
        expires_at=600.0,
        opened=False,
        again="rolecall login corp",
    )
    app.push_screen(SignInDialog(app.look, challenge, lambda: 0.0, lambda _: True))
    await pilot.pause()


async def _guard(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.challenges import Confirmation
    from tui.screens.guard_dialog import GuardDialog

    await _live(app, pilot)
    change = "write a session to [payments-prod-admin-session]"
    typed = "payments-prod"
    challenge = Confirmation("payments-prod-admin", "production", typed, typed, change)
    app.push_screen(GuardDialog(app.look, challenge))
    await pilot.pause()
    await pilot.press(*"paym")


async def _copying(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _live(app, pilot)
    await pilot.press("y")


async def _explain(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "data-staging-loader")
    await pilot.press("i")


async def _trust(app: RolecallApp, pilot: Pilot[int]) -> None:
    from tui.screens.reading import Reading

    await _live(app, pilot)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, Reading))


async def _palette(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _idle(app, pilot)
    await pilot.press("ctrl+p", *"con")
    listed: Any = app.screen.query_one("CommandList")
    await until(pilot, lambda: listed.option_count == _FOUND)


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


async def _failed(app: RolecallApp, pilot: Pilot[int], error: RolecallError) -> None:
    await _live(app, pilot)
    app.picker.facts.failures["payments-prod-admin"] = error
    app.picker.details.renewed()
    await pilot.pause()


async def _denied(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.errors import AccessDenied

    summary = (
        "arn:aws:iam::111122223333:user/ana may not assume payments-prod-admin: "
        "the role's trust policy does not name it"
    )
    hint = "rolecall trust payments-prod-admin prints the policy that it needs"
    await _failed(app, pilot, AccessDenied(summary, hint))


async def _offline(app: RolecallApp, pilot: Pilot[int]) -> None:
    from profiles.errors import NetworkUnavailable

    error = NetworkUnavailable(
        "AWS cannot be reached: there is no network", "cached sessions go on working until they end"
    )
    await _failed(app, pilot, error)


async def _renewing(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "data-staging-analyst")
    for names in (app.picker.facts.trying, app.picker.facts.renewing):
        names.add("data-staging-analyst")
    app.picker.details.renewed()
    app.picker.show_keys()
    await pilot.pause()


async def _clock_off(app: RolecallApp, pilot: Pilot[int]) -> None:
    app.switcher.clock_offset = 95.0
    app.picker.files_written()
    await until(pilot, lambda: not app.picker.errands.running)
    await _live(app, pilot)


async def _broken(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _on(app, pilot, "data-staging-lost")


def _add_a_role(path: str) -> None:
    arn = "arn:aws:iam::333344445555:role/New"
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"\n[profile data-dev-new]\nrole_arn = {arn}\nsource_profile = base\n")


async def _changed(app: RolecallApp, pilot: Pilot[int]) -> None:
    await _idle(app, pilot)
    _add_a_role(app.switcher.machine.config_file)
    for _ in range(2):
        app.picker._beat()  # noqa: SLF001  # the timer stands still here
    await until(pilot, lambda: app.picker.facts.catalogue.get("data-dev-new") is not None)
    await until(pilot, lambda: not app.picker.errands.running)


_FOUND = 2
"""Lines of the palette for what is typed into it."""
_SESSIONS = {"payments-prod-admin": 2467, "data-dev-analyst": 7900, "data-staging-analyst": 598}
_LIGHT = "rolecall-light"
_WIDE = (120, 30)
_NO_FILES = {"config": None, "credentials": None, "settings": None}
_INSIDE = {
    "ROLECALL_DEPTH": "1",
    "ROLECALL_ROLE": "payments-dev-admin",
    "ROLECALL_EXPIRES_AT": "2026-11-23T23:11:07Z",
}
SCENES = (
    Scene("picker", _WIDE, {}, _idle),
    Scene("filtering", _WIDE, _SESSIONS, _filtering),
    Scene("filtering-light", _WIDE, _SESSIONS, _filtering, _LIGHT),
    Scene("live", _WIDE, _SESSIONS, _live, signed_in=True),
    Scene("live-light", _WIDE, _SESSIONS, _live, _LIGHT, signed_in=True),
    Scene(
        "expiring",
        _WIDE,
        {"payments-prod-admin": 598, "data-dev-analyst": 7900, "data-staging-analyst": 187},
        _live,
    ),
    Scene("board", _WIDE, _SESSIONS, _board, signed_in=True),
    Scene("board-light", _WIDE, _SESSIONS, _board, _LIGHT, signed_in=True),
    Scene("renewing", _WIDE, _SESSIONS, _renewing),
    Scene("mfa", _WIDE, {"data-dev-analyst": 7900}, _mfa),
    Scene("mfa-light", _WIDE, {"data-dev-analyst": 7900}, _mfa, _LIGHT),
    Scene("waiting", _WIDE, {"data-dev-analyst": 7900}, _waiting),
    Scene("sign-in", (120, 40), {}, _sign_in),
    Scene("guard", _WIDE, {}, _guard),
    Scene("guard-light", _WIDE, {}, _guard, _LIGHT),
    Scene("copying", _WIDE, _SESSIONS, _copying),
    Scene("explain", (120, 36), _SESSIONS, _explain),
    Scene("trust", _WIDE, _SESSIONS, _trust),
    Scene("palette", _WIDE, _SESSIONS, _palette),
    Scene("form", _WIDE, _SESSIONS, _form),
    Scene("form-light", _WIDE, _SESSIONS, _form, _LIGHT),
    Scene("settings", _WIDE, _SESSIONS, _settings),
    Scene("help", (120, 56), _SESSIONS, _help),
    Scene("first-run", _WIDE, {}, _idle, files={"hints": True}),
    Scene("no-files", _WIDE, {}, nothing, files=_NO_FILES),
    Scene("no-match", _WIDE, _SESSIONS, _no_match),
    Scene("broken", _WIDE, {}, _broken),
    Scene("offline", _WIDE, _SESSIONS, _offline),
    Scene("denied", _WIDE, _SESSIONS, _denied),
    Scene("clock-off", _WIDE, _SESSIONS, _clock_off),
    Scene("changed", _WIDE, {}, _changed),
    Scene("inside", _WIDE, _SESSIONS, _live, env=_INSIDE),
    Scene("80-columns", (80, 24), _SESSIONS, _live),
    Scene("60-columns", (60, 20), _SESSIONS, _live),
    Scene("40-columns", (40, 20), _SESSIONS, _live),
    Scene("too-small", (30, 6), _SESSIONS, _live),
)


def picture(scene: Scene) -> str:
    """The SVG of a scene."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_picture(scene, Path(folder)))


async def _picture(scene: Scene, folder: Path) -> str:
    async with opened(scene, folder) as (app, pilot):
        await scene.reach(app, pilot)
        await pilot.pause()
        return steady(app.export_screenshot(title="rolecall"))


@asynccontextmanager
async def opened(scene: Scene, folder: Path) -> AsyncIterator[tuple[RolecallApp, Pilot[int]]]:
    """The app on the machine of a scene, its sessions read."""
    from tests.terminal.picker_world import (
        CREDENTIALS,
        canned_aws,
        machine,
        sessions_read,
        switcher_with,
    )
    from tests.terminal.test_board import REFRESHED, sign_in
    from tui.app import RolecallApp

    files = {"config": _config(), "credentials": CREDENTIALS, "settings": _SETTINGS}
    with canned_aws() as aws:
        made = machine(folder, **{**files, "env": scene.env, **scene.files})
        if scene.signed_in:
            sign_in(folder, **REFRESHED)
        app = RolecallApp(switcher_with(made, aws, scene.sessions))
        async with app.run_test(size=scene.size) as pilot:
            await sessions_read(app, pilot)
            if scene.theme:
                app.theme = scene.theme
            yield app, pilot


def steady(svg: str) -> str:
    """An SVG without the ids that Rich makes up for each."""
    return _IDS.sub("terminal", svg)


def _config() -> str:
    sections = ["[profile base]\nregion = eu-west-1\n", _PORTAL, _LOST]
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
