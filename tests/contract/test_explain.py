"""`rolecall explain` says what each client really does: compared with the clients themselves."""

import itertools
import json

import pytest

from profiles.files.reader import read_aws_files
from profiles.insight.provider_chain import CLIENTS, chain_of
from profiles.machine import Machine
from tests.world.company import allow

ARN = "arn:aws:iam::123456789012:role"
FACETS = {
    "role": f"role_arn = {ARN}/ROLE\nsource_profile = base\n",
    "web-identity": f"role_arn = {ARN}/WEB\nweb_identity_token_file = TOKEN\n",
    "sso": "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n",
    "process": "credential_process = PROCESS\n",
    "config-keys": "aws_access_key_id = CONFIG\naws_secret_access_key = s\n",
    "credentials-keys": "aws_access_key_id = CREDENTIALS\naws_secret_access_key = s\n",
}
VARIABLES = {
    "keys": {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"},
    "web identity": {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN", "AWS_ROLE_ARN": f"{ARN}/ENVWEB"},
    "profile": {"AWS_PROFILE": "x"},
    "other profile": {"AWS_DEFAULT_PROFILE": "y", "AWS_PROFILE": "x"},
}
ENVIRONMENTS = [
    (),
    ("keys",),
    ("profile",),
    ("keys", "profile"),
    ("web identity",),
    ("web identity", "profile"),
    ("keys", "web identity", "profile"),
    ("other profile",),
]


def subsets():
    """Every mix of ways in one profile; a role and a web identity share the role's ARN."""
    for count in range(len(FACETS) + 1):
        for facets in itertools.combinations(FACETS, count):
            if not {"role", "web-identity"} <= set(facets):
                yield facets


class Case:
    """Files and an environment, in a folder of their own."""

    def __init__(self, folder, number, facets, variables):
        self.named = f"{' + '.join(facets) or 'nothing'} with {', '.join(variables) or 'nothing'}"
        at = folder / str(number)
        (at / ".aws").mkdir(parents=True)
        (at / "token").write_text("t")
        said = json.dumps({"Version": 1, "AccessKeyId": "PROCESS", "SecretAccessKey": "s"})
        (at / "process").write_text(f"#!/bin/sh\necho '{said}'\n")
        (at / "process").chmod(0o700)

        def filled(text):
            text = text.replace("= PROCESS", f"= {at / 'process'}")
            return text.replace("TOKEN", str(at / "token"))

        own = "".join(filled(FACETS[each]) for each in facets if each != "credentials-keys")
        (at / ".aws" / "config").write_text(
            f"[default]\nregion = eu-west-1\n[profile x]\n{own}\n[profile y]\nregion = eu-west-1\n"
            "[sso-session corp]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n"
        )
        keys = "aws_access_key_id = BASE\naws_secret_access_key = s\n"
        of_x = f"[x]\n{FACETS['credentials-keys']}" if "credentials-keys" in facets else ""
        (at / ".aws" / "credentials").write_text(f"[base]\n{keys}{of_x}")
        self.env = {
            "HOME": str(at),
            "AWS_CONFIG_FILE": str(at / ".aws" / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(at / ".aws" / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        for each in variables:
            self.env |= {k: filled(v) for k, v in VARIABLES[each].items()}
        self.machine = Machine(env=self.env, home=str(at))

    def said(self, client, profile=None):
        """What rolecall says that the client takes."""
        files = read_aws_files(self.machine)
        [found] = [each for each in CLIENTS if each.name == client]
        winner = chain_of(found, self.env, files, profile).winner
        return winner.place if winner else None


@pytest.fixture
def cases(tmp_path):
    mixes = itertools.product(subsets(), ENVIRONMENTS)
    return [Case(tmp_path, number, *mix) for number, mix in enumerate(mixes)]


METHODS = {
    "env": {"environment"},
    "assume-role": {"role"},
    "assume-role-with-web-identity": {"environment-web-identity", "web-identity"},
    "sso": {"sso"},
    "shared-credentials-file": {"credentials-keys"},
    "custom-process": {"process"},
    "config-file": {"config-keys"},
    None: {None},
}


def botocore_takes(case, monkeypatch, profile=None):
    import os

    import botocore.session

    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in case.env.items():
        monkeypatch.setenv(name, value)
    found = botocore.session.Session(profile=profile).get_credentials()
    return found.method if found else None


def test_botocore_takes_what_is_said(cases, monkeypatch):
    wrong = []
    for case in cases:
        method = botocore_takes(case, monkeypatch)
        said = case.said("AWS CLI v1, boto3")
        if said not in METHODS[method]:
            wrong.append(f"{case.named}: said {said}, botocore takes {method}")
    assert len(cases) >= 300
    assert wrong == []


def test_botocore_takes_what_is_said_of_a_named_profile(cases, monkeypatch):
    wrong = []
    for case in cases:
        method = botocore_takes(case, monkeypatch, profile="x")
        said = case.said("AWS CLI v1, boto3", "x")
        if said not in METHODS[method]:
            wrong.append(f"{case.named}: said {said}, botocore takes {method}")
    assert wrong == []


KEY_IDS = {
    "ENV": "environment",
    "ROLE": "role",
    "WEB": "web-identity",
    "ENVWEB": "environment-web-identity",
    "PROCESS": "process",
    "CONFIG": "keys",
    "CREDENTIALS": "keys",
}


def test_the_javascript_sdk_takes_what_is_said(cases, node, tmp_path):
    (tmp_path / "cases.json").write_text(json.dumps([{"env": case.env} for case in cases]))
    done = node.run("chain.mjs", str(tmp_path / "cases.json"), env={"PATH": "/usr/bin:/bin"})
    wrong = []
    for case, found in zip(cases, json.loads(done.stdout), strict=True):
        took = KEY_IDS.get(found)
        if took is None and "SSO session" in found:
            took = "sso"
        if case.said("SDK for JavaScript v3") != took:
            said = case.said("SDK for JavaScript v3")
            wrong.append(f"{case.named}: said {said}, the SDK takes {found}")
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


def test_the_first_failing_hop_stops_the_rest(home, chain):
    home.credentials(
        "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    said = explained(home, "second", "--try", status=1)
    assert [hop["tried"] for hop in said["hops"]] == [True, True, False]


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
