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
    assert strict.count("AssumeRole") == 0  # nothing is asked for what cannot be


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


def test_what_the_settings_need_and_a_role_cannot_have_is_no_reason_to_refuse_it(
    home, reader, strict
):
    home.settings('needs = "50m"\n[stages.production]\nmatch = ["reader"]\nmax_duration = "30m"\n')
    for _ in range(2):
        assert ran(home).status == 0
    assert strict.count("AssumeRole") == 1  # nor to ask for another each time
    refused = ran(home, "--needs", "50m")
    assert (refused.status, "30m, and 50m are needed" in refused.stderr) == (1, True)
    assert strict.count("AssumeRole") == 1  # nothing is asked for what cannot be


@pytest.mark.parametrize(("said", "status"), [("45s", 0), ("abc", 2), ("-5", 2), ("40h", 2)])
def test_a_wrong_variable_is_named(home, reader, said, status):
    done = home.rolecall("list", env={"ROLECALL_NEEDS": said})
    assert done.status == status
    assert (f"ROLECALL_NEEDS={said}" in done.stderr) == bool(status)


def test_the_guard_asks_once_though_the_session_is_renewed_first(home, reader, strict):
    strict.shorten(1200)
    assert ran(home).status == 0
    strict.shorten(3600)
    home.settings('[stages.production]\nmatch = ["reader"]\nconfirm = "ask"\n')
    done = home.rolecall(
        "exec", "reader", "--needs", "50m", "--", "echo", "ran", tty=True, input="y\n"
    )
    assert done.status == 0
    assert done.stdout.count("go on?") == 1
