"""Who boto3 is by a profile or an environment, rolecall is, too; where boto3 fails, it says more.

The scenarios are made of ways to prove an identity, times what can stand before or beside them.
"""

from __future__ import annotations

import json
import shlex
import textwrap
import time

import pytest

from tests.contract.test_sources import jwt
from tests.world.company import allow
from tests.world.identity_center import START_URL, IdentityCenter

BOTO3 = """
import json, sys
import boto3
try:
    session = boto3.Session(profile_name=sys.argv[1] if len(sys.argv) > 1 else None)
    print(json.dumps(session.client("sts").get_caller_identity()["Arn"]))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
"""


class Scene:
    """A home, and the cloud that its files lead to."""

    def __init__(self, home, company, strict, centre):
        self.home = home
        self.company = company
        self.strict = strict
        self.centre = centre
        self.ana = company.user("ana", allow("sts:*"))
        self.other = company.user("other", allow("sts:*"))

    def role(self, name, *trusted, **settings):
        return self.company.role(name, *trusted, may=allow("sts:AssumeRole"), **settings)

    def keys(self, name, user=None, **more):
        """Keys in the credentials file."""
        user = user or self.ana
        said = {
            "aws_access_key_id": user.access_key_id,
            "aws_secret_access_key": user.secret_access_key,
        }
        lines = [f"{key} = {value}" for key, value in (said | more).items() if value is not None]
        with self.home.credentials_file.open("a") as file:
            file.write(f"[{name}]\n" + "\n".join(lines) + "\n")

    def keys_in_config(self, name, user, spelt=str):
        """Keys in the config file."""
        key, secret = user.access_key_id, user.secret_access_key
        said = {"aws_access_key_id": key, "aws_secret_access_key": secret}
        self.profile(name, **{spelt(name): value for name, value in said.items()})

    def profile(self, name, **settings):
        self.home.profile(name, **settings)

    def session(self, user=None):
        """A session of a user's, as boto3 gives it."""
        user = user or self.ana
        code = "import boto3, json; keys = boto3.client('sts').get_session_token()['Credentials']"
        env = {
            "AWS_ACCESS_KEY_ID": user.access_key_id,
            "AWS_SECRET_ACCESS_KEY": user.secret_access_key,
        }
        done = self.home.python(f"{code}; print(json.dumps(keys, default=str))", env=env)
        return json.loads(done.stdout)

    def program(self, said, status=0):
        """A command line that prints something."""
        script = self.home.path / f"program{len(list(self.home.path.glob('program*')))}"
        text = said if isinstance(said, str) else json.dumps(said)
        script.write_text(f"#!/bin/sh\nprintf '%s' {shlex.quote(text)}\nexit {status}\n")
        script.chmod(0o700)
        return str(script)

    def token(self, name="bearer"):
        """A token's file, and a role for its bearer."""
        account = self.company.account()
        provider = account.client("iam").create_open_id_connect_provider(
            Url="https://idp.example.test", ClientIDList=["rolecall"], ThumbprintList=["0" * 40]
        )["OpenIDConnectProviderArn"]
        trusted = {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"idp.example.test:aud": "rolecall"}},
        }
        arn = account.role(name, trusted, allow("sts:AssumeRole"))
        file = self.home.path / "token"
        end = int(time.time()) + 3600
        file.write_text(jwt(iss="https://idp.example.test", aud="rolecall", sub="ana", exp=end))
        return arn, file

    def signed_in(self, name):
        """Somebody has signed in to Identity Center by a session or a legacy profile."""
        self.centre.preapproved = True
        self.home.env |= self.centre.env
        done = self.home.rolecall("login", name, "--device-code", "--no-browser")
        assert done.status == 0, done.stderr


# Ways to prove an identity: each makes a profile, and tells the ARN that a role behind it trusts.


def keys(at, name):
    at.keys(name)
    return at.ana.arn


def keys_in_config(at, name):
    ana = at.ana
    at.profile(
        name, aws_access_key_id=ana.access_key_id, aws_secret_access_key=ana.secret_access_key
    )
    return ana.arn


def keys_in_both(at, name):
    at.keys(name)
    at.keys_in_config(name, at.other)
    return at.ana.arn


def session_keys(at, name):
    found = at.session()
    at.keys(
        name,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )
    return at.ana.arn


def role_of_itself(at, name):
    at.keys(name)
    arn = at.role(f"{name}-itself", at.ana.arn)
    at.profile(name, role_arn=arn, source_profile=name)
    return arn


def role(at, name):
    at.keys(f"{name}-base")
    arn = at.role(f"{name}-role", at.ana.arn)
    at.profile(name, role_arn=arn, source_profile=f"{name}-base")
    return arn


def process(at, name):
    ana = at.ana
    said = {
        "Version": 1,
        "AccessKeyId": ana.access_key_id,
        "SecretAccessKey": ana.secret_access_key,
    }
    at.profile(name, credential_process=at.program(said))
    return ana.arn


def web_identity(at, name):
    arn, file = at.token()
    at.profile(name, role_arn=arn, web_identity_token_file=file)
    return arn


def sso(at, name):
    arn = at.centre.assign("ReadOnly", allow("sts:AssumeRole"))
    with at.home.config_file.open("a") as file:
        file.write(
            f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n"
            "sso_registration_scopes = sso:account:access\n"
        )
    account = arn.split(":")[4]
    at.profile(name, sso_session="corp", sso_account_id=account, sso_role_name="ReadOnly")
    at.signed_in("corp")
    return arn


def sso_legacy(at, name):
    arn = at.centre.assign("ReadOnly", allow("sts:AssumeRole"))
    at.profile(
        name,
        sso_start_url=START_URL,
        sso_region="eu-west-1",
        sso_account_id=arn.split(":")[4],
        sso_role_name="ReadOnly",
    )
    at.signed_in(name)
    return arn


WAYS = [
    keys,
    keys_in_config,
    keys_in_both,
    session_keys,
    role_of_itself,
    role,
    process,
    web_identity,
    sso,
    sso_legacy,
]

# What stands before or beside a way: each gives the profile that is asked for.


def itself(at, way):
    way(at, "way")
    return "way"


def a_role_behind_it(at, way):
    arn = at.role("behind", way(at, "way"))
    at.profile("behind", role_arn=arn, source_profile="way", role_session_name="told")
    return "behind"


def two_roles_behind_it(at, way):
    first = at.role("first", way(at, "way"))
    at.profile("first", role_arn=first, source_profile="way")
    at.profile("second", role_arn=at.role("second", first), source_profile="first")
    return "second"


def with_an_external_id(at, way):
    arn = at.role("behind", way(at, "way"), external_id="an id")
    at.profile("behind", role_arn=arn, source_profile="way", external_id="an id")
    return "behind"


def without_the_external_id(at, way):
    arn = at.role("behind", way(at, "way"), external_id="an id")
    at.profile("behind", role_arn=arn, source_profile="way")
    return "behind"


def beside_other_keys_in_the_environment(at, way):
    way(at, "way")
    at.home.env |= {
        "AWS_ACCESS_KEY_ID": at.other.access_key_id,
        "AWS_SECRET_ACCESS_KEY": at.other.secret_access_key,
    }
    return "way"


def named_by_the_environment(at, way):
    way(at, "way")
    at.home.env["AWS_PROFILE"] = "way"


def in_files_elsewhere(at, way):
    way(at, "way")
    for variable, file in (
        ("AWS_CONFIG_FILE", at.home.config_file),
        ("AWS_SHARED_CREDENTIALS_FILE", at.home.credentials_file),
    ):
        if file.exists():
            moved = file.with_name(f"{file.name}-elsewhere")
            file.rename(moved)
            at.home.env[variable] = str(moved)
    return "way"


BESIDE = [
    itself,
    a_role_behind_it,
    two_roles_behind_it,
    with_an_external_id,
    without_the_external_id,
    beside_other_keys_in_the_environment,
    named_by_the_environment,
    in_files_elsewhere,
]

# What does not come of such a product.


def env_keys_before_a_default_profile(at):
    at.keys("default", at.other)
    at.home.env |= {
        "AWS_ACCESS_KEY_ID": at.ana.access_key_id,
        "AWS_SECRET_ACCESS_KEY": at.ana.secret_access_key,
    }


def env_keys_before_a_profile_of_the_environment(at):
    env_keys_before_a_default_profile(at)
    at.keys("chosen", at.other)
    at.home.env["AWS_PROFILE"] = "chosen"


def the_older_variable_names_a_profile(at):
    at.keys("default", at.other)
    at.keys("chosen")
    at.home.env["AWS_DEFAULT_PROFILE"] = "chosen"


def a_session_in_the_environment(at):
    found = at.session()
    at.home.env |= {
        "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
        "AWS_SESSION_TOKEN": found["SessionToken"],
    }


def half_a_pair_in_the_environment(at):
    at.home.env["AWS_ACCESS_KEY_ID"] = at.ana.access_key_id


def nothing_at_all(at):
    pass


def the_default_profile(at):
    at.keys("default")


def a_default_profile_that_is_a_role(at):
    at.keys("base")
    arn = at.role("reader", at.ana.arn)
    at.home.config(f"[default]\nrole_arn = {arn}\nsource_profile = base\n")


def a_web_identity_in_the_environment(at):
    arn, file = at.token()
    at.home.env |= {"AWS_ROLE_ARN": arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(file)}


def a_web_identity_in_the_environment_before_a_profiles_keys(at):
    a_web_identity_in_the_environment(at)
    at.keys("base")
    at.home.env["AWS_PROFILE"] = "base"


def a_role_profile_before_a_web_identity_in_the_environment(at):
    a_web_identity_in_the_environment(at)
    at.keys("base")
    at.profile("reader", role_arn=at.role("reader", at.ana.arn), source_profile="base")
    at.home.env["AWS_PROFILE"] = "reader"


def a_token_in_the_environment_that_is_not_there(at):
    at.home.env |= {
        "AWS_ROLE_ARN": at.role("reader", at.ana.arn),
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(at.home.path / "nowhere"),
    }


def keys_beside_half_a_sign_in(at):
    at.profile(
        "half",
        sso_start_url=START_URL,
        aws_access_key_id=at.ana.access_key_id,
        aws_secret_access_key=at.ana.secret_access_key,
    )
    return "half"


def a_program_beside_half_a_sign_in(at):
    said = at.session()
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    program = at.program({"Version": 1, **said, "Expiration": end})
    at.profile("half", sso_start_url=START_URL, credential_process=program)
    return "half"


def an_address_that_is_none(at):
    at.keys("default")
    at.home.env["AWS_ENDPOINT_URL"] = "nonsense"


def a_region_that_is_none(at):
    at.keys("default")
    at.home.env |= {"AWS_DEFAULT_REGION": "no such", "AWS_REGION": "no such"}


def a_profile_that_nobody_knows(at):
    at.keys("base")
    return "missing"


def a_profile_of_the_environment_that_nobody_knows(at):
    at.keys("default")
    at.home.env["AWS_PROFILE"] = "missing"


def half_a_pair(at):
    at.keys("base", aws_secret_access_key=None)
    return "base"


def a_wrong_secret(at):
    at.keys("base", aws_secret_access_key="wrong" * 8)
    return "base"


def a_source_that_nobody_knows(at):
    at.profile("reader", role_arn=at.role("reader", at.ana.arn), source_profile="missing")
    return "reader"


def a_role_without_a_source(at):
    at.profile("reader", role_arn=at.role("reader", at.ana.arn))
    return "reader"


def a_role_with_two_kinds_of_source(at):
    at.keys("base")
    arn = at.role("reader", at.ana.arn)
    at.profile("reader", role_arn=arn, source_profile="base", credential_source="Environment")
    return "reader"


def a_credential_source_that_is_none(at):
    at.profile("reader", role_arn=at.role("reader", at.ana.arn), credential_source="Elsewhere")
    return "reader"


def roles_that_start_from_each_other(at):
    arn = at.role("reader", at.ana.arn)
    at.profile("one", role_arn=arn, source_profile="two")
    at.profile("two", role_arn=arn, source_profile="one")
    return "one"


def a_role_that_starts_from_itself_without_keys(at):
    arn = at.role("reader", at.ana.arn)
    at.profile("one", role_arn=arn, source_profile="one")
    return "one"


def a_source_with_keys_and_a_role(at):
    at.keys("middle")
    denied = at.role("denied", at.other.arn)
    at.profile("middle", role_arn=denied, source_profile="middle")
    at.profile("reader", role_arn=at.role("reader", at.ana.arn), source_profile="middle")
    return "reader"


def the_environment_as_source(at):
    at.home.env |= {
        "AWS_ACCESS_KEY_ID": at.ana.access_key_id,
        "AWS_SECRET_ACCESS_KEY": at.ana.secret_access_key,
    }
    arn = at.role("reader", at.ana.arn)
    at.profile("reader", role_arn=arn, credential_source="Environment")
    return "reader"


def a_credential_source_in_other_letters(at):
    the_environment_as_source(at)
    at.profile("other", role_arn=at.role("other", at.ana.arn), credential_source="environment")
    return "other"


def an_environment_without_keys_as_source(at):
    arn = at.role("reader", at.ana.arn)
    at.profile("reader", role_arn=arn, credential_source="Environment")
    return "reader"


def a_role_that_does_not_trust(at):
    at.keys("base")
    at.profile("reader", role_arn=at.role("reader", at.other.arn), source_profile="base")
    return "reader"


def a_role_in_the_credentials_file(at):
    at.keys("base")
    arn = at.role("reader", at.ana.arn)
    at.keys(
        "reader",
        aws_access_key_id=None,
        aws_secret_access_key=None,
        role_arn=arn,
        source_profile="base",
    )
    return "reader"


def a_profile_with_spaces_in_its_name(at):
    at.keys("my base")
    at.profile('"my reader"', role_arn=at.role("reader", at.ana.arn), source_profile="my base")
    return "my reader"


def keys_before_a_program(at):
    at.keys("base")
    at.profile("base", credential_process=at.program("{}", status=1))
    return "base"


def an_access_portal_before_keys(at):
    sso(at, "both")
    at.keys("both", at.other)
    return "both"


def windows_line_ends_and_odd_spaces(at):
    arn = at.role("reader", at.ana.arn)
    at.keys("base")
    at.home.config_file.write_text(
        textwrap.dedent(f"""\
        # a comment
        [profile reader]\r
        role_arn={arn}\r
        source_profile   =   base\r
        s3 =\r
            max_concurrent_requests = 4\r
        """),
        newline="",
    )
    return "reader"


def keys_in_capitals(at):
    at.keys_in_config("base", at.ana, spelt=str.upper)
    return "base"


def a_program_that_fails(at):
    at.profile("base", credential_process=at.program("no", status=3))
    return "base"


def a_program_that_prints_no_json(at):
    at.profile("base", credential_process=at.program("not json"))
    return "base"


def a_program_of_another_version(at):
    at.profile("base", credential_process=at.program({"Version": 2}))
    return "base"


def a_program_whose_session_is_over(at):
    said = {
        "Version": 1,
        "AccessKeyId": "ASIA",
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2020-01-01T00:00:00Z",
    }
    at.profile("base", credential_process=at.program(said))
    return "base"


def a_program_that_is_not_there(at):
    at.profile("base", credential_process="/nowhere/at all")
    return "base"


def a_token_that_is_not_there(at):
    arn, _ = at.token()
    at.profile("bearer", role_arn=arn, web_identity_token_file=at.home.path / "nothing")
    return "bearer"


def a_sign_in_that_nobody_made(at):
    at.home.env |= at.centre.env
    sso_profile = {"sso_account_id": "111122223333", "sso_role_name": "ReadOnly"}
    at.profile("person", sso_start_url=START_URL, sso_region="eu-west-1", **sso_profile)
    return "person"


def an_sso_session_that_no_section_has(at):
    at.profile("person", sso_session="gone", sso_account_id="111122223333", sso_role_name="R")
    return "person"


SCENES = {f"{beside.__name__}-{way.__name__}": (beside, way) for beside in BESIDE for way in WAYS}
OTHERS = [
    env_keys_before_a_default_profile,
    env_keys_before_a_profile_of_the_environment,
    the_older_variable_names_a_profile,
    a_session_in_the_environment,
    half_a_pair_in_the_environment,
    nothing_at_all,
    the_default_profile,
    a_default_profile_that_is_a_role,
    a_web_identity_in_the_environment,
    a_web_identity_in_the_environment_before_a_profiles_keys,
    a_role_profile_before_a_web_identity_in_the_environment,
    a_token_in_the_environment_that_is_not_there,
    keys_beside_half_a_sign_in,
    a_program_beside_half_a_sign_in,
    an_address_that_is_none,
    a_region_that_is_none,
    a_profile_that_nobody_knows,
    a_profile_of_the_environment_that_nobody_knows,
    half_a_pair,
    a_wrong_secret,
    a_source_that_nobody_knows,
    a_role_without_a_source,
    a_role_with_two_kinds_of_source,
    a_credential_source_that_is_none,
    roles_that_start_from_each_other,
    a_role_that_starts_from_itself_without_keys,
    a_source_with_keys_and_a_role,
    the_environment_as_source,
    a_credential_source_in_other_letters,
    an_environment_without_keys_as_source,
    a_role_that_does_not_trust,
    a_role_in_the_credentials_file,
    a_profile_with_spaces_in_its_name,
    keys_before_a_program,
    an_access_portal_before_keys,
    windows_line_ends_and_odd_spaces,
    keys_in_capitals,
    a_program_that_fails,
    a_program_that_prints_no_json,
    a_program_of_another_version,
    a_program_whose_session_is_over,
    a_program_that_is_not_there,
    a_token_that_is_not_there,
    a_sign_in_that_nobody_made,
    an_sso_session_that_no_section_has,
]


@pytest.fixture
def at(home, company, strict):
    home.env["AWS_DEFAULT_REGION"] = "eu-west-1"  # boto3 asks nobody without one
    centre = IdentityCenter(company, strict)
    yield Scene(home, company, strict, centre)
    centre.close()


@pytest.mark.parametrize(("beside", "way"), SCENES.values(), ids=list(SCENES))
def test_a_way_and_what_stands_beside_it(at, beside, way):
    compare(at.home, beside(at, way))


@pytest.mark.parametrize("scene", OTHERS, ids=lambda scene: scene.__name__)
def test_one_by_one(at, scene):
    compare(at.home, scene(at))


def test_of_both_variables_the_one_that_the_aws_cli_follows_counts(at):
    """boto3 alone prefers the older one."""
    at.keys("one")
    at.keys("two", at.other)
    at.home.env |= {"AWS_PROFILE": "one", "AWS_DEFAULT_PROFILE": "two"}
    done = at.home.rolecall("whoami", "--json")
    assert json.loads(done.stdout)["arn"] == at.ana.arn


def compare(home, profile):
    """Ask both who they are; neither finds what the other cached."""
    target = [] if profile is None else [profile]
    theirs = json.loads(home.run("python", "-c", BOTO3, *target).stdout)
    ours = home.rolecall("whoami", *target, "--json", "--fresh")
    if isinstance(theirs, str):
        assert ours.status == 0, (theirs, ours.stderr)
        assert told(json.loads(ours.stdout)["arn"]) == told(theirs)
        return
    assert ours.status in {1, 2, 3}, (theirs, ours)
    error = json.loads(ours.stderr)["error"]
    assert error["code"] != "internal", error
    assert error["summary"]
    assert error["hint"], error


def told(arn):
    """An identity, without the session name where nobody chose one."""
    parts = arn.split("/")
    assumed = ":assumed-role" in parts[0] and parts[-1] != "told"
    return "/".join(parts[:-1]) if assumed else arn
