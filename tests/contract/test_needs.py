"""`exec --needs`: a command does not begin with a session that would end under it."""

import json

import pytest

from tests.world.company import allow


@pytest.fixture
def reader(company, home):
    ana = company.user("ana")
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=allow("sts:*"))
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


def ran(home, *words, env=None):
    command = ("sh", "-c", "echo $ROLECALL_EXPIRES_AT")
    return home.rolecall("exec", "reader", *words, "--", *command, env=env)


def test_a_session_that_lasts_is_used_as_it_is(home, reader, strict):
    first = ran(home)
    again = ran(home, "--needs", "50m")
    assert again.stdout == first.stdout
    assert strict.count("AssumeRole") == 1


def test_one_that_ends_before_is_renewed_first(home, reader, strict):
    strict.shorten(1200)
    first = ran(home)
    strict.shorten(3600)
    again = ran(home, "--needs", "50m")
    assert again.status == 0, again
    assert again.stdout > first.stdout
    assert strict.count("AssumeRole") == 2


def test_what_no_session_lasts_is_refused_and_nothing_runs(home, reader, strict):
    done = home.rolecall("exec", "reader", "--needs", "2h", "--json", "--", "touch", "ran")
    error = json.loads(done.stderr)["error"]
    assert (done.status, error["code"]) == (1, "session-too-long")
    assert "2h are needed" in error["summary"]
    assert "--duration" in error["hint"]
    assert not (home.path / "ran").exists()
    assert strict.count("AssumeRole") == 1  # a new one had just been asked for


@pytest.mark.parametrize("said", ["soon", "", "-5", "40h"])
def test_what_is_no_duration_is_a_usage_error(home, reader, strict, said):
    assert ran(home, f"--needs={said}").status == 2
    assert ran(home, "--needs", "5m", "--renewing").status == 2
    assert strict.count("AssumeRole") == 0


def test_what_the_settings_need_holds_for_all_that_hand_out(home, reader, strict):
    home.settings('needs = "50m"\n')
    strict.shorten(1200)
    assert home.rolecall("exec", "reader", "--needs", "10m", "--", "true").status == 0
    strict.shorten(3600)
    assert home.rolecall("export", "reader").status == 0
    assert strict.count("AssumeRole") == 2  # renewed first
    assert ran(home).status == 0
    assert strict.count("AssumeRole") == 2  # that one lasts
    refused = ran(home, env={"ROLECALL_NEEDS": "2h"})
    assert (refused.status, "2h are needed" in refused.stderr) == (1, True)
    served = home.rolecall("credential-process", "reader", env={"ROLECALL_NEEDS": "2h"})
    assert served.status == 0  # its program asks again by itself
