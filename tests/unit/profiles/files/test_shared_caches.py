"""The caches: we read what botocore wrote, it reads what we wrote, and only ours is removed."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import threading

import pytest
from botocore.credentials import AssumeRoleCredentialFetcher, SSOCredentialFetcher
from botocore.utils import JSONFileCache, SSOTokenLoader
from dateutil.tz import tzutc

from profiles.errors import CredentialsFileUnwritable
from profiles.files import cache, sso_cache

ARN = "arn:aws:iam::123456789012:role/team/Admin"
USER = {"AssumedRoleId": "AROA:me", "Arn": "arn:aws:sts::123456789012:assumed-role/Admin/me"}


def answer(machine, key_id="ASIA1", left=3600):
    end = dt.datetime.fromtimestamp(machine.now() + left, tzutc())
    return {
        "Credentials": {
            "AccessKeyId": key_id,
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": end,
        },
        "AssumedRoleUser": USER,
        "ResponseMetadata": {"HTTPStatusCode": 200},
    }


def file_of(machine, key):
    return os.path.join(machine.role_cache, f"{key}.json")


def fetcher(arguments, store):
    given = dict(arguments)
    arn = given.pop("RoleArn")
    return AssumeRoleCredentialFetcher(None, None, arn, extra_args=given, cache=store)


@pytest.mark.parametrize(
    "arguments",
    [
        {"RoleArn": ARN},
        {"RoleArn": ARN, "RoleSessionName": "ana"},
        {"RoleArn": ARN, "ExternalId": "x/\u00e9", "DurationSeconds": 3600},
        {"SerialNumber": "arn:aws:iam::1:mfa/ana", "RoleSessionName": "a", "RoleArn": ARN},
        {"RoleArn": ARN, "Policy": '{"b": 1, "a": [2]}', "PolicyArns": [{"arn": "p"}]},
    ],
)
def test_the_key_is_botocores(arguments):
    assert cache.role_cache_key(arguments) == fetcher(arguments, {})._cache_key


def test_a_name_or_code_that_nobody_chose_makes_no_other_key():
    plain = cache.role_cache_key({"RoleArn": ARN})
    assert cache.role_cache_key({"RoleArn": ARN, "RoleSessionName": ""}) == plain
    assert cache.role_cache_key({"RoleArn": ARN, "TokenCode": "123456"}) == plain


@pytest.mark.parametrize(
    "extra",
    [
        {"Tags": [{"Key": "a", "Value": "b"}]},
        {"TransitiveTagKeys": ["a"]},
        {"SourceIdentity": "ana"},
        {"Source": "env"},
        {"Policy": "{}"},
    ],
)
def test_what_botocore_has_no_place_for_makes_another_key(extra):
    assert cache.role_cache_key({"RoleArn": ARN, **extra}) != cache.role_cache_key({"RoleArn": ARN})


def test_the_order_of_a_policys_keys_makes_no_other_key():
    one = cache.role_cache_key({"RoleArn": ARN, "Policy": '{"a": 1, "b": 2}'})
    assert cache.role_cache_key({"Policy": '{ "b":2,"a":1 }', "RoleArn": ARN}) == one


def test_a_session_is_written_as_botocore_writes_it(machine, tmp_path):
    ours, theirs = answer(machine), answer(machine)
    cache.write_session(machine, "k", ours, "prod")
    theirs["Credentials"]["AccountId"] = "123456789012"
    JSONFileCache(str(tmp_path))["k"] = theirs
    with open(file_of(machine, "k"), "rb") as mine, open(tmp_path / "k.json", "rb") as its:
        assert mine.read() == its.read()


@pytest.mark.parametrize(
    "end",
    [
        "2026-11-23T22:31:07Z",
        "2026-11-23T22:31:07+00:00",
        "2026-11-24T00:31:07+02:00",
        "2026-11-23T22:31:07UTC",
        1795473067,
        1795473067.9,
    ],
)
def test_the_expiry_is_botocores_text_whatever_it_was(machine, end):
    given = answer(machine)
    given["Credentials"]["Expiration"] = end
    cache.write_session(machine, "k", given, "prod")
    found = cache.read_session(machine, "k")
    assert found["Credentials"]["Expiration"] == "2026-11-23T22:31:07UTC"


def test_botocore_uses_a_session_that_we_wrote(machine):
    key = cache.role_cache_key({"RoleArn": ARN})
    now = dt.datetime.now(tz=dt.UTC).timestamp()
    given = answer(machine._replace(now=lambda: now))
    cache.write_session(machine, key, given, "prod")
    found = fetcher({"RoleArn": ARN}, JSONFileCache(machine.role_cache)).fetch_credentials()
    assert (found["access_key"], found["account_id"]) == ("ASIA1", "123456789012")


def test_we_use_a_session_that_botocore_wrote(machine):
    JSONFileCache(machine.role_cache)["k"] = answer(machine)
    assert cache.read_session(machine, "k")["Credentials"]["SessionToken"] == "token"
    [found] = cache.cached_sessions(machine)
    assert found == ("k", USER["Arn"], "123456789012", "Admin", "ASIA1", machine.now() + 3600)
    assert "secret" not in repr(found)
    assert "token" not in repr(found)
    assert cache.made_by_rolecall(machine) == {}


ODD = {
    "empty": b"",
    "cut off": b"{",
    "list": b"[]",
    "null": b"null",
    "nothing in it": b"{}",
    "no text": b"\xff\xfe",
    "credentials are a number": b'{"Credentials": 1}',
    "too deep": b"[" * 100_000,
    "no expiry": b'{"Credentials":'
    b' {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c"}}',
    "expiry is a number": b'{"Credentials":'
    b' {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": 5}}',
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_an_odd_file_counts_as_absent(machine, data):
    os.makedirs(machine.role_cache)
    with open(file_of(machine, "k"), "wb") as file:
        file.write(data)
    assert cache.read_session(machine, "k") is None
    assert cache.cached_sessions(machine) == []


def test_folders_and_strangers_in_the_cache_are_passed_over(machine):
    os.makedirs(file_of(machine, "folder"))
    os.symlink("nowhere", file_of(machine, "dangling"))
    open(os.path.join(machine.role_cache, "notes.txt"), "w").close()
    cache.write_session(machine, "k", answer(machine), "prod")
    assert [each.key for each in cache.cached_sessions(machine)] == ["k"]


def test_a_session_of_identity_center_has_no_arn(machine):
    client = SSOCredentialFetcher("https://x", "r", "Admin", "123456789012", None, cache={})
    end = dt.datetime.fromtimestamp(machine.now(), tzutc()).strftime(client._UTC_DATE_FORMAT)
    JSONFileCache(machine.role_cache)["k"] = {
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": "ASIA2",
            "SecretAccessKey": "s",
            "SessionToken": "t",
            "Expiration": end,
            "AccountId": "123456789012",
        },
    }
    [found] = cache.cached_sessions(machine)
    assert found == ("k", None, "123456789012", None, "ASIA2", machine.now())


def test_what_is_made_is_private_whatever_the_umask(machine):
    before = os.umask(0)
    try:
        cache.write_session(machine, "k", answer(machine), "prod")
    finally:
        os.umask(before)
    places = {
        os.path.join(machine.home, ".aws"): 0o700,
        os.path.join(machine.home, ".aws", "cli"): 0o700,
        machine.role_cache: 0o700,
        file_of(machine, "k"): 0o600,
        machine.state_folder: 0o700,
        os.path.join(machine.state_folder, "sessions.json"): 0o600,
    }
    assert {place: stat.S_IMODE(os.stat(place).st_mode) for place in places} == places


def test_a_key_leads_to_no_other_folder(machine):
    cache.write_session(machine, "../../../evil:x", answer(machine), "prod")
    assert os.listdir(machine.role_cache) == [".._.._.._evil_x.json"]


def test_sessions_are_dropped_by_role(machine):
    for key, role in (("a", "one"), ("b", "two"), ("c", "one")):
        cache.write_session(machine, key, answer(machine), role)
    assert cache.drop_sessions(machine, ["one", "nobody"]) == 2
    assert os.listdir(machine.role_cache) == ["b.json"]
    assert cache.made_by_rolecall(machine) == {"b": ("two", "ASIA1")}


def test_sessions_of_the_aws_cli_are_never_dropped(machine):
    theirs = JSONFileCache(machine.role_cache)
    cache.write_session(machine, "ours", answer(machine, "ASIA1"), "prod")
    cache.write_session(machine, "replaced", answer(machine, "ASIA2"), "prod")
    theirs["replaced"] = answer(machine, "ASIA3")
    theirs["theirs"] = answer(machine, "ASIA4")
    assert cache.drop_sessions(machine, None) == 1
    assert sorted(os.listdir(machine.role_cache)) == ["replaced.json", "theirs.json"]
    assert cache.drop_sessions(machine, None) == 0


def test_only_expired_sessions_are_dropped_when_asked_so(machine):
    cache.write_session(machine, "live", answer(machine, left=1), "prod")
    cache.write_session(machine, "over", answer(machine, left=0), "prod")
    assert cache.drop_sessions(machine, None, expired_only=True) == 1
    assert os.listdir(machine.role_cache) == ["live.json"]


def test_a_lost_record_drops_nothing(machine):
    cache.write_session(machine, "k", answer(machine), "prod")
    with open(os.path.join(machine.state_folder, "sessions.json"), "w") as file:
        file.write('{"k": 1, "l": ["x"]')
    assert cache.drop_sessions(machine, None) == 0
    assert os.listdir(machine.role_cache) == ["k.json"]


def test_a_cache_that_cannot_be_written_is_no_error(machine):
    with open(os.path.join(machine.home, ".aws"), "w"):
        pass
    cache.write_session(machine, "k", answer(machine), "prod")
    assert cache.read_session(machine, "k") is None


def test_without_a_state_folder_the_session_is_still_cached(machine):
    os.makedirs(os.path.dirname(machine.state_folder))
    open(machine.state_folder, "w").close()
    cache.write_session(machine, "k", answer(machine), "prod")
    assert cache.read_session(machine, "k") is not None
    assert cache.drop_sessions(machine, None) == 0


def test_a_session_that_cannot_be_removed_stays_on_record(machine, monkeypatch):
    cache.write_session(machine, "k", answer(machine), "prod")

    def refused(path, *_args, **_kwargs):
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patch:
        patch.setattr(cache.os, "unlink", refused)
        with pytest.raises(CredentialsFileUnwritable):
            cache.drop_sessions(machine, None)
    assert cache.drop_sessions(machine, None) == 1


def test_writers_at_once_lose_no_record(machine):
    threads = [
        threading.Thread(
            target=cache.write_session, args=(machine, f"k{n}", answer(machine), f"r{n}")
        )
        for n in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache.made_by_rolecall(machine)) == 30
    assert cache.drop_sessions(machine, None) == 30


def put_token(machine, name, **said):
    import hashlib

    os.makedirs(machine.sso_cache, exist_ok=True)
    key = hashlib.sha1(name.encode()).hexdigest()
    with open(os.path.join(machine.sso_cache, f"{key}.json"), "w") as file:
        json.dump(said, file)
    return key


def test_sign_ins_are_found_without_their_tokens(machine):
    later = "2030-01-01T00:00:00Z"
    key = put_token(
        machine,
        "corp",
        startUrl="https://corp.awsapps.com/start",
        region="eu-west-1",
        accessToken="SECRET",
        expiresAt="2026-11-23T22:31:07Z",
        refreshToken="SECRET",
        clientId="c",
        clientSecret="SECRET",
        registrationExpiresAt=later,
    )
    put_token(machine, "x", clientId="c", clientSecret="SECRET", expiresAt=later)
    put_token(machine, "y", startUrl="https://y", accessToken="SECRET", expiresAt="soon")
    put_token(machine, "z", startUrl=1, accessToken="SECRET", expiresAt=later)
    expected = sso_cache.SsoToken(
        "https://corp.awsapps.com/start",
        "eu-west-1",
        1795473067.0,
        refreshable=True,
        session=None,
        key=key,
        registered_until=1893456000.0,
    )
    assert sso_cache.sso_tokens(machine) == [expected]
    assert sso_cache.sso_tokens(machine, ["other", "corp"]) == [expected._replace(session="corp")]
    assert "SECRET" not in repr(sso_cache.sso_tokens(machine))


def test_a_sign_in_is_refreshable_as_long_as_its_registration_lasts(machine):
    said = {
        "startUrl": "https://y",
        "accessToken": "t",
        "expiresAt": "2026-11-23T22:31:07Z",
        "refreshToken": "r",
        "clientId": "c",
        "clientSecret": "s",
        "registrationExpiresAt": "2020-01-01T00:00:00Z",
    }
    put_token(machine, "a", **said)
    assert not sso_cache.sso_tokens(machine)[0].refreshable
    del said["registrationExpiresAt"], said["refreshToken"]
    put_token(machine, "a", **said)
    assert not sso_cache.sso_tokens(machine)[0].refreshable


def test_a_sign_in_that_botocore_saved_is_found(machine):
    token = {"startUrl": "https://x", "accessToken": "t", "expiresAt": "2026-11-23T22:31:07Z"}
    loader = SSOTokenLoader(JSONFileCache(machine.sso_cache))
    loader.save_token("https://x", token, session_name="corp")
    loader.save_token("https://x", token)
    found = sso_cache.sso_tokens(machine, ["corp"])
    assert {(each.start_url, each.session) for each in found} == {
        ("https://x", "corp"),
        ("https://x", None),
    }
