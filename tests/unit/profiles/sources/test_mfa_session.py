"""One MFA code serves all roles behind a device, for as long as AWS lets it."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from profiles import times
from profiles.errors import (
    AccessDenied,
    Cancelled,
    MfaRejected,
    MfaRequired,
    NetworkUnavailable,
    RolecallError,
)
from profiles.renewal import renew
from profiles.request import Request
from tests.world.company import allow


def entry(mfa, more="", name="base-mfa"):
    mfa.home.settings(
        f'[[roles]]\nname = "{name}"\nkind = "session-token"\nsource = "base"\n'
        f'mfa_serial = "{mfa.serial}"\n{more}'
    )


def test_one_code_serves_all_roles_of_a_device(mfa, strict):
    for name in ("one", "two", "three"):
        mfa.session(mfa.role(name))
    assert [challenge.role for challenge in mfa.person.asked] == ["one"]
    asked = strict.last("GetSessionToken")
    assert strict.count("GetSessionToken") == 1
    assert asked["SerialNumber"] == mfa.serial
    assert "DurationSeconds" not in asked
    for call in strict.calls:
        if call.action == "AssumeRole":
            assert not {"SerialNumber", "TokenCode"} & call.params.keys()


def test_it_serves_the_next_process_too_and_a_chain(mfa, company, home):
    first = company.role("first", mfa.user.arn, may=allow("sts:AssumeRole"), mfa=True)
    home.profile("first", role_arn=first, source_profile="base", mfa_serial=mfa.serial)
    home.profile("second", role_arn=company.role("second", first), source_profile="first")
    code = mfa.person.code()
    assert home.rolecall("assume", "second", "--mfa-code", code).status == 0
    assert home.rolecall("assume", mfa.role("other")).status == 0


def test_the_aws_cli_goes_on_with_the_roles_session(mfa, home, strict):
    mfa.session(mfa.role("one"))
    before = strict.count("AssumeRole")
    done = home.aws("sts", "get-caller-identity", "--profile", "one")
    assert done.status == 0, done
    assert strict.count("AssumeRole") == before


@pytest.mark.parametrize("how", ["flag", "settings"])
def test_a_longer_session_has_a_code_of_its_own_and_is_not_lowered(mfa, home, strict, how):
    mfa.session(mfa.role("short"))
    mfa.role("long", hours=12)
    if how == "settings":
        home.settings('duration = "2h"\n')
    session = mfa.session("long", Request(duration=7200 if how == "flag" else None))
    assert strict.last()["DurationSeconds"] == "7200"
    assert strict.last()["SerialNumber"] == mfa.serial
    assert len(mfa.person.asked) == 2
    assert session.notes == ()
    assert strict.count("GetSessionToken") == 1


def test_an_hour_that_was_asked_for_needs_no_code_of_its_own(mfa, strict):
    mfa.session(mfa.role("one"))
    mfa.session(mfa.role("two"), Request(duration=3600))
    assert strict.last()["DurationSeconds"] == "3600"
    assert len(mfa.person.asked) == 1


# ---- many at once -------------------------------------------------------------------------


def at_once(names, one):
    """Each in its thread, all under way before the first is asked for; results or errors."""
    ready = threading.Barrier(len(names))

    def run(name):
        ready.wait(20)
        try:
            return one(name)
        except RolecallError as error:
            return error

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(run, names))


def test_threads_at_once_ask_once(mfa):
    names = [mfa.role(f"role-{number}") for number in range(12)]
    sessions = at_once(names, mfa.session)
    assert [session.role for session in sessions] == names
    assert len(mfa.person.asked) == 1


def test_threads_at_once_that_want_all_anew_ask_once(mfa):
    names = [mfa.role(f"role-{number}") for number in range(6)]
    mfa.session(names[0])
    mfa.age(3600)
    sessions = at_once(names, lambda name: mfa.session(name, Request(fresh=True)))
    assert not any(session.from_cache for session in sessions)
    assert len(mfa.person.asked) == 2


def test_processes_at_once_ask_once(mfa, home, tmp_path):
    names = [mfa.role(f"role-{number}") for number in range(4)]
    asked = tmp_path / "asked"
    script = home.path / "code"
    script.write_text(f"#!/bin/sh\necho x >> {asked}\necho 1$(wc -l < {asked} | tr -d ' ')2345\n")
    script.chmod(0o700)
    home.settings(f'mfa_command = ["{script}"]\n')
    done = at_once(names, lambda name: home.rolecall("assume", name))
    assert [each.status for each in done] == [0] * 4, done
    assert asked.read_text() == "x\n"


def test_a_no_is_a_no_for_all_that_wait(mfa):
    names = [mfa.role(f"role-{number}") for number in range(5)]
    switcher = mfa.switcher()
    looks = dict.fromkeys(names, 0)
    asked = []

    def ask(challenge):
        # The no comes once the others look again and again whether they are stopped: they wait.
        asked.append(challenge)
        others = [name for name in names if name != challenge.role]
        for _ in range(2000):
            if all(looks[name] > 5 for name in others):
                break
            time.sleep(0.01)
        raise Cancelled("no")

    def one(name):
        def cancelled():
            looks[name] += 1
            return False

        return switcher.session(switcher.catalogue.resolve(name), ask=ask, cancelled=cancelled)

    errors = at_once(names, one)
    assert [type(error) for error in errors] == [Cancelled] * len(names)
    assert len(asked) == 1


def test_one_that_is_stopped_leaves_the_asking_to_the_next(mfa):
    mfa.role("one")
    mfa.role("two")
    stopped, asked = threading.Event(), threading.Event()

    def ask(challenge):
        del challenge
        asked.set()
        stopped.wait(20)
        raise Cancelled("stopped")

    switcher = mfa.switcher()

    def first():
        role = switcher.catalogue.resolve("one")
        with pytest.raises(Cancelled):
            switcher.session(role, ask=ask, cancelled=stopped.is_set)
        return True

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert asked.wait(20)
        two = pool.submit(mfa.session, "two")
        stopped.set()
        assert one.result(20)
        assert two.result(20).role == "two"
    assert [challenge.role for challenge in mfa.person.asked] == ["two"]


def test_one_that_waits_can_be_stopped(mfa):
    mfa.role("one")
    mfa.role("two")
    asked, answered = threading.Event(), threading.Event()

    def ask(challenge):
        asked.set()
        answered.wait(20)
        return mfa.person(challenge)

    switcher = mfa.switcher()
    stops = iter([False] * 5)
    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(mfa.session, "one", ask=ask)
        assert asked.wait(20)
        with pytest.raises(Cancelled):
            switcher.session(
                switcher.catalogue.resolve("two"),
                ask=mfa.person,
                cancelled=lambda: next(stops, True),
            )
        answered.set()
        assert one.result(20).role == "one"


def test_who_has_nobody_to_ask_says_so_by_its_own_name(mfa):
    names = [mfa.role(f"role-{number}") for number in range(4)]
    errors = at_once(names, mfa.alone)
    assert [type(error) for error in errors] == [MfaRequired] * 4
    assert [error.summary.split()[0] for error in errors] == names


# ---- refused ------------------------------------------------------------------------------


def test_a_role_that_wants_a_newer_code_gets_one_of_its_own(mfa, strict):
    mfa.session(mfa.role("one"))
    mfa.role("recent", age=0)
    mfa.age(3600)
    mfa.session("recent")
    assert len(mfa.person.asked) == 2
    assert strict.last()["TokenCode"] == str(mfa.person.next)
    assert strict.count("GetSessionToken") == 1
    mfa.session(mfa.role("two"))
    assert len(mfa.person.asked) == 2


def test_without_a_person_that_is_a_denial_with_the_remedy(mfa):
    mfa.session(mfa.role("one"))
    mfa.role("recent", age=0)
    mfa.age(3600)
    with pytest.raises(AccessDenied) as denied:
        mfa.alone("recent")
    assert "--mfa-code" in denied.value.hint
    assert "MFA" not in denied.value.summary


def test_a_code_given_just_now_is_not_asked_for_again(mfa, company):
    mfa.role("one")
    ben = company.user("ben")
    arn = company.role("closed", ben.arn)
    mfa.home.profile("closed", role_arn=arn, source_profile="base", mfa_serial=mfa.serial)
    for name in ("closed", "closed", "one"):
        if name == "one":
            mfa.session(name)
        else:
            with pytest.raises(AccessDenied):
                mfa.session(name)
    assert len(mfa.person.asked) == 1


def test_who_gets_no_session_token_uses_the_same_code_directly(mfa, strict):
    strict.fail(
        *("AccessDenied", 403, "User is not authorized, with an explicit deny"),
        action="GetSessionToken",
    )
    mfa.session(mfa.role("one"))
    assert len(mfa.person.asked) == 1
    assert strict.last()["TokenCode"] == strict.last("GetSessionToken")["TokenCode"]


def test_a_code_that_went_with_the_refusal_is_asked_for_anew(mfa, strict):
    message = "User is not authorized, with an explicit deny"
    strict.fail("AccessDenied", 403, message, action="GetSessionToken")
    used = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    strict.fail("AccessDenied", 403, used, action="AssumeRole")
    mfa.session(mfa.role("one"))
    assert len(mfa.person.asked) == 2
    assert strict.count("GetSessionToken") == 1


def test_a_wrong_code_is_asked_for_again_and_no_way_around_it_is_tried(mfa, strict):
    mfa.role("one")
    mfa.person.next = 900000
    with pytest.raises(MfaRejected):
        mfa.session("one")
    assert len(mfa.person.asked) == 3
    assert [challenge.rejected is None for challenge in mfa.person.asked] == [True, False, False]
    assert strict.count("AssumeRole") == 0


def test_an_mfa_session_that_aws_calls_expired_is_got_anew(mfa, strict):
    mfa.session(mfa.role("one"))
    mfa.age(3600)
    strict.fail("ExpiredToken", 403, "The security token included in the request is expired")
    mfa.session(mfa.role("two"))
    mfa.session(mfa.role("three"))
    assert strict.count("GetSessionToken") == 2
    assert len(mfa.person.asked) == 2


def test_without_a_network_the_code_was_not_used(mfa, strict):
    mfa.role("one")
    strict.close()
    with pytest.raises(NetworkUnavailable):
        mfa.session("one", Request(mfa_code="123456"))
    strict.open()
    assert mfa.session("one", Request(mfa_code="123456")).role == "one"


# ---- how long, and what ends it -----------------------------------------------------------


def test_fresh_wants_a_new_code_and_renew_does_not(mfa):
    mfa.role("one")
    switcher = mfa.switcher()
    switcher.assume(switcher.catalogue.resolve("one"), ask=mfa.person)
    mfa.age(3600)
    renew(switcher, "one", ask=mfa.person)
    assert len(mfa.person.asked) == 1
    mfa.age(3600)
    mfa.session("one", Request(fresh=True))
    assert len(mfa.person.asked) == 2


def test_fresh_takes_the_session_of_a_code_given_just_now(mfa):
    mfa.session(mfa.role("one"))
    assert not mfa.session("one", Request(fresh=True)).from_cache
    assert len(mfa.person.asked) == 1


def ends_in(mfa, seconds):
    """Let the MFA session, of twelve hours, end so soon, and the roles have none."""
    mfa.forget_roles()
    (kept,) = mfa.cache.glob("*.json")
    said = json.loads(kept.read_text())
    said["Credentials"]["Expiration"] = times.rfc3339(time.time() + seconds)
    kept.write_text(json.dumps(said))
    mfa.age(12 * 3600 - seconds)


def test_one_about_to_end_is_not_used(mfa):
    mfa.session(mfa.role("one"))
    ends_in(mfa, 50)
    mfa.session("one")
    assert len(mfa.person.asked) == 2


def test_roles_use_up_what_is_left_and_an_entry_is_renewed_in_time(mfa):
    entry(mfa)
    mfa.session(mfa.role("one"))
    ends_in(mfa, 600)
    mfa.session("one")
    assert len(mfa.person.asked) == 1
    assert mfa.session("base-mfa").expires_at > time.time() + 11 * 3600
    assert len(mfa.person.asked) == 2


def test_renewing_an_entry_wants_a_code(mfa):
    entry(mfa)
    switcher = mfa.switcher()
    switcher.assume(switcher.catalogue.resolve("base-mfa"), ask=mfa.person)
    mfa.age(3600)
    renew(switcher, "base-mfa", ask=mfa.person)
    assert len(mfa.person.asked) == 2


def test_status_lists_it_and_dropping_a_role_leaves_it(mfa, home):
    mfa.role("one")
    code = mfa.person.code()
    assert home.rolecall("assume", "one", "--mfa-code", code).status == 0
    rows = {at["name"]: at for at in json.loads(home.rolecall("status", "--json").stdout)}
    assert rows["base (mfa/ana)"]["phase"] == "live"
    assert rows["base (mfa/ana)"]["origin"] == "rolecall"
    assert rows["base (mfa/ana)"]["seconds_left"] > 11 * 3600
    assert home.rolecall("drop", "one").status == 0
    assert home.rolecall("assume", "one").status == 0
    assert home.rolecall("drop", "--all").status == 0
    assert json.loads(home.rolecall("status", "--json").stdout) == []
    assert home.rolecall("assume", "one").status == 3


def test_it_can_be_dropped_by_its_name(mfa, home):
    mfa.role("one")
    assert home.rolecall("assume", "one", "--mfa-code", mfa.person.code()).status == 0
    assert home.rolecall("drop", "base (mfa/ana)").status == 0
    names = [at["name"] for at in json.loads(home.rolecall("status", "--json").stdout)]
    assert names == ["one"]


# ---- entries of the settings --------------------------------------------------------------


def test_an_entry_says_how_long_it_lasts_and_what_it_is_called(mfa, strict, home):
    entry(mfa, 'duration = "36h"\n')
    mfa.session(mfa.role("one"))
    assert strict.last("GetSessionToken")["DurationSeconds"] == "129600"
    names = {at["name"] for at in json.loads(home.rolecall("status", "--json").stdout)}
    assert names == {"one", "base-mfa"}
    session = mfa.session("base-mfa")
    assert session.role == "base-mfa"
    assert session.from_cache
    assert len(mfa.person.asked) == 1


@pytest.mark.parametrize("duration", ["12h", "36h"])
def test_an_entrys_session_and_the_roles_own_are_one(mfa, strict, duration):
    mfa.session(mfa.role("one"))
    entry(mfa, f'duration = "{duration}"\n')
    assert mfa.session("base-mfa").from_cache
    assert len(mfa.person.asked) == 1
    strict.close()
    assert mfa.session("base-mfa").from_cache


def test_a_length_that_a_person_asks_for_is_not_another_length(mfa, strict):
    entry(mfa)
    mfa.session(mfa.role("one"))
    mfa.session("base-mfa", Request(duration=129600))
    assert strict.last("GetSessionToken")["DurationSeconds"] == "129600"
    assert len(mfa.person.asked) == 2


def test_a_stages_bound_holds_for_an_entry(mfa, strict):
    mfa.session(mfa.role("one"))
    entry(mfa, '[stages.any]\nmatch = ["base-mfa"]\nmax_duration = "30m"\n')
    mfa.session("base-mfa")
    assert strict.last("GetSessionToken")["DurationSeconds"] == "1800"


def test_roles_that_start_from_an_entry_ask_once_together(mfa, home):
    entry(mfa)
    names = [f"role-{number}" for number in range(5)]
    more = "".join(
        f'[[roles]]\nname = "{name}"\nsource = "base-mfa"\nmfa_serial = "{mfa.serial}"\n'
        f'role_arn = "{mfa.company.role(name, mfa.user.arn, mfa=True)}"\n'
        for name in names
    )
    home.settings(home.settings_file.read_text() + more)
    sessions = at_once(names, mfa.session)
    assert [session.role for session in sessions] == names
    assert len(mfa.person.asked) == 1


def test_a_session_without_mfa_is_not_taken_for_one_with(mfa, home):
    assert home.rolecall("assume", "base").status == 0
    mfa.session(mfa.role("one"))
    assert len(mfa.person.asked) == 1


def test_another_users_session_of_the_same_name_of_device_is_not_taken(mfa, company, home):
    mfa.session(mfa.role("one"))
    ben = company.user("ben", allow("sts:*"))
    home.keys("other", ben)
    serial = mfa.device("mfa/ben", ben)
    arn = company.role("bens", ben.arn, mfa=True)
    home.profile("bens", role_arn=arn, source_profile="other", mfa_serial=serial)
    mfa.session("bens")
    assert [challenge.serial for challenge in mfa.person.asked] == [mfa.serial, serial]
