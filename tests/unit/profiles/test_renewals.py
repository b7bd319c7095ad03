"""When sessions renew themselves, by a clock that is told what time it is."""

import os
import threading

import pytest

from profiles.errors import AccessDenied, MfaRequired, NetworkUnavailable, UsageError
from profiles.model import SessionStatus
from profiles.renewals import BEFORE, JITTER, PACE, WAKE, Schedule, policy, renewed, sign_in_of
from profiles.switcher import Switcher
from tests.terminal.picker_world import NOW, SETTINGS, canned_aws, machine, switcher_with

AUTO = f'renew = "auto"\n{SETTINGS}'


def session(name, end, **changes):
    said = SessionStatus(name, f"{name}-session", None, end, "rolecall")
    return said._replace(**changes)


def schedule(*statuses, now=NOW, spread=0.0):
    made = Schedule(lambda: spread)
    made.see(statuses, now)
    return made


def anybody(_):
    return True


def test_a_session_is_due_at_ten_minutes_and_not_before():
    plan = schedule(session("a", NOW + 3600))
    assert plan.next(NOW + 3600 - BEFORE - 1, anybody) is None
    assert plan.next(NOW + 3600 - BEFORE, anybody) == "a"


def test_jitter_spreads_up_to_a_minute_earlier():
    plan = schedule(session("a", NOW + 3600), spread=1.0)
    assert plan.next(NOW + 3600 - BEFORE - JITTER - 1, anybody) is None
    assert plan.next(NOW + 3600 - BEFORE - JITTER, anybody) == "a"


def test_what_was_over_at_the_start_and_what_others_made_stays():
    plan = schedule(
        session("over", NOW - 1),
        session("theirs", NOW + 60, origin="aws-cli"),
        session("cached", NOW + 60, profile=None),
        session("endless", None),
    )
    assert plan.next(NOW, anybody) is None


def test_after_a_sleep_they_come_one_after_another_the_first_to_end_first():
    made = [session(name, NOW + 3600 + at) for at, name in enumerate("cab")]
    plan = schedule(*made)
    now = NOW + 7200
    plan.see(made, now)
    assert plan.next(now, anybody) is None, "the network gets a moment"
    assert plan.next(now + WAKE, anybody) == "c"
    assert plan.next(now + WAKE, anybody) is None
    assert plan.next(now + WAKE + PACE, lambda name: name != "c") == "a"


def test_a_failure_is_told_once_and_tried_again_later_each_time():
    plan = schedule(session("a", NOW + 60))
    now, waits = NOW, []
    for attempt in range(6):
        assert plan.failed("a", NetworkUnavailable("no network"), now) == (attempt == 0)
        wait = next(
            s
            for s in range(1, 400)
            if plan.next(now + s, lambda _: False) is None and plan.next(now + s, anybody) == "a"
        )
        waits.append(wait)
        now += wait
    assert waits == [15, 30, 60, 120, 240, 300]


def test_where_a_person_is_needed_it_is_left_until_there_is_another_session():
    plan = schedule(session("a", NOW + 60))
    assert plan.will("a")
    plan.failed("a", MfaRequired("a code"), NOW)
    assert not plan.will("a")
    assert plan.next(NOW + 3000, anybody) is None
    later = session("a", NOW + 7200)
    plan.see([later], NOW + 20)
    assert plan.next(NOW + 7200, anybody) == "a"


def test_what_is_refused_is_tried_until_the_session_is_over():
    plan = schedule(session("a", NOW + 60))
    plan.failed("a", AccessDenied("no"), NOW + 1)
    assert plan.next(NOW + 20, anybody) == "a"
    plan.failed("a", AccessDenied("no"), NOW + 61)
    assert plan.next(NOW + 5000, anybody) is None


def test_a_session_of_minutes_is_not_renewed_without_end():
    plan = schedule(session("a", NOW + 300))
    assert plan.next(NOW, anybody) == "a"
    plan.done("a", NOW + 300, NOW)
    plan.see([session("a", NOW + 300)], NOW + 1)
    assert plan.next(NOW + 3, anybody) is None, "it gave no later one"
    plan.see([session("a", NOW + 320)], NOW + 20)
    assert plan.next(NOW + 30, anybody) is None
    assert plan.next(NOW + 320 - 75, anybody) == "a"


@pytest.mark.parametrize(
    ("settings", "name", "said"),
    [
        ("", "data-dev-analyst", "ask"),
        ('renew = "auto"', "data-dev-analyst", "auto"),
        ('renew = "never"', "data-dev-analyst", "never"),
        ('renew = "auto"', "payments-prod-admin", "ask"),
        ('renew = "auto"', "data-staging-analyst", "auto"),
        (
            '[stages.production]\nmatch = ["*prod*"]\nconfirm = "type"\nrenew = "auto"',
            "payments-prod-admin",
            "auto",
        ),
        (
            'renew = "auto"\n[stages.production]\nmatch = ["*prod*"]\nrenew = "never"',
            "payments-prod-admin",
            "never",
        ),
    ],
)
def test_the_stage_rules_and_a_guard_is_not_passed_by_the_general_setting(
    tmp_path, settings, name, said
):
    catalogue = Switcher(machine(tmp_path, settings=settings)).catalogue
    assert policy(catalogue, catalogue.get(name)) == said


def test_roles_of_the_same_keys_share_a_sign_in(tmp_path):
    catalogue = Switcher(machine(tmp_path)).catalogue
    of = {name: sign_in_of(catalogue, catalogue.get(name)) for name in catalogue.roles.names}
    assert of["payments-dev-admin"] == of["data-dev-engineer"] == "keys base"
    assert of["data-staging-broken"] == ""


def test_many_at_once_renew_a_session_once(tmp_path):
    with canned_aws() as aws:
        switcher = switcher_with(machine(tmp_path, settings=AUTO), aws, {"data-dev-analyst": 300})
        outcomes = []

        def one():
            own = Switcher(switcher.machine)
            outcomes.append(renewed(own, "data-dev-analyst", NOW + 300, cancelled=lambda: False))

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(aws.asked) == 1
        assert [each is not None for each in outcomes].count(True) == 1
        assert len(outcomes) == 8


def test_what_the_way_to_another_role_needed_is_not_asked_for_twice(tmp_path):
    with canned_aws() as aws:
        made = machine(tmp_path, settings=AUTO)
        switcher = switcher_with(made, aws, {"payments-dev-admin": 900})
        made.now.at += 700
        for file in (tmp_path / ".aws" / "cli" / "cache").iterdir():
            os.utime(file, (NOW, NOW))
        switcher.session(switcher.catalogue.get("data-dev-engineer"))
        asked = list(aws.asked)
        assert len(asked) == 2
        new = renewed(switcher, "payments-dev-admin", NOW + 900, cancelled=lambda: False)
        assert new.session.expires_at == NOW + 700 + 3600
        assert aws.asked == asked


def test_nobody_is_asked(tmp_path):
    with canned_aws() as aws:
        home = machine(tmp_path, settings='renew = "auto"\n[stages]\n')
        switcher = switcher_with(home, aws, {"payments-prod-admin": 300})
        for file in (tmp_path / ".aws" / "cli" / "cache").iterdir():
            file.unlink()  # the MFA session among them
        with pytest.raises(MfaRequired):
            renewed(switcher, "payments-prod-admin", NOW + 300, cancelled=lambda: False)
        assert aws.asked == []


def test_a_guarded_role_is_refused_whoever_asks(tmp_path):
    with canned_aws() as aws:
        switcher = switcher_with(
            machine(tmp_path, settings=AUTO), aws, {"payments-prod-readonly": 300}
        )
        with pytest.raises(UsageError, match="does not renew itself"):
            renewed(switcher, "payments-prod-readonly", NOW + 300, cancelled=lambda: False)
        assert aws.asked == []


def test_what_was_dropped_meanwhile_does_not_come_back(tmp_path):
    with canned_aws() as aws:
        switcher = switcher_with(machine(tmp_path, settings=AUTO), aws, {})
        assert renewed(switcher, "data-dev-analyst", NOW, cancelled=lambda: False) is None
        assert aws.asked == []
