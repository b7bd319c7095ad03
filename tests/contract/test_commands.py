"""The commands as a user meets them, on an STS that refuses."""

import json
import os
import re
import signal
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world.cloud import OTHER
from tests.world.company import allow

POLICY = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
ROLE = "arn:aws:iam::123456789012:role/reader"


@pytest.fixture
def ana(company, home):
    user = company.user("ana")
    home.keys("base", user)
    return user


@pytest.fixture
def reader(company, home, ana):
    """A role profile that ana may assume."""
    arn = company.role("reader", ana.arn, may=[allow("s3:*"), allow("sts:AssumeRole")])
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


def loads(done):
    assert done.status == 0, done
    return json.loads(done.stdout)


def section(home, name):
    text = home.credentials_file.read_text()
    body = text.split(f"[{name}]\n", 1)[1].split("\n[", 1)[0]
    return dict(line.split(" = ", 1) for line in body.strip().splitlines())


# ---- assume -------------------------------------------------------------------------------


def test_assume_writes_the_section_of_the_contract(home, reader):
    before = home.credentials_file.read_bytes()
    shown = loads(home.rolecall("assume", "reader", "--json"))
    written = section(home, "reader-session")
    assert list(written) == [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "region",
        "aws_account_id",
        "x_security_token_expires",
        "x_rolecall",
    ]
    assert written["x_rolecall"] == "reader"
    assert written["region"] == "eu-west-1"
    assert written["aws_account_id"] == "123456789012"
    assert written["x_security_token_expires"] == shown["expires_at"]
    assert home.credentials_file.read_bytes().startswith(before)
    assert stat.S_IMODE(home.credentials_file.stat().st_mode) == 0o600


def test_assume_json_is_the_contracts(home, reader):
    shown = loads(home.rolecall("assume", "reader", "--json"))
    assert shown.pop("expires_at").endswith("Z")
    assert 3500 < shown.pop("seconds_left") <= 3600
    assert re.fullmatch(
        r"arn:aws:sts::123456789012:assumed-role/reader/ana", shown.pop("assumed_role_arn")
    )
    assert shown == {
        "name": "reader",
        "profile": "reader-session",
        "role_arn": reader,
        "account_id": "123456789012",
        "region": "eu-west-1",
        "source": "base",
        "from_cache": False,
    }


def test_a_session_in_the_cache_is_not_asked_for_again(strict, home, reader):
    assert loads(home.rolecall("assume", "reader", "--json"))["from_cache"] is False
    assert loads(home.rolecall("assume", "reader", "--json"))["from_cache"] is True
    assert strict.count("AssumeRole") == 1
    assert loads(home.rolecall("assume", "reader", "--fresh", "--json"))["from_cache"] is False
    assert strict.count("AssumeRole") == 2


def test_the_aws_cli_uses_our_session_and_we_use_its(strict, home, reader):
    home.rolecall("assume", "reader")
    done = home.aws("sts", "get-caller-identity", "--profile", "reader")
    assert done.status == 0, done
    assert strict.count("AssumeRole") == 1
    assert home.rolecall("drop", "reader").status == 0
    home.aws("sts", "get-caller-identity", "--profile", "reader")
    assert strict.count("AssumeRole") == 2
    assert loads(home.rolecall("assume", "reader", "--json"))["from_cache"] is True
    assert strict.count("AssumeRole") == 2


def test_what_only_the_aws_cli_cached_is_not_dropped(home, reader):
    home.aws("sts", "get-caller-identity", "--profile", "reader")
    [kept] = (home.path / ".aws" / "cli" / "cache").glob("*.json")
    home.rolecall("assume", "reader")
    assert home.rolecall("drop", "--all").status == 0
    assert kept.exists()


def test_dry_run_shows_a_masked_diff_and_writes_nothing(strict, home, reader):
    before = home.credentials_file.read_bytes()
    done = home.rolecall("assume", "reader", "--dry-run")
    assert done.status == 0, done
    assert "+[reader-session]" in done.stdout
    assert home.credentials_file.read_bytes() == before
    assert strict.count("AssumeRole") == 0


def test_as_and_default_choose_the_profile(home, reader):
    loads(home.rolecall("assume", "reader", "--as", "work place", "--json"))
    assert section(home, "work place")["x_rolecall"] == "reader"
    loads(home.rolecall("assume", "reader", "--default", "--json"))
    assert home.aws("sts", "get-caller-identity").status == 0


def test_write_to_is_a_template_and_a_role_overrides_it(home, reader):
    home.settings(
        'write_to = "{account_id}.{role}"\n'
        f'[[roles]]\nname = "mine"\nrole_arn = "{reader}"\nsource = "base"\nwrite_to = "here"\n'
    )
    assert loads(home.rolecall("assume", "reader", "--json"))["profile"] == "123456789012.reader"
    assert loads(home.rolecall("assume", "mine", "--json"))["profile"] == "here"


def test_every_parameter_reaches_sts(company, strict, home, ana):
    arn = company.role("full", ana.arn, external_id="xid", hours=12)
    home.profile("full", role_arn=arn, source_profile="base")
    done = home.rolecall(
        "assume", "full", "--duration", "2h", "--session-name", "née space", "--external-id", "xid",
        "--source-identity", "ana", "--tag", "team=payments", "--tag", "ticket=a=b",
        "--transitive-tag", "team", "--policy", POLICY,
        "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess", "--json",
    )  # fmt: skip
    loads(done)
    sent = strict.last()
    assert sent["DurationSeconds"] == "7200"
    assert sent["RoleSessionName"] == "n-e-space"
    assert sent["ExternalId"] == "xid"
    assert sent["SourceIdentity"] == "ana"
    assert sent["Tags.member.1.Key"] == "team"
    assert sent["Tags.member.2.Value"] == "a=b"
    assert sent["TransitiveTagKeys.member.1"] == "team"
    assert json.loads(sent["Policy"]) == json.loads(POLICY)
    assert sent["PolicyArns.member.1.arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_no_duration_is_sent_unless_somebody_gave_one(strict, home, reader):
    home.rolecall("assume", "reader")
    assert "DurationSeconds" not in strict.last()
    home.rolecall("assume", "reader", env={"ROLECALL_DURATION": "30m"})
    assert strict.last()["DurationSeconds"] == "1800"


def test_flag_variable_entry_settings_and_profile_count_in_this_order(strict, home, reader):
    home.profile("named", role_arn=reader, source_profile="base", role_session_name="by-profile")
    of_all = 'session_name = "by-settings"\nwrite_to = "by-settings-{name}"\n'
    home.settings(
        f'{of_all}[[roles]]\nname = "entry"\nrole_arn = "{reader}"\nsource = "base"\n'
        'session_name = "by-entry"\nwrite_to = "by-entry"\n'
    )
    variables = {"ROLECALL_SESSION_NAME": "by-variable", "ROLECALL_WRITE_TO": "by-variable"}

    def told(*args, env=None):
        profile = loads(home.rolecall("assume", *args, "--json", env=env))["profile"]
        return strict.last()["RoleSessionName"], profile

    flags = ["--session-name", "by-flag", "--as", "by-flag"]
    assert told("entry", *flags, env=variables) == ("by-flag", "by-flag")
    assert told("entry", env=variables) == ("by-variable", "by-variable")
    assert told("entry") == ("by-entry", "by-entry")
    assert told("named") == ("by-settings", "by-settings-named")
    home.settings("")
    assert told("named") == ("by-profile", "named-session")


@pytest.mark.parametrize("duration", ["12h1s", "13h", "36h", "37h", "14m", "0", "-1", "", "1.5h"])
def test_what_is_no_duration_of_a_role_is_a_usage_error(strict, home, reader, duration):
    done = home.rolecall("assume", "reader", f"--duration={duration}", "--json")
    assert done.status == 2, done
    assert json.loads(done.stderr)["error"]["code"] == "usage"
    assert strict.count("AssumeRole") == 0


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(home, reader):
    home.credentials_file.unlink()
    os.mkfifo(home.credentials_file)
    assert "reader" in home.rolecall("list", timeout=20).stdout


@pytest.mark.parametrize(
    "option",
    [
        ["--policy", POLICY],
        ["--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"],
        ["--tag", "a=b"],
        ["--transitive-tag", "a"],
        ["--external-id", "x1"],
        ["--source-identity", "ana"],
        ["--session-name", "ana"],
        ["--source", "reader"],
    ],
    ids=lambda option: option[0],
)
def test_what_a_session_token_cannot_have_is_not_left_out_in_silence(strict, home, reader, option):
    home.settings('[[roles]]\nname = "token"\nkind = "session-token"\nsource = "base"\n')
    names = ["base"] if option[0] == "--source" else ["base", "token"]
    for name in names:
        done = home.rolecall("assume", name, *option, "--json")
        assert done.status == 2, done
        error = json.loads(done.stderr)["error"]
        assert error["code"] == "usage"
        assert option[0] in error["summary"] + error["hint"]
    assert strict.count("GetSessionToken") == 0


def test_a_programs_session_comes_as_it_is(home, reader):
    said = loads(home.rolecall("credential-process", "reader"))
    (home.path / "said.json").write_text(json.dumps(said))
    home.profile("vault", credential_process=f"cat {home.path / 'said.json'}")
    assert home.rolecall("assume", "vault").status == 0
    for option in (["--duration", "2h"], ["--policy", POLICY]):
        done = home.rolecall("export", "vault", *option)
        assert done.status == 2, done
        assert option[0] in done.stderr


def test_an_open_tag_on_the_way_says_what_can_be_done(home, reader):
    home.settings(
        f'[[roles]]\nname = "first"\nrole_arn = "{reader}"\nsource = "base"\n'
        'tags = { ticket = "{ask}" }\n'
        f'[[roles]]\nname = "second"\nrole_arn = "{reader}"\nsource = "first"\n'
    )
    done = home.rolecall("assume", "second", "--tag", "ticket=T-1")
    assert done.status == 2
    assert "terminal" in done.stderr
    assert "--tag" not in done.stderr


def test_settings_that_cannot_be_read_say_so_in_words(home, reader):
    home.settings("")
    home.settings_file.write_bytes(b'region = "\xe9"\n')
    assert "it is no utf-8 text" in home.rolecall("list").stderr
    home.settings_file.write_bytes(b'\xef\xbb\xbfregion = "eu-west-3"\n')
    assert home.rolecall("config", "get", "region").stdout == "eu-west-3\n"
    home.settings_file.unlink()
    home.settings_file.mkdir()
    assert "is a directory" in home.rolecall("list").stderr
    done = home.rolecall("assume", "reader", "--policy", "nowhere.json")
    assert "Errno" not in done.stderr


def test_tags_make_a_session_of_their_own(strict, home, reader):
    home.rolecall("assume", "reader")
    home.rolecall("assume", "reader", "--tag", "a=b")
    home.rolecall("assume", "reader", "--tag", "a=b")
    assert strict.count("AssumeRole") == 2


def test_a_bare_arn_and_account_slash_role_are_targets(company, home, ana, reader):
    other = company.role("other", ana.arn, account=OTHER)
    shown = loads(home.rolecall("assume", other, "--source", "base", "--json"))
    assert shown["name"] == f"other@{OTHER}"
    assert loads(home.rolecall("assume", "123456789012/reader", "--json"))["name"] == "reader"


def test_a_chain_goes_through_another_account(company, strict, home, reader):
    far = company.role("far", reader, account=OTHER)
    home.profile("far", role_arn=far, source_profile="reader")
    shown = loads(home.rolecall("assume", "far", "--json"))
    assert shown["account_id"] == OTHER
    assert strict.count("AssumeRole") == 2
    # The hop between is cached as well, and by the AWS CLI's own key.
    assert loads(home.rolecall("assume", "reader", "--json"))["from_cache"] is True


def test_keys_of_a_user_give_a_session_token(strict, home, ana):
    shown = loads(home.rolecall("assume", "base", "--duration", "36h", "--json"))
    assert shown["profile"] == "base-session"
    assert strict.last("GetSessionToken")["DurationSeconds"] == str(36 * 3600)


def test_mfa_is_asked_on_the_terminal_and_a_wrong_code_is_asked_again(company, home, ana):
    serial, totp = company.device(ana)
    arn = company.role("guarded", ana.arn, mfa=True)
    home.profile("guarded", role_arn=arn, source_profile="base", mfa_serial=serial)
    terminal = home.terminal("rolecall", "assume", "guarded")
    terminal.until("MFA code")
    terminal.keys(f"{(int(totp.now()) + 1) % 10**6:06}\r")
    terminal.until("did not accept")
    terminal.keys(f"{totp.now()}\r")
    assert terminal.wait(20) == 0
    assert "guarded-session" in terminal.text


def test_mfa_by_command_gets_the_serial_and_no_shell(company, home, ana):
    serial, totp = company.device(ana)
    arn = company.role("guarded", ana.arn, mfa=True)
    home.profile("guarded", role_arn=arn, source_profile="base", mfa_serial=serial)
    script = home.path / "code"
    script.write_text(f'#!/bin/sh\n[ "$1" = "{serial};" ] && echo "code: {totp.now()}"\n')
    script.chmod(0o700)
    home.settings(f'mfa_command = ["{script}", "{{serial}};"]\n')
    assert home.rolecall("assume", "guarded").status == 0


def test_an_open_tag_is_asked_for_and_suggested_again(strict, home, reader):
    home.settings(
        f'[[roles]]\nname = "ticket"\nrole_arn = "{reader}"\nsource = "base"\n'
        'tags = { ticket = "{ask}" }\n'
    )
    assert home.rolecall("assume", "ticket").status == 2
    assert home.rolecall("assume", "ticket", tty=True, input="T-1\r").status == 0
    assert strict.last()["Tags.member.1.Value"] == "T-1"
    terminal = home.terminal("rolecall", "assume", "ticket", "--fresh")
    terminal.until("[T-1]")
    terminal.keys("\r")
    assert terminal.wait(20) == 0
    assert strict.last()["Tags.member.1.Value"] == "T-1"


def test_an_expired_session_on_the_way_is_asked_for_anew(company, strict, home, reader):
    far = company.role("far", reader, account=OTHER)
    home.profile("far", role_arn=far, source_profile="reader")
    strict.shorten(1)
    home.rolecall("assume", "reader")
    strict.shorten(None)
    [cached] = (home.path / ".aws" / "cli" / "cache").glob("*.json")
    # By this machine's files it lives; AWS knows better.
    late = re.sub(r'"Expiration": "\d{4}', '"Expiration": "2099', cached.read_text())
    cached.write_text(late)
    time.sleep(1.5)
    assert home.rolecall("assume", "far").status == 0
    assert strict.count("AssumeRole") == 4


# ---- the others ---------------------------------------------------------------------------


def test_list_json_is_the_contracts(home, reader):
    home.settings('[accounts.123456789012]\nname = "pay-prod"\n')
    home.rolecall("assume", "reader", "--yes")
    rows = loads(home.rolecall("list", "--json"))
    row = next(row for row in rows if row["name"] == "reader")
    session = row.pop("session")
    assert row == {
        "name": "reader",
        "kind": "role",
        "account_id": "123456789012",
        "account_name": "pay-prod",
        "role_name": "reader",
        "role_arn": reader,
        "source": "base",
        "chain": ["base", "reader"],
        "region": "eu-west-1",
        "stage": "production",
        "origin": "config",
        "favourite": False,
        "problem": None,
    }
    assert session["phase"] == "live"
    assert session["written_to"] == "reader-session"


def test_what_rolecall_wrote_is_no_role(home, reader):
    home.rolecall("assume", "reader")
    names = [row["name"] for row in loads(home.rolecall("list", "--json"))]
    assert names == ["reader", "base"]


def test_list_filters_by_words_stage_and_source(home, reader):
    home.profile("pay-prod", role_arn=ROLE, source_profile="reader")
    assert "pay-prod" in home.rolecall("list", "--filter", "prod 1234").stdout
    assert home.rolecall("list", "--filter", "nothing-like-it").stdout == ""
    assert home.rolecall("list", "--stage", "production").stdout.split()[0] == "pay-prod"
    assert home.rolecall("list", "--source", "base").stdout.startswith("reader")


def test_a_broken_section_is_listed_with_its_reason(home):
    home.config_file.write_text(
        "[profile half]\nrole_arn = arn:aws:iam::123456789012:role/x\n"
        "[profile lost]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gone\n"
        "[profile good]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"
    )
    rows = {row["name"]: row for row in loads(home.rolecall("list", "--json"))}
    assert "source_profile" in rows["half"]["problem"]
    assert "gone" in rows["lost"]["problem"]
    assert "[sso-session corp]" in rows["good"]["problem"]


def test_what_is_wrong_with_a_file_is_said_with_its_line(home, reader):
    with home.config_file.open("a") as file:
        file.write(f"[forgotten]\nrole_arn = {reader}\nsource_profile = base\n")
        file.write(f"[profile half\nrole_arn = {reader}\nsource_profile = base\n")
        file.write(f"[profile odd]\nrole_arn = {reader}\nsource_profile = base\nnonsense\n")
    done = home.rolecall("list", "--json")
    rows = {row["name"]: row["problem"] for row in loads(done)}
    assert rows["reader"] is None
    assert rows["odd"].startswith("line 15: ")
    assert "[profile NAME]" in done.stderr
    assert "config line 6: " in done.stderr
    assert "config line 9: " in done.stderr


def test_bytes_that_are_no_text_and_terminals_without_the_letters_do_no_harm(home, reader):
    with home.config_file.open("ab") as file:
        file.write(
            f"[profile caf\xe9]\nrole_arn = {reader}\nsource_profile = base\n".encode("latin-1")
        )
    assert [row["name"] for row in loads(home.rolecall("list", "--json"))][1] == "caf?"
    home.rolecall("assume", "reader")
    done = home.rolecall("status", env={"PYTHONIOENCODING": "latin-1"})
    assert done.status == 0, done
    assert done.stdout.startswith("? live")


def test_status_tells_who_made_a_session(home, reader):
    home.aws("sts", "get-caller-identity", "--profile", "reader")
    [row] = loads(home.rolecall("status", "--json"))
    assert (row["name"], row["origin"], row["profile"]) == ("reader", "aws-cli", None)
    home.rolecall("assume", "reader")
    [row] = loads(home.rolecall("status", "--json"))
    assert (row["origin"], row["profile"]) == ("rolecall", "reader-session")
    assert row["destinations"] == ["[reader-session]"]
    assert row["phase"] == "live"
    assert row["identity"].startswith("arn:aws:sts::123456789012:assumed-role/reader/")


def test_status_exit_code(home, reader):
    assert home.rolecall("status", "--exit-code").status == 1
    home.rolecall("assume", "reader")
    assert home.rolecall("status", "--exit-code").status == 0
    assert home.rolecall("status", "reader", "--exit-code").status == 0
    assert home.rolecall("status", "base", "--exit-code").status == 1


def test_whoami_is_what_the_aws_cli_says(home, ana, reader):
    for profile in ("base", "reader"):
        region = {"AWS_DEFAULT_REGION": "eu-west-1"}  # the AWS CLI wants one even for STS
        theirs = loads(home.aws("sts", "get-caller-identity", "--profile", profile, env=region))
        ours = loads(home.rolecall("whoami", profile, "--json"))
        assert (ours["account_id"]) == theirs["Account"]
        assert ours["arn"].split("/")[:2] == theirs["Arn"].split("/")[:2]
    env = {"AWS_PROFILE": "base"}
    assert loads(home.rolecall("whoami", "--json", env=env))["arn"] == ana.arn
    assert home.rolecall("whoami").status == 2


def test_exec_is_the_command(home, reader):
    assert home.rolecall("exec", "reader", "--", "sh", "-c", "exit 7").status == 7
    assert home.rolecall("exec", "reader", "--", "sh", "-c", "kill -TERM $$").status in (-15, 143)
    assert home.rolecall("exec", "reader", "--", "no-such-command").status == 127
    assert home.rolecall("exec", "reader", "--", "").status == 127
    assert home.rolecall("exec", "reader", "--", str(home.path)).status == 126
    done = home.rolecall("exec", "reader", "--", "cat", input="through")
    assert done.stdout == "through"
    done = home.rolecall("exec", "reader", "--", "echo", "--json", "--", "-v")
    assert done.stdout == "--json -- -v\n"


@pytest.mark.parametrize("renewing", [(), ("--renewing",)], ids=["replaced", "renewing"])
def test_signals_reach_the_command_of_exec(home, reader, renewing):
    script = 'trap "echo got USR1; exit 9" USR1; echo ready; while :; do sleep 0.05; done'
    words = ["rolecall", "exec", "reader", *renewing, "--", "sh", "-c", script]
    terminal = home.terminal(*words)
    terminal.until("ready")
    os.kill(terminal.pid, signal.SIGUSR1)
    terminal.until("got USR1")
    assert terminal.wait() == 9


def test_exec_takes_the_place_of_rolecall(home, reader):
    terminal = home.terminal("rolecall", "exec", "reader", "--", "sh", "-c", "echo it-is-$$")
    terminal.until(f"it-is-{terminal.pid}")
    assert terminal.wait() == 0


@pytest.mark.parametrize("renewing", [(), ("--renewing",)], ids=["replaced", "renewing"])
def test_the_keyboard_interrupts_the_command_alone(home, reader, renewing):
    script = 'trap "echo once; exit 4" INT; echo ready; while :; do sleep 0.05; done'
    terminal = home.terminal("rolecall", "exec", "reader", *renewing, "--", "sh", "-c", script)
    terminal.until("ready")
    terminal.keys("ctrl+c")
    terminal.until("once")
    assert terminal.wait() == 4


def test_exec_that_renews_has_the_status_of_its_command_too(home, reader):
    def done(*words, **options):
        return home.rolecall("exec", "reader", "--renewing", "--", *words, **options)

    assert done("sh", "-c", "exit 7").status == 7
    assert done("no-such-command").status == 127
    assert done(str(home.path)).status == 126
    assert done("sh", "-c", "kill -KILL $$").status == 137
    assert done("cat", input="through").stdout == "through"


def test_a_script_without_an_interpreter_is_not_guessed_at(home, reader):
    script = home.path / "plain"
    script.write_text("echo plain\n")
    script.chmod(0o700)
    for words in ([], ["--renewing"]):
        done = home.rolecall("exec", "reader", *words, "--", str(script))
        assert done.status == 126
        assert f"sh {script}" in done.stderr


def test_words_before_two_dashes_are_rolecalls_and_those_behind_are_not(home, reader):
    assert home.rolecall("exec", "reader", "echo", "plain").stdout == "plain\n"
    done = home.rolecall("exec", "reader", "echo", "-n", "x")
    assert done.status == 2
    assert "--" in done.stderr
    assert home.rolecall("exec", "reader", "--").status == 2
    assert home.rolecall("exec", "--", "reader", "echo").status == 2
    done = home.rolecall("exec", "--region", "eu-west-3", "reader", "--", "printenv", "AWS_REGION")
    assert done.stdout == "eu-west-3\n"


def test_exec_sets_and_unsets_the_environment(home, reader):
    stale = {"AWS_PROFILE": "x", "AWS_VAULT": "x", "AWS_SECURITY_TOKEN": "x", "KEPT": "yes"}
    done = home.rolecall("exec", "reader", "--", "env", env=stale)
    env = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert env["ROLECALL_ROLE"] == env["AWSUME_PROFILE"] == "reader"
    assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert env["AWS_ACCOUNT_ID"] == "123456789012"
    assert env["AWS_CREDENTIAL_EXPIRATION"] == env["AWS_SESSION_EXPIRATION"]
    assert env["ROLECALL_EXPIRES_AT"] == env["AWS_SESSION_EXPIRATION"]
    assert env["KEPT"] == "yes"
    assert not {"AWS_PROFILE", "AWS_VAULT", "AWS_SECURITY_TOKEN"} & set(env)


def test_renew_goes_to_the_same_profiles(strict, home, reader):
    home.rolecall("assume", "reader")
    home.rolecall("assume", "reader", "--as", "second")
    before = section(home, "reader-session")["aws_access_key_id"]
    assert home.rolecall("renew", "reader").status == 0
    after = section(home, "reader-session")["aws_access_key_id"]
    assert after != before
    assert section(home, "second")["aws_access_key_id"] == after
    assert strict.count("AssumeRole") == 2
    assert home.rolecall("renew", "--expiring").stdout == "nothing to renew\n"
    assert home.rolecall("renew", "--all").status == 0
    assert strict.count("AssumeRole") == 3


def test_many_are_renewed_at_once_and_one_that_fails_stops_no_other(company, strict, home, ana):
    names = [f"role-{n}" for n in range(8)]
    for name in names:
        home.profile(name, role_arn=company.role(name, ana.arn), source_profile="base")
        assert home.rolecall("assume", name).status == 0
    company.account().client("iam").delete_role(RoleName="role-3")
    before = strict.count("AssumeRole")
    strict.hang()
    with ThreadPoolExecutor() as pool:
        renewing = pool.submit(home.rolecall, "renew", "--all")
        deadline = time.monotonic() + 20
        while strict.count("AssumeRole") < before + 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        at_once = strict.count("AssumeRole") - before
        strict.release()
        done = renewing.result()
    assert at_once >= 2  # none of them had its answer yet
    assert done.status == 1
    assert len(done.stderr.splitlines()) == 2
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        name for name in names if name != "role-3"
    ]


@pytest.mark.parametrize(
    "env", [{}, {"AWS_PROFILE": "no-such-profile"}], ids=["none", "a lost profile"]
)
def test_sts_is_reached_without_a_region_and_whatever_aws_profile_says(company, home, ana, env):
    home.profile("plain", role_arn=company.role("plain", ana.arn), source_profile="base")
    shown = loads(home.rolecall("assume", "plain", "--json", env=env))
    assert shown["region"] is None
    assert "region" not in section(home, "plain-session")


def test_a_role_assumed_by_its_arn_is_renewed_and_dropped_by_name(company, home, ana):
    other = company.role("other", ana.arn, account=OTHER)
    home.rolecall("assume", other, "--source", "base")
    name = f"other@{OTHER}"
    assert home.rolecall("renew", name).status == 0
    assert home.rolecall("renew", "--all").status == 0
    assert f"[{name}-session]" in home.rolecall("drop", name).stdout


def test_drop_and_undo_restore_the_bytes(home, reader):
    before = home.credentials_file.read_bytes()
    home.rolecall("assume", "reader")
    written = home.credentials_file.read_bytes()
    assert home.rolecall("undo").status == 0
    assert home.credentials_file.read_bytes() == before
    home.rolecall("assume", "reader")
    assert home.credentials_file.read_bytes() == written
    assert home.rolecall("drop", "reader").status == 0
    assert home.credentials_file.read_bytes() == before
    assert list((home.path / ".aws" / "cli" / "cache").glob("*.json")) == []
    assert home.rolecall("drop", "nobody").status == 2


def test_drop_expired_leaves_the_living(strict, home, company, ana, reader):
    other = company.role("other", ana.arn)
    home.profile("other", role_arn=other, source_profile="base")
    home.rolecall("assume", "reader")
    strict.shorten(1)
    home.rolecall("assume", "other")
    time.sleep(1.2)
    done = home.rolecall("drop", "--expired")
    assert "[other-session]" in done.stdout
    assert "[reader-session]" in home.credentials_file.read_text()
    assert "[other-session]" not in home.credentials_file.read_text()


def test_config_keeps_comments_and_says_where_a_value_comes_from(home):
    home.settings("# mine\nduration = \"1h\" \n\n[accounts.123456789012]\nname = 'a'\n")
    assert home.rolecall("config", "set", "duration", "2h").status == 0
    assert home.rolecall("config", "set", "region", "eu-west-1").status == 0
    text = home.settings_file.read_text()
    assert "# mine" in text
    assert "name = 'a'" in text
    assert home.rolecall("config", "get", "duration").stdout == "2h\n"
    assert home.rolecall("config", "set", "duration").status == 0
    assert home.rolecall("config", "get", "duration").status == 1
    shown = home.rolecall("config", env={"ROLECALL_REGION": "us-east-1"}).stdout
    assert re.search(r"region +us-east-1 +environment", shown)


def test_unknown_keys_warn_and_wrong_types_do_not_stop_the_rest(home, reader):
    home.settings('durashun = "1h"\nregion = 5\nwrite_to = "{role}-x"\n')
    done = home.rolecall("assume", "reader", "--json")
    assert loads(done)["profile"] == "reader-x"
    assert "did you mean 'duration'" in done.stderr
    assert "region: expected a text" in done.stderr


@pytest.mark.parametrize("command", ["assume", "export", "whoami", "console"])
def test_an_error_in_json_stands_alone(home, reader, command):
    home.settings('durashun = "1h"\n')
    done = home.rolecall(command, "nobody", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "unknown-target"


def test_trust_prints_a_policy_that_lets_the_source_in(company, home, ana):
    company.user("ben")
    arn = company.role("closed", "arn:aws:iam::123456789012:user/ben")
    home.profile("closed", role_arn=arn, source_profile="base", external_id="xid")
    policy = loads(home.rolecall("trust", "closed"))
    [statement] = policy["Statement"]
    assert statement["Principal"] == {"AWS": ana.arn}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "xid"}}


def test_plain_switches_line_by_line(home, reader):
    done = home.rolecall("--plain", input="/reader\n1\nl\n?\nx 1\ny\nq\n")
    assert done.status == 0, done
    assert "1. reader" in done.stdout
    assert "reader is live, written to [reader-session]" in done.stdout
    assert "removed 1 profiles" in done.stdout


def test_plain_ends_with_the_input_and_says_what_is_wrong(home, reader):
    done = home.rolecall("--plain", input="99\nnonsense\n")
    assert done.status == 0
    assert "not a number of the list: '99'" in done.stdout


def test_verbose_names_the_hops_and_no_secret(home, reader):
    done = home.rolecall("assume", "reader", "-v")
    assert "role reader" in done.stderr
    written = section(home, "reader-session")
    for key in ("aws_secret_access_key", "aws_session_token"):
        assert written[key] not in done.stdout + done.stderr
