"""Several questions at once, signing in and out, and what is read: trust and the way to a role."""

import json
from unittest.mock import patch

from profiles import portal_login
from profiles.challenges import MfaCode, TagValue
from profiles.errors import Cancelled
from profiles.insight import denial
from profiles.insight.refusal import Refusal
from profiles.sources import sts
from tests.terminal.picker_world import CONFIG, NOW, desk, machine
from tests.terminal.test_board import REFRESHED, SSO, sign_in, to_board
from tests.terminal.test_challenges import Asking
from tests.terminal.test_challenges import sign_in as signing_in
from tui.screens.menu import Menu
from tui.screens.mfa_dialog import MfaDialog
from tui.screens.reading import Reading
from tui.screens.sign_in_dialog import SignInDialog

WITH_MFA = CONFIG.replace(
    "[profile payments-dev-readonly]",
    "[profile payments-dev-readonly]\nmfa_serial = arn:aws:iam::111122223333:mfa/ana",
)


async def test_several_questions_come_one_after_another_and_escape_is_no_to_one(tmp_path):
    async with desk(tmp_path) as at:
        asking = [
            Asking(at, MfaCode(f"arn:aws:iam::1:mfa/{name}", name), name=f"role:{name}")
            for name in ("one", "two")
        ]
        asking.append(Asking(at, TagValue("ticket", "three"), name="role:three"))
        for each in asking:
            each.gate.set()
        await at.until(lambda: "2 more wait" in at.screen())
        assert isinstance(at.app.screen, MfaDialog)
        await at.press("escape")
        await at.until(lambda: "1 more waits" in at.screen())
        assert [len(each.outcome) for each in asking].count(1) == 1
        await at.type("123456")
        await at.until(lambda: "is tagged with" in at.screen())
        assert "more wait" not in at.screen()
        await at.type("t1")
        await at.press("enter")
        await at.until(lambda: all(each.outcome for each in asking))
        said = [each.outcome[0] for each in asking]
        assert said.count("done") == 2
        assert isinstance(next(each for each in said if each != "done"), Cancelled)
        assert at.app.screen is at.picker


async def test_a_sign_in_that_waits_lets_the_next_one_be_stopped_alone(tmp_path):
    async with desk(tmp_path) as at:
        first = Asking(at, signing_in(at.clock()), name="role:first")
        second = Asking(at, signing_in(at.clock(), name="other"), name="role:second")
        await at.until(lambda: "1 more waits" in at.screen())
        await at.press("escape")
        await at.until(lambda: isinstance(at.app.screen, SignInDialog) and first.outcome)
        assert "Sign in to other" in at.screen()
        assert not second.outcome
        second.gate.set()
        await at.until(lambda: second.outcome == ["done"])
        assert at.app.screen is at.picker


async def test_no_to_a_code_stops_that_role_and_asks_for_the_other(tmp_path):
    async with desk(tmp_path, config=WITH_MFA, settings="[stages]\n") as at:
        await at.go_to("payments-prod-admin")
        at.picker.action_switch()
        await at.go_to("payments-dev-readonly")
        at.picker.action_switch()
        await at.until(lambda: "1 more waits" in at.screen())
        first = at.app.screen._challenge.role
        other = ({"payments-prod-admin", "payments-dev-readonly"} - {first}).pop()
        await at.press("escape")
        await at.until(lambda: first not in at.picker.facts.trying)
        await at.until(lambda: f"{other} asks for a code" in at.screen())
        assert "more wait" not in at.screen()
        await at.type("654321")
        await at.until(lambda: f"{other} is live" in at.toasts)
        assert at.asked == [other]


def signed(at, home):
    """A sign-in as the library does it, the person's part included."""

    def login(_machine, _catalogue, portal, *, ask, cancelled):
        ask(signing_in(NOW, role=portal.name))
        sign_in(home, **REFRESHED)
        return portal_login.SignedIn(portal, NOW + 3 * 3600, refreshable=True)

    return patch.object(portal_login, "login", login)


async def test_login_signs_in_to_what_the_role_starts_from(tmp_path):
    made = machine(tmp_path, config=CONFIG + SSO)
    async with desk(made) as at:
        with signed(at, tmp_path):
            await at.go_to("data-sso")
            await at.press("L")
            await at.until(lambda: "signed in to corp until" in at.toasts)
        assert "same as: rolecall login corp" in at.toasts
        await at.until(lambda: "corp (sso)" in at.screen())
        assert at.app.screen is at.picker


async def test_login_offers_to_sign_out_where_one_is_signed_in(tmp_path):
    made = machine(tmp_path, config=CONFIG + SSO)
    sign_in(tmp_path)
    async with desk(made) as at:
        await to_board(at, "corp")
        await at.press("L")
        assert isinstance(at.app.screen, Menu)
        assert "sign out of corp, 3:00:00 left" in at.screen()
        assert "sign in to corp again" in at.screen()
        await at.press("1")
        await at.until(lambda: "signed out of corp" in at.toasts)
        await at.until(lambda: "corp (sso)" not in at.screen())
        assert not list((tmp_path / ".aws" / "sso" / "cache").glob("*.json"))


async def test_login_without_any_session_in_the_files_says_so(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("L")
        assert "no file names an SSO session" in at.toasts
        assert at.app.screen is at.picker


async def test_login_for_another_role_offers_the_sign_ins_there_are(tmp_path):
    other = SSO.replace("corp", "shop").replace("data-sso", "shop-sso")
    made = machine(tmp_path, config=CONFIG + SSO + other)
    async with desk(made) as at:
        await at.go_to("data-dev-analyst")
        await at.press("L")
        assert "sign in to corp" in at.screen()
        assert "sign in to shop" in at.screen()
        await at.press("escape")
        assert at.app.screen is at.picker


async def test_a_failed_sign_in_is_explained(tmp_path):
    async with desk(machine(tmp_path, config=CONFIG + SSO)) as at:
        await at.go_to("data-sso")
        await at.press("L")
        await at.until(lambda: [n for n in at.app._notifications if n.severity == "error"])
        assert "signed in to" not in at.toasts
        assert at.app.screen is at.picker


async def test_the_trust_policy_is_read_and_copied(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("t")
        await at.until(lambda: isinstance(at.app.screen, Reading))
        assert '"AWS": "arn:aws:iam::111122223333:user/ana"' in at.screen()
        await at.press("y")
        policy = json.loads(at.app.clipboard)
        condition = policy["Statement"][0]["Condition"]
        assert condition == {"StringEquals": {"sts:ExternalId": "dev-4711"}}
        await at.press("j", "pagedown", "k", "q")
        assert at.app.screen is at.picker


async def test_a_refused_trust_is_an_explained_failure(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        refusal = Refusal("InvalidClientTokenId", "no", 403, "get_caller_identity", None)

        def call(*_, **__):
            raise refusal

        with patch.object(sts, "call", call):
            await at.press("t")
            await at.until(lambda: at.picker.facts.failures)
        assert at.app.screen is at.picker


async def test_what_is_not_assumed_has_no_trust_policy(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("base")
        await at.press("t")
        assert "base is not assumed: it has no trust policy" in at.toasts


async def test_the_way_to_a_role_is_explained_hop_by_hop_without_a_network(tmp_path):
    env = {"AWS_ACCESS_KEY_ID": "AKIAOTHER", "AWS_SECRET_ACCESS_KEY": "s"}
    async with desk(tmp_path, size=(120, 40), env=env, sessions={"data-dev-engineer": 3000}) as at:
        at.aws.asked.clear()
        await at.go_to("data-dev-engineer")
        await at.press("i")
        screen = at.screen()
        assert "1. base (key)" in screen
        assert "2. payments-dev-admin (role)" in screen
        assert "sends an external id" in screen
        assert "3. data-dev-engineer (role)" in screen
        assert "its session lasts another 50m" in screen
        assert "AWS_PROFILE=data-dev-engineer-session" in screen
        assert "AWS_ACCESS_KEY_ID is set here and wins over" in screen.replace("\n", " ")
        assert at.asked == []
        await at.press("y", "escape")
        assert "1. base (key)" in at.app.clipboard


async def test_the_failing_hop_is_marked(tmp_path):
    async with desk(machine(tmp_path, config=CONFIG + SSO)) as at:
        await at.go_to("data-staging-broken")
        await at.press("i")
        assert "fails: data-staging-broken starts from 'nobody-knows'" in at.screen()
        await at.press("escape")
        await at.go_to("data-sso")
        await at.press("i")
        assert "nobody is signed in" in at.screen()


async def test_the_hop_that_was_refused_is_marked_and_iam_is_asked_about_it(tmp_path):
    """Where an earlier hop was refused, the last one was not even tried."""
    about = []

    def causes(_switcher, name, *_, **__):
        about.append(name)
        return ("it does not trust base",)

    async with desk(tmp_path, size=(120, 50)) as at:
        arn = at.arn("payments-dev-admin")
        message = (
            "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: "
            f"sts:AssumeRole on resource: {arn}"
        )
        at.aws.refusals[arn] = Refusal("AccessDenied", message, 403, "assume_role", None)
        await at.go_to("data-dev-engineer")
        await at.press("enter")
        await at.until(lambda: at.picker.facts.failures)
        with patch.object(denial, "causes_of", causes):
            await at.press("i")
            await at.until(lambda: isinstance(at.app.screen, Reading))
        await at.press("y", "escape")
        told = at.app.clipboard
        order = ["2. payments-dev-admin", "fails: ", "why: ", "hint: ", "3. data-dev-engineer"]
        assert sorted(order, key=told.index) == order
        assert told.count("fails: arn:aws:iam::111122223333:user/ana may not assume") == 1
        assert about == ["payments-dev-admin"]
