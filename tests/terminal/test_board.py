"""The sessions board and the details: whose sessions there are, what is behind and over each."""

import json
import os

from profiles.files.running import Announcement
from profiles.files.sso_cache import token_key
from profiles.session import Credentials, Session
from profiles.times import rfc3339
from tests.terminal.picker_world import CONFIG, NOW, SETTINGS, desk, machine

SSO = """
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile data-sso]
sso_session = corp
sso_account_id = 333344445555
sso_role_name = Analyst
"""


def sign_in(home, lasting=3 * 3600, **more):
    folder = home / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "startUrl": "https://corp.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": "SECRET",
        "expiresAt": rfc3339(NOW + lasting),
    }
    (folder / f"{token_key('corp')}.json").write_text(json.dumps(said | more))


REFRESHED = {
    "refreshToken": "SECRET",
    "clientId": "c",
    "clientSecret": "SECRET",
    "registrationExpiresAt": rfc3339(NOW + 30 * 86400),
}


async def to_board(at, name):
    await at.press("tab")
    assert at.picker.pane == "board"
    places = [status.name for status in at.picker.facts.statuses]
    at.picker.board.move(places.index(name) - at.picker.board.at)
    at.picker.follow()
    await at.settle()


async def test_a_sign_in_counts_down_with_what_renews_it(tmp_path):
    made = machine(tmp_path, config=CONFIG + SSO)
    sign_in(tmp_path, **REFRESHED)
    async with desk(made, size=(160, 30)) as at:
        assert "corp (sso)" in at.screen()
        assert "renews itself" in at.screen()
        await to_board(at, "corp")
        screen = at.screen()
        assert "● live 3:00:00" in screen
        assert "Renewed  by itself, for 30d at most" in screen
        at.beat(7)
        await at.settle()
        assert "● live 2:59:53" in at.screen()
        assert "SECRET" not in at.screen()


async def test_the_details_have_every_layer_with_its_countdown(tmp_path):
    made = machine(tmp_path, config=CONFIG + SSO)
    sign_in(tmp_path)
    async with desk(made, size=(160, 30)) as at:
        await at.go_to("data-sso")
        screen = at.screen()
        assert "corp ─▸ data-sso (sign-in · permission set)" in screen
        assert "SSO      corp (good for 3:00:00)" in screen
        at.beat(1)
        await at.settle()
        assert "SSO      corp (good for 2:59:59)" in at.screen()


async def test_enter_on_a_session_goes_to_its_role(tmp_path):
    sessions = {"data-dev-analyst": 3600, "payments-dev-admin": 900}
    async with desk(tmp_path, sessions=sessions) as at:
        await to_board(at, "data-dev-analyst")
        assert "enter to its role" in at.screen()
        await at.press("enter")
        assert (at.picker.pane, at.highlighted) == ("roles", "data-dev-analyst")
        assert at.asked == []


async def test_a_session_without_a_role_says_so(tmp_path):
    made = machine(tmp_path, config=CONFIG + SSO)
    sign_in(tmp_path)
    async with desk(made) as at:
        await to_board(at, "corp")
        await at.press("enter")
        assert "no role is behind corp" in at.toasts
        await at.press("x")
        assert "not rolecall's (sso)" in at.toasts


async def test_shells_and_endpoints_are_on_the_board_and_are_not_dropped(tmp_path):
    made = machine(tmp_path)
    keys = Credentials("ASIASHELL", "s", "t", expires_at=NOW + 1200)
    shell = Announcement(made, "shell (pid 4711)", os.getpid())
    shell.holds(Session("data-dev-analyst", keys, NOW + 1200))
    async with desk(made, size=(160, 30)) as at:
        assert "shell (pid 4711)" in at.screen()
        await to_board(at, "data-dev-analyst")
        await at.press("x")
        assert "it goes with shell (pid 4711)" in at.toasts
        shell.withdraw()
        at.beat()
        await at.until(lambda: "shell (pid" not in at.screen().split("Sessions")[1])


async def test_chain_limits_and_origin_are_said_in_words(tmp_path):
    async with desk(tmp_path, size=(160, 30)) as at:
        await at.go_to("data-dev-engineer")
        screen = at.screen()
        assert "base ─▸ payments-dev-admin ─▸ data-dev-engineer" in screen
        assert "         (key · role · role)" in screen
        assert "Lasts    AWS gives 1h" in screen
        assert "1h at most: it is assumed by another role" in screen
        assert "From     the AWS config file" in screen
        assert "Same as  rolecall assume data-dev-engineer" in screen


async def test_what_wins_over_a_written_profile_is_said(tmp_path):
    env = {"AWS_ACCESS_KEY_ID": "AKIAOTHER", "AWS_SECRET_ACCESS_KEY": "s"}
    async with desk(tmp_path, size=(160, 30), sessions={"data-dev-analyst": 3600}, env=env) as at:
        await at.go_to("data-dev-analyst")
        assert "AWS_ACCESS_KEY_ID is set here and wins over" in at.screen()


async def test_a_session_that_ends_before_what_is_needed_is_told_and_renewed_first(tmp_path):
    settings = f'needs = "50m"\n{SETTINGS}'
    async with desk(tmp_path, settings=settings, sessions={"payments-dev-admin": 3600}) as at:
        await at.go_to("payments-dev-admin")
        assert "shorter than" not in at.screen()
        at.beat(1200)
        await at.press("j", "k")
        assert "shorter than the 50m" in at.screen()
        at.picker._open_shell = lambda session, renewed=None: None
        await at.press("s")
        await at.until(lambda: at.asked == ["payments-dev-admin"])
