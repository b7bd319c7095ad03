"""From end to end, on an AWS that refuses: pick a role, see it live, use it, give it back."""

import json
import re
import time
from typing import NamedTuple

import pytest

from tests.world.cloud import OTHER
from tests.world.company import User, allow
from tests.world.fixtures import each_cloud
from tests.world.home import BIN, PROMPT

BUCKET = "my-learnaws-test-bucket"
WRITTEN = "s3-reader-session"
CREDENTIALS = """\
# mine, by hand

[base]
aws_access_key_id={user.access_key_id}
aws_secret_access_key = {user.secret_access_key}
  # with a note
[other]\r
aws_access_key_id = AKIAOTHER%\r
aws_secret_access_key = other"""  # no newline at its end


class Walk(NamedTuple):
    """Who walks, and where."""

    user: User
    reader: str
    far: str
    locked: str


@pytest.fixture
def walk(company, home):
    user = company.user("learnaws-test-user", allow("sts:AssumeRole"))
    stranger = company.user("stranger")
    reader = company.role(
        "s3-reader", user.arn, may=[allow("s3:Get*", "s3:List*"), allow("sts:AssumeRole")]
    )
    far = company.role("far-reader", reader, may=allow("s3:List*"), account=OTHER)
    locked = company.role("locked", stranger.arn, may=allow("*"))
    company.bucket(BUCKET, {"hello.txt": b"hello"})
    company.bucket("far-bucket", account=OTHER)
    home.credentials(CREDENTIALS.format(user=user))
    home.profile("base", region="eu-west-1")
    for name, arn, source in (
        ("s3-reader", reader, "base"),
        ("far-reader", far, "s3-reader"),
        ("locked", locked, "base"),
    ):
        home.profile(name, role_arn=arn, source_profile=source, region="eu-west-1")
    return Walk(user, reader, far, locked)


def picker(home):
    """The picker, with its roles to be seen."""
    terminal = home.terminal(str(BIN / "rolecall"))
    terminal.until("far-reader")
    return terminal


def left(screen):
    """The seconds a role's row says are left."""
    found = re.search(r"● live\s+(\d+):(\d\d)", screen)
    assert found, screen
    return int(found[1]) * 60 + int(found[2])


@each_cloud
def test_the_user_alone_may_list_nothing(home, walk):
    done = home.aws("s3", "ls", "--profile", "base")
    assert done.status != 0
    assert "AccessDenied" in done.stderr


@each_cloud
def test_a_role_is_picked_and_every_client_uses_it(home, walk, strict):
    terminal = picker(home)
    terminal.keys("/", "s3-read")
    terminal.until("2 of")
    terminal.keys("enter")
    screen = terminal.until("● live")
    first = left(screen)
    assert 3500 < first <= 3600
    deadline = time.monotonic() + 10
    while left(terminal.screen()) > first - 2:
        assert time.monotonic() < deadline, "the countdown stands still"
        time.sleep(0.1)

    written = home.credentials_file.read_bytes().decode()
    assert written.startswith(CREDENTIALS.format(user=walk.user))
    assert f"[{WRITTEN}]" in written
    assert strict.last()["RoleArn"] == walk.reader

    as_written = {"AWS_PROFILE": WRITTEN}
    assert BUCKET in home.aws("s3", "ls", env=as_written).stdout
    listed = home.python(
        "import boto3; print([b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])",
        env=as_written,
    )
    assert listed.stdout == f"['{BUCKET}']\n", listed.stderr

    terminal.keys("s")
    terminal.until(PROMPT)
    terminal.line("aws s3 ls")
    terminal.until(BUCKET)
    terminal.line("exit")
    terminal.until("● live")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert strict.count("AssumeRole") == 1, "one session is enough for all of it"


@each_cloud
def test_one_command_has_the_session(home, walk):
    done = home.rolecall("exec", "s3-reader", "--", "aws", "s3", "ls")
    assert BUCKET in done.stdout, done.stderr
    assert home.rolecall("exec", "s3-reader", "--", "sh", "-c", "exit 3").status == 3


@each_cloud
def test_a_shell_evaluates_the_session(home, walk):
    done = home.run("bash", "-c", 'eval "$(rolecall export s3-reader)"; aws s3 ls')
    assert BUCKET in done.stdout, done.stderr
    cleared = home.run(
        "bash",
        "-c",
        'eval "$(rolecall export s3-reader)"; eval "$(rolecall unset)"; env | grep -c ^AWS_S',
    )
    assert cleared.stdout == "0\n", cleared


@each_cloud
def test_a_subshell_has_the_session(home, walk):
    terminal = home.terminal(str(BIN / "rolecall"), "shell", "s3-reader")
    terminal.until(PROMPT)
    terminal.line("aws s3 ls")
    terminal.until(BUCKET)
    terminal.line("echo role=$ROLECALL_ROLE; exit 5")
    assert terminal.wait() == 5
    assert "role=s3-reader" in terminal.text


@each_cloud
def test_a_second_hop_reaches_another_account(home, walk, strict):
    done = home.rolecall("assume", "far-reader", "--json")
    assert done.status == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["account_id"] == OTHER
    assert said["assumed_role_arn"].startswith(f"arn:aws:sts::{OTHER}:assumed-role/far-reader/")
    assert [call.params["RoleArn"] for call in strict.calls if call.action == "AssumeRole"] == [
        walk.reader,
        walk.far,
    ]
    listed = home.aws("s3", "ls", env={"AWS_PROFILE": said["profile"]})
    assert "far-bucket" in listed.stdout, listed.stderr
    assert BUCKET not in listed.stdout


@each_cloud
def test_a_refusal_is_explained(home, walk):
    before = home.credentials_file.read_bytes()
    done = home.rolecall("assume", "locked", "--json")
    assert done.status == 1
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "access-denied"
    assert "learnaws-test-user" in error["summary"]
    assert "rolecall trust locked" in error["hint"]
    assert home.credentials_file.read_bytes() == before

    plain = home.rolecall("assume", "locked").stderr.splitlines()
    assert plain[0] == f"rolecall: {error['summary']}"
    assert plain[1] == f"  hint: {error['hint']}"


@each_cloud
def test_a_refusal_is_explained_in_the_picker(home, walk):
    terminal = picker(home)
    terminal.keys("/", "locked", "enter")
    screen = terminal.until("rolecall trust locked")
    assert "Traceback" not in screen
    terminal.keys("q")


def test_a_session_that_really_expired_is_refused_explained_and_renewed(home, walk, strict):
    strict.shorten(4)
    assert home.rolecall("assume", "s3-reader").status == 0
    short = time.monotonic()
    as_written = {"AWS_PROFILE": WRITTEN}
    assert BUCKET in home.aws("s3", "ls", env=as_written).stdout
    time.sleep(max(0, 4.5 - (time.monotonic() - short)))

    assert "ExpiredToken" in home.aws("s3", "ls", env=as_written).stderr
    status = json.loads(home.rolecall("status", "--json").stdout)
    assert [s["phase"] for s in status if s["profile"] == WRITTEN] == ["expired"]
    assert home.rolecall("status", "--exit-code").status == 1
    asked = home.rolecall("whoami", "--json", env=as_written)
    assert asked.status == 1
    error = json.loads(asked.stderr)["error"]
    assert error["code"] == "credentials-expired"
    assert "rolecall renew" in error["hint"]

    strict.shorten(None)
    renewed = home.rolecall("renew", "s3-reader")
    assert renewed.status == 0, renewed.stderr
    assert BUCKET in home.aws("s3", "ls", env=as_written).stdout


def test_a_session_that_expires_in_the_picker_is_renewed_by_a_key(home, walk, strict):
    strict.shorten(3)
    terminal = picker(home)
    terminal.keys("/", "s3-read", "enter")
    terminal.until("critical")
    terminal.until("expired")
    strict.shorten(None)
    terminal.keys("e")
    terminal.until("● live")
    terminal.keys("q")
    assert terminal.wait() == 0


def test_a_session_renews_itself_in_the_picker_and_the_next_client_uses_it(home, walk, strict):
    home.settings('renew = "auto"\n')
    strict.shorten(30)
    assert home.rolecall("assume", "s3-reader").status == 0
    before = home.credentials_file.read_text()
    strict.shorten(None)
    terminal = picker(home)
    terminal.until("s3-reader renewed itself, until")
    terminal.until("59:")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert home.credentials_file.read_text() != before
    assert BUCKET in home.aws("s3", "ls", env={"AWS_PROFILE": WRITTEN}).stdout
    assert len([call for call in strict.calls if call.action == "AssumeRole"]) == 2


@each_cloud
def test_drop_restores_the_bytes_of_the_file(home, walk):
    before = home.credentials_file.read_bytes()
    for role in ("s3-reader", "far-reader"):
        assert home.rolecall("assume", role).status == 0
    assert home.credentials_file.read_bytes() != before
    done = home.rolecall("drop", "s3-reader", "far-reader")
    assert done.status == 0, done.stderr
    assert home.credentials_file.read_bytes() == before
    assert home.aws("s3", "ls", env={"AWS_PROFILE": WRITTEN}).status != 0


def test_a_role_that_wants_a_code_asks_for_it(home, walk, company, strict):
    role = company.role("vault", walk.user.arn, may=allow("s3:List*"), mfa=True)
    serial, totp = company.device(walk.user)
    home.profile(
        "vault", role_arn=role, source_profile="base", mfa_serial=serial, region="eu-west-1"
    )
    assert home.rolecall("assume", "vault").status == 3

    terminal = picker(home)
    terminal.keys("/", "vault", "enter")
    terminal.until(serial)
    code = totp.now()
    terminal.keys(f"{(int(code) + 1) % 1000000:06}")
    terminal.until("did not accept")
    terminal.keys(code)
    terminal.until("● live")
    terminal.keys("q")
    assert terminal.wait() == 0
    assert strict.last("GetSessionToken")["TokenCode"] == code
    assert code not in terminal.text
