"""What sources ask of a person, answered in the app."""

import threading

from profiles.challenges import Assertion, Choice, SignIn, TagValue
from profiles.errors import Cancelled
from tests.terminal.picker_world import desk
from tui.screens.sign_in_dialog import SignInDialog

URL = "https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH"


def sign_in(now, **changes):
    said = {
        "name": "corp",
        "role": "data-dev",
        "url": URL,
        "code": "ABCD-EFGH",
        "expires_at": now + 600,
        "opened": False,
        "again": "rolecall login corp",
    }
    return SignIn(**said | changes)


class Asking:
    """An errand that asks these challenges one after another, and then waits for its gate."""

    def __init__(self, at, *challenges, name="role:data-dev"):
        self.answers, self.outcome = [], []
        self.gate = threading.Event()

        def work(ask, cancelled):
            self.answers += [ask(challenge) for challenge in challenges]
            while not self.gate.wait(0.01):
                if cancelled():
                    raise Cancelled("stopped")
            return "done"

        def then(outcome, error):
            at.picker.questions.forget(name)
            self.outcome.append(outcome or error)

        at.picker.errands.start(name, work, then)


async def test_a_sign_in_shows_where_to_go_and_closes_when_it_is_done(tmp_path):
    async with desk(tmp_path, size=(120, 40)) as at:
        asking = Asking(at, sign_in(at.clock()))
        await at.until(lambda: isinstance(at.app.screen, SignInDialog))
        screen = at.screen()
        assert "Sign in to corp" in screen
        assert URL in screen.replace("│", "").replace("\n", "").replace(" ", "")
        assert "ABCD-EFGH" in screen
        assert "waiting, 10:00 left" in screen
        assert "▀" in screen
        asking.gate.set()
        await at.until(lambda: at.app.screen is at.picker)
        assert asking.outcome == ["done"]


async def test_escape_stops_who_waits_for_the_sign_in(tmp_path):
    async with desk(tmp_path) as at:
        asking = Asking(at, sign_in(at.clock()))
        await at.until(lambda: isinstance(at.app.screen, SignInDialog))
        await at.press("escape")
        await at.until(lambda: asking.outcome)
        assert isinstance(asking.outcome[0], Cancelled)
        assert at.app.screen is at.picker


async def test_what_comes_after_a_sign_in_takes_its_place(tmp_path):
    async with desk(tmp_path) as at:
        asking = Asking(at, sign_in(at.clock()), TagValue("ticket", "data-dev"))
        await at.until(lambda: "is tagged with" in at.screen())
        await at.type("t1")
        await at.press("enter")
        asking.gate.set()
        await at.until(lambda: asking.outcome == ["done"])
        assert asking.answers == ["", "t1"]


async def test_the_keys_of_a_sign_in_open_and_copy_the_address(tmp_path):
    async with desk(tmp_path) as at:
        opened = []
        at.picker.questions._browse = lambda url: opened.append(url) or True
        Asking(at, sign_in(at.clock()))
        await at.until(lambda: isinstance(at.app.screen, SignInDialog))
        await at.press("o")
        await at.until(lambda: "opened in the browser" in at.screen())
        await at.press("y")
        assert opened == [URL]
        assert at.app.clipboard == URL


async def test_an_address_of_this_machine_has_no_qr_code(tmp_path):
    async with desk(tmp_path, size=(120, 40)) as at:
        Asking(at, sign_in(at.clock(), code=None, url="https://oidc.example.test/authorize"))
        await at.until(lambda: isinstance(at.app.screen, SignInDialog))
        assert "▀" not in at.screen()
        assert "The code" not in at.screen()


async def test_several_roles_in_an_assertion_are_a_list(tmp_path):
    async with desk(tmp_path) as at:
        roles = tuple(f"arn:aws:iam::123456789012:role/Role{number}" for number in range(30))
        asking = Asking(at, Choice("data-dev", "which role of the assertion", roles))
        await at.until(lambda: "which role" in at.screen())
        await at.press("up")  # round the end: the last one comes into sight
        assert "role/Role29" in at.screen()
        await at.press("enter")
        asking.gate.set()
        await at.until(lambda: asking.outcome == ["done"])
        assert asking.answers == [roles[29]]


async def test_a_pasted_assertion_is_never_seen(tmp_path):
    async with desk(tmp_path) as at:
        asking = Asking(at, Assertion("data-dev", "https://idp.example.test"))
        await at.until(lambda: "SAML response" in at.screen())
        from textual.events import Paste

        at.app.screen.focused.post_message(Paste("PHNhbWw\nvLz4="))
        await at.settle()
        assert "PHNhbWw" not in at.screen()
        await at.press("enter")
        asking.gate.set()
        await at.until(lambda: asking.outcome == ["done"])
        assert asking.answers == ["PHNhbWw vLz4="]


async def test_the_details_tell_how_long_an_mfa_session_is_good_for(tmp_path):
    async with desk(tmp_path, size=(160, 30), sessions={"payments-prod-admin": 2467}) as at:
        await at.go_to("payments-prod-admin")
        assert "MFA      ana (good for 12:00:00)" in at.screen()
