"""The emulated AWS refuses as AWS does: what the other tests lean on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow
from tests.world.fixtures import each_cloud
from tests.world.home import Home

# The name of an STS error, and its sentence.
Refused = tuple[str, str]


def client(endpoint, keys, service="sts"):
    """A client of a user, or of the credentials in an answer."""
    if isinstance(keys, dict):
        given = keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    else:
        given = keys.access_key_id, keys.secret_access_key, None
    return botocore.session.Session().create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id=given[0],
        aws_secret_access_key=given[1],
        aws_session_token=given[2],
        config=Config(
            parameter_validation=False, read_timeout=2, retries={"total_max_attempts": 1}
        ),
    )


def assume(endpoint, keys, role, **said):
    said.setdefault("RoleSessionName", "ana")
    return client(endpoint, keys).assume_role(RoleArn=role, **said)["Credentials"]


def refused(endpoint, keys, role, **said) -> Refused:
    with pytest.raises(ClientError) as caught:
        assume(endpoint, keys, role, **said)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@each_cloud
def test_a_role_without_trust_in_the_caller_is_denied(company, strict):
    ana, eve = company.user("ana"), company.user("eve")
    role = company.role("reader", ana.arn)
    assume(strict.url, ana, role)
    assert refused(strict.url, eve, role)[0] == "AccessDenied"


@each_cloud
def test_a_caller_without_leave_to_assume_is_denied(company, strict):
    ana = company.user("ana", allow("s3:ListAllMyBuckets"))
    assert refused(strict.url, ana, company.role("reader", ana.arn))[0] == "AccessDenied"


def test_a_missing_and_a_wrong_external_id_are_denied(company, strict):
    ana = company.user()
    role = company.role("partner", ana.arn, account=OTHER, external_id="kestrel")
    assume(strict.url, ana, role, ExternalId="kestrel")
    assert refused(strict.url, ana, role)[0] == "AccessDenied"
    assert refused(strict.url, ana, role, ExternalId="falcon")[0] == "AccessDenied"


@each_cloud
def test_a_wrong_secret_is_denied(company, strict):
    ana = company.user()
    role = company.role("reader", ana.arn)
    code, _ = refused(strict.url, ana._replace(secret_access_key="x" * 40), role)
    assert code == "SignatureDoesNotMatch"


@each_cloud
def test_a_role_session_may_do_what_its_role_may(company, strict):
    ana = company.user()
    company.bucket("kept")
    role = company.role("reader", ana.arn, may=allow("s3:ListAllMyBuckets"))
    with pytest.raises(ClientError, match="AccessDenied"):
        client(strict.url, ana, "s3").list_buckets()
    s3 = client(strict.url, assume(strict.url, ana, role), "s3")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["kept"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.create_bucket(Bucket="more")


def test_a_session_that_ended_is_refused(company, strict):
    ana = company.user()
    role = company.role("reader", ana.arn, may=allow("s3:*"))
    strict.shorten(2)
    short = assume(strict.url, ana, role, DurationSeconds=900)
    client(strict.url, short).get_caller_identity()
    time.sleep(2.2)
    for service, call in (("sts", "get_caller_identity"), ("s3", "list_buckets")):
        with pytest.raises(ClientError, match="ExpiredToken"):
            getattr(client(strict.url, short, service), call)()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (899, "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have "),
        (899, "value greater than or equal to 900"),
        (43201, "less than or equal to 43200"),
        (7201, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    ],
)
@each_cloud
def test_a_session_of_a_length_the_role_has_not_is_invalid(company, strict, seconds, text):
    ana = company.user()
    role = company.role("reader", ana.arn, hours=2)
    assume(strict.url, ana, role, DurationSeconds=7200)
    code, message = refused(strict.url, ana, role, DurationSeconds=seconds)
    assert code == "ValidationError"
    assert text in message


def test_a_chained_session_lasts_an_hour_at_most(company, strict):
    ana = company.user()
    first = company.role("first", ana.arn, may=allow("sts:AssumeRole"), hours=12)
    second = company.role("second", first, account=OTHER, hours=12)
    session = assume(strict.url, ana, first, DurationSeconds=43200)
    assume(strict.url, session, second, DurationSeconds=3600)
    code, text = refused(strict.url, session, second, DurationSeconds=3601)
    assert code == "ValidationError"
    assert text == (
        "The requested DurationSeconds exceeds the 1 hour session limit "
        "for roles assumed by role chaining."
    )


def test_whoever_is_not_allowed_hears_that_before_the_length(company, strict):
    eve = company.user("eve")
    role = company.role("reader", company.user("ana").arn)
    assert refused(strict.url, eve, role, DurationSeconds=43200)[0] == "AccessDenied"


@each_cloud
def test_mfa_codes_are_checked_and_good_once(company, strict):
    ana, eve = company.user("ana"), company.user("eve")
    role = company.role("admin", ana.arn, eve.arn, mfa=True)
    serial, totp = company.device(ana)
    code = totp.now()
    wrong = f"{(int(code) + 1) % 1000000:06}"
    rejected = "MultiFactorAuthentication failed with invalid MFA one time pass code."

    denied, text = refused(strict.url, ana, role)
    assert (denied, text) == (
        "AccessDenied",
        f"User: {ana.arn} is not authorized to perform: sts:AssumeRole on resource: {role}",
    )
    assert "must provide both" in refused(strict.url, ana, role, SerialNumber=serial)[1]
    assert "tokenCode" in refused(strict.url, ana, role, SerialNumber=serial, TokenCode="12")[1]
    _, text = refused(strict.url, ana, role, SerialNumber=serial, TokenCode=wrong)
    assert text.strip() == rejected
    _, text = refused(strict.url, eve, role, SerialNumber=serial, TokenCode=code)
    assert "associated with this user" in text
    assume(strict.url, ana, role, SerialNumber=serial, TokenCode=code)
    _, text = refused(strict.url, ana, role, SerialNumber=serial, TokenCode=code)
    assert text.strip() == rejected


def test_a_session_token_with_mfa_opens_roles_that_want_it(company, strict):
    ana = company.user()
    role = company.role("admin", ana.arn, mfa=True, hours=12)
    serial, totp = company.device(ana)
    sts = client(strict.url, ana)
    plain = sts.get_session_token()["Credentials"]
    assert refused(strict.url, plain, role)[0] == "AccessDenied"
    proven = sts.get_session_token(SerialNumber=serial, TokenCode=totp.now())["Credentials"]
    assume(strict.url, proven, role)
    recent = company.role("recent", ana.arn, mfa=True, mfa_age=0)
    assert refused(strict.url, proven, recent)[0] == "AccessDenied"


def test_a_roles_session_has_forgotten_its_callers_mfa(company, strict):
    ana = company.user()
    serial, totp = company.device(ana)
    first = company.role("first", ana.arn, may=allow("sts:AssumeRole"), mfa=True)
    session = assume(strict.url, ana, first, SerialNumber=serial, TokenCode=totp.now())
    second = company.role("second", first, mfa=True)
    assert refused(strict.url, session, second)[0] == "AccessDenied"


def test_a_users_devices_are_listed_for_who_may(company, strict):
    ana = company.user("ana", allow("iam:ListMFADevices"))
    serial, _ = company.device(ana)
    ben = company.user("ben")
    company.device(ben)
    devices = client(strict.url, ana, "iam").list_mfa_devices()["MFADevices"]
    assert [device["SerialNumber"] for device in devices] == [serial]
    with pytest.raises(ClientError, match="AccessDenied"):
        client(strict.url, ben, "iam").list_mfa_devices()


def test_a_federated_user_may_call_nothing_but_who_am_i(company, strict):
    ana = company.user("ana", allow("sts:*"), allow("s3:*"))
    role = company.role("reader", ana.arn)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:*")]})
    session = client(strict.url, ana).get_federation_token(Name="bob", Policy=policy)["Credentials"]
    arn = client(strict.url, session).get_caller_identity()["Arn"]
    assert arn.endswith(":federated-user/bob")
    assert refused(strict.url, session, role)[0] == "AccessDenied"
    with pytest.raises(ClientError, match="with session credentials"):
        client(strict.url, session).get_session_token()


@each_cloud
def test_calls_are_recorded_as_received(company, strict):
    ana = company.user()
    role = company.role("reader", ana.arn)
    assume(
        strict.url,
        ana,
        role,
        RoleSessionName="ticket-7",
        Tags=[{"Key": "team", "Value": "payments"}],
        SourceIdentity="ana",
    )
    assert strict.count("AssumeRole") == 1
    assert strict.last() == {
        "Version": "2011-06-15",
        "RoleArn": role,
        "RoleSessionName": "ticket-7",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "payments",
        "SourceIdentity": "ana",
    }


def test_the_doors_open_and_close(company, strict):
    ana = company.user()
    role = company.role("reader", ana.arn)

    strict.fail("Throttling", 400, "Rate exceeded", times=2)
    assert refused(strict.url, ana, role) == ("Throttling", "Rate exceeded")
    assert refused(strict.url, ana, role) == ("Throttling", "Rate exceeded")
    assume(strict.url, ana, role)

    strict.delay(0.3)
    begun = time.monotonic()
    assume(strict.url, ana, role)
    assert time.monotonic() - begun >= 0.3
    strict.delay(0)

    strict.skew(3600)
    code, text = refused(strict.url, ana, role)
    assert code == "SignatureDoesNotMatch"
    assert text.startswith("Signature expired: ")
    strict.skew(-3600)
    assert refused(strict.url, ana, role)[1].startswith("Signature not yet current: ")
    strict.skew(0)

    strict.hang()
    with pytest.raises(Exception, match="Read timeout"):
        assume(strict.url, ana, role)
    strict.release()
    strict.close()
    with pytest.raises(Exception, match="Could not connect"):
        assume(strict.url, ana, role)
    strict.open()
    assume(strict.url, ana, role)


def test_the_real_cli_speaks_to_it(company, home):
    ana = company.user()
    company.bucket("kept", {"a.txt": b"hello"})
    role = company.role("reader", ana.arn, may=allow("s3:*"))
    home.keys("base", ana)
    home.profile("reader", role_arn=role, source_profile="base", region="eu-west-1")
    assert "AccessDenied" in home.aws("s3", "ls", "--profile", "base").stderr
    assert "kept" in home.aws("s3", "ls", "--profile", "reader").stdout
    copied = home.aws("s3", "cp", "s3://kept/a.txt", "-", "--profile", "reader")
    assert copied.stdout == "hello"
    (home.path / "b.bin").write_bytes(b"\0\xff" * 300_000)
    home.aws("s3", "cp", "b.bin", "s3://kept/b.bin", "--profile", "reader")
    listed = home.aws("s3", "ls", "s3://kept", "--profile", "reader").stdout
    assert "600000 b.bin" in listed


def test_an_account_is_its_own(company):
    company.bucket("ours")
    company.bucket("theirs", account=OTHER)
    names = [b["Name"] for b in company.account(MAIN).client("s3").list_buckets()["Buckets"]]
    assert names == ["ours"]


def test_a_terminal_shows_what_a_person_sees(tmp_path):
    terminal = Home(tmp_path).terminal("bash", "--norc", columns=40, rows=5)
    terminal.line("stty size; printf '\\033[2J\\033[3;5Hgreen'")
    terminal.until("/^ {4}green/")
    terminal.line("clear; echo $TERM; exit 7")
    assert "xterm-256color" in terminal.until("xterm")
    assert terminal.wait() == 7


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_emulator_ends_with_a_starter_that_is_killed(tmp_path):
    folder = tmp_path / "emulator"
    code = (
        "import pathlib, sys, time\n"
        "from tui.demo.emulator import start\n"
        "running = start(pathlib.Path(sys.argv[1])); running.wait()\n"
        "print(running.pid, flush=True); time.sleep(60)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    )
    with starter:
        pid = int(starter.stdout.readline())
        assert Path(f"/proc/{pid}").exists() or os.kill(pid, 0) is None
        starter.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not folder.exists()
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().split(") ")[1].startswith("Z"):
            return
        time.sleep(0.02)
    pytest.fail("the emulator outlived its starter")
