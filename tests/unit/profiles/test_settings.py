import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest

from profiles.errors import ConfigUnreadable, UsageError
from profiles.machine import Machine
from profiles.settings import DEFAULT_STAGES, load_settings
from profiles.settings_writer import add_role, save_binding, save_setting


@pytest.fixture
def machine(tmp_path):
    return Machine(env={"XDG_CONFIG_HOME": str(tmp_path)}, home=str(tmp_path))


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "rolecall" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return written


def test_no_file_is_no_settings_and_production_is_guarded(machine):
    found = load_settings(machine)
    assert not found.values
    assert found.stages == DEFAULT_STAGES
    assert found.stages[0].confirm == "ask"


def test_the_contracts_example_loads_without_a_warning(machine, write):
    write(
        """
write_to     = "{name}-session"
duration     = "1h"
session_name = "{user}"
region       = "eu-west-1"
renew        = "ask"
mfa_command  = ["ykman", "oath", "accounts", "code", "-s", "{serial}"]
browser      = ["firefox", "--private-window", "{url}"]

[accounts.123456789012]
name  = "payments-prod"
stage = "production"

[stages.production]
match        = ["*prod*", "123456789012", "*:role/Break*"]
colour       = "red"
confirm      = "type"
max_duration = "30m"
renew        = "never"

[[roles]]
name            = "payments-prod-readonly"
role_arn        = "arn:aws:iam::123456789012:role/ReadOnly"
source          = "base"
duration        = "2h"
mfa_serial      = "arn:aws:iam::111122223333:mfa/ana"
external_id     = "x"
source_identity = "ana"
tags            = { team = "payments", ticket = "{ask}" }
transitive_tags = ["team"]
policy          = "policies/readonly.json"
policy_arns     = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]

[[roles]]
name  = "base-mfa"
kind  = "session-token"
source = "base"
duration = "12h"
"""
    )
    found = load_settings(machine)
    assert found.warnings == ()
    assert found.seconds("duration") == 3600
    assert found.argv("mfa_command")[0] == "ykman"
    assert found.stages[0].max_duration == 1800
    assert found.roles[0]["duration"] == 7200
    assert found.roles[1]["kind"] == "session-token"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('durashun = "1h"', "'durashun' is not a setting; did you mean 'duration'?"),
        ("duration = true", "duration: expected a duration"),
        ('duration = "5m"', "duration: a session lasts from 15m"),
        ("region = 5", "region: expected a text"),
        ('renew = "always"', 'renew: expected "ask", "auto" or "never"'),
        ('mfa_command = "ykman"', "mfa_command: expected a list"),
        ('[accounts.1]\nnaem = "x"', "did you mean 'name'?"),
        ('[stages.x]\ncolor = "red"', "did you mean 'colour'?"),
        ('[[roles]]\nrole_arn = "x"', "a role needs a name"),
        ('[[roles]]\nname = "x"\nrole = "y"', "roles[1]: 'role' is not a role's key"),
        ('[[roles]]\nname = "x"\nkind = "rol"', "roles[1].kind: expected one of role,"),
        ("roles = 5", "roles: expected [[roles]] entries"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_loads(machine, write, text, said):
    write(f'write_to = "kept"\n{text}\n')
    found = load_settings(machine)
    assert any(said in warning for warning in found.warnings), found.warnings
    assert found.text("write_to") == "kept"


def test_a_guard_that_is_misspelt_stays_a_guard(machine, write):
    write('[stages.production]\nmatch = ["*"]\nconfirm = "typ"\n')
    assert load_settings(machine).stages[0].confirm == "type"


def test_a_role_whose_policy_did_not_load_cannot_be_used(machine, write):
    write('[[roles]]\nname = "x"\nrole_arn = "y"\npolicy = 5\n')
    assert "policy" in load_settings(machine).roles[0]["problem"]


def test_the_environment_comes_before_the_file(machine, write):
    write('duration = "1h"\n')
    found = load_settings(machine._replace(env={**machine.env, "ROLECALL_DURATION": "30m"}))
    assert found.seconds("duration") == 1800
    assert found.origins["duration"] == "environment"


def test_a_bad_variable_is_an_error_that_names_it(machine):
    with pytest.raises(UsageError, match="ROLECALL_RENEW=x"):
        load_settings(machine._replace(env={"ROLECALL_RENEW": "x"}))


def test_no_toml_is_an_error_that_names_the_file(machine, write):
    path = write("duration = \n")
    with pytest.raises(ConfigUnreadable, match=str(path)):
        load_settings(machine)


TEXT = '# mine\nduration = "1h"  # why\nregion="x"\n\n[accounts.1]\nname = "a"  # kept\n'


@pytest.mark.parametrize("before", ["", TEXT, "[accounts.1]\nname = 'a'\n", "# only\n"])
def test_setting_a_value_keeps_everything_else(machine, write, before):
    path = write(before)
    save_setting(machine, "write_to", "{role}")
    save_setting(machine, "duration", "2h")
    text = path.read_text()
    found = tomllib.loads(text)
    assert found["write_to"] == "{role}"
    assert found["duration"] == "2h"
    assert found.get("accounts") == tomllib.loads(before).get("accounts")
    for comment in ("# mine", "# kept", "# only"):
        assert (comment in text) == (comment in before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_multi_line_value_is_replaced_whole(machine, write):
    path = write('mfa_command = [\n  "a",\n  "b",\n]\nregion = "x"\n')
    save_setting(machine, "mfa_command", "ykman oath")
    assert tomllib.loads(path.read_text()) == {"mfa_command": ["ykman", "oath"], "region": "x"}


def test_a_bad_value_is_refused_and_nothing_is_written(machine, write):
    path = write(TEXT)
    for key, value in (("duration", "soon"), ("renew", "x"), ("nothing", "x")):
        with pytest.raises(UsageError):
            save_setting(machine, key, value)
    assert path.read_text() == TEXT


def test_a_link_to_the_settings_stays_one(machine, write, tmp_path):
    path = write("")
    real = tmp_path / "dotfiles" / "rolecall.toml"
    real.parent.mkdir()
    real.write_text('# mine\nregion = "eu-west-1"\n')
    path.unlink()
    path.symlink_to(real)
    save_setting(machine, "duration", "2h")
    assert path.is_symlink()
    assert real.read_text() == '# mine\nregion = "eu-west-1"\nduration = "2h"\n'


def test_a_role_that_is_there_twice_and_a_key_that_is_no_text_are_warnings(machine, write):
    write(
        '[[roles]]\nname = "a"\nsource = "one"\n[[roles]]\nname = "a"\nsource = "two"\n'
        "[keys]\nhelp = 5\n"
    )
    twice, key = sorted(load_settings(machine).warnings, reverse=True)
    assert "'a' is there twice" in twice
    assert "keys.help: expected a text" in key


def test_a_guard_is_not_lost_by_its_form(machine, write):
    write('[stages.production]\nmatch = "*prod*"\nconfirm = "type"\n')
    found = load_settings(machine)
    assert (found.stages[0].match, found.warnings) == (("*prod*",), ())
    write('stages = "production"\n')
    found = load_settings(machine)
    assert found.stages == DEFAULT_STAGES
    assert found.warnings == ("config.toml: stages: expected a table",)


def test_the_comment_behind_a_value_stays_and_a_hash_in_one_is_none(machine, write):
    path = write('duration = "1h"  # why\ntheme = "a#b"\nregion = "#x" # and "#"\n')
    for key, value in (("duration", "2h"), ("theme", "nord"), ("region", "eu-west-1")):
        save_setting(machine, key, value)
    assert path.read_text() == (
        'duration = "2h"  # why\ntheme = "nord"\nregion = "eu-west-1"  # and "#"\n'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[keys]\nswitch = "space"\n'),
        ('region = "x"', 'region = "x"\n\n[keys]\nswitch = "space"\n'),
        ('[keys]\nswitch = "x" # mine\n', '[keys]\nswitch = "space"  # mine\n'),
        (
            '[keys]\nquit = "Q"\n\n[accounts.1]\nname = "a"\n',
            '[keys]\nquit = "Q"\nswitch = "space"\n\n[accounts.1]\nname = "a"\n',
        ),
    ],
)
def test_a_binding_goes_into_its_table(machine, write, before, after):
    path = write(before)
    save_binding(machine, "switch", "space")
    assert path.read_text() == after
    assert load_settings(machine).keys["switch"] == "space"
    save_binding(machine, "switch", None)
    assert "switch" not in load_settings(machine).keys


def test_bindings_written_as_dotted_or_inline_keys_are_understood(machine, write):
    for text in ('keys.switch = "x"\n', 'keys = { switch = "x", quit = "Q" }\n'):
        path = write(text)
        save_binding(machine, "switch", "space")
        assert tomllib.loads(path.read_text())["keys"]["switch"] == "space"


def test_a_role_is_added_at_the_end_and_reads_as_it_was_given(machine, write):
    entry = {
        "name": "reader",
        "role_arn": "arn:aws:iam::123456789012:role/reader",
        "source": "base",
        "duration": "30m",
        "policy": '{\n  "Statement": []\n}',
        "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "transitive_tags": ["team"],
        "tags": {"team": "payments", "ticket no": "{ask}"},
    }
    for before in ("", "# mine", TEXT, "[[roles]]\nname = 'x'\n[roles.tags]\na = 'b'\n"):
        path = write(before)
        add_role(machine, entry)
        text = path.read_text()
        assert text.startswith(before)
        assert tomllib.loads(text)["roles"][-1] == entry
        loaded = load_settings(machine)
        assert not loaded.warnings
        assert loaded.roles[-1]["tags"] == entry["tags"]


def test_a_role_is_added_to_an_inline_list_too(machine, write):
    path = write('roles = [{name = "x"}]\n')
    add_role(machine, {"name": "y"})
    assert [role["name"] for role in tomllib.loads(path.read_text())["roles"]] == ["x", "y"]


def test_what_is_no_toml_is_left_alone(machine, write):
    path = write("duration = \n")
    for save in (
        lambda: save_setting(machine, "duration", "1h"),
        lambda: save_binding(machine, "switch", "x"),
        lambda: add_role(machine, {"name": "y"}),
    ):
        with pytest.raises(ConfigUnreadable, match="no TOML"):
            save()
    assert path.read_text() == "duration = \n"


@pytest.mark.parametrize(("text", "told"), [("keys = 1\n", "keys"), ("roles = 1\n", "roles")])
def test_a_key_of_another_kind_is_not_overwritten(machine, write, text, told):
    path = write(text)
    with pytest.raises(ConfigUnreadable, match=told):
        save_binding(machine, "a", "b") if told == "keys" else add_role(machine, {"name": "y"})
    assert path.read_text() == text


def test_a_symlink_stays_one_and_a_folder_that_cannot_be_written_is_said(machine, write, tmp_path):
    path = write("")
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("")
    path.unlink()
    path.symlink_to(kept)
    save_setting(machine, "duration", "1h")
    assert path.is_symlink()
    assert tomllib.loads(kept.read_text()) == {"duration": "1h"}
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigUnreadable, match="cannot read the settings"):
        save_setting(machine, "duration", "1h")


def test_many_writers_at_once_lose_nothing(machine, write):
    path = write(TEXT)
    bindings = [f"key_{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda binding: save_binding(machine, binding, "x"), bindings))
    assert load_settings(machine).keys == dict.fromkeys(bindings, "x")
    assert path.read_text().startswith(TEXT)
