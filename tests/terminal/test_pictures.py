"""What the picker looks like: pictures of its states, compared.

After a wanted change: `pytest tests/terminal/test_pictures.py --snapshot-update`, then look.
"""

import os
import time

import pytest

from profiles.challenges import Assertion, Confirmation, MfaCode, SignIn
from profiles.errors import AccessDenied
from profiles.files.running import Announcement
from profiles.session import Credentials, Session
from profiles.times import rfc3339
from tests.terminal.picker_world import (
    CONFIG,
    NOW,
    canned_aws,
    machine,
    sessions_read,
    switcher_with,
)
from tests.terminal.test_board import REFRESHED, SSO, sign_in
from tui.app import RolecallApp

SIZES = {"120x30": (120, 30), "80x24": (80, 24), "40x20": (40, 20)}


@pytest.fixture(autouse=True)
def _fixed_zone(monkeypatch):
    """Clock times are read in the local zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture
def picture(snap_compare, tmp_path):
    """Compare a state of the app, reached by a function of the pilot, at a size."""

    def compare(size, reach=None, *, sessions=None, **files):
        app = RolecallApp(switcher_with(machine(tmp_path, **files), aws, sessions))

        async def before(pilot):
            await sessions_read(app, pilot)
            if reach is not None:
                await reach(app, pilot)
            await pilot.pause()

        assert snap_compare(app, terminal_size=SIZES.get(size, size), run_before=before)

    with canned_aws() as aws:
        yield compare


SESSIONS = {
    "payments-prod-admin": 2467,
    "payments-dev-admin": 598,
    "data-dev-analyst": 7900,
    "data-staging-analyst": 200,
}


async def on_admin(app, pilot):
    app.picker.roles.go_to("payments-prod-admin")
    app.picker.follow()
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
def test_sessions_in_every_phase(picture, size):
    picture(size, on_admin, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_filtering(picture, size):
    async def reach(_app, pilot):
        await pilot.press("slash", "p", "a", "y", "space", "a", "d", "m")

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_no_match(picture, size):
    async def reach(_app, pilot):
        await pilot.press("slash", "z", "z")

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_no_files(picture, size):
    picture(size, config=None, credentials=None, settings=None)


@pytest.mark.parametrize("size", SIZES)
def test_access_denied(picture, size):
    async def reach(app, pilot):
        await on_admin(app, pilot)
        app.picker.facts.failures["payments-prod-admin"] = AccessDenied(
            "arn:aws:iam::111122223333:user/ana may not assume payments-prod-admin: "
            "the role's trust policy does not name it",
            "rolecall trust payments-prod-admin prints the policy that it needs",
        )
        app.picker.details.renewed()

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_the_mfa_dialog(picture, size):
    from tui.screens.mfa_dialog import MfaDialog

    async def reach(app, pilot):
        challenge = MfaCode(
            "arn:aws:iam::111122223333:mfa/ana", "payments-prod-admin", "AWS did not accept it"
        )
        app.push_screen(MfaDialog(app.look, challenge, lambda _: None))
        await pilot.pause()
        await pilot.press("1", "2", "3")

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", [*SIZES, pytest.param((120, 40), id="120x40")])
def test_a_sign_in(picture, size):
    from tui.screens.sign_in_dialog import SignInDialog

    async def reach(app, pilot):
        url = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH"
        challenge = SignIn("corp", "data-dev", url, "ABCD-EFGH", 600.0, False, "rolecall login")  # noqa: FBT003
        app.push_screen(SignInDialog(app.look, challenge, lambda: 0.0, lambda _: True))
        await pilot.pause()

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_a_choice(picture, size):
    from tui.screens.menu import Menu

    async def reach(app, pilot):
        roles = [f"arn:aws:iam::123456789012:role/Role{number}" for number in range(20)]
        above = [[("which role of the assertion", app.look.palette.base)]]
        options = [(role, role) for role in roles]
        app.push_screen(Menu(app.look, "data-dev", options, above=above))
        await pilot.pause()
        await pilot.press("down")

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_a_paste(picture, size):
    from tui.screens.assertion_dialog import AssertionDialog

    async def reach(app, pilot):
        challenge = Assertion("data-dev", "https://idp.example.test/aws")
        app.push_screen(AssertionDialog(app.look, challenge))
        await pilot.pause()

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_the_guard(picture, size):
    from tui.screens.guard_dialog import GuardDialog

    async def reach(app, pilot):
        change = "write a session to [payments-prod-admin-session]"
        challenge = Confirmation(
            "payments-prod-admin", "production", "payments-prod", "payments-prod", change
        )
        app.push_screen(GuardDialog(app.look, challenge))
        await pilot.pause()

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_help(picture, size):
    async def reach(_app, pilot):
        await pilot.press("question_mark")

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_copying(picture, size):
    async def reach(app, pilot):
        await on_admin(app, pilot)
        await pilot.press("y")

    picture(size, reach, sessions=SESSIONS)


POLICY = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]
}"""


async def filled(app, pilot, **texts):
    """The form, filled in and checked."""
    await pilot.press("n")
    await pilot.pause()
    form = app.screen
    said = {
        "role_arn": "arn:aws:iam::999988887777:role/Auditor",
        "source": "base",
        "duration": "2h",
        "external_id": "dev-4711",
        "mfa_serial": "arn:aws:iam::111122223333:mfa/ana",
        "policy": POLICY,
    }
    for name, text in {**said, **texts}.items():
        entry = form.query_one(f"#{name}")
        if hasattr(entry, "value"):
            entry.value = text
        else:
            entry.text = text
    key, value = form.query(".tag Input")
    key.value, value.value = "team", "payments"
    while form.form != form.read():
        await pilot.pause(0.01)
    return form


@pytest.mark.parametrize("size", SIZES)
def test_the_form(picture, size):
    picture(size, filled)


@pytest.mark.parametrize("size", SIZES)
def test_the_form_with_mistakes(picture, size):
    async def reach(app, pilot):
        wrong = {"source": "bse", "duration": "13h", "policy": '{\n  "a": 1\n  "b": 2\n}'}
        await filled(app, pilot, **wrong)

    picture(size, reach)


@pytest.mark.parametrize("size", ["80x24", "40x20"])
def test_the_call_of_the_form(picture, size):
    async def reach(app, pilot):
        await filled(app, pilot)
        await pilot.press("ctrl+l")

    picture(size, reach)


def test_the_form_in_ten_lines(picture):
    picture((80, 10), filled)


def test_the_form_in_the_light_theme(picture):
    async def reach(app, pilot):
        app.theme = "rolecall-light"
        await filled(app, pilot)

    picture("120x30", reach)


MORE = """
duration = "30m"
theme = "rolecall-dark"
[keys]
order = "f"
[[roles]]
name = "auditor"
role_arn = "arn:aws:iam::999988887777:role/Auditor"
source = "base"
"""


@pytest.mark.parametrize("size", SIZES)
def test_the_settings(picture, size):
    async def reach(_app, pilot):
        await pilot.press("comma", "j", "j", "j", "j")

    picture(size, reach, settings=MORE, env={"ROLECALL_REGION": "eu-west-3"})


@pytest.mark.parametrize("size", SIZES)
def test_a_setting_that_is_typed(picture, size):
    async def reach(_app, pilot):
        await pilot.press("comma", "j", "enter", "s", "o", "o", "n")

    picture(size, reach)


def test_a_key_that_is_waited_for(picture):
    async def reach(app, pilot):
        await pilot.press("comma", "G", "enter")

    picture("80x24", reach)


def test_the_choice_of_a_theme(picture):
    async def reach(app, pilot):
        await pilot.press("comma")
        await pilot.pause()
        rows = app.screen.list.rows
        app.screen.list.move([row.name for row in rows].index("theme") - app.screen.list.at)
        await pilot.press("enter", "j")

    picture("120x30", reach)


@pytest.mark.parametrize("size", SIZES)
def test_the_sessions_board(picture, tmp_path, size):
    sign_in(tmp_path, **REFRESHED)
    shell = Announcement(machine(tmp_path), "shell (pid 4711)", os.getpid())
    keys = Credentials("ASIASHELL", "s", "t", expires_at=NOW + 1200)
    shell.holds(Session("data-dev-engineer", keys, NOW + 1200))

    async def reach(app, pilot):
        tabs = 1 if app.size.width >= 80 else 2
        await pilot.press(*["tab"] * tabs, "G")
        await pilot.pause()

    picture(size, reach, sessions=SESSIONS, config=CONFIG + SSO)


@pytest.mark.parametrize("size", SIZES)
def test_the_way_to_a_role(picture, size):
    async def reach(app, pilot):
        app.picker.roles.go_to("data-dev-engineer")
        app.picker.follow()
        await pilot.press("i")

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_a_trust_policy(picture, size):
    from tui.screens.reading import Reading

    async def reach(app, pilot):
        app.picker.roles.go_to("payments-dev-admin")
        app.picker.follow()
        await pilot.press("t")
        while not isinstance(app.screen, Reading):
            await pilot.pause(0.01)

    picture(size, reach)


@pytest.mark.parametrize("size", SIZES)
def test_a_code_while_others_wait(picture, size):
    from tui.screens.mfa_dialog import MfaDialog

    async def reach(app, pilot):
        await on_admin(app, pilot)
        challenge = MfaCode("arn:aws:iam::111122223333:mfa/ana", "payments-prod-admin", None)
        dialog = MfaDialog(app.look, challenge, lambda _: None)
        dialog.waiting(2)
        app.push_screen(dialog)
        await pilot.pause()

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_the_sign_ins(picture, tmp_path, size):
    sign_in(tmp_path)

    async def reach(app, pilot):
        app.picker.roles.go_to("data-sso")
        app.picker.follow()
        await pilot.press("L")

    picture(size, reach, config=CONFIG + SSO)


@pytest.mark.parametrize("size", SIZES)
def test_the_first_hints(picture, size):
    async def reach(app, pilot):
        while "hints" in app.picker.errands.running:
            await pilot.pause(0.01)
        await on_admin(app, pilot)

    picture(size, reach, hints=True)


@pytest.mark.parametrize("size", SIZES)
def test_renewing_itself(picture, size):
    async def reach(app, pilot):
        app.picker.roles.go_to("data-dev-analyst")
        app.picker.follow()
        app.picker.facts.trying.add("data-dev-analyst")
        app.picker.facts.renewing.add("data-dev-analyst")
        app.picker.details.renewed()
        app.picker.show_keys()
        await pilot.pause()

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_a_broken_section(picture, size):
    async def reach(app, pilot):
        app.picker.roles.go_to("data-staging-broken")
        app.picker.follow()
        await pilot.pause()

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_inside_a_shell_of_its_own(picture, size):
    env = {
        "ROLECALL_DEPTH": "1",
        "ROLECALL_ROLE": "payments-prod-admin",
        "ROLECALL_EXPIRES_AT": rfc3339(NOW + 2467),
    }
    picture(size, on_admin, sessions=SESSIONS, env=env)


@pytest.mark.parametrize("size", SIZES)
def test_a_clock_that_is_off(picture, size):
    async def reach(app, pilot):
        app.switcher.clock_offset = 95.0
        app.picker._see_clock()
        app.picker.sessions_changed()
        await pilot.pause()

    picture(size, reach, sessions=SESSIONS)


@pytest.mark.parametrize("size", SIZES)
def test_the_log(picture, size):
    async def reach(app, pilot):
        app.kept_log("payments-prod-admin: role payments-prod-admin")
        app.kept_log("AWS sts assume_role: answered after 0.2 s")
        app.kept_log("/home/ana/.aws/credentials: written")
        await pilot.press("at")

    picture(size, reach)


@pytest.mark.parametrize(
    "theme", ["rolecall-light", "rolecall-dark-okabe-ito", "rolecall-light-okabe-ito"]
)
def test_themes(picture, theme):
    async def reach(app, pilot):
        app.theme = theme
        await on_admin(app, pilot)

    picture("120x30", reach, sessions=SESSIONS)


def test_ascii(picture):
    picture("80x24", on_admin, sessions=SESSIONS, env={"LANG": "de_DE.ISO-8859-1"})


def test_sixty_columns(picture):
    picture((60, 20), on_admin, sessions=SESSIONS)


def test_ten_lines(picture):
    picture((80, 10), on_admin, sessions=SESSIONS)
