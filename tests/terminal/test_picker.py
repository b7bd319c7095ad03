"""The picker, key by key."""

import shlex
from importlib import import_module

import pytest
from textual.events import Key

from profiles.errors import AccessDenied, NetworkUnavailable
from tests.terminal.picker_world import SETTINGS, desk, machine
from tui.commands import module_of
from tui.screens.menu import Menu


def credentials(home):
    return (home / ".aws" / "credentials").read_text()


async def test_the_first_frame_shows_roles_under_their_accounts(tmp_path):
    async with desk(tmp_path) as at:
        screen = at.screen()
        assert "payments-prod  123456789012" in screen
        assert "production" in screen
        assert "payments-prod-admin" not in screen.split("┐┌")[0]
        assert at.highlighted is not None


async def test_the_filter_wants_every_word_and_counts_what_it_found(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash")
        await at.type("pay prod")
        assert "3 of 10" in at.screen()
        assert at.highlighted.startswith("payments-prod")


async def test_keys_typed_faster_than_they_are_drawn_all_reach_the_filter(tmp_path):
    async with desk(tmp_path) as at:
        for key in ("slash", "p", "a", "y"):
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        await at.settle()
        assert at.picker.roles.filter.text == "pay"


async def test_escape_clears_the_filter_then_leaves_it(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash", "p", "escape")
        assert at.picker.roles.filter.text == ""
        assert at.picker.roles.filter.editing
        await at.press("escape")
        assert not at.picker.roles.filter.editing


async def test_a_filter_without_a_match_names_itself(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash")
        await at.type("zzz")
        assert "no role matches 'zzz'" in at.screen()
        await at.press("enter", "j", "k", "G", "g", "s", "x")


async def test_words_of_the_command_line_are_the_filter(tmp_path):
    async with desk(tmp_path, words="dev admin") as at:
        assert at.highlighted == "payments-dev-admin"
        assert "2 of 10" in at.screen()


async def test_enter_switches_writes_the_profile_and_counts_down(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        await at.until(lambda: "● live" in at.screen())
        assert "[payments-dev-admin-session]" in credentials(tmp_path)
        assert "1:00:00" in at.screen()
        at.beat(1)
        await at.settle()
        assert "59:59" in at.screen()
        assert "payments-dev-admin is live" in at.toasts


async def test_enter_in_the_filter_switches_to_the_highlighted_role(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash")
        await at.type("dev admin")
        await at.press("enter")
        await at.until(lambda: "payments-dev-admin" in at.picker.facts.sessions)
        assert not at.picker.roles.filter.editing


async def test_a_switch_spins_and_escape_stops_it(tmp_path):
    async with desk(tmp_path) as at:
        gate = at.hold("payments-dev-admin")
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        assert "switching" in at.screen()
        await at.press("j")
        assert at.highlighted == "payments-dev-readonly"
        await at.press("k", "escape")
        assert "switching" not in at.screen()
        gate.set()
        await at.settle()
        assert "payments-dev-admin" not in at.picker.facts.sessions
        assert "payments-dev-admin-session" not in credentials(tmp_path)


async def test_every_key_is_answered_while_aws_takes_its_time(tmp_path):
    """The answer is held for as long as the keys take, so that no clock decides."""
    async with desk(tmp_path, sessions={"data-dev-analyst": 2467}) as at:
        gate = at.hold("payments-dev-admin")
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        for _ in range(20):
            await at.press("j")
            assert at.highlighted == "payments-dev-readonly"
            await at.press("k")
            assert at.highlighted == "payments-dev-admin"
        await at.press("slash")
        await at.type("analyst")
        assert "2 of 10" in at.screen()
        await at.press("escape", "escape", "tab")
        assert at.picker.board.has_focus
        at.beat(1)
        await at.settle()
        assert "41:06" in at.screen()
        await at.press("question_mark")
        assert "Assume the role and write its profile" in at.screen()
        await at.press("escape", "shift+tab")
        await at.go_to("payments-dev-readonly")
        await at.press("enter")
        await at.until(lambda: "payments-dev-readonly" in at.picker.facts.sessions)
        assert not gate.is_set()
        assert at.picker.facts.trying == {"payments-dev-admin"}
        gate.set()
        await at.until(lambda: "payments-dev-admin" in at.picker.facts.sessions)


async def test_several_roles_are_switched_to_at_once(tmp_path):
    async with desk(tmp_path) as at:
        gates = [at.hold("payments-dev-admin"), at.hold("payments-dev-readonly")]
        await at.go_to("payments-dev-admin")
        await at.press("enter", "j", "enter")
        assert at.picker.facts.trying == {"payments-dev-admin", "payments-dev-readonly"}
        for gate in gates:
            gate.set()
        await at.until(lambda: len(at.picker.facts.sessions) == 2)


async def test_a_live_role_says_so_and_offers_to_renew(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        assert "live already, 41:07 left: e renews it" in at.toasts
        assert at.asked == []
        await at.press("e")
        await at.until(lambda: "1:00:00" in at.screen())
        assert at.asked == ["payments-dev-admin"]


async def test_a_refusal_is_explained_until_the_next_try(tmp_path):
    async with desk(tmp_path) as at:
        at.aws.refusals[at.arn("data-dev-analyst")] = AccessDenied(
            "base may not assume data-dev-analyst", "rolecall trust data-dev-analyst"
        )
        await at.go_to("data-dev-analyst")
        await at.press("enter")
        await at.until(lambda: "✕ base may not assume" in at.screen())
        assert "rolecall trust" in at.toasts
        at.aws.refusals.clear()
        await at.press("enter")
        await at.until(lambda: "● live" in at.screen())
        assert at.picker.facts.failures == {}


async def test_offline_says_so_and_cached_sessions_stay(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        at.aws.refusals[at.arn("data-dev-analyst")] = NetworkUnavailable("AWS cannot be reached")
        await at.go_to("data-dev-analyst")
        await at.press("enter")
        await at.until(lambda: "AWS cannot be reached" in at.toasts)
        assert "41:07" in at.screen()


async def test_the_guard_asks_and_escape_is_no(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-prod-readonly")
        await at.press("enter")
        await at.until(lambda: "PRODUCTION" in str(at.app.screen.query_one("#box").border_title))
        assert "write a session to" in at.screen()
        await at.press("escape")
        await at.until(lambda: not at.picker.facts.trying)
        assert at.asked == []
        await at.press("enter")
        await at.until(lambda: at.app.screen is not at.picker)
        await at.press("enter")
        await at.until(lambda: at.asked == ["payments-prod-readonly"])
        await at.until(lambda: "payments-prod-readonly" in at.picker.facts.sessions)


async def test_a_typed_guard_wants_the_name_of_the_account(tmp_path):
    settings = '[stages.production]\nmatch = ["*prod*"]\nconfirm = "type"\n'
    async with desk(tmp_path, settings=settings) as at:
        await at.go_to("payments-prod-readonly")
        await at.press("enter")
        await at.until(lambda: at.app.screen is not at.picker)
        await at.type("wrong")
        await at.press("enter")
        assert "not the account's name" in at.screen()
        await at.press("ctrl+u")
        await at.type("payments-prod")
        await at.press("enter")
        await at.until(lambda: "payments-prod-readonly" in at.picker.facts.sessions)


async def test_an_mfa_code_sends_itself_and_a_rejected_one_keeps_the_dialog(tmp_path):
    async with desk(tmp_path, settings="") as at:
        await at.go_to("payments-prod-admin")
        await at.press("enter")
        await at.until(lambda: at.app.screen is not at.picker)
        if "PRODUCTION" in at.screen():
            await at.press("y")
            await at.until(lambda: "MFA" in at.screen())
        dialog = at.app.screen
        await at.type("123456")
        await at.until(lambda: "works once" in at.screen())
        assert at.app.screen is dialog
        await at.type("654321")
        await at.until(lambda: at.app.screen is at.picker)
        await at.until(lambda: "payments-prod-admin" in at.picker.facts.sessions)


async def test_escape_in_the_mfa_dialog_stops_the_switch(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-prod-admin")
        await at.press("enter")
        await at.until(lambda: at.app.screen is not at.picker)
        await at.press("y")
        await at.until(lambda: "MFA" in at.screen())
        await at.press("1", "2", "escape")
        await at.until(lambda: not at.picker.facts.trying)
        assert at.picker.facts.sessions == {}


async def test_write_to_shows_the_change_and_writes_there(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("w")
        await at.until(lambda: "+[payments-dev-admin-session]" in at.screen())
        await at.press("ctrl+u")
        await at.type("mine")
        assert "+[mine]" in at.screen()
        assert "secret_access_key = w" not in at.screen()
        await at.press("enter")
        await at.until(lambda: "[mine]" in credentials(tmp_path))


async def test_write_to_refuses_a_profile_of_somebody_else(tmp_path):
    async with desk(tmp_path) as at:
        before = credentials(tmp_path)
        await at.go_to("payments-dev-admin")
        await at.press("w", "ctrl+u")
        await at.type("base")
        await at.press("enter")
        assert at.app.screen is not at.picker
        await at.press("escape")
        assert credentials(tmp_path) == before


async def test_why_a_profile_is_refused_is_read_to_its_end(tmp_path):
    async with desk(tmp_path, size=(60, 24)) as at:
        await at.press("w", "ctrl+u")
        await at.type("base")
        said = " ".join(at.screen().replace("│", " ").split())
        assert "holds long-lived keys" in said
        assert "overwrite it with --force" in said


async def test_toasts_do_not_cover_what_a_dialog_asks(tmp_path):
    async with desk(tmp_path, size=(80, 24)) as at:
        await at.go_to("payments-prod-readonly")
        await at.press("x")
        assert "there is no session of it" in at.toasts
        await at.press("enter")
        await at.until(lambda: "y or enter is yes" in at.screen())
        assert at.toasts == ""


async def test_default_is_written_and_undone(tmp_path):
    async with desk(tmp_path) as at:
        before = credentials(tmp_path)
        await at.go_to("payments-dev-admin")
        await at.press("d")
        await at.until(lambda: "[default]" in credentials(tmp_path))
        await at.settle()
        await at.press("u")
        await at.until(lambda: credentials(tmp_path) == before)
        await at.until(lambda: at.picker.facts.sessions["payments-dev-admin"].profile is None)


async def test_drop_asks_and_enter_in_the_dialog_does_not_reach_the_list(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        await at.go_to("payments-dev-admin")
        await at.press("x")
        assert "Drop the session?" in str(at.app.screen.query_one("#box").border_title)
        await at.press("escape")
        assert "payments-dev-admin-session" in credentials(tmp_path)
        await at.press("x", "enter")
        await at.until(lambda: "payments-dev-admin-session" not in credentials(tmp_path))
        await at.settle()
        assert at.asked == []


async def test_a_key_that_cannot_run_says_why(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("x")
        assert "drop: there is no session of it" in at.toasts
        await at.press("5")
        assert "no favourite 5" in at.toasts


@pytest.mark.parametrize(
    ("label", "copied"),
    [
        ("the role's ARN", "arn:aws:iam::210987654321:role/Admin"),
        ("AWS_PROFILE=", "AWS_PROFILE=payments-dev-admin-session"),
        ("account's id", "210987654321"),
        ("rolecall assume", "rolecall assume payments-dev-admin"),
    ],
)
async def test_copy_offers(tmp_path, label, copied):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        await at.go_to("payments-dev-admin")
        await at.press("y")
        labels = at.app.screen._choices.items
        number = next(n for n, text in enumerate(labels, 1) if label in text)
        await at.press(str(number))
        assert at.app.clipboard == copied


async def test_copied_variables_are_the_sessions_own_and_stay_off_the_screen(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("y", "1")
        await at.until(lambda: "export AWS_ACCESS_KEY_ID" in at.app.clipboard)
        assert "ASIA" not in at.screen()
        assert "keys included; the terminal keeps it" in at.toasts
        assert "same as: rolecall export payments-dev-admin --format bash" in at.toasts


@pytest.mark.parametrize("starts", [True, False])
async def test_a_secret_goes_to_the_desktop_which_loses_it_again(tmp_path, starts):
    fed, started = [], []
    made = machine(tmp_path, env={"DISPLAY": ":9"})._replace(
        feed=lambda argv, env, text, timeout: not fed.append((argv, text)),
        start=lambda argv, env: not started.append(argv) and starts,
    )
    async with desk(made) as at:
        await at.go_to("payments-dev-admin")
        await at.press("y", "1")
        await at.until(lambda: "taken out again in 60 s" in at.toasts)
        await at.until(lambda: started)
        await at.until(lambda: ("what clears it did not start" in at.toasts) is not starts)
        ((argv, text),) = fed
        assert "export AWS_ACCESS_KEY_ID" in text
        assert "ASIA" not in f"{argv} {started}"
        assert at.app.clipboard == ""
        await at.press("y", "2")
        await at.until(lambda: len(fed) == 2)
        await at.settle()
        assert len(started) == 1


async def test_the_command_line_of_what_was_just_done_is_said_and_copied(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        for keys, said in (
            (["enter"], "rolecall assume payments-dev-admin"),
            (["d"], "rolecall assume payments-dev-admin --default"),
            (["e"], "rolecall renew payments-dev-admin"),
            (["u"], "rolecall undo"),
            (["x", "enter"], "rolecall drop payments-dev-admin"),
        ):
            await at.press(*keys)
            await at.until(lambda said=said: at.toasts.endswith(f"\nsame as: {said}"))
            await at.until(lambda: not at.picker.errands.running)
        await at.press("y")
        items = at.app.screen._choices.items
        number = next(n for n, label in enumerate(items, 1) if label.startswith("just done"))
        assert items[number - 1] == "just done: rolecall drop payments-dev-admin"
        await at.press(str(number))
        assert at.app.clipboard == "rolecall drop payments-dev-admin"


async def test_a_name_that_is_no_text_can_be_copied(tmp_path):
    async with desk(tmp_path) as at:
        at.app.copy("rolecall assume \udcff")
        assert at.app.clipboard == "rolecall assume \N{REPLACEMENT CHARACTER}"


async def test_the_command_line_of_every_key_can_be_copied(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("y")
        await at.press(str(len(at.app.screen._choices.items)))
        items = [" ".join(label.split()) for label in at.app.screen._choices.items]
        assert "w rolecall assume payments-dev-admin --as payments-dev-admin-session" in items
        for label in items:
            _, command = label.split(" ", 1)
            verb, *words = shlex.split(command)[1:]
            import_module(module_of(verb)).parser().parse_args(words)
        await at.press("4")
        assert at.app.clipboard == "rolecall shell payments-dev-admin"


async def test_what_has_ended_is_taken_out_by_choice_and_what_is_renewed_stays(tmp_path):
    settings = f"clean_up = true\n{SETTINGS}"
    sessions = {"payments-dev-admin": 1000, "data-dev-analyst": 1000, "data-dev-engineer": 3600}
    async with desk(tmp_path, sessions=sessions, settings=settings) as at:
        gate = at.hold("data-dev-analyst")
        await at.go_to("data-dev-analyst")
        await at.press("e")
        await at.until(lambda: "data-dev-analyst" in at.asked)
        at.beat(1001)
        await at.until(lambda: "taken out: [payments-dev-admin-session]" in at.toasts)
        assert "[payments-dev-admin-session]" not in credentials(tmp_path)
        assert "[data-dev-analyst-session]" in credentials(tmp_path)
        gate.set()
        await at.until(lambda: "data-dev-analyst is live" in at.toasts)
        await at.until(lambda: not at.picker.errands.running)
        assert "[data-dev-analyst-session]" in credentials(tmp_path)
        assert "[data-dev-engineer-session]" in credentials(tmp_path)


async def test_what_had_ended_before_is_taken_out_at_the_start_or_else_stays(tmp_path):
    async with desk(tmp_path, sessions={"data-dev-analyst": -5}) as at:
        at.beat(10)
        await at.settle()
        assert "[data-dev-analyst-session]" in credentials(tmp_path)
    made = machine(tmp_path, credentials=None, settings=f"clean_up = true\n{SETTINGS}")
    async with desk(made) as at:
        await at.until(lambda: "[data-dev-analyst-session]" not in credentials(tmp_path))
        assert "[base]" in credentials(tmp_path)


async def test_favourites_are_kept_and_come_back_by_number(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("data-dev-analyst")
        await at.press("f", "g")
        assert "★ " in at.screen()
        await at.press("1")
        assert at.highlighted == "data-dev-analyst"
    async with desk(tmp_path) as at:
        assert at.picker.facts.favourites == ["data-dev-analyst"]


async def test_minus_goes_to_the_role_of_before(tmp_path):
    async with desk(tmp_path) as at:
        for name in ("payments-dev-admin", "data-dev-analyst"):
            await at.go_to(name)
            await at.press("enter")
            await at.until(lambda name=name: name in at.picker.facts.sessions)
            at.clock.at += 1
        await at.press("minus")
        assert at.highlighted == "payments-dev-admin"
        await at.press("minus")
        assert at.highlighted == "data-dev-analyst"


async def test_an_account_folds_and_opens(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("payments-dev-admin")
        await at.press("z")
        assert "2 roles" in at.screen()
        assert at.picker.roles.account.account_id == "210987654321"
        await at.press("enter")
        assert "2 roles" not in at.screen()


async def test_orders_follow_one_another_and_keep_the_highlight(tmp_path):
    async with desk(tmp_path, sessions={"data-dev-analyst": 600}) as at:
        await at.go_to("payments-dev-admin")
        await at.press("o", "o", "o")
        assert "by expiry" in at.screen()
        assert at.highlighted == "payments-dev-admin"
        await at.press("g")
        assert at.highlighted == "data-dev-analyst"
        await at.press("o")
        assert "by expiry" not in at.screen()


async def test_tab_goes_through_the_panes(tmp_path):
    async with desk(tmp_path, sessions={"data-dev-analyst": 600}) as at:
        await at.press("tab")
        assert at.picker.pane == "board"
        assert at.picker.details.role.name == "data-dev-analyst"
        await at.press("tab", "j", "k", "G", "g", "tab")
        assert at.picker.pane == "roles"


async def test_in_one_column_tab_brings_the_details_of_the_highlighted_role_first(tmp_path):
    async with desk(tmp_path, size=(60, 24), sessions={"data-dev-analyst": 600}) as at:
        await at.go_to("payments-dev-admin")
        assert "Roles · Details · Sessions 1" in at.screen()
        await at.press("tab")
        assert "┌ payments-dev-admin" in at.screen()
        await at.press("tab")
        assert "┌ Sessions" in at.screen()
        await at.press("tab")
        assert "┌ Roles" in at.screen()


@pytest.mark.parametrize(("columns", "back"), [(60, "shift+tab"), (120, "tab")])
async def test_keys_act_on_the_role_whose_details_are_shown(tmp_path, columns, back):
    async with desk(tmp_path, size=(columns, 24), sessions={"data-dev-analyst": 600}) as at:
        await at.go_to("payments-dev-admin")
        await at.press(*(["tab"] if columns > 80 else ["tab", "tab"]), back)
        assert at.picker.pane == "details"
        assert "┌ data-dev-analyst" in at.screen()
        await at.press("d")
        await at.until(lambda: "data-dev-analyst is live until" in at.toasts)
        assert "x_rolecall = payments-dev-admin" not in credentials(tmp_path)


async def test_phases_have_word_and_sign_and_warn_once(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 902, "data-dev-analyst": 302}) as at:
        assert "● live" in at.screen()
        assert "◐ expiring" in at.screen()
        at.beat(2)
        await at.settle()
        assert "payments-dev-admin ends in 15 minutes: e renews it" in at.toasts
        assert "data-dev-analyst ends in 5 minutes" in at.toasts
        assert "◑ critical" in at.screen()
        count = at.toasts.count("ends in")
        at.beat(2)
        await at.settle()
        assert at.toasts.count("ends in") == count
        at.beat(400)
        await at.settle()
        assert "✕ expired" in at.screen()


async def test_files_changed_by_others_are_read_and_the_highlight_stays(tmp_path):
    async with desk(tmp_path) as at:
        await at.go_to("data-dev-analyst")
        config = tmp_path / ".aws" / "config"
        role = "role_arn = arn:aws:iam::777788889999:role/New"
        more = f"[profile new-one]\n{role}\nsource_profile = base\n"
        config.write_text(more + config.read_text())
        at.beat()
        await at.until(lambda: "the AWS files changed" in at.toasts)
        assert at.highlighted == "data-dev-analyst"
        assert at.picker.facts.catalogue.get("new-one")


async def test_no_files_at_all_says_what_next_and_a_new_file_is_read(tmp_path):
    async with desk(tmp_path, config=None, credentials=None, settings=None) as at:
        assert "no roles yet" in at.screen()
        assert "n is a form for a role by its ARN" in at.screen()
        assert "rolecall demo" in at.screen()
        await at.press("enter", "s", "y", "e", "x", "d", "w", "f", "z", "o", "G", "j", "tab", "tab")
        (tmp_path / ".aws" / "config").write_text(
            "[profile a]\nrole_arn = arn:aws:iam::777788889999:role/A\nsource_profile = b\n"
        )
        at.beat()
        await at.until(lambda: at.picker.facts.catalogue.get("a") is not None)


async def test_a_broken_section_is_a_row_with_its_reason(tmp_path):
    async with desk(tmp_path) as at:
        assert "⚠" in at.screen()
        assert "nobody-knows" in at.screen()


async def test_inside_a_shell_of_its_own_a_banner_counts_down(tmp_path):
    env = {
        "ROLECALL_DEPTH": "1",
        "ROLECALL_ROLE": "payments-dev-admin",
        "ROLECALL_EXPIRES_AT": "2026-11-24T00:31:07Z",
    }
    async with desk(tmp_path, env=env) as at:
        assert "inside the shell of payments-dev-admin" in at.screen()


async def test_help_lists_every_key_and_its_keys_do_not_reach_the_list(tmp_path):
    async with desk(tmp_path, size=(100, 70)) as at:
        await at.press("question_mark")
        screen = at.screen()
        for word in ("Switch", "Find", "Move", "Assume the role", "Undo the last", "Leave at once"):
            assert word in screen
        here = at.highlighted
        await at.press("j", "j", "escape")
        assert at.highlighted == here


async def test_the_palette_runs_an_action_and_puts_a_theme_on(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("ctrl+p")
        await at.type("theme nord")
        await at.until(lambda: "theme nord" in at.screen())
        await at.pilot.pause(0.3)
        await at.press("enter")
        await at.until(lambda: at.app.theme == "nord")


async def test_settings_that_others_change_count_at_once(tmp_path):
    async with desk(tmp_path) as at:
        path = tmp_path / ".config" / "rolecall" / "config.toml"
        role = '[[roles]]\nname = "new"\nrole_arn = "arn:aws:iam::1:role/x"\nsource = "base"\n'
        path.write_text(f'theme = "nord"\n{SETTINGS}{role}[keys]\nquit = "ctrl+q"\n')
        at.beat()
        await at.until(lambda: at.switcher.catalogue.get("new") is not None)
        await at.until(lambda: at.app.theme == "nord")
        assert "the settings changed: read again" in at.toasts
        assert at.app.current_key_of("quit") == "^q"
        at.app.theme = "dracula"
        path.write_text(path.read_text() + 'order = "b"\n')
        at.beat()
        await at.until(lambda: at.app.current_key_of("order") == "b")
        assert at.app.theme == "dracula"
        path.write_text("theme = \n")
        at.beat()
        await at.until(lambda: "are no TOML" in at.toasts)
        assert at.switcher.catalogue.get("new") is not None


async def test_settings_that_do_not_load_are_told_at_the_start_and_when_they_change(tmp_path):
    wrong = f"renw = 1\n{SETTINGS}"
    async with desk(tmp_path, settings=wrong) as at:
        await at.until(lambda: "did you mean 'renew'?\n, shows the settings" in at.toasts)
        at.app.clear_notifications()
        (tmp_path / ".config" / "rolecall" / "config.toml").write_text(f"durations = 1\n{wrong}")
        at.beat(3)
        await at.until(lambda: "did you mean 'duration'?\n1 more: , shows them" in at.toasts)


async def test_a_remapped_key_works_and_is_shown(tmp_path):
    async with desk(tmp_path, settings='[keys]\nquit = "ctrl+q"\nfilter = "ctrl+f"\n') as at:
        assert "^f filter" in at.screen()
        await at.press("ctrl+f", "d")
        assert at.picker.roles.filter.text == "d"


async def test_a_click_highlights_and_a_second_one_switches(tmp_path):
    async with desk(tmp_path) as at:
        lines = at.screen().splitlines()
        row = next(n for n, line in enumerate(lines) if "analyst" in line)
        await at.pilot.click(offset=(8, row))
        await at.settle()
        assert at.highlighted == "data-dev-analyst"
        await at.pilot.pause(0.6)
        await at.pilot.click(offset=(8, row))
        await at.until(lambda: "data-dev-analyst" in at.picker.facts.sessions)


async def test_quit_leaves_with_status_zero_even_while_switching(tmp_path):
    async with desk(tmp_path) as at:
        at.hold("payments-dev-admin")
        await at.go_to("payments-dev-admin")
        await at.press("enter", "q")
        assert at.app.return_code == 0


@pytest.mark.parametrize("size", [(120, 30), (100, 24), (80, 24), (60, 20), (40, 20), (80, 10)])
async def test_the_footer_holds_seven_keys_at_most_and_every_line_fits(tmp_path, size):
    async with desk(tmp_path, size=size, sessions={"payments-dev-admin": 2467}) as at:
        assert len(at.picker.footer.shown(size[0])) <= 7
        assert len(at.screen().splitlines()) <= size[1]


async def test_odd_names_do_not_break_the_lines(tmp_path):
    names = ["x" * 300, "日本語の役割", "\u202eevil", "tab\\there", "[bold]markup[/]", "é̂combining"]
    config = "".join(
        f"[profile {name}]\nrole_arn = arn:aws:iam::123456789012:role/R{n}\nsource_profile = base\n"
        for n, name in enumerate(names)
    )
    async with desk(tmp_path, config=config) as at:
        from rich.cells import cell_len

        lines = at.screen().splitlines()
        assert all(cell_len(line) == 120 for line in lines[1:-1] if line.startswith(("│", "┌")))
        assert "日本語" in at.screen()
        assert "\u202e" not in at.screen()


async def test_every_theme_of_textual_and_ours_is_drawn(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        for name in at.app.available_themes:
            at.app.theme = name
            await at.settle()
            assert "● live" in at.screen(), name
            assert at.picker.roles.look == at.app.look


async def test_a_clock_that_is_off_is_said_and_counted_with(tmp_path):
    async with desk(tmp_path, sessions={"payments-dev-admin": 2467}) as at:
        at.switcher.clock_offset = 67.0
        at.picker.read_sessions()
        await at.until(lambda: "clock off by 1m 7s" in at.screen())
        assert "40:00" in at.screen()


async def test_the_default_profile_says_whose_session_it_holds(tmp_path):
    async with desk(tmp_path) as at:
        assert "default: default" in at.screen()
        await at.go_to("payments-dev-admin")
        await at.press("d")
        await at.until(lambda: "default · payments-dev-admin" in at.screen())


async def test_a_filter_by_state_follows_the_sessions(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash")
        await at.type("live:")
        assert "no role matches 'live:'" in at.screen()
        assert "no role is live" in at.screen()
        await at.press("escape", "escape")
        await at.go_to("payments-dev-admin")
        await at.press("enter")
        await at.until(lambda: "payments-dev-admin" in at.picker.facts.sessions)
        await at.press("slash")
        await at.type("live:")
        assert at.highlighted == "payments-dev-admin"
        assert " 1 of " in at.screen()
        await at.press("escape", "escape")


async def test_what_finds_nothing_says_why(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("slash")
        await at.type("admin stge:x")
        assert "stge: is none of account:" in at.screen()


async def test_earlier_filters_come_back_also_in_another_run(tmp_path):
    async with desk(tmp_path) as at:
        for words in ("prod", "dev admin", "no such role"):
            await at.press("slash")
            await at.type(words)
            await at.press("tab")
            await at.press("shift+tab", "escape")
        await at.press("ctrl+r")
        assert at.picker.roles.filter.text == "dev admin"
        await at.press("ctrl+r")
        assert at.picker.roles.filter.text == "prod"
        await at.press("ctrl+r")
        assert "no filter before this one" in at.toasts
        assert at.picker.roles.filter.text == "prod"
    async with desk(tmp_path) as at:
        await at.settle()
        await at.press("ctrl+r")
        assert at.picker.roles.filter.text == "dev admin"


async def told(at, seconds):
    """What the terminal is told when so many seconds are left of a session."""
    sent = []
    at.app._driver.write = sent.append
    left = at.picker.facts.statuses[0].expires_at - at.clock.at
    at.beat(left - seconds)
    await at.settle()
    return "".join(sent)


async def test_the_terminal_tells_of_a_session_that_ends_soon(tmp_path):
    env = {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}
    async with desk(tmp_path, sessions={"payments-dev-admin": 1000}, env=env) as at:
        sent = await told(at, 900)
        assert sent == "\x1b]9;payments-dev-admin ends in 15 minutes: e renews it\x1b\\"


async def test_the_bell_rings_where_it_is_wanted(tmp_path):
    env = {"TERM": "xterm-256color", "ROLECALL_BELL": "true"}
    async with desk(tmp_path, sessions={"payments-dev-admin": 1000}, env=env) as at:
        assert await told(at, 900) == "\x07"
        assert await told(at, 800) == ""
        assert await told(at, 300) == "\x07"


async def test_a_dialog_that_was_answered_under_another_closes_after_that(tmp_path):
    async with desk(tmp_path) as at:
        answers = []
        below = Menu(at.app.look, "below", [("one", 1), ("two", 2)])
        above = Menu(at.app.look, "above", [("one", 1)])
        at.app.push_screen(below, answers.append)
        at.app.push_screen(above, answers.append)
        await at.settle()
        below.answer(2)
        await at.settle()
        assert at.app.screen is above
        await at.press("escape")
        assert at.app.screen is at.picker
        assert answers == [None, 2]


async def test_the_palette_stays_in_a_window_without_room(tmp_path):
    async with desk(tmp_path) as at:
        await at.press("ctrl+p")
        for columns in (6, 4, 3, 2, 1, 30):
            await at.pilot.resize_terminal(columns, 10)
            await at.settle()
        assert at.app.defect is None
        await at.press("escape")
        assert at.app.screen is at.picker
