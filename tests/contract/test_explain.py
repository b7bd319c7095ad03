"""`rolecall explain` says what each client really does: compared with the clients themselves."""

import hashlib
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.world import python_chain
from tests.world.company import allow
from tests.world.provider_cases import SETTINGS, chains, mixes

BOTO, CLI_V2, JAVASCRIPT = "AWS CLI v1, boto3", "AWS CLI v2", "SDK for JavaScript v3"
SYSTEM_PYTHON = "/usr/bin/python3"
METHODS = {
    "env": {"environment"},
    "assume-role": {"role"},
    "assume-role-with-web-identity": {"environment-web-identity", "web-identity"},
    "sso": {"sso"},
    "shared-credentials-file": {"credentials-keys"},
    "custom-process": {"process"},
    "config-file": {"config-keys"},
    "container-role": {"container"},
    None: {None},
}


@pytest.fixture
def signed_in(tmp_path):
    """A home with a sign-in to the portal of all cases."""
    home = tmp_path / "signed-in"
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    said = {"accessToken": "t", "startUrl": "https://x/start", "region": "eu-west-1"}
    for key in ("corp", "https://x/start"):
        name = hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()
        path = cache / f"{name}.json"
        path.write_text(json.dumps(said | {"expiresAt": "2999-01-01T00:00:00Z"}))
    return home


class Container(BaseHTTPRequestHandler):
    """The endpoint that a container's keys are at."""

    def do_GET(self):
        keys = {"AccessKeyId": "CONTAINER", "SecretAccessKey": "s", "Token": "t"}
        body = json.dumps(keys | {"Expiration": "2999-01-01T00:00:00Z"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def container():
    with ThreadingHTTPServer(("127.0.0.1", 0), Container) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()


@pytest.fixture
def answers(tmp_path, signed_in):
    """What a client on botocore comes to, for every case: its own chain, in one process."""

    def of(client, cases, python=sys.executable):
        path = tmp_path / f"{client}.json"
        told = [
            {"env": {k: v for k, v in case.env.items() if k != "HOME"}, "profile": case.profile}
            for case in cases
        ]
        path.write_text(json.dumps(told))
        done = subprocess.run(
            [python, python_chain.__file__, client, str(path)],
            env={"HOME": str(signed_in), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=170,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return of


def differing(client, cases, answers):
    """The cases by name in which rolecall says another thing than the client does."""
    for case, found in zip(cases, answers, strict=True):
        said = case.said(client)
        place = said.winner.place if said.winner else None
        if "error" in found:
            stops = said.failing is not None or said.failure is not None
            if place is not None or not stops:
                yield f"{case.named}: said {place}, and it fails: {found['error']}"
            continue
        if place not in METHODS[found["method"]]:
            yield f"{case.named}: said {place}, and it takes {found['method']}"
        region = said.region[0] if said.region else None
        if region != found["region"]:
            yield f"{case.named}: said region {region}, and it is {found['region']}"


def test_boto3_does_what_is_said_in_every_chain(tmp_path, answers, container):
    cases = list(chains(tmp_path, container))
    assert len(cases) >= 600
    assert list(differing(BOTO, cases, answers("botocore", cases))) == []


def test_boto3_does_what_is_said_in_every_mix(tmp_path, answers):
    cases = [*mixes(tmp_path / "by-variables"), *mixes(tmp_path / "by-profile", "x")]
    assert len(cases) >= 600
    assert list(differing(BOTO, cases, answers("botocore", cases))) == []


def test_the_aws_cli_does_what_is_said(tmp_path, answers, container):
    # Its own driver takes time for each: every other chain, with every shape in every second way.
    cases = [
        case
        for at, case in enumerate(chains(tmp_path, container))
        if sum(divmod(at, len(SETTINGS))) % 2
    ]
    assert len(cases) >= 300
    assert list(differing(BOTO, cases, answers("awscli", cases))) == []


def has_cli_v2():
    if not Path("/usr/bin/aws").exists() or not Path(SYSTEM_PYTHON).exists():
        return False
    look = "import awscli.botocore.session, awscli.clidriver"
    return subprocess.run([SYSTEM_PYTHON, "-c", look], capture_output=True).returncode == 0


@pytest.mark.skipif(not has_cli_v2(), reason="the system has no AWS CLI v2 in its Python")
def test_the_aws_cli_v2_of_the_system_does_what_is_said(tmp_path, answers, container):
    cases = list(chains(tmp_path, container))
    wrong = differing(CLI_V2, cases, answers("awscli", cases, SYSTEM_PYTHON))
    # 2.9 of Debian 12 cannot assume a role from Identity Center; later ones can.
    assert [each for each in wrong if "get_frozen_token" not in each] == []


KEY_IDS = {
    "ENV": "environment",
    "ROLE": "role",
    "WEB": "web-identity",
    "ENVWEB": "environment-web-identity",
    "PROCESS": "process",
    "CONFIG": "keys",
    "CREDENTIALS": "keys",
    "CONTAINER": "container",
}


def test_the_javascript_sdk_takes_what_is_said(node, tmp_path, container):
    cases = [*mixes(tmp_path), *chains(tmp_path, container)]
    assert len(cases) >= 900
    told = [{"env": case.env, "profile": case.profile} for case in cases]
    (tmp_path / "cases.json").write_text(json.dumps(told))
    done = node.run("chain.mjs", str(tmp_path / "cases.json"), env={"PATH": "/usr/bin:/bin"})
    wrong = []
    for case, found in zip(cases, json.loads(done.stdout), strict=True):
        took = KEY_IDS.get(found)
        if took is None and "SSO session" in found:  # it came to a sign-in that is not there
            took = "role" if case.named.startswith("a role of Identity Center") else "sso"
        said = case.said(JAVASCRIPT)
        place = said.winner.place if said.winner else None
        if place != took:
            wrong.append(f"{case.named}: said {place}, the SDK takes {found}")
    assert wrong == []


# ---- the command --------------------------------------------------------------------------


@pytest.fixture
def chain(company, home):
    """`second`, a role through `first`, a role of ana's; `shut`, which trusts nobody of them."""
    ana = company.user("ana")
    home.keys("base", ana)
    first = company.role("first", ana.arn, may=allow("sts:AssumeRole"))
    second = company.role("second", first)
    shut = company.role("shut", "arn:aws:iam::123456789012:user/eva")
    home.config("")
    home.profile("first", role_arn=first, source_profile="base", region="eu-west-1")
    home.profile("second", role_arn=second, source_profile="first", duration_seconds=7200)
    home.profile("shut", role_arn=shut, source_profile="first")
    return first


def explained(home, *words, status=0):
    done = home.rolecall("explain", *words, "--json")
    assert done.status == status, done
    return json.loads(done.stdout)


def test_the_hops_are_told_and_nothing_is_asked(home, chain, strict):
    before = strict.count("AssumeRole")
    said = explained(home, "second")
    assert [(hop["name"], hop["kind"]) for hop in said["hops"]] == [
        ("base", "keys"),
        ("first", "role"),
        ("second", "role"),
    ]
    assert said["hops"][0]["where"].endswith(".aws/credentials line 2")
    assert said["hops"][1]["role_arn"] == chain
    assert "1h at most" in said["hops"][2]["lasts"]
    assert said["clients"][0]["winner"] == "role"
    assert strict.count("AssumeRole") == before
    assert home.rolecall("assume", "first").status == 0
    assert "left" in explained(home, "second")["hops"][1]["cached"]


def test_try_makes_the_hops_and_marks_the_one_that_fails(home, chain):
    said = explained(home, "shut", "--try", status=1)
    assert [hop["tried"] for hop in said["hops"]] == [True, True, True]
    assert [bool(hop["failure"]) for hop in said["hops"]] == [False, False, True]
    assert "shut" in said["hops"][2]["failure"]
    assert said["hint"]
    text = home.rolecall("explain", "shut", "--try").stdout
    assert text.index("works") < text.index("fails: ")
    assert explained(home, "first", "--try")["hops"][1]["failure"] is None


def test_try_tells_the_longest_session_where_iam_does(home, company):
    ana = company.user("ana", allow("sts:*"), allow("iam:GetRole"))
    eva = company.user("eva", allow("sts:*"))
    home.keys("base", ana)
    home.keys("other", eva)
    arn = company.role("long", ana.arn, eva.arn, hours=4)
    home.config("")
    home.profile("long", role_arn=arn, source_profile="base", region="eu-west-1")
    home.profile("untold", role_arn=arn, source_profile="other", region="eu-west-1")
    assert "; the role allows 4h at most" in explained(home, "long", "--try")["hops"][1]["lasts"]
    assert "allows" not in explained(home, "untold", "--try")["hops"][1]["lasts"]
    assert "allows" not in explained(home, "long")["hops"][1]["lasts"]


def test_the_first_failing_hop_stops_the_rest(home, chain):
    home.credentials(
        "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    said = explained(home, "second", "--try", status=1)
    assert [hop["tried"] for hop in said["hops"]] == [True, True, False]
    text = home.rolecall("explain", "second", "--try").stdout
    order = ["2. first", "fails: ", "hint: ", "3. second"]  # what helps is about the hop that fails
    assert sorted(order, key=text.index) == order


def test_the_environment_is_told(home, chain):
    home.env |= {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_PROFILE": "first",
    }
    said = explained(home, "--env")
    winners = {each["client"]: each["winner"] for each in said["clients"]}
    assert winners["AWS CLI v2"] == "environment"
    assert winners["SDK for JavaScript v3"] == "role"
    done = home.rolecall("explain", "--env")
    assert "passes over the profile's role, " in done.stdout
    assert "region eu-west-1, by " in done.stdout
    assert "wJalrXUtnFEMI" not in done.stdout


def test_half_keys_are_an_error_to_some_and_nothing_to_others(home, chain):
    home.env |= {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_PROFILE": "first"}
    said = explained(home, "--env")
    winners = {each["client"]: each["winner"] for each in said["clients"]}
    assert (winners["AWS CLI v2"], winners["SDK for Go v2"]) == (None, "role")
    steps = {step["place"]: step for step in said["clients"][0]["steps"]}
    assert steps["environment"]["state"] == "would-fail"
    assert steps["environment"]["lacks"] == "AWS_SECRET_ACCESS_KEY is not set"
    text = home.rolecall("explain", "--env").stdout
    assert "fails at keys in the environment, AWS_ACCESS_KEY_ID: AWS_SECRET_ACCESS_KEY" in text


def test_a_way_that_leads_nowhere_is_told_with_what_comes_after_it(home, chain):
    home.profile("lost", role_arn=chain, source_profile="gone", credential_process="/bin/true")
    text = home.rolecall("explain", "lost").stdout
    assert "fails at the profile's role, " in text
    assert "passes over the profile's role, " in text
    assert "no file has its source_profile gone" in text
    winners = {
        each["client"]: each["winner"] for each in explained(home, "lost", status=1)["clients"]
    }
    assert winners["AWS CLI v2"] is None
    assert winners["SDK for JavaScript v3"] == "process"


def test_a_profile_that_is_gone_is_an_error_where_it_is_one(home, chain):
    home.env |= {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_PROFILE": "gone",
    }
    said = explained(home, "--env", status=1)
    found = {each["client"]: (each["winner"], each["failure"]) for each in said["clients"]}
    assert found["AWS CLI v2"] == (None, "no file has a profile gone")
    assert found["SDK for Java v2"] == ("environment", None)
    assert "fails: no file has a profile gone" in home.rolecall("explain", "--env").stdout


def test_the_region_of_a_client_is_told_where_it_is_another(home, chain):
    home.env |= {"AWS_REGION": "eu-north-1", "AWS_PROFILE": "first"}
    said = explained(home, "--env")
    assert said["region"] == {"value": "eu-north-1", "where": "AWS_REGION"}
    regions = {each["client"]: (each["region"] or {}).get("value") for each in said["clients"]}
    assert regions["AWS CLI v2"] == "eu-north-1"
    assert regions["AWS CLI v1, boto3"] == "eu-west-1"
    text = home.rolecall("explain", "--env").stdout
    assert text.count("in region eu-west-1, by ~/.aws/config line ") == 1
    home.env["AWS_PROFILE"] = "second"
    assert "in no region: it does not read AWS_REGION" in home.rolecall("explain", "--env").stdout


def test_what_cannot_be_used_says_why(home, chain):
    home.profile("loop", role_arn=chain, source_profile="pool")
    home.profile("pool", role_arn=chain, source_profile="loop")
    said = explained(home, "loop", status=1)
    assert "circle" in said["problem"]
    home.env["AWS_PROFILE"] = "gone"
    assert explained(home, "--env", status=1)["problem"] == "no file has a profile gone"


@pytest.mark.parametrize("words", [[], ["x", "--env"], ["--env", "--try"], ["nobody"]])
def test_what_is_not_asked_properly_is_a_usage_error(home, chain, words):
    assert home.rolecall("explain", *words).status == 2
