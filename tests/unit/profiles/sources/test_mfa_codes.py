"""AWS takes a code once, so none is sent twice."""

import json
import stat

import pytest

from profiles.errors import Cancelled, MfaRejected
from profiles.request import Request
from tests.unit.profiles.sources.mfa_world import MfaWorld

LONG = 7200  # such a session has a code of its own


@pytest.fixture
def long(mfa: MfaWorld):
    """The name of a role whose sessions need a code each."""
    return mfa.role("long", hours=12)


def asking(*codes):
    """A person who types these codes, and what they were asked."""
    left, asked = list(codes), []

    def ask(challenge):
        asked.append(challenge)
        return left.pop(0)

    return ask, asked


def anew(mfa, **said):
    """A request for another session."""
    mfa.forget_roles()
    return Request(duration=LONG, **said)


def test_a_person_who_types_it_again_is_told_at_once(mfa, long, strict):
    mfa.session(long, Request(duration=LONG, mfa_code="123456"))
    calls = len(strict.calls)
    ask, asked = asking("123456", "123 457")
    mfa.session(long, anew(mfa), ask=ask)
    assert len(strict.calls) == calls + 1
    assert asked[0].rejected is None
    assert "used already" in asked[1].rejected
    assert strict.last()["TokenCode"] == "123457"


def test_who_types_it_three_times_is_let_go(mfa, long, strict):
    mfa.session(long, Request(duration=LONG, mfa_code="123456"))
    calls = len(strict.calls)
    ask, asked = asking(*["123456"] * 4)
    with pytest.raises(MfaRejected):
        mfa.session(long, anew(mfa), ask=ask)
    assert len(asked) == 3
    assert len(strict.calls) == calls


def test_another_process_knows_it_too(mfa, long, home, strict):
    words = ["assume", long, "--duration", "2h", "--fresh", "--mfa-code", "123456", "--json"]
    assert home.rolecall(*words).status == 0
    calls = len(strict.calls)
    done = home.rolecall(*words)
    assert done.status == 1
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "mfa-rejected"
    assert "used already" in error["summary"]
    assert "wait for the next" in error["hint"]
    assert len(strict.calls) == calls


def test_one_that_aws_refused_is_not_sent_again(mfa, long, strict):
    ask, asked = asking("999999", "999999", "123456")
    mfa.session(long, Request(duration=LONG), ask=ask)
    assert "did not accept" in asked[1].rejected
    assert "used already" in asked[2].rejected
    assert strict.count("AssumeRole") == 2


def test_the_same_digits_of_another_device_are_another_code(mfa, long):
    mfa.session(long, Request(duration=LONG, mfa_code="123456"))
    other = mfa.device("mfa/other")
    mfa.session(long, anew(mfa, mfa_serial=other, mfa_code="123456"))


def test_after_two_minutes_it_may_come_again(mfa, long, strict):
    strict.rules.once = False
    mfa.session(long, Request(duration=LONG, mfa_code="123456"))
    now = mfa.switcher().machine.now
    mfa.session(long, anew(mfa, mfa_code="123456"), now=lambda: now() + 121)


def test_what_is_kept_is_private_and_no_code(mfa, long, home):
    mfa.session(long, Request(duration=LONG, mfa_code="123456"))
    file = home.path / ".local" / "state" / "rolecall" / "mfa-codes.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "123456" not in file.read_text()
    assert mfa.serial not in file.read_text()
    file.write_text("[garbage")
    mfa.session(long, anew(mfa, mfa_code="123457"))


# ---- a command ----------------------------------------------------------------------------


class Hurried:
    """A clock that goes a second on whenever it is looked at."""

    def __init__(self, start):
        self.start = start
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return self.start + self.looks


def command(home, *codes):
    """An `mfa_command` that prints these codes, one a run, the last for ever."""
    script, runs = home.path / "code", home.path / "runs"
    cases = "".join(f"{number}) echo {code};;" for number, code in enumerate(codes, 1))
    script.write_text(
        f"#!/bin/sh\necho x >> {runs}\n"
        f"case $(wc -l < {runs} | tr -d ' ') in {cases} *) echo {codes[-1]};; esac\n"
    )
    script.chmod(0o700)
    home.settings(f'mfa_command = ["{script}"]\n')
    return lambda: len(runs.read_text().splitlines())


def test_a_command_that_prints_it_again_is_run_at_the_next(mfa, long, home, strict):
    runs = command(home, "123456", "123456", "123457")
    said = []
    mfa.session(long, Request(duration=LONG))
    now = mfa.switcher().machine.now()
    mfa.session(long, anew(mfa), now=Hurried(now), log=said.append)
    assert strict.last()["TokenCode"] == "123457"
    assert runs() == 3
    assert any("waiting for the next" in line for line in said)


def test_a_command_that_prints_nothing_else_ends_in_an_error(mfa, long, home, strict):
    runs = command(home, "123456")
    mfa.session(long, Request(duration=LONG))
    calls = len(strict.calls)
    with pytest.raises(MfaRejected, match="used already"):
        mfa.session(long, anew(mfa), now=Hurried(mfa.switcher().machine.now()))
    assert runs() == 3
    assert len(strict.calls) == calls


def test_the_wait_for_the_next_can_be_stopped(mfa, long, home):
    runs = command(home, "123456")
    mfa.session(long, Request(duration=LONG))
    switcher = mfa.switcher()
    with pytest.raises(Cancelled):
        switcher.session(
            switcher.catalogue.resolve(long),
            anew(mfa),
            cancelled=lambda: runs() == 2,
        )
    assert runs() == 2
