"""A sign-in in all its turns, on a clock that runs fast."""

import threading
import time
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from profiles.catalogue.portal import Portal
from profiles.challenges import SignIn
from profiles.errors import (
    AccessDenied,
    Cancelled,
    ConfigUnreadable,
    CredentialsFileUnwritable,
    LoginRequired,
    NetworkUnavailable,
)
from profiles.files import sso_cache
from profiles.machine import Machine
from profiles.settings import load_settings
from profiles.sources.sso_token import access_token, sign_in
from profiles.sources.sso_visit import Visit
from profiles.sources.surroundings import Surroundings
from profiles.unattended import nobody
from tests.world.identity_center import START_URL, IdentityCenter
from tests.world.modelled import snake

CORP = Portal("corp", START_URL, "eu-west-1", ("sso:account:access",))


class World:
    """A portal, and somebody who visits it.

    Attributes:
        center: the stand-in, on the same clock.
        shown: what the person was shown.
        logged: what was said with -v.
        polls: when a token was asked for, by the clock.
    """

    def __init__(self, center, home, clock):
        self.center, self.home, self.clock = center, home, clock
        self.shown: list[SignIn] = []
        self.logged: list[str] = []
        self.polls: list[float] = []
        self.gave_up = threading.Event()
        self.machine = Machine(
            env=home.env, home=str(home.path), now=clock, log=self.logged.append, start=self.start
        )
        self.page = None
        original = center.note

        def note(name, params):
            if name == "CreateToken":
                self.polls.append(clock())
            original(name, params)

        center.note = note

    def start(self, argv, env):
        """The browser: what `page` does with the address."""
        if self.page is None:
            return False
        threading.Thread(target=self.page, args=[argv[-1]], daemon=True).start()
        return True

    def ask(self, challenge):
        if isinstance(challenge, SignIn):
            self.shown.append(challenge)
        return ""

    def visit(self, portal=CORP, **changes):
        self.home.settings("browser = ['x', '{url}']\n")
        return Visit(
            portal=portal,
            place=Surroundings({}, {}, portal.region),
            machine=self.machine,
            settings=load_settings(self.machine),
            role="dev",
            **{
                "ask": self.ask,
                "cancelled": self.gave_up.is_set,
                "clock": lambda _: None,
                "device_code": True,
            }
            | changes,
        )

    def gaps(self):
        return [later - earlier for earlier, later in zip(self.polls, self.polls[1:], strict=False)]


class Clock:
    """Fifty seconds in each, until `run` says otherwise."""

    def __init__(self):
        self.speed, self.real, self.shown = 50, time.time(), time.time()

    def __call__(self):
        return self.shown + (time.time() - self.real) * self.speed

    def run(self, speed):
        now, self.real = self(), time.time()
        self.speed, self.shown = speed, now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world(company, strict, home, clock, monkeypatch):
    with IdentityCenter(company, strict, clock) as center:
        for key, value in center.env.items():
            monkeypatch.setenv(key, value)  # the SDK reads this process's own environment
        home.env |= center.env
        yield World(center, home, clock)


def kept(world, name="corp"):
    return sso_cache.read_token(world.machine, sso_cache.token_key(name))


def yes(url):
    urlopen(url, timeout=20).read()


# ---- device codes (RFC 8628) --------------------------------------------------------------


def approved_after(world, polls):
    def run():
        world.center.until("CreateToken", polls)
        world.center.answer_codes()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()


def test_it_polls_no_faster_than_it_is_told(world):
    world.center.grants.interval = 7
    approved_after(world, 3)
    assert access_token(world.visit()) == kept(world)["accessToken"]
    assert len(world.polls) >= 3
    assert min(world.gaps()) >= 7


def test_it_polls_every_five_seconds_where_nothing_is_said(world, monkeypatch):
    original = world.center.start_device_authorization

    def silent(**given):
        said = original(**given)
        del said["interval"]
        return said

    monkeypatch.setattr(world.center, "start_device_authorization", silent)
    world.clock.run(10)
    approved_after(world, 3)
    access_token(world.visit())
    assert min(world.gaps()) >= 5


def test_slow_down_adds_five_seconds_for_good(world):
    world.center.grants.interval = 5
    world.center.fail("CreateToken", "SlowDownException", 400, "Slow down")
    approved_after(world, 3)
    access_token(world.visit())
    assert min(world.gaps()) >= 10


def test_a_line_that_is_cut_for_a_while_ends_no_sign_in(world):
    approved_after(world, 4)
    visit = world.visit()
    thread_closed = threading.Event()

    def cut():
        world.center.until("CreateToken", 1)
        world.center.close()
        while not any("cannot be reached" in line for line in world.logged):
            time.sleep(0.02)
        world.center.open()
        thread_closed.set()

    threading.Thread(target=cut, daemon=True).start()
    assert access_token(visit)
    assert thread_closed.is_set()


def test_a_code_that_nobody_confirms_ends_in_time(world):
    world.center.grants.code_lifetime = 40
    began = world.clock()
    with pytest.raises(LoginRequired, match="nobody signed in to corp in time"):
        access_token(world.visit())
    assert world.clock() - began < 40 + 60
    assert kept(world) is None


@pytest.mark.parametrize(
    ("shape", "error"),
    [
        ("AccessDeniedException", AccessDenied),
        ("ExpiredTokenException", LoginRequired),
        ("InvalidGrantException", LoginRequired),
        ("InvalidClientException", LoginRequired),
        ("InvalidScopeException", ConfigUnreadable),
    ],
)
def test_each_refusal_is_told_in_its_own_words(world, shape, error):
    world.center.fail("CreateToken", shape, 400, "as AWS says it")
    with pytest.raises(error) as caught:
        access_token(world.visit())
    assert "corp" in caught.value.summary
    assert caught.value.hint
    assert kept(world) is None


@pytest.mark.parametrize("operation", ["RegisterClient", "StartDeviceAuthorization", "CreateToken"])
def test_an_answer_that_lacks_something_is_not_aws(world, operation, monkeypatch):
    world.center.grants.code_lifetime = 30
    monkeypatch.setattr(world.center, snake(operation), lambda **_: {})
    with pytest.raises((NetworkUnavailable, LoginRequired)):
        access_token(world.visit())
    if operation == "CreateToken":
        assert any("is not AWS" in line for line in world.logged)


def test_giving_up_stops_at_once_and_leaves_nothing(world):
    def give_up():
        world.center.until("CreateToken")
        world.gave_up.set()

    threading.Thread(target=give_up, daemon=True).start()
    world.clock.run(1)
    with pytest.raises(Cancelled):
        access_token(world.visit())
    assert kept(world) is None


def test_the_page_that_is_shown_holds_code_and_end(world):
    world.page = yes
    world.clock.run(1)
    access_token(world.visit(browser=True))
    [shown] = world.shown
    assert shown.code in shown.url
    assert shown.opened
    assert shown.again == "rolecall login corp"
    assert 500 < shown.expires_at - world.clock() <= 600


# ---- in the browser (RFC 7636, RFC 8252) --------------------------------------------------


def test_the_browser_brings_a_code(world):
    world.page = yes
    world.clock.run(1)
    assert access_token(world.visit(device_code=False, browser=True)) == kept(world)["accessToken"]
    [shown] = world.shown
    assert shown.code is None
    asked = world.center.last("CreateToken")
    assert len(asked["codeVerifier"]) >= 43
    assert asked["codeVerifier"] not in shown.url


def test_two_sign_ins_share_no_secret(world):
    world.page = yes
    world.clock.run(1)
    visit = world.visit(device_code=False, browser=True)
    sign_in(visit)
    sign_in(visit)
    queries = [call.params for call in world.center.calls if call.operation == "Authorize"]
    for part in ("state", "code_challenge"):
        assert queries[0][part] != queries[1][part]
    assert world.center.count("RegisterClient") == 1


def test_a_browser_that_never_comes_back_ends_in_time_and_unregisters(world):
    world.clock.run(600)
    with pytest.raises(LoginRequired, match="in time"):
        access_token(world.visit(device_code=False, browser=True))
    key = sso_cache.registration_key(CORP)
    assert sso_cache.read_registration(world.machine, key) is None


def test_a_refusal_without_the_state_ends_the_wait(world):
    def refuse(url):
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        yes(f"{redirect}?error=access_denied")

    world.page = refuse
    world.clock.run(1)
    with pytest.raises(AccessDenied):
        access_token(world.visit(device_code=False, browser=True))


def test_an_answer_to_another_sign_in_does_not_count(world):
    turned_away = []

    def forged_first(url):
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        try:
            yes(f"{redirect}?code=stolen&state=guessed")
        except HTTPError as error:
            turned_away.append(error.code)
        yes(url)

    world.page = forged_first
    world.clock.run(1)
    assert access_token(world.visit(device_code=False, browser=True))
    assert turned_away == [400]
    assert world.center.last("CreateToken")["code"] != "stolen"


def test_a_client_for_the_browser_is_not_used_for_a_device_code(world):
    world.page, world.center.preapproved = yes, True
    world.clock.run(1)
    sign_in(world.visit(device_code=False, browser=True))
    sign_in(world.visit())
    assert world.center.count("StartDeviceAuthorization") == 1
    sign_in(world.visit(device_code=False, browser=True))
    assert world.center.count("Authorize") == 2


def test_a_code_that_aws_does_not_take_is_no_sign_in(world):
    world.page = yes
    world.clock.run(1)
    world.center.fail("CreateToken", "InvalidGrantException", 400, "Invalid grant provided")
    with pytest.raises(LoginRequired, match="Invalid grant provided"):
        access_token(world.visit(device_code=False, browser=True))
    assert kept(world) is None


def test_a_region_that_registers_nobody_for_a_browser_gets_a_device_code(world):
    world.center.knows_pkce, world.center.preapproved = False, True
    assert access_token(world.visit(device_code=False, browser=True))
    assert world.shown[0].code


def test_a_registration_near_its_end_is_not_used(world):
    world.page = yes
    world.clock.run(1)
    visit = world.visit(device_code=False, browser=True)
    sign_in(visit)
    key = sso_cache.registration_key(CORP)
    said = sso_cache.read_registration(world.machine, key)
    sso_cache.write(world.machine, key, said | {"expiresAt": "2020-01-01T00:00:00Z"})
    sign_in(visit)
    assert world.center.count("RegisterClient") == 2


# ---- where it cannot be kept --------------------------------------------------------------


def test_a_sign_in_that_cannot_be_kept_is_used_and_a_login_says_so(world):
    world.center.preapproved = True
    (world.home.path / ".aws" / "sso").write_text("a file")
    assert access_token(world.visit())
    assert any("cannot be written" in line for line in world.logged)
    with pytest.raises(CredentialsFileUnwritable):
        sign_in(world.visit())


def test_for_nobody_nothing_is_asked(world):
    with pytest.raises(LoginRequired):
        access_token(world.visit(ask=nobody))
    assert world.center.calls == []


# ---- many at once, in one process ---------------------------------------------------------


def test_threads_that_wait_take_the_one_sign_in(world):
    world.clock.run(1)
    release, tokens = threading.Event(), []

    def later(url):
        release.wait(20)
        yes(url)

    world.page = later
    visit = world.visit(device_code=False, browser=True)
    threads = [
        threading.Thread(target=lambda: tokens.append(access_token(visit))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    while not any("waiting for the sign-in" in line for line in world.logged):
        time.sleep(0.02)
    release.set()
    for thread in threads:
        thread.join(20)
    assert tokens == [kept(world)["accessToken"]] * 8
    assert len(world.shown) == 1
    assert world.center.count("CreateToken") == 1


def test_one_of_many_can_give_up_waiting(world):
    world.clock.run(1)
    visit = world.visit(device_code=False, browser=True)

    def waits():
        with pytest.raises(Cancelled):
            access_token(visit)

    first = threading.Thread(target=waits)
    first.start()
    while not world.shown:
        time.sleep(0.02)
    gave_up = threading.Event()
    gave_up.set()
    other = world.visit(device_code=False, browser=True, cancelled=gave_up.is_set)
    with pytest.raises(Cancelled):
        access_token(other)
    assert first.is_alive()
    world.gave_up.set()
    first.join(20)
    assert not first.is_alive()
