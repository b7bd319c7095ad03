"""A session renewed for as long as it is served: a real role, on a clock that is moved."""

import itertools
import threading
import time

import pytest

from profiles.challenges import Confirmation
from profiles.destinations.renewing import PAUSE, Renewing, renewal
from profiles.errors import (
    AccessDenied,
    CredentialsExpired,
    Internal,
    LoginRequired,
    MfaRequired,
    NetworkUnavailable,
    PersonNeeded,
)
from profiles.machine import Machine
from profiles.request import Request
from profiles.session import Credentials, Session
from profiles.sources import sts
from profiles.switcher import Switcher
from profiles.unattended import nobody
from tests.unit.profiles.sources.mfa_world import MfaWorld
from tests.world.cloud import MAIN
from tui.commands import shell

QUARTER = 900


class Clock:
    """This machine's and AWS's, moved forward together."""

    def __init__(self, monkeypatch):
        self.ahead = 0.0
        call = sts.call

        def later(*args, **options):
            answer = call(*args, **options)
            keys = answer.data["Credentials"]
            keys["Expiration"] = self.now_of(keys["Expiration"])
            return answer._replace(offset=0.0)

        monkeypatch.setattr(sts, "call", later)

    def now(self):
        return time.time() + self.ahead

    def now_of(self, instant):
        from datetime import timedelta

        return instant + timedelta(seconds=self.ahead)


class ClockOfAFile(Clock):
    """One that another process moves: the file has the seconds."""

    def __init__(self, monkeypatch, path):
        super().__init__(monkeypatch)
        self.path = path

    def now(self):
        self.ahead = float(self.path.read_text())
        return super().now()


class Told:
    """What the owner heard."""

    def __init__(self):
        self.heard = []

    def __call__(self, trouble):
        self.heard.append(trouble)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def told():
    return Told()


@pytest.fixture(autouse=True)
def _same_environment(home, monkeypatch):
    for key, value in home.env.items():
        if key.startswith("AWS_"):
            monkeypatch.setenv(key, value)  # the SDK reads this process's own environment


@pytest.fixture
def reader(company, home):
    ana = company.user("ana")
    home.keys("base", ana)
    home.env["AWS_DEFAULT_REGION"] = "eu-west-1"
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, source_profile="base", duration_seconds=QUARTER)
    return "reader"


def opened(home, clock, name, told=None, *, ask=nobody, request=None):
    machine = Machine(home.env, str(home.path), now=clock.now)
    switcher = Switcher(machine)
    role = switcher.catalogue.resolve(name)
    session = switcher.session(role, request, ask=ask)
    again = renewal(machine, role, request)
    return Renewing(machine, session, again, *([told] if told else []))


def test_sessions_of_a_quarter_go_on_across_three_ends_with_one_call_each(
    home, strict, clock, reader, told
):
    renewing = opened(home, clock, reader, told)
    seen = [renewing.session()]
    while clock.ahead < 3 * QUARTER + 60:
        clock.ahead += 30
        now = renewing.session()
        assert now.expires_at > clock.now()
        if now is not seen[-1]:
            seen.append(now)
    # One to start with, then one each time that a quarter of it is left: at 675 s, 1350 s …
    assert len(seen) == 5
    assert strict.count("AssumeRole") == 5
    assert len({session.credentials.access_key_id for session in seen}) == 5
    assert told.heard == []


@pytest.mark.parametrize("left", [60, -60], ids=["still good", "over"])
def test_fifty_threads_cause_one_call(home, strict, clock, reader, left):
    renewing = opened(home, clock, reader)
    strict.delay(0.3)
    clock.ahead += QUARTER - left
    found = []
    asking = [threading.Thread(target=lambda: found.append(renewing.session())) for _ in range(50)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert strict.count("AssumeRole") == 2
    assert len(found) == 50
    assert all(session.expires_at > clock.now() for session in found)


def test_who_asks_meanwhile_need_not_wait_while_the_old_one_is_good(home, strict, clock, reader):
    renewing = opened(home, clock, reader)
    old = renewing.session()
    clock.ahead += QUARTER - 60
    strict.hang()
    first = threading.Thread(target=renewing.session)
    first.start()
    try:
        while strict.count("AssumeRole") < 2:
            time.sleep(0.01)
        assert renewing.session() is old
        assert first.is_alive()
    finally:
        strict.release()
        first.join()


def test_a_session_that_another_process_got_is_taken(home, strict, clock, reader):
    renewing = opened(home, clock, reader)
    clock.ahead += QUARTER - 60
    theirs = opened(home, clock, reader).session()
    calls = strict.count("AssumeRole")
    assert renewing.session().credentials.access_key_id == theirs.credentials.access_key_id
    assert strict.count("AssumeRole") == calls


def test_without_a_network_the_old_one_is_used_and_the_next_attempt_waits(
    home, strict, clock, reader, told
):
    renewing = opened(home, clock, reader, told)
    old = renewing.session()
    strict.close()
    clock.ahead += QUARTER - 60
    assert renewing.session() is old
    assert [type(trouble) for trouble in told.heard] == [NetworkUnavailable]
    strict.open()
    assert renewing.session() is old
    clock.ahead += PAUSE
    assert renewing.session() is not old
    assert told.heard[1:] == [None]


def test_it_is_never_one_that_is_over(home, strict, clock, reader):
    renewing = opened(home, clock, reader)
    strict.close()
    clock.ahead += QUARTER
    with pytest.raises(NetworkUnavailable):
        renewing.session()


def test_a_lost_permission_is_told_once_and_the_session_used_to_its_end(
    home, strict, clock, reader, told
):
    renewing = opened(home, clock, reader, told)
    old = renewing.session()
    strict.fail("AccessDenied", 403, "no", times=99, action="AssumeRole")
    for _ in range(3):
        clock.ahead += QUARTER // 4 + PAUSE if not told.heard else PAUSE
        clock.ahead = max(clock.ahead, QUARTER - 200)
        assert renewing.session() is old
    assert len(told.heard) == 1


SHELL = """\
#!/bin/sh
for ahead in 0 890 910 1770 1800 2660 2700; do
    echo $ahead > next; mv next ahead
    aws sts get-caller-identity --query Arn --output text >> seen 2>&1
done
exit 7
"""


def test_a_renewing_shell_goes_on_across_three_ends_with_one_call_each(
    home, strict, monkeypatch, reader
):
    """The real command, the AWS CLI in its shell, and a clock that the shell itself moves."""
    (home.path / "ahead").write_text("0")
    script = home.path / "shell"
    script.write_text(SHELL)
    script.chmod(0o700)
    monkeypatch.chdir(home.path)
    clock = ClockOfAFile(monkeypatch, home.path / "ahead")
    machine = Machine(home.env | {"SHELL": str(script)}, str(home.path), now=clock.now)
    args = shell.parser().parse_args([reader, "--renewing"])
    assert shell.run(args, machine) == 7
    seen = (home.path / "seen").read_text().splitlines()
    assert len(seen) == 7
    assert all(":assumed-role/reader/" in line for line in seen), seen
    assert clock.ahead >= 3 * QUARTER
    assert strict.count("AssumeRole") == 4


# ---- what only a person could do -------------------------------------------------------------


@pytest.fixture
def mfa(company, home, strict):
    return MfaWorld(company, home, strict)


def test_mfa_is_asked_of_nobody_and_a_persons_next_session_is_taken(home, clock, mfa, told):
    name = mfa.role("admin", duration_seconds=QUARTER)
    renewing = opened(home, clock, name, told, ask=mfa.person)
    old = renewing.session()
    for file in mfa.cache.glob("*.json"):
        file.unlink()
    clock.ahead += QUARTER - 60
    assert renewing.session() is old
    assert [type(trouble) for trouble in told.heard] == [MfaRequired]
    assert "rolecall assume admin" in told.heard[0].hint
    clock.ahead += 60
    with pytest.raises(PersonNeeded):
        renewing.session()
    theirs = opened(home, clock, name, ask=mfa.person).session()
    clock.ahead += PAUSE
    assert renewing.session().credentials.access_key_id == theirs.credentials.access_key_id
    assert told.heard[1:] == [None]


def test_a_code_is_sent_once(home, strict, clock, mfa):
    name = mfa.role("admin", duration_seconds=QUARTER)
    renewing = opened(home, clock, name, request=Request(mfa_code=mfa.person.code()))
    for file in mfa.cache.glob("*.json"):
        file.unlink()
    calls = len(strict.calls)
    clock.ahead += QUARTER
    with pytest.raises(MfaRequired):
        renewing.session()
    assert len(strict.calls) == calls


def guarded(home, **settings):
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    home.settings("\n".join(["[stages.production]", 'match = ["reader"]', *lines]))


@pytest.mark.parametrize("confirm", ["ask", "type"])
def test_what_was_confirmed_once_is_not_asked_again(home, strict, clock, reader, confirm):
    guarded(home, confirm=confirm)
    asked = []

    def person(challenge):
        assert isinstance(challenge, Confirmation)
        asked.append(challenge)
        return challenge.typed or "yes"

    renewing = opened(home, clock, reader, ask=person)
    clock.ahead += QUARTER
    assert renewing.session().expires_at > clock.now()
    assert len(asked) == 1


def test_a_stage_may_forbid_it(home, strict, clock, reader, told):
    guarded(home, confirm="none", renew="never")
    renewing = opened(home, clock, reader, told)
    clock.ahead += QUARTER
    with pytest.raises(CredentialsExpired, match="not renewed"):
        renewing.session()
    assert strict.count("AssumeRole") == 1
    assert len(told.heard) == 1


def test_keys_that_changed_meanwhile_are_used(home, company, strict, clock, reader):
    renewing = opened(home, clock, reader)
    home.credentials("")
    ben = company.user("ben")
    home.keys("base", ben)
    clock.ahead += QUARTER
    with pytest.raises(AccessDenied, match="user/ben"):
        renewing.session()


def test_settings_that_changed_meanwhile_count(home, company, strict, clock, reader):
    renewing = opened(home, clock, reader)
    other = company.role("other", f"arn:aws:iam::{MAIN}:root")
    home.config("")
    home.profile("reader", role_arn=other, source_profile="base", duration_seconds=QUARTER)
    clock.ahead += QUARTER
    renewing.session()
    assert strict.last()["RoleArn"] == other


# ---- by itself -------------------------------------------------------------------------------


def canned(machine, again, told=None, seconds=3600):
    session = Session("x", Credentials("AKIA", "s", "t"), machine.now() + seconds)
    return Renewing(machine, session, again, *([told] if told else []))


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """Renews by itself, looking a hundred times a second."""
    from profiles.destinations import renewing

    monkeypatch.setattr(renewing, "_LOOK", 0.01)
    made = []

    def watch(again, told=None):
        at = [1_900_000_000.0]
        machine = Machine({}, str(tmp_path), now=lambda: at[0])
        made.append(canned(machine, again, told))
        made[-1].watch()
        return made[-1], at

    yield watch
    for each in made:
        each.close()


def test_it_is_renewed_though_nobody_asks(watched):
    renewed = threading.Event()

    def again(before):
        renewed.set()
        return Session("x", Credentials("AKIA", "s", "t"), before.expires_at + 3600)

    _, at = watched(again)
    assert not renewed.wait(0.1)
    at[0] += 2701
    assert renewed.wait(10)


def test_aws_is_not_asked_for_ever_for_what_it_refuses(watched):
    asked = threading.Semaphore(0)

    def again(before):
        del before
        asked.release()
        raise LoginRequired("no")

    _, at = watched(again)
    at[0] += 7200
    assert asked.acquire(timeout=10)
    at[0] += 7200
    assert not asked.acquire(timeout=0.2)


def test_a_defect_ends_nothing_and_shows_no_secret(tmp_path):
    told = Told()

    def again(before):
        raise ValueError(before.credentials.secret_access_key)

    machine = Machine({}, str(tmp_path), now=lambda: 0.0)
    renewing = canned(machine, again, told, seconds=0)
    with pytest.raises(Internal, match=r"\(ValueError\)"):
        renewing.session()
    assert len(told.heard) == 1


# ---- a network that is away ------------------------------------------------------------------


class Away:
    """A session of an hour, a clock that is moved, and a network that comes and goes."""

    def __init__(self, tmp_path):
        self.time = 1_900_000_000.0
        self.trouble = NetworkUnavailable("there is no network")
        self.tries = []
        self.heard = []
        machine = Machine({}, str(tmp_path), now=lambda: self.time)
        self.renewing = Renewing(machine, self.made(), self.again, self.heard.append)

    def made(self):
        return Session("reader", Credentials("ASIA", "x", "y"), self.time + 3600)

    def again(self, _before):
        self.tries.append(self.time)
        if self.trouble is not None:
            raise self.trouble
        return self.made()

    def looks(self, seconds):
        """Look as often as it is watched."""
        for _ in range(0, seconds, 5):
            self.time += 5
            self.renewing.look()


def test_who_wakes_up_before_its_network_looks_for_it_until_it_is_there(tmp_path):
    away = Away(tmp_path)
    away.time += 8 * 3600
    away.looks(1200)
    gaps = [later - sooner for sooner, later in itertools.pairwise(away.tries)]
    assert gaps == [15, 30, 60, 120, 240, 300, 300]
    away.trouble = None
    away.looks(300)
    assert away.renewing.session().expires_at > away.time
    assert [trouble is None for trouble in away.heard] == [False, True]


def test_what_is_refused_is_tried_once_after_its_end(tmp_path):
    away = Away(tmp_path)
    away.trouble = AccessDenied("no")
    away.time += 8 * 3600
    away.looks(1200)
    assert len(away.tries) == 1
