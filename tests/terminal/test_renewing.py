"""Sessions that renew themselves while the picker is open."""

from profiles.errors import NetworkUnavailable
from profiles.renewals import BEFORE, Schedule
from tests.terminal.picker_world import NOW, SETTINGS, desk

AUTO = f'renew = "auto"\n{SETTINGS}'


def steady(at):
    """No jitter."""
    at.picker.schedule = Schedule(lambda: 0.0)
    at.beat()


async def test_a_session_renews_itself_at_ten_minutes_and_says_so(tmp_path):
    async with desk(tmp_path, settings=AUTO, sessions={"data-dev-analyst": 3600}) as at:
        steady(at)
        at.beat(3600 - BEFORE - 20)
        await at.settle()
        assert at.asked == []
        at.beat(20)
        await at.until(lambda: "data-dev-analyst renewed itself, until" in at.toasts)
        assert at.asked == ["data-dev-analyst"]
        status = at.picker.facts.sessions["data-dev-analyst"]
        assert status.expires_at == NOW + 3600 - BEFORE + 3600


async def test_it_is_seen_in_its_row_and_escape_stops_it_for_good(tmp_path):
    async with desk(tmp_path, settings=AUTO, sessions={"data-dev-analyst": 300}) as at:
        gate = at.hold("data-dev-analyst")
        await at.go_to("data-dev-analyst")
        steady(at)
        await at.until(lambda: "renewing itself; esc stops it" in at.screen())
        await at.press("escape")
        assert "stopped: data-dev-analyst" in at.toasts
        gate.set()
        at.beat(20)
        await at.settle()
        assert at.asked == ["data-dev-analyst"]
        assert "data-dev-analyst" not in at.picker.facts.trying


async def test_one_at_a_time_for_a_sign_in(tmp_path):
    sessions = {"data-dev-analyst": 300, "payments-dev-admin": 310}
    async with desk(tmp_path, settings=AUTO, sessions=sessions) as at:
        gate = at.hold("data-dev-analyst")
        steady(at)
        await at.until(lambda: at.asked == ["data-dev-analyst"])
        for _ in range(4):
            at.beat(3)
        await at.settle()
        assert at.asked == ["data-dev-analyst"]
        gate.set()
        await at.until(lambda: "data-dev-analyst renewed itself" in at.toasts)
        at.beat(3)
        await at.until(lambda: at.asked == ["data-dev-analyst", "payments-dev-admin"])


async def test_a_guarded_role_and_one_with_never_are_left(tmp_path):
    settings = AUTO.replace('["*staging*"]', '["*staging*"]\nrenew = "never"')
    sessions = {"payments-prod-readonly": 300, "data-staging-analyst": 330}
    async with desk(tmp_path, settings=settings, sessions=sessions) as at:
        steady(at)
        for _ in range(40):
            at.beat(1)
        await at.settle()
        assert at.asked == []
        assert "data-staging-analyst ends in 5 minutes" in at.toasts
        assert "data-staging-analyst ends in 5 minutes:" not in at.toasts


async def test_where_a_person_is_needed_the_key_is_offered_and_no_dialog_opens(tmp_path):
    settings = 'renew = "auto"\n[stages]\n'
    async with desk(tmp_path, settings=settings, sessions={"payments-prod-admin": 300}) as at:
        for file in (tmp_path / ".aws" / "cli" / "cache").iterdir():
            file.unlink()
        steady(at)
        await at.until(lambda: "payments-prod-admin ends soon and needs you" in at.toasts)
        assert "e renews it" in at.toasts
        assert at.app.screen is at.picker
        before = at.toasts
        for _ in range(10):
            at.beat(1)
        await at.settle()
        assert at.toasts == before
        assert at.asked == []


async def test_a_failure_is_told_once_and_mended_when_the_network_is_back(tmp_path):
    async with desk(tmp_path, settings=AUTO, sessions={"data-dev-analyst": 400}) as at:
        arn = at.arn("data-dev-analyst")
        at.aws.refusals[arn] = NetworkUnavailable("there is no network", None)
        steady(at)
        await at.until(lambda: "data-dev-analyst could not renew itself" in at.toasts)
        for _ in range(3):
            at.beat(20)
            await at.settle()
        assert at.toasts.count("could not renew itself") == 1
        assert 2 <= len(at.asked) <= 4
        del at.aws.refusals[arn]
        at.beat(200)
        at.beat(6)
        await at.until(lambda: "data-dev-analyst renewed itself" in at.toasts)


async def test_without_the_setting_the_key_is_offered(tmp_path):
    async with desk(tmp_path, sessions={"data-dev-analyst": 301}) as at:
        steady(at)
        at.beat(1)
        await at.settle()
        assert "data-dev-analyst ends in 5 minutes: e renews it" in at.toasts
        assert at.asked == []
