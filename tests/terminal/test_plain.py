"""The plain form: everything that the picker does, a line at a time."""

import io
import json
import re
from unittest.mock import patch

import pytest

from profiles import portal_login
from tests.terminal.picker_world import CONFIG, NOW, canned_aws, machine, switcher_with
from tests.terminal.test_board import SSO, sign_in
from tests.terminal.test_challenges import sign_in as signing_in
from tui.plain import chosen, run
from tui.plain.doing import _HELP
from tui.screens import keys


@pytest.fixture
def talk(tmp_path, monkeypatch, capsys):
    """What is said to these lines; `q` and the end of the input both end it."""

    def talked(*lines, sessions=None, starts=None, **files):
        made = machine(tmp_path, **files)
        if starts is not None:
            made = made._replace(feed=starts)
        with canned_aws() as aws:
            if sessions:
                switcher_with(made, aws, sessions)
            monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
            capsys.readouterr()
            assert run(made) == 0
            talked.asked = [arn.rpartition("/")[2] for arn in aws.asked]
        return capsys.readouterr().out

    talked.home = tmp_path
    return talked


def number(name):
    """The place of a role in the list by name, as `o name` puts it."""
    names = sorted([*re.findall(r"\[profile (\S+)\]", CONFIG)])
    return names.index(name) + 1


def test_it_begins_with_the_list_and_ends_with_the_input(talk):
    said = talk()
    assert "1. payments-prod-admin, account payments-prod, production" in said
    assert "1 to 10 of 10; ? for help" in said


def test_a_role_is_switched_to_by_its_number(talk):
    said = talk("o name", str(number("data-dev-analyst")), "q")
    assert "data-dev-analyst is live, written to [data-dev-analyst-session], until" in said
    assert talk.asked == ["Analyst"]


def test_the_change_is_shown_before_a_named_profile_is_written(talk):
    at = number("data-dev-analyst")
    said = talk("o name", f"w {at} mine", "n", f"w {at} mine", "y", "u", "q")
    assert "+[mine]" in said
    assert "wJalr" not in said
    assert said.count("is live, written to [mine]") == 1
    assert "as it was before the last write" in said
    assert "[mine]" not in (talk.home / ".aws" / "credentials").read_text()


def test_default_renew_and_drop(talk):
    at = number("data-dev-analyst")
    said = talk("o name", f"d {at}", f"e {at}", f"x {at}", "n", f"x {at}", "y", "q")
    assert "written to [default]" in said
    assert "data-dev-analyst is renewed, until" in said
    assert said.count("removed 1 profiles, 1 cached sessions") == 1


def test_a_guard_is_a_question_and_no_is_no(talk):
    at = number("payments-prod-readonly")
    said = talk("o name", str(at), "n", "q")
    assert "payments-prod-readonly is production" in said
    assert "not confirmed" in said
    assert talk.asked == []


def test_details_and_the_way_come_in_sentences(talk):
    said = talk("o name", f"i {number('data-dev-engineer')}", "q")
    assert "chain: base to payments-dev-admin to data-dev-engineer" in said
    assert "kinds: key, then role, then role" in said
    assert "lasts: AWS gives 1h; 1h at most: it is assumed by another role" in said
    assert "2. payments-dev-admin (role)" in said
    assert talk.asked == []


def test_a_role_that_leads_nowhere_is_explained(talk):
    said = talk("o name", f"i {number('data-staging-broken')}", "q")
    assert "problem: data-staging-broken starts from 'nobody-knows'" in said
    assert "fails: " in said


def test_the_trust_policy_is_json(talk):
    said = talk("o name", f"t {number('payments-dev-admin')}", "t 1", "q")
    policy = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111122223333:user/ana"}
    assert "is not assumed: it has no trust policy" in said


def test_favourites_are_made_and_found(talk):
    at = number("data-dev-analyst")
    said = talk("o name", f"f {at}", "/favourite:", "/", f"f {at}", "q")
    assert "data-dev-analyst is a favourite" in said
    assert "1. data-dev-analyst, account data-dev, favourite" in said
    assert "1 to 1 of 1" in said


def test_minus_names_the_role_of_before(talk):
    said = talk("-", "o name", str(number("data-dev-analyst")), "/payments", "-", "q")
    assert "no role was switched to before" in said
    assert re.search(r"the role of before is (\d+)\. data-dev-analyst; \1 switches", said)


def test_orders_are_named_or_follow_one_another(talk):
    said = talk("o", "o expiry", "o colour", "q", sessions={"data-staging-analyst": 100})
    assert "ordered by use" in said
    assert "1. data-staging-analyst" in said.split("ordered by expiry")[1]
    assert "not an order: 'colour'" in said


def test_a_role_by_its_arn(talk):
    said = talk("a arn:aws:iam::333344445555:role/Analyst", "a nonsense", "q")
    assert "data-dev-analyst is live" in said
    assert "no role is called 'nonsense'" in said


def test_the_sessions_say_where_they_are(talk):
    said = talk("l", "q", sessions={"data-dev-analyst": 1200})
    assert "data-dev-analyst: live, 20m left, by rolecall, in [data-dev-analyst-session]" in said


def test_what_is_no_secret_is_printed_where_there_is_no_clipboard(talk):
    at = number("data-dev-analyst")
    said = talk("o name", f"y {at}", "2", f"y {at}", "1", "q")
    assert "there is no clipboard here; it is:\narn:aws:iam::333344445555:role/Analyst" in said
    assert "a secret is not printed by the way" in said
    assert "ASIA" not in said


def test_what_is_copied_goes_to_the_desktop(talk):
    fed = []

    def feed(argv, _env, text, _timeout):
        fed.append((argv[0], text))
        return True

    env = {"DISPLAY": ":0"}
    said = talk("o name", f"y {number('data-dev-analyst')}", "2", "q", starts=feed, env=env)
    assert fed == [("xclip", "arn:aws:iam::333344445555:role/Analyst")]
    assert "copied: the role's ARN" in said


def test_signing_in_and_out(talk, tmp_path):
    def login(_machine, _catalogue, portal, *, ask):
        ask(signing_in(NOW, role=portal.name))
        sign_in(tmp_path)
        return portal_login.SignedIn(portal, NOW + 10800, refreshable=False)

    with patch.object(portal_login, "login", login):
        said = talk("L", "L", "2", "L", "q", config=CONFIG + SSO)
    assert "the code there is ABCD-EFGH" in said
    assert "signed in to corp until" in said
    assert "2. sign out of corp, 3h left" in said
    assert "signed out of corp; 0 cached sessions removed" in said


def test_without_an_sso_session_it_says_so(talk):
    assert "no file names an SSO session" in talk("L", "q")
    said = talk("L 1", "q", config=CONFIG + SSO)
    assert "does not start from an SSO session" in said


def test_what_cannot_be_said_is_said(talk):
    said = talk("99", "s", "zz", "e 1", "q")
    assert said.count("rolecall: not a number of the list") == 3


def test_help_lists_the_letters_that_there_are():
    from tui.plain.doing import Doing

    with patch("tui.plain.listing.Switcher"):
        doing = Doing(None, "")
    letters = {line.split()[0] for line in _HELP.splitlines()}
    assert letters == {"NUMBER", "/WORDS", "q", *doing.alone, *doing.of_roles}


def test_letters_mean_what_the_keys_of_the_picker_mean():
    letters = {line.split()[0] for line in _HELP.splitlines()} - {"NUMBER", "/WORDS", "n", "a", "l"}
    of_keys = {keys.written(key) for key in keys.PICKER}
    assert letters <= of_keys


def test_a_shell_takes_a_role_by_its_number(tmp_path, monkeypatch, capsys):
    made = machine(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("/analyst data-dev\nx\n1\n"))
    assert chosen(made) == "data-dev-analyst"
    assert "not a number of the list: 'x'" in capsys.readouterr().out
    assert json.loads((tmp_path / ".local/state/rolecall/state.json").read_text())["filters"]
