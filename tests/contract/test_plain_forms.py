"""`--plain`: a role by its ARN and the settings, line by line."""

import json
import tomllib

import pytest

from tests.world.company import allow


@pytest.fixture
def arn(company, home):
    """A role that no file knows, and that ana may assume."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    return company.role("auditor", ana.arn, may=[allow("s3:*"), allow("sts:*")])


def plain(home, *lines, **options):
    return home.rolecall("--plain", input="\n".join((*lines, "q", "")), **options)


def test_a_role_is_filled_in_checked_and_assumed(strict, home, arn):
    fields = (arn, "bse", "base", "", "13h", "30m", "dev-4711", "", "", "eu-west-1", "{", "")
    done = plain(home, "a", *fields, "", "+team=payments", "Team=x", "nothing", "", "a")
    assert done.status == 0, done
    for told in ("did you mean base?", "15m to 12h", "line 1", "Team is there twice", "not a tag"):
        assert f"not this: {told}" in done.stdout or told in done.stdout
    assert "ExternalId: ****" in done.stdout
    assert "is live, written to [auditor@123456789012-session]" in done.stdout
    sent = strict.last()
    assert sent["DurationSeconds"] == "1800"
    assert sent["ExternalId"] == "dev-4711"
    assert sent["Tags.member.1.Key"] == sent["TransitiveTagKeys.member.1"] == "team"


def test_it_is_saved_and_is_in_the_list(strict, home, arn):
    done = plain(home, "a", arn, "base", *([""] * 8), "", "s", "audit", "/audit")
    assert "audit is in the settings" in done.stdout
    assert "1. audit" in done.stdout
    assert strict.count("AssumeRole") == 0
    assert tomllib.loads(home.settings_file.read_text())["roles"] == [
        {"name": "audit", "role_arn": arn, "source": "base"}
    ]


def test_it_can_be_stopped_at_any_line(strict, home, arn):
    assert "there is no ARN" in plain(home, "a", "").stdout
    assert "nothing was assumed" in plain(home, "a", arn, "base", *([""] * 9), "").stdout
    done = home.rolecall("--plain", input=f"a\n{arn}\n")
    assert done.status == 0
    assert "the input ended" in done.stdout
    assert strict.count("AssumeRole") == 0


def test_settings_are_shown_and_changed(home, arn):
    home.settings('# mine\nduration = "1h"\n')
    done = plain(home, ",", ", duration soon", ", duration 2h", ", theme nord", ", theme")
    assert "duration: 1h, file; how long sessions last" in done.stdout
    assert "not a duration" in done.stdout
    assert "theme is not in the file any more" in done.stdout
    assert home.settings_file.read_text() == '# mine\nduration = "2h"\n'
    refused = plain(home, ", duration 3h", env={"ROLECALL_DURATION": "45m"})
    assert "ROLECALL_DURATION is set in the environment" in refused.stdout
    assert json.dumps("2h") in home.settings_file.read_text()
