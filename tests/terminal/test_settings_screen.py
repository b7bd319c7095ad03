"""The settings screen: what counts and why, changed in place, with nothing of the file lost."""

import os
import tomllib

import pytest
from rich.cells import cell_len

from profiles.settings import KNOWN
from tests.terminal.picker_world import SETTINGS, desk
from tui.screens import keys
from tui.screens.help import HelpScreen
from tui.screens.remapping import SCREENS, keys_of
from tui.screens.settings import SettingsScreen
from tui.widgets.settings_list import HEADING, SETTING

MINE = f'# mine\nduration = "30m"  # short\n{SETTINGS}'


def path(home):
    return home / ".config" / "rolecall" / "config.toml"


def table(home):
    return tomllib.loads(path(home).read_text())


async def opened(at, name=None):
    """Open the screen, the highlight on a line."""
    await at.press("comma")
    await at.until(lambda: isinstance(at.app.screen, SettingsScreen) and at.app.screen.list.rows)
    if name is not None:
        go_to(at, name)
        await at.settle()
    return at.app.screen


def go_to(at, name):
    rows = at.app.screen.list.rows
    place = next(n for n, row in enumerate(rows) if row.name == name and row.kind != HEADING)
    at.app.screen.list.move(place - at.app.screen.list.at)
    at.app.screen._explain()


def row(at, name):
    return next(row for row in at.app.screen.list.rows if row.name == name)


async def test_every_setting_is_there_with_its_value_its_origin_and_what_it_is_for(tmp_path):
    async with desk(tmp_path, settings=MINE, env={"ROLECALL_REGION": "eu-west-3"}) as at:
        screen = await opened(at)
        shown = {row.name: row for row in screen.list.rows if row.kind == SETTING}
        assert KNOWN.keys() <= shown.keys()
        assert (shown["duration"].value, shown["duration"].origin) == ("30m", "file")
        assert (shown["region"].value, shown["region"].origin) == ("eu-west-3", "environment")
        assert shown["renew"].origin == "default"
        assert all(shown[key].about == about for key, (_, about) in KNOWN.items())
        lines = at.screen()
        for words in ("30m", "file", "eu-west-3", "environment", "how long sessions last"):
            assert words in lines
        assert "*prod*, confirm ask" in lines
        assert "payments-prod" in lines


async def test_a_value_is_typed_in_its_line_and_the_file_keeps_the_rest(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        await opened(at, "duration")
        await at.press("enter", "ctrl+u")
        await at.type("2h")
        await at.press("enter")
        assert path(tmp_path).read_text() == MINE.replace('"30m"', '"2h"')
        assert row(at, "duration").value == "2h"
        at.beat()
        await at.press("escape")
        await at.until(lambda: at.switcher.catalogue.settings.seconds("duration") == 7200)
        assert "changed" not in at.toasts


async def test_a_wrong_value_is_told_while_it_is_typed_and_never_written(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        screen = await opened(at, "duration")
        await at.press("enter", "ctrl+u")
        await at.type("soon")
        assert "not a duration: 'soon'" in at.screen()
        await at.press("enter")
        assert screen.list.typing is not None
        await at.press("escape")
        assert "not a duration" not in at.screen()
        assert path(tmp_path).read_text() == MINE


async def test_flags_turn_choices_are_chosen_and_a_line_is_left_to_rolecall_again(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        await opened(at, "clean_up")
        await at.press("enter")
        assert table(tmp_path)["clean_up"] is True
        await at.press("enter")
        assert table(tmp_path)["clean_up"] is False
        go_to(at, "renew")
        await at.press("enter", "2")
        assert table(tmp_path)["renew"] == "auto"
        await at.press("x")
        assert "renew" not in table(tmp_path)
        await at.press("x")
        assert "renew is not in the file" in at.screen()
        go_to(at, "browser")
        await at.press("enter")
        await at.type("firefox {url}")
        await at.press("enter")
        assert table(tmp_path)["browser"] == ["firefox", "{url}"]


async def test_a_theme_is_seen_before_it_is_taken(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at, "theme")
        before = at.app.theme
        await at.press("enter", "j")
        assert at.app.theme != before
        await at.press("escape")
        assert at.app.theme == before
        assert "theme" not in table(tmp_path)
        await at.press("enter", "j", "enter")
        assert table(tmp_path)["theme"] == at.app.theme != before
        await at.press("x")
        assert at.app.theme == before


async def test_ascii_is_drawn_at_once(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at, "ascii")
        await at.press("enter", "escape")
        await at.until(lambda: at.app.screen is at.picker)
        assert "+ Roles -" in at.screen()


async def test_what_the_environment_says_cannot_be_changed_and_says_why(tmp_path):
    async with desk(tmp_path, env={"ROLECALL_DURATION": "45m"}) as at:
        screen = await opened(at, "duration")
        for key in ("enter", "x"):
            await at.press(key)
            assert "ROLECALL_DURATION is set in the environment and counts" in at.screen()
            assert screen.list.typing is None
        assert "duration" not in table(tmp_path)


async def test_a_key_is_given_to_a_binding_and_works_at_once(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        await opened(at, "order")
        await at.press("enter")
        assert "press the key" in at.screen()
        await at.press("b")
        assert table(tmp_path)["keys"] == {"order": "b"}
        assert path(tmp_path).read_text().startswith(MINE)
        await at.press("escape", "b")
        assert "ordered by" in at.toasts
        assert at.app.current_key_of("order") == "b"
        await opened(at, "order")
        await at.press("x")
        assert table(tmp_path)["keys"] == {}
        assert at.app.current_key_of("order") == "o"


@pytest.mark.parametrize(
    ("name", "key", "told"),
    [
        ("order", "f", "f is 'favourite' already"),
        ("order", "ctrl+c", "^c is 'leave' already"),
        ("stop", "f", "f is 'favourite' already"),
        ("form_save", "b", "letters are typed into the form"),
        ("form_save", "ctrl+t", "^t is 'copy' already"),
        ("setting_edit", "e", "e is 'editor' already"),
    ],
)
async def test_a_key_that_is_taken_is_refused(tmp_path, name, key, told):
    async with desk(tmp_path) as at:
        await opened(at, name)
        await at.press("enter")
        at.app.screen._pressed(key)
        await at.settle()
        assert told in at.screen()
        assert "keys" not in table(tmp_path)


async def test_escape_leaves_a_key_as_it_is(tmp_path):
    async with desk(tmp_path) as at:
        screen = await opened(at, "order")
        await at.press("enter", "escape")
        assert not screen.list.waiting
        assert at.app.screen is screen
        assert "keys" not in table(tmp_path)


async def test_conflicts_in_the_file_and_warnings_are_shown(tmp_path):
    text = 'nothing = 1\n[keys]\norder = "f"\nno_such = "b"\n'
    async with desk(tmp_path, settings=text) as at:
        await opened(at)
        screen = at.screen()
        assert "'nothing' is not a setting" in screen
        assert "[keys] order: f is 'favourite' already" in screen
        assert "[keys] no_such: there is no such key here" in screen
        await at.press("enter")
        assert "e opens it" in at.screen()


async def test_what_others_changed_meanwhile_is_not_overwritten(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        await opened(at, "duration")
        await at.press("enter", "ctrl+u")
        await at.type("2h")
        path(tmp_path).write_text(MINE.replace('"30m"', '"3h"') + '\n[accounts.1]\nname = "x"\n')
        await at.press("enter")
        assert "duration was changed by others meanwhile" in at.screen()
        assert row(at, "duration").value == "3h"
        assert table(tmp_path)["duration"] == "3h"
        go_to(at, "clean_up")
        await at.press("enter")
        assert table(tmp_path)["accounts"]["1"] == {"name": "x"}


@pytest.mark.parametrize("broken", ["no TOML", "unreadable"])
async def test_a_file_that_cannot_be_read_is_one_line_and_nothing_is_written(tmp_path, broken):
    async with desk(tmp_path, settings=MINE) as at:
        file = path(tmp_path)
        if broken == "no TOML":
            file.write_text("duration = \n")
        else:
            file.unlink()
            file.mkdir()
        await opened(at, "clean_up")
        assert row(at, "duration").value == "30m"
        await at.press("enter")
        assert "the settings" in at.screen()
        assert file.is_dir() or file.read_text() == "duration = \n"
        await at.press("escape")
        assert at.app.screen is at.picker


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
async def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    async with desk(tmp_path, settings=MINE) as at:
        path(tmp_path).parent.chmod(0o500)
        await opened(at, "clean_up")
        await at.press("enter")
        assert "cannot write the settings" in at.screen()
        path(tmp_path).parent.chmod(0o700)


async def test_roles_accounts_and_stages_say_where_they_are_changed(tmp_path):
    text = SETTINGS + '[[roles]]\nname = "mine"\nrole_arn = "arn:aws:iam::1:role/x"\n'
    async with desk(tmp_path, settings=text) as at:
        for name in ("production", "123456789012", "mine"):
            await opened(at, name)
            await at.press("enter")
            assert "changed in the file: e opens it" in at.screen()
            await at.press("escape")


@pytest.mark.parametrize(
    "name",
    ["[bold]x[/bold]", "\\u001b[31mred", "名前" * 60, "\\u202eabc", "x" * 300, "🔑" * 9, "{ask}"],
)
async def test_names_of_any_kind_do_not_break_it(tmp_path, name):
    text = (
        f'write_to = "{name}"\n[accounts."{name}"]\nname = "{name}"\n'
        f'[stages."{name}"]\nmatch = ["{name}"]\n[[roles]]\nname = "{name}"\n'
        f'[keys]\norder = "{name}"\n"{name}" = "b"\n'
    )
    async with desk(tmp_path, size=(60, 30), settings=text) as at:
        await opened(at)
        await at.press("j", "j", "enter", "escape", "G", "g")
        lines = at.screen().splitlines()
        assert "\x1b" not in at.screen()
        assert all(cell_len(line) <= 60 for line in lines)
        assert all(line[0] in "┌│└" for line in lines[:26])
        assert at.app.defect is None


async def test_its_help_and_the_palette_know_it(tmp_path):
    async with desk(tmp_path) as at:
        await opened(at)
        await at.press("question_mark")
        assert isinstance(at.app.screen, HelpScreen)
        assert "Leave it to rolecall again" in at.screen()
        await at.press("escape", "escape", "ctrl+p")
        await at.type("settings")
        await at.until(lambda: "settings  (,)" in at.screen())
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, SettingsScreen))


@pytest.mark.parametrize("size", [(120, 30), (80, 24), (40, 20), (60, 10), (20, 5), (1, 1)])
async def test_every_line_can_be_reached_and_changed_at_every_size(tmp_path, size):
    async with desk(tmp_path, size=size, settings=MINE) as at:
        screen = await opened(at)
        for key in ("G", "g", "pagedown", "pageup", "j", "k", "ctrl+d", "ctrl+u"):
            await at.press(key)
            assert screen.list.row.kind != HEADING
            if size[1] > 4:
                assert screen.list.top <= screen.list.at < screen.list.top + screen.list.page
        go_to(at, "duration")
        await at.press("enter", "escape", "escape")
        assert at.app.screen is at.picker


def test_no_key_of_a_screen_stands_before_another():
    for bindings in SCREENS.values():
        taken = [key for each in (*bindings, *keys.EVERYWHERE) for key in keys_of(each, {})]
        assert len(taken) == len(set(taken))
