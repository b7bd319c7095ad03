"""What the picker looks like: pictures of its states, compared.

After a wanted change: `pytest tests/terminal/test_pictures.py --snapshot-update`, then look.
"""

import os
import time

import pytest

from profiles.challenges import Assertion, Confirmation, MfaCode, SignIn
from profiles.errors import AccessDenied
from tests.terminal.picker_world import canned_aws, machine, switcher_with
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
            while "sessions" in app.picker.errands.running:
                await pilot.pause(0.01)
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
