"""The stand-in of IAM Identity Center refuses what it should, and real clients take it for real.

What the clients share with rolecall is tried in both directions: tokens, role credentials.
"""

import base64
import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.world.cloud import MAIN
from tests.world.company import allow
from tests.world.grants import DEVICE
from tests.world.identity_center import BROWSER, START_URL
from tests.world.modelled import snake

CLI = "/usr/bin/aws"
ARN = f"arn:aws:sts::{MAIN}:assumed-role/AWSReservedSSO_ReadOnly_"
VERIFIER = "v" * 43


@pytest.fixture
def portal(center, home):
    """The stand-in, and a home with a session and a legacy profile."""
    center.assign("ReadOnly", allow("sts:*"))
    home.config(
        f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n"
        "sso_registration_scopes = sso:account:access\n\n"
    )
    shared = {"sso_account_id": MAIN, "sso_role_name": "ReadOnly", "region": "eu-west-1"}
    home.profile("dev", sso_session="corp", **shared)
    home.profile("old", sso_start_url=START_URL, sso_region="eu-west-1", **shared)
    home.settings(f"browser = {json.dumps(BROWSER)}\n")
    return center


# ---- what it refuses ----------------------------------------------------------------------


@pytest.fixture
def oidc(center):
    return client_of(center, "sso-oidc")


def client_of(center, service):
    config = Config(
        signature_version=UNSIGNED, retries={"total_max_attempts": 1}, parameter_validation=False
    )
    return boto3.client(service, region_name="eu-west-1", endpoint_url=center.url, config=config)


def refused(call, **parameters):
    """The error's code, status and OAuth name."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    return response["Error"]["Code"], status, response.get("error")


def registered(oidc, **more):
    made = oidc.register_client(
        clientName="test", clientType="public", scopes=["sso:account:access"], **more
    )
    return {key: made[key] for key in ("clientId", "clientSecret")}


def for_browser(oidc):
    return registered(
        oidc,
        grantTypes=["authorization_code", "refresh_token"],
        redirectUris=["http://127.0.0.1/oauth/callback"],
        issuerUrl=START_URL,
    )


def authorization_code(center, client, redirect="http://127.0.0.1:1/oauth/callback"):
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return center.grants.authorization_code(client["clientId"], redirect, challenge)


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("register_client", {"clientType": "public"}, "InvalidRequestException"),
        ("register_client", {"clientName": 1, "clientType": "public"}, "InvalidRequestException"),
        (
            "register_client",
            {"clientName": "x", "clientType": "secret"},
            "InvalidClientMetadataException",
        ),
        (
            "register_client",
            {"clientName": "x", "clientType": "public", "scopes": ["all"]},
            "InvalidScopeException",
        ),
        (
            "register_client",
            {"clientName": "x", "clientType": "public", "grantTypes": ["password"]},
            "UnsupportedGrantTypeException",
        ),
        (
            "register_client",
            {"clientName": "x", "clientType": "public", "redirectUris": ["http://evil.test/"]},
            "InvalidRedirectUriException",
        ),
        ("start_device_authorization", {"clientId": "x"}, "InvalidRequestException"),
        (
            "start_device_authorization",
            {"clientId": "x", "clientSecret": "y", "startUrl": START_URL},
            "InvalidClientException",
        ),
        ("create_token", {"clientId": "x", "clientSecret": "y"}, "InvalidRequestException"),
    ],
)
def test_it_refuses_what_the_models_refuse(oidc, operation, given, code):
    found, status, name = refused(getattr(oidc, operation), **given)
    assert found == code
    assert status == (401 if code == "InvalidClientException" else 400)
    assert name == snake(code.removesuffix("Exception"))


def test_a_device_code_by_the_rules_of_rfc_8628(center, oidc):
    client = registered(oidc)
    started = oidc.start_device_authorization(**client, startUrl=START_URL)
    poll = {**client, "grantType": DEVICE, "deviceCode": started["deviceCode"]}
    assert refused(oidc.create_token, **poll)[2] == "authorization_pending"
    assert refused(oidc.create_token, **poll)[2] == "slow_down"
    assert center.grants.codes[started["deviceCode"]].interval == started["interval"] + 5
    center.answer_codes()
    assert oidc.create_token(**poll)["refreshToken"]
    assert refused(oidc.create_token, **poll)[0] == "InvalidGrantException"
    for answer, name in (("denied", "access_denied"), (None, "expired_token")):
        started = oidc.start_device_authorization(**client, startUrl=START_URL)
        center.answer_codes(answer) if answer else center.end_codes()
        poll["deviceCode"] = started["deviceCode"]
        assert refused(oidc.create_token, **poll)[2] == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"codeVerifier": "w" * 43},
        {"codeVerifier": None},
        {"redirectUri": "http://127.0.0.1:2/oauth/callback"},
        {"code": "guessed"},
    ],
)
def test_an_authorization_code_by_the_rules_of_rfc_7636(center, oidc, wrong):
    client = for_browser(oidc)
    given = {
        **client,
        "grantType": "authorization_code",
        "code": authorization_code(center, client),
        "codeVerifier": VERIFIER,
        "redirectUri": "http://127.0.0.1:1/oauth/callback",
    }
    bad = {key: value for key, value in (given | wrong).items() if value is not None}
    assert refused(oidc.create_token, **bad)[2] == "invalid_grant"
    if "code" not in wrong:  # it was used, and is over
        assert refused(oidc.create_token, **given)[2] == "invalid_grant"


def test_a_code_used_twice_takes_its_tokens_back(center, oidc):
    client = for_browser(oidc)
    given = {
        **client,
        "grantType": "authorization_code",
        "code": authorization_code(center, client),
        "codeVerifier": VERIFIER,
        "redirectUri": "http://127.0.0.1:1/oauth/callback",
    }
    tokens = oidc.create_token(**given)
    assert refused(oidc.create_token, **given)[2] == "invalid_grant"
    sso = client_of(center, "sso")
    found = refused(sso.list_accounts, accessToken=tokens["accessToken"])
    assert found[:2] == ("UnauthorizedException", 401)


def test_a_refresh_token_counts_once_and_for_its_client(center, oidc):
    client = for_browser(oidc)
    tokens = center.grants.tokens(client["clientId"], refreshable=True)
    given = {"grantType": "refresh_token", "refreshToken": tokens["refreshToken"]}
    other = for_browser(oidc)
    assert refused(oidc.create_token, **other, **given)[2] == "invalid_grant"
    assert oidc.create_token(**client, **given)["refreshToken"] != tokens["refreshToken"]
    assert refused(oidc.create_token, **client, **given)[2] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "http://127.0.0.1:1/elsewhere"},
        {"redirect_uri": "https://evil.test/oauth/callback"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"state": ""},
        {"client_id": "nobody"},
        {"scopes": "sso:account:access more:than:registered"},
    ],
)
def test_its_page_sends_nobody_where_nothing_is_registered(center, oidc, wrong):
    query = {
        "response_type": "code",
        "client_id": for_browser(oidc)["clientId"],
        "redirect_uri": "http://127.0.0.1:1/oauth/callback",
        "state": "s",
        "code_challenge_method": "S256",
        "code_challenge": "c" * 43,
        "scopes": "sso:account:access",
    }
    assert center.page("/authorize", query).status == 302
    assert center.page("/authorize", query | wrong).status == 400


def test_its_portal_pages_and_forbids(portal):
    sso = client_of(portal, "sso")
    for number in range(3):
        portal.assign("Admin", account=f"{number + 1:012}", account_name=f"lab{number}")
    access = portal.grants.tokens("anybody", refreshable=False)["accessToken"]
    pages = sso.get_paginator("list_accounts").paginate(
        accessToken=access, PaginationConfig={"PageSize": 2}
    )
    found = [[each["accountName"] for each in page["accountList"]] for page in pages]
    assert found == [["payments-prod", "lab0"], ["lab1", "lab2"]]
    roles = sso.list_account_roles(accessToken=access, accountId=MAIN)["roleList"]
    assert roles == [{"roleName": "ReadOnly", "accountId": MAIN}]
    mine = {"accessToken": access, "accountId": MAIN, "roleName": "Admin"}
    assert refused(sso.get_role_credentials, **mine)[:2] == ("ForbiddenException", 403)
    sso.logout(accessToken=access)
    assert refused(sso.list_accounts, accessToken=access)[:2] == ("UnauthorizedException", 401)


# ---- botocore -----------------------------------------------------------------------------

WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def test_botocore_uses_and_refreshes_a_sign_in_of_rolecalls(portal, home):
    portal.grants.lifetime = 600  # botocore refreshes what has less than 15 minutes
    assert home.rolecall("login", "corp", tty=True).status == 0
    done = home.python(WHO, env={"AWS_PROFILE": "dev"})
    assert done.stdout.startswith(ARN), done
    assert portal.last("CreateToken")["grantType"] == "refresh_token"
    done = home.rolecall("whoami", "dev")  # and rolecall what botocore refreshed
    assert done.stdout.startswith(f"identity  {ARN}"), done


def test_botocore_uses_a_legacy_sign_in_of_rolecalls(portal, home):
    assert home.rolecall("login", "old", tty=True).status == 0
    done = home.python(WHO, env={"AWS_PROFILE": "old"})
    assert done.stdout.startswith(ARN), done


CACHING = """
import os, sys, botocore.session
from botocore.credentials import JSONFileCache, SSOProvider
from botocore.tokens import SSOTokenProvider
session = botocore.session.Session(profile=sys.argv[1])
cache = JSONFileCache(os.path.expanduser("~/.aws/cli/cache"))
resolver = session.get_component("credential_provider")
resolver.get_provider("sso").cache = cache
print(session.get_credentials().get_frozen_credentials().access_key)
"""


@pytest.mark.parametrize("profile", ["dev", "old"])
@pytest.mark.parametrize("first", ["rolecall", "botocore"])
def test_botocore_and_rolecall_share_role_credentials(portal, home, profile, first):
    assert home.rolecall("login", profile, tty=True).status == 0

    def ours():
        found = json.loads(home.rolecall("export", profile, "--format", "json").stdout)
        return found["AWS_ACCESS_KEY_ID"]

    def theirs():
        script = home.path / "caching.py"
        script.write_text(CACHING)
        return home.run("python", str(script), profile).stdout.strip()

    one, other = (ours, theirs) if first == "rolecall" else (theirs, ours)
    key = one()
    assert key.startswith("ASIA")
    assert other() == key
    assert portal.count("GetRoleCredentials") == 1
    [file] = (home.path / ".aws" / "cli" / "cache").iterdir()
    said = json.loads(file.read_text())
    assert said["ProviderType"] == "sso"
    assert said["Credentials"]["AccountId"] == MAIN
    [session] = [
        each
        for each in json.loads(home.rolecall("status", "--json").stdout)
        if each["origin"] != "sso"
    ]
    assert session["name"] == profile
    assert session["origin"] == ("rolecall" if first == "rolecall" else "aws-cli")


# ---- AWS CLI v2 ---------------------------------------------------------------------------


@pytest.fixture
def cli(portal, home):
    """The AWS CLI v2 that a Debian machine may have, led to the stand-in by its endpoint rules."""
    if not Path(CLI).exists():
        pytest.skip(f"no {CLI}: apt-get install awscli")
    version = subprocess.run([CLI, "--version"], capture_output=True, text=True).stdout
    if not version.startswith("aws-cli/2."):
        pytest.skip(f"{CLI} is no AWS CLI v2: {version.strip()}")
    rules = {
        "version": "1.0",
        "parameters": {
            name: {"builtIn": built_in, "required": False, "documentation": "-", "type": kind}
            for name, built_in, kind in (
                ("Region", "AWS::Region", "String"),
                ("UseDualStack", "AWS::UseDualStack", "Boolean"),
                ("UseFIPS", "AWS::UseFIPS", "Boolean"),
                ("Endpoint", "SDK::Endpoint", "String"),
            )
        },
        "rules": [
            {
                "conditions": [],
                "endpoint": {"url": portal.url, "properties": {}, "headers": {}},
                "type": "endpoint",
            }
        ],
    }
    for name in ("UseDualStack", "UseFIPS"):
        rules["parameters"][name] |= {"required": True, "default": False}
    for service in ("sso", "sso-oidc"):
        folder = home.path / ".aws" / "models" / service / "2019-06-10"
        folder.mkdir(parents=True)
        (folder / "endpoint-rule-set-1.json").write_text(json.dumps(rules))
    return lambda *args: home.run(CLI, *args)


@pytest.mark.parametrize("profile", ["dev", "old"])
def test_the_aws_cli_signs_in_and_rolecall_goes_on(portal, home, cli, profile):
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cli, "sso", "login", "--profile", profile, "--no-browser")
        portal.until("CreateToken")
        portal.answer_codes()
        done = running.result()
    assert done.status == 0, done
    assert home.rolecall("whoami", profile).stdout.startswith(f"identity  {ARN}")
    registrations = portal.count("RegisterClient")
    assert home.rolecall("login", profile, "--device-code", tty=True).status == 0
    assert portal.count("RegisterClient") == registrations  # the CLI's own was used


@pytest.mark.parametrize("profile", ["dev", "old"])
def test_the_aws_cli_uses_a_sign_in_and_sessions_of_rolecalls(portal, home, cli, profile):
    done = home.rolecall("assume", profile, tty=True)
    assert done.status == 0, done
    done = cli("configure", "export-credentials", "--profile", profile)
    assert json.loads(done.stdout)["AccessKeyId"] in home.credentials_file.read_text(), done
    assert portal.count("GetRoleCredentials") == 1
    done = cli("sso", "logout")
    assert done.status == 0, done
    assert home.rolecall("assume", profile).status == 3
    assert not any(each.gone is False for each in portal.grants.access.values())


# ---- the JavaScript SDK -------------------------------------------------------------------


def test_the_javascript_sdk_uses_a_sign_in_of_rolecalls(portal, home, node):
    assert home.rolecall("login", "corp", tty=True).status == 0
    done = node.run("whoami.mjs", "dev", env=home.env)
    assert done.stdout.startswith(ARN), done


def test_the_javascript_sdk_and_rolecall_refresh_one_sign_in(portal, home, node):
    portal.grants.lifetime = 240  # it refreshes what has less than five minutes
    assert home.rolecall("login", "corp", tty=True).status == 0
    done = node.run("whoami.mjs", "dev", env=home.env)
    assert done.stdout.startswith(ARN), done
    assert portal.last("CreateToken")["grantType"] == "refresh_token"
    done = home.rolecall("assume", "dev", "--json")
    assert done.status == 0, done
    assert portal.count("CreateToken") == 3
