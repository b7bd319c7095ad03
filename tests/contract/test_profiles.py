"""Credentials profiles: several at once, what wins over them, what becomes of them."""

import json
import os
import shutil
import time

import pytest

from tests.world.company import allow

WHO = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
PYTHON_WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
ARN = "assumed-role/reader/"
DEBIAN_CLI = "/usr/bin/aws"
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture
def reader(company, home):
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    role = company.role("reader", ana.arn, may=[allow("s3:*"), allow("sts:*")])
    home.profile("reader", role_arn=role, source_profile="base")
    return ana


def files(home):
    return {
        path.name: path.read_bytes() if path.exists() else None
        for path in (home.config_file, home.credentials_file)
    }


def sections(home):
    lines = home.credentials_file.read_text().splitlines()
    return [line[1:-1] for line in lines if line.startswith("[")]


def test_one_session_goes_to_several_profiles_is_renewed_and_dropped_in_all(home, reader):
    before = files(home)
    done = home.rolecall("assume", "reader", "--as", "one", "--as", "default", "--as", "one")
    assert done.status == 0, done
    assert [line for line in done.stdout.splitlines() if "profile" in line] == [
        "profile   one",
        "profile   default",
    ]
    for words in (["--profile", "one"], []):
        assert "assumed-role/reader/" in home.aws(*WHO, *words, env=REGION).stdout
    assert home.rolecall("assume", "reader", "--as", "two").status == 0
    (row,) = json.loads(home.rolecall("status", "reader", "--json").stdout)
    assert row["destinations"] == ["[one]", "[default]", "[two]"]
    first = set(home.credentials_file.read_text().splitlines())
    assert "reader  [one] [default] [two]  " in home.rolecall("renew", "reader").stdout
    (row,) = json.loads(home.rolecall("status", "reader", "--json").stdout)
    assert row["destinations"] == ["[one]", "[default]", "[two]"]
    keys = [line for line in first if line.startswith("aws_session_token")]
    assert keys[0] not in home.credentials_file.read_text()
    assert home.rolecall("drop", "reader").status == 0
    assert files(home) == before


@pytest.mark.parametrize("forced", [False, True], ids=["written", "forced"])
def test_every_client_reads_the_profile(home, reader, company, node, forced):
    words, profile = ["--as", "work"], "work"
    if forced:
        words, profile = ["--default", "--force"], "default"
        with home.credentials_file.open("a") as file:
            file.write("[default]\naws_access_key_id = AKIA1\naws_secret_access_key = x")
    done = home.rolecall("assume", "reader", "--region", "eu-west-1", *words)
    assert done.status == 0, done
    assert ("x_rolecall_was" in home.credentials_file.read_text()) is forced
    endpoint = home.env["AWS_ENDPOINT_URL"]
    assert ARN in home.aws(*WHO, "--profile", profile).stdout
    assert ARN in home.python(PYTHON_WHO, env={"AWS_PROFILE": profile}).stdout
    done = node.run("whoami.mjs", profile, env=home.env)
    assert ARN in done.stdout, done
    if os.access(DEBIAN_CLI, os.X_OK):
        done = home.run(DEBIAN_CLI, *WHO, "--profile", profile, "--endpoint-url", endpoint)
        assert ARN in done.stdout, done
    if shutil.which("rclone"):
        company.bucket("reports")
        remote = f":s3,provider=Other,env_auth,profile={profile},region=eu-west-1"
        done = home.run("rclone", "lsd", f"{remote},endpoint='{endpoint}':")
        assert "reports" in done.stdout, done


def test_undo_takes_back_all_profiles_of_one_write(home, reader):
    before = files(home)
    home.rolecall("assume", "reader", "--as", "one", "--as", "two")
    assert home.rolecall("undo").status == 0
    assert files(home) == before


def test_one_that_cannot_be_written_keeps_the_others_from_being_written(home, reader):
    before = files(home)
    done = home.rolecall("assume", "reader", "--as", "one", "--as", "base", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "profile-not-ours"
    assert files(home) == before
    diff = home.rolecall("assume", "reader", "--as", "one", "--as", "two", "--dry-run").stdout
    assert "+[one]" in diff
    assert "+[two]" in diff
    assert files(home) == before


@pytest.mark.parametrize(
    "credentials",
    [
        "{keys}",
        "{keys}\n[default]\r\naws_access_key_id=AKIA1\r\naws_secret_access_key=x",
        "# {keys}",
    ],
    ids=["usual", "CRLF without a final line end", "keys elsewhere"],
)
def test_drop_all_leaves_every_byte_as_before_the_first_write(home, reader, credentials):
    keys = home.credentials_file.read_text()
    home.credentials_file.write_bytes(credentials.replace("{keys}", keys).encode())
    if credentials.startswith("#"):
        home.config(home.config_file.read_text() + keys.replace("[base]", "[profile base]"))
    before = files(home)
    for words in (
        ["assume", "reader"],
        ["assume", "reader", "--default", "--force"],
        ["config", "credential-process", "reader", "--as", "work"],
        ["assume", "reader", "--as", "one", "--as", "two"],
        ["renew", "--all", "--region", "eu-west-1"],
    ):
        assert home.rolecall(*words).status == 0
    assert files(home) != before
    assert home.rolecall("drop", "--all").status == 0
    assert files(home) == before


def test_drop_all_removes_the_files_that_were_not_there(home, company):
    ana = company.user("ana", allow("sts:*"))
    role = company.role("reader", ana.arn)
    env = {"AWS_ACCESS_KEY_ID": ana.access_key_id, "AWS_SECRET_ACCESS_KEY": ana.secret_access_key}
    for path in (home.config_file, home.credentials_file):
        path.unlink(missing_ok=True)
    home.settings(f'[[roles]]\nname = "reader"\nrole_arn = "{role}"\nsource = "env"\n')
    assert home.rolecall("assume", "reader", env=env).status == 0
    assert home.rolecall("config", "credential-process", "reader", env=env).status == 0
    assert None not in files(home).values()
    assert home.rolecall("drop", "--all").status == 0
    assert set(files(home).values()) == {None}


def test_what_has_ended_is_taken_out_by_choice(strict, home, company, reader):
    home.profile("other", role_arn=company.role("other", reader.arn), source_profile="base")
    strict.shorten(1)
    home.rolecall("assume", "other")
    strict.shorten(None)
    time.sleep(1.2)
    home.rolecall("assume", "reader")
    assert "other-session" in sections(home)
    assert home.rolecall("config", "set", "clean_up", "true").status == 0
    diff = home.rolecall("assume", "reader", "--as", "two", "--dry-run").stdout
    assert "-[other-session]" in diff
    done = home.rolecall("assume", "reader", "--as", "two")
    assert "[other-session] had ended" in done.stderr
    assert sections(home) == ["base", "reader-session", "two"]


def test_renewing_all_brings_back_what_has_ended_where_it_was(strict, home, company, reader):
    home.profile("other", role_arn=company.role("other", reader.arn), source_profile="base")
    strict.shorten(1)
    home.rolecall("assume", "other", "--as", "theirs")
    home.rolecall("assume", "reader", "--as", "mine")
    strict.shorten(None)
    time.sleep(1.2)
    assert home.rolecall("renew", "--all", env={"ROLECALL_CLEAN_UP": "true"}).status == 0
    assert sections(home) == ["base", "theirs", "mine"]
    rows = json.loads(home.rolecall("status", "--json").stdout)
    assert {row["phase"] for row in rows} == {"live"}


@pytest.mark.parametrize(
    ("words", "env", "says"),
    [
        ([], {"AWS_PROFILE": "base"}, None),
        (["--default"], {"AWS_PROFILE": "base"}, "AWS_PROFILE=base is set here and wins over [def"),
        (["--default"], {"AWS_PROFILE": "default"}, None),
        (["--region", "eu-west-3"], {"AWS_REGION": "eu-west-1"}, "AWS_REGION=eu-west-1 is set"),
        (
            [],
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x"},
            "AWS_WEB_IDENTITY_TOKEN_FILE is set here and wins over AWS_PROFILE=reader-session",
        ),
    ],
)
def test_what_wins_over_the_profile_is_said(home, reader, words, env, says):
    done = home.rolecall("assume", "reader", *words, env=env)
    assert done.status == 0, done
    assert says in done.stderr if says else "wins" not in done.stderr


def test_keys_in_the_environment_win_over_the_profile_in_real_clients_too(home, reader):
    env = REGION | {"AWS_ACCESS_KEY_ID": reader.access_key_id}
    env["AWS_SECRET_ACCESS_KEY"] = reader.secret_access_key
    done = home.rolecall("assume", "reader", env=env)
    assert "AWS_ACCESS_KEY_ID is set here and wins over AWS_PROFILE=reader-session" in done.stderr
    assert "user/ana" in home.aws(*WHO, env=env | {"AWS_PROFILE": "reader-session"}).stdout
    assert "reader" in home.aws(*WHO, env=REGION | {"AWS_PROFILE": "reader-session"}).stdout
