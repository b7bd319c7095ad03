"""Sessions of `aws login`, used as botocore uses them and renewed where it would."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.world.company import allow
from tests.world.sign_in import SignInService

ANA = "arn:aws:iam::111122223333:user/ana"


@pytest.fixture
def service(company, home):
    """Sign-in for a user whose sessions the cloud knows."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("own", ana)

    def session():
        done = home.rolecall("export", "own", "--fresh", "--format", "json")
        found = json.loads(done.stdout)
        return {
            "accessKeyId": found["AWS_ACCESS_KEY_ID"],
            "secretAccessKey": found["AWS_SECRET_ACCESS_KEY"],
            "sessionToken": found["AWS_SESSION_TOKEN"],
        }

    running = SignInService(session)
    home.env |= {"AWS_ENDPOINT_URL_SIGNIN": running.url}
    home.profile("console", login_session=ANA, region="eu-west-1")
    yield running
    running.close()


def cache_file(home):
    name = hashlib.sha256(ANA.encode()).hexdigest()
    return home.path / ".aws" / "login" / "cache" / f"{name}.json"


def sign_in(home, token):
    cache_file(home).parent.mkdir(parents=True, exist_ok=True)
    cache_file(home).write_text(json.dumps(token))


def test_a_session_that_lasts_is_used_as_it_is(service, home):
    sign_in(home, service.signed_in(800))
    before = cache_file(home).read_bytes()
    done = home.rolecall("whoami", "console", "--json")
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)["arn"].endswith(":user/ana")
    assert service.renewals == 0
    assert cache_file(home).read_bytes() == before


def test_one_that_ends_is_renewed_once_and_kept_for_everybody(service, home):
    sign_in(home, service.signed_in(60))
    for _ in range(2):
        done = home.rolecall("assume", "console", "--json")
        assert done.status == 0, done.stderr
    assert service.renewals == 1
    kept = json.loads(cache_file(home).read_text())
    assert kept["accessToken"]["accountId"] == "111122223333"
    assert kept["dpopKey"].startswith("-----BEGIN EC PRIVATE KEY-----")
    assert kept["accessToken"]["accessKeyId"] in home.credentials_file.read_text()
    assert cache_file(home).stat().st_mode & 0o777 == 0o600
    assert 700 < json.loads(done.stdout)["seconds_left"] <= 900


def test_many_at_once_renew_once(service, home):
    sign_in(home, service.signed_in(60))
    service.delay = 0.3
    code = "import sys; from tui.__main__ import main; sys.exit(main())"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, "export", "console"],
            env=home.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    outcomes = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 4, outcomes
    assert service.renewals == 1
    assert len({out for out, _ in outcomes}) == 1
    kept = json.loads(home.rolecall("history", "--json").stdout)
    [entry] = [each for each in kept if each["role"] == "console"]
    assert entry["identity"] == ANA
    assert entry["access_key_id"] in cache_file(home).read_text()


def test_it_is_a_source_of_roles_that_last_an_hour(service, home, company):
    sign_in(home, service.signed_in(800))
    arn = company.role("reader", ANA.replace("111122223333", company.account().id))
    home.profile("reader", role_arn=arn, source_profile="console")
    done = home.rolecall("assume", "reader", "--json")
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)["source"] == "console"
    done = home.rolecall("assume", "reader", "--duration", "2h", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "role-chain-too-long"


@pytest.mark.parametrize("reason", ["TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED"])
def test_a_sign_in_that_is_over_names_the_command(service, home, reason):
    sign_in(home, service.signed_in(60))
    service.refuses = reason
    before = cache_file(home).read_bytes()
    done = home.rolecall("assume", "console")
    assert done.status == 3
    assert "aws login --profile console" in done.stderr
    assert cache_file(home).read_bytes() == before


def test_a_sign_in_without_the_right_to_renew_is_told_which(service, home):
    sign_in(home, service.signed_in(60))
    service.refuses = "INSUFFICIENT_PERMISSIONS"
    done = home.rolecall("assume", "console")
    assert done.status == 1
    assert "signin:CreateOAuth2Token" in done.stderr


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "[]",
        "{}",
        '{"accessToken": "x"}',
        '{"accessToken": {"accessKeyId": "a", "expiresAt": "2099-01-01T00:00:00Z"}, '
        '"refreshToken": "r", "dpopKey": "k", "clientId": "c"}',
        '{"accessToken": {"accessKeyId": "a", "secretAccessKey": "b", "sessionToken": "c"}, '
        '"refreshToken": "r", "dpopKey": "no key", "clientId": "c"}',
    ],
)
def test_no_proper_sign_in_is_one_line_that_names_the_command(service, home, broken):
    if broken is not None:
        cache_file(home).parent.mkdir(parents=True)
        cache_file(home).write_text(broken)
    done = home.rolecall("assume", "console")
    assert done.status == 3, done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert "aws login --profile console" in done.stderr


def test_another_key_than_the_sign_ins_own_is_refused(service, home):
    token, other = service.signed_in(60), service.signed_in(60)
    sign_in(home, token | {"dpopKey": other["dpopKey"]})
    done = home.rolecall("assume", "console")
    assert done.status == 3
    assert service.renewals == 0
