"""The cache of sign-ins: where the AWS CLI and botocore look, and as they write it."""

import json
import os
import stat

import pytest
from botocore.credentials import SSOCredentialFetcher
from botocore.utils import SSOTokenLoader

from profiles.catalogue.portal import Portal
from profiles.errors import CredentialsFileUnwritable
from profiles.files import cache, sso_cache

URL = "https://corp.awsapps.com/start"
CORP = Portal("corp", URL, "eu-west-1", ("sso:account:access",))
LEGACY = Portal(URL, URL, "eu-west-1", legacy=True)
TOKEN = {"startUrl": URL, "accessToken": "t", "expiresAt": "2030-01-01T00:00:00Z"}


@pytest.mark.parametrize("portal", [CORP, LEGACY])
def test_keys_are_botocores(portal):
    session = None if portal.legacy else portal.name
    theirs = SSOTokenLoader()._generate_cache_key(portal.start_url, session)
    assert sso_cache.token_key(portal.name) == theirs
    fetcher = SSOCredentialFetcher(
        URL, "eu-west-1", "Admin", "123456789012", None, sso_session_name=session, cache={}
    )
    assert sso_cache.role_key("Admin", "123456789012", portal) == fetcher._create_cache_key()


@pytest.mark.parametrize(
    ("portal", "key"),
    [
        (CORP, "787ef34d0a944c01385765faa28b5e67d1c08f33"),
        (CORP._replace(scopes=()), "a5ef4a75f83137c047e4ff336d1dade82162017b"),
        (LEGACY, "3a62fc7fd3ab838419eccab5b58d0124a95b510d"),
    ],
)
def test_registrations_are_where_the_aws_cli_keeps_them(portal, key):
    # as awscli.botocore.utils.SSOTokenFetcher._registration_cache_key of AWS CLI 2.9.19 says
    assert sso_cache.registration_key(portal) == key


def test_what_is_kept_is_private_and_read_again(machine):
    before = os.umask(0)
    try:
        sso_cache.write(machine, "k", TOKEN)
    finally:
        os.umask(before)
    path = cache.cache_path(machine.sso_cache, "k")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(machine.sso_cache).st_mode) == 0o700
    assert sso_cache.read_token(machine, "k") == TOKEN
    assert sso_cache.read_token(machine, "other") is None


@pytest.mark.parametrize("broken", [{"accessToken": 1}, {"expiresAt": "soon"}, {"expiresAt": None}])
def test_a_broken_sign_in_is_none(machine, broken):
    sso_cache.write(machine, "k", TOKEN | broken)
    assert sso_cache.read_token(machine, "k") is None


def test_a_broken_registration_is_none(machine):
    sso_cache.write(machine, "k", {"clientId": "c", "expiresAt": "2030-01-01T00:00:00Z"})
    assert sso_cache.read_registration(machine, "k") is None


def test_a_folder_that_cannot_be_written_is_an_error_of_the_tree(machine):
    os.makedirs(os.path.join(machine.home, ".aws"))
    with open(os.path.join(machine.home, ".aws", "sso"), "w"):
        pass
    with pytest.raises(CredentialsFileUnwritable):
        sso_cache.write(machine, "k", TOKEN)
    assert sso_cache.sso_tokens(machine) == []


def test_only_what_identity_center_gave_is_removed(machine):
    keys = {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t"}
    for key, said in {
        "one": {"ProviderType": "sso", "Credentials": keys},
        "two": {"ProviderType": "sso", "Credentials": keys},
        "role": {"Credentials": keys},
    }.items():
        path = cache.cache_path(machine.role_cache, key)
        os.makedirs(machine.role_cache, exist_ok=True)
        with open(path, "w") as file:
            json.dump(said, file)
    assert sso_cache.remove_role_sessions(machine, {"one", "role", "absent"}) == 1
    assert sorted(os.listdir(machine.role_cache)) == ["role.json", "two.json"]
    assert sso_cache.remove_role_sessions(machine, None) == 1
    assert os.listdir(machine.role_cache) == ["role.json"]


def test_a_removed_sign_in_gives_its_token_once(machine):
    sso_cache.write(machine, "k", TOKEN)
    assert sso_cache.remove_token(machine, "k") == "t"
    assert sso_cache.remove_token(machine, "k") is None
