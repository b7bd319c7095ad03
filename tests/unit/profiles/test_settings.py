import tomllib

import pytest

from profiles.errors import ConfigUnreadable, UsageError
from profiles.machine import Machine
from profiles.settings import DEFAULT_STAGES, load_settings, save_setting


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
