"""The form for a role by its ARN: checked while it is typed, assumed through the guard, saved."""

import json
import tomllib

import pytest
from textual.events import Key
from textual.widgets import Input, TextArea

from profiles.errors import AccessDenied
from tests.terminal.picker_world import SETTINGS, canned_aws, desk, machine, switcher_with
from tui.app import RolecallApp
from tui.screens.guard_dialog import GuardDialog
from tui.screens.help import HelpScreen
from tui.screens.role_form import RoleFormDialog

ARN = "arn:aws:iam::999988887777:role/Auditor"
PROD = "arn:aws:iam::123456789012:role/Breakglass"
EXTERNAL = "dev-4711-xyz"


def settings(home):
    return (home / ".config" / "rolecall" / "config.toml").read_text()


def asked_with(home):
    path = home / ".local" / "state" / "rolecall" / "asked.json"
    return json.loads(path.read_text())["sessions"][-1]["options"]


async def opened(at, **texts):
    """Open the form and fill it in."""
    await at.press("n")
    await at.until(lambda: isinstance(at.app.screen, RoleFormDialog) and at.app.screen._fields)
    await fill(at, **texts)
    return at.app.screen


async def fill(at, **texts):
    form = at.app.screen
    for name, text in texts.items():
        entry = form.query_one(f"#{name}")
        if isinstance(entry, Input):
            entry.value = text
        else:
            entry.text = text
    await at.until(lambda: form._timer is None or form.read() == form.form)
    await at.settle()


async def test_what_is_typed_is_assumed_with_all_its_options(tmp_path):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="base", duration="30m", region="eu-west-1")
        key, value = form.query(".tag Input").results(Input)
        key.value, value.value = "team", "payments"
        form.query(".mark").first().action_turn()
        await fill(at, external_id=EXTERNAL, policy='{\n "Statement": []\n}')
        screen = at.screen()
        assert "DurationSeconds" in screen
        assert "1800 (30m)" in screen
        assert "█░░░░░░░░░░░░░░░░░░░ of 12h" in screen
        assert '{"Statement":[]}' in screen
        assert "team=payments" in screen
        assert "base ─▸" in screen
        await at.press("enter")
        await at.until(lambda: "Auditor@999988887777" in at.picker.facts.sessions)
        assert at.aws.asked == [ARN]
        assert asked_with(tmp_path) == {
            "duration": 1800,
            "source": "base",
            "region": "eu-west-1",
            "external_id": EXTERNAL,
            "tags": [["team", "payments"]],
            "transitive_tags": ["team"],
            "policy": '{"Statement":[]}',
        }
        assert "same as: rolecall assume" in at.toasts
        assert EXTERNAL not in at.toasts


@pytest.mark.parametrize(
    ("typed", "keys", "then"),
    [
        ("", ["ctrl+up"], "1h"),
        ("", ["ctrl+up", "ctrl+up"], "1h15m"),
        ("1h", ["ctrl+down", "ctrl+down"], "30m"),
        ("50m", ["ctrl+up"], "1h"),
        ("50m", ["ctrl+down"], "45m"),
        ("15m", ["ctrl+down"], "15m"),
        ("11h50m", ["ctrl+up", "ctrl+up"], "12h"),
        ("soon", ["ctrl+down"], "1h"),
    ],
)
async def test_the_duration_goes_up_and_down_in_steps_from_wherever(tmp_path, typed, keys, then):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="base", duration=typed)
        await at.press(*keys)
        assert form.query_one("#duration", Input).value == then
        await at.until(lambda: form.form.duration == then)
        assert " of 12h" in at.screen()


async def test_the_duration_of_a_chained_role_ends_at_an_hour(tmp_path):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="payments-prod-admin", duration="45m")
        await at.press("ctrl+up", "ctrl+up", "ctrl+up")
        assert form.query_one("#duration", Input).value == "1h"


async def test_an_external_id_is_on_no_screen_and_in_the_copied_command(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at, role_arn=ARN, source="base", external_id=EXTERNAL)
        assert "****" in at.screen()
        assert EXTERNAL not in at.screen()
        await at.press("ctrl+t")
        assert f"--external-id {EXTERNAL}" in at.app.clipboard
        assert at.app.clipboard.startswith(f"rolecall assume {ARN} --source base")


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("role_arn", "arn:awss:iam::123456789012:role/x", "did you mean aws?"),
        ("source", "bse", "did you mean base?"),
        ("region", "cn-north-1", "it is of aws-cn"),
        ("duration", "13h", "15m to 12h"),
        ("policy", '{\n "a": 1\n "b": 2\n}', "line 3, column 2"),
        ("policy", json.dumps({"a": "x" * 2041}), "2,049 characters; AWS takes 2,048"),
        ("policy_arns", "x", "not the ARN of a policy"),
    ],
)
async def test_what_is_wrong_is_told_while_it_is_typed_and_is_not_sent(tmp_path, field, text, told):
    async with desk(tmp_path) as at:
        form = await opened(at, **({"role_arn": ARN, "source": "base"} | {field: text}))
        assert told in at.screen()
        assert "not right yet:" in at.screen()
        await at.press("ctrl+o")
        assert at.app.screen is form
        assert form.focused is form.query_one(f"#{field}")
        await at.press("ctrl+s", "ctrl+t")
        assert at.app.screen is form
        assert at.aws.asked == []
        assert at.app.clipboard == ""


async def test_a_tag_that_is_there_twice_is_told(tmp_path):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="base")
        form.query(".tag Input").results(Input).__next__().value = "team"
        await at.settle()
        assert len(form.query(".tag")) == 2
        list(form.query(".tag Input").results(Input))[2].value = "Team"
        await at.until(lambda: "Team is there twice" in at.screen())


async def test_the_guard_stands_before_a_guarded_role(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at, role_arn=PROD, source="base")
        await at.press("ctrl+o")
        await at.until(lambda: isinstance(at.app.screen, GuardDialog))
        await at.press("escape")
        await at.until(lambda: at.app.screen is at.picker)
        assert at.aws.asked == []


async def test_escape_keeps_what_was_typed_and_a_key_empties_it(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at, role_arn=ARN, policy="{")
        await at.press("escape")
        assert "n brings it back" in at.toasts
        form = await opened(at)
        assert form.query_one("#role_arn", Input).value == ARN
        assert form.query_one("#policy", TextArea).text == "{"
        await at.press("ctrl+r")
        await at.settle()
        assert form.query_one("#role_arn", Input).value == ""
        assert form.query_one("#policy", TextArea).text == ""


async def test_what_aws_refuses_is_still_there_to_be_mended(tmp_path):
    async with desk(tmp_path) as at:
        at.aws.refusals[ARN] = AccessDenied("no such thing", "try another")
        await opened(at, role_arn=ARN, source="base")
        await at.press("ctrl+o")
        await at.until(lambda: "no such thing" in at.toasts)
        form = await opened(at)
        assert form.query_one("#role_arn", Input).value == ARN


async def test_it_is_saved_as_a_role_beside_what_was_there(tmp_path):
    async with desk(tmp_path, settings=f"# mine\n{SETTINGS}") as at:
        form = await opened(at, role_arn=ARN, source="base", duration="30m")
        await at.press("ctrl+s")
        assert form.query_one("#name", Input).value == "auditor-999988887777"
        await fill(at, name="auditor")
        await at.press("ctrl+s")
        await at.until(lambda: at.highlighted == "auditor")
        text = settings(tmp_path)
        assert text.startswith(f"# mine\n{SETTINGS}")
        assert tomllib.loads(text)["roles"] == [
            {"name": "auditor", "role_arn": ARN, "source": "base", "duration": "30m"}
        ]
        at.beat()
        assert "auditor is in the settings" in at.toasts
        assert "changed" not in at.toasts
        await at.press("enter")
        await at.until(lambda: "auditor" in at.picker.facts.sessions)


async def test_a_name_that_is_taken_and_a_tag_that_asks(tmp_path):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="base", name="payments-dev-admin")
        await at.press("ctrl+s")
        assert "there is a role called payments-dev-admin already" in at.screen()
        key, value = form.query(".tag Input").results(Input)
        key.value, value.value = "ticket", "{ask}"
        await fill(at, name="auditor")
        await at.press("ctrl+o")
        assert "for saved roles" in at.screen()
        await at.press("ctrl+s")
        await at.until(lambda: at.highlighted == "auditor")
        assert at.picker.role.value("tags") == {"ticket": "{ask}"}


@pytest.mark.parametrize("broken", ["no TOML", "unwritable"])
async def test_settings_that_cannot_be_written_are_told_and_nothing_is_lost(tmp_path, broken):
    async with desk(tmp_path) as at:
        form = await opened(at, role_arn=ARN, source="base", name="auditor")
        path = tmp_path / ".config" / "rolecall" / "config.toml"
        if broken == "no TOML":
            path.write_text("duration = \n")
        else:
            path.unlink()
            path.mkdir()
        await at.press("ctrl+s")
        assert "the settings" in at.screen()
        assert at.app.screen is form
        assert form.read().role_arn == ARN


@pytest.mark.parametrize("size", [(120, 30), (80, 24), (40, 20), (60, 10)])
async def test_the_call_is_seen_at_every_size_and_tab_goes_through_all_fields(tmp_path, size):
    async with desk(tmp_path, size=size) as at:
        form = await opened(at, role_arn=ARN, source="base")
        if size[0] < 100:
            assert "sts:AssumeRole" not in at.screen()
            await at.press("ctrl+l")
        assert "sts:AssumeRole" in at.screen()
        if size[0] < 100:
            await at.press("ctrl+l")
        start, seen = form.focused, []
        while True:
            await at.pilot.press("tab")
            if form.focused is start:
                break
            seen.append(form.focused.id)
            assert len(seen) < 40
        assert {"source", "duration", "policy", "policy_arns", "name"} <= set(seen)


async def test_letters_typed_right_after_tab_are_the_next_fields(tmp_path):
    async with desk(tmp_path) as at:
        form = await opened(at)
        for key in [*"arn", "tab", *"base", "tab", "tab", *"30m", "shift+tab", "x"]:
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        await at.until(lambda: form.query_one("#session_name", Input).value == "x")
        texts = [form.query_one(f"#{name}", Input).value for name in ("role_arn", "source")]
        assert texts == ["arn", "base"]
        assert form.query_one("#duration", Input).value == "30m"


async def test_its_keys_are_in_its_help(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at)
        await at.press("f1")
        assert isinstance(at.app.screen, HelpScreen)
        for word in ("^s", "^t", "^l", "^r", "Save it as a role of the settings"):
            assert word in at.screen()
        await at.press("escape")
        assert isinstance(at.app.screen, RoleFormDialog)


async def test_names_of_any_kind_do_not_break_it(tmp_path):
    async with desk(tmp_path, size=(40, 20)) as at:
        for text in ("[bold]x[/bold]", "\x1b[31m", "名前" * 60, "\u202eabc", "x" * 300, "🔑" * 9):
            form = await opened(at, role_arn=text, source=text, session_name=text, policy=text)
            await at.press("ctrl+l", "ctrl+l", "escape")
            assert form not in at.app.screen_stack
        assert at.app.defect is None


async def test_a_shell_that_waits_gets_the_session(tmp_path):
    from profiles.request import Request

    with canned_aws() as aws:
        switcher = switcher_with(machine(tmp_path), aws, None)
        app = RolecallApp(switcher, choosing=Request())
        async with app.run_test(size=(120, 30)) as pilot:
            await pilot.press("n")
            await pilot.pause()
            app.screen.query_one("#role_arn", Input).value = ARN
            app.screen.query_one("#source", Input).value = "base"
            await pilot.press("ctrl+o")
            while app.handed is None:
                await pilot.pause(0.01)
        assert app.handed.role == "Auditor@999988887777"
