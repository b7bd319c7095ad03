"""What every source promises, and every source run through it.

A new source joins by one fixture value: a home set up for it, and the profile that uses it.
"""

import json
import pickle

import pytest

from profiles.errors import Cancelled, NetworkUnavailable
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources.kinds import BUILT
from profiles.sources.protocol import source_of
from profiles.switcher import Switcher
from tests.world.company import allow


def set_up_keys(company, home, ana):
    """Keys in a profile."""
    return "base", {"session-token", "keys"}


def set_up_session_keys(company, home, ana):
    """A session that another tool put into a profile."""
    found = json.loads(home.rolecall("export", "base", "--format", "json").stdout)
    home.credentials_file.write_text(
        home.credentials_file.read_text()
        + f"[other-tool]\naws_access_key_id = {found['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {found['AWS_SECRET_ACCESS_KEY']}\n"
        f"aws_session_token = {found['AWS_SESSION_TOKEN']}\n"
        f"x_security_token_expires = {found['AWS_SESSION_EXPIRATION']}\n"
    )
    return "other-tool", {"session-token", "keys"}


def set_up_role(company, home, ana):
    """A role from keys."""
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, source_profile="base")
    return "reader", {"role", "keys"}


def set_up_chain(company, home, ana):
    """A role from a role."""
    first = company.role("first", ana.arn, may=allow("sts:AssumeRole"))
    home.profile("first", role_arn=first, source_profile="base")
    home.profile("second", role_arn=company.role("second", first), source_profile="first")
    return "second", {"role", "keys"}


def set_up_itself(company, home, ana):
    """Keys and role in one profile."""
    arn = company.role("reader", ana.arn)
    home.config_file.write_text(
        f"[profile base]\nrole_arn = {arn}\nsource_profile = base\nregion = eu-west-1\n"
    )
    return "base", {"role", "keys"}


def set_up_environment(company, home, ana):
    """A role from the environment's keys."""
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, credential_source="Environment")
    home.env |= {
        "AWS_ACCESS_KEY_ID": ana.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ana.secret_access_key,
    }
    return "reader", {"role", "Environment"}


def set_up_entry(company, home, ana):
    """A `[[roles]]` entry of the name of the profile that it starts from."""
    arn = company.role("reader", ana.arn)
    home.settings(f'[[roles]]\nname = "base"\nrole_arn = "{arn}"\nsource = "base"\n')
    return "base", {"role", "keys"}


def set_up_token_entry(company, home, ana):
    """A session token, and a role from it."""
    arn = company.role("reader", ana.arn)
    home.settings(
        '[[roles]]\nname = "token"\nkind = "session-token"\nsource = "base"\nduration = "36h"\n'
        f'[[roles]]\nname = "reader"\nrole_arn = "{arn}"\nsource = "token"\n'
    )
    return "reader", {"role", "session-token", "keys"}


WAYS = [
    set_up_keys,
    set_up_session_keys,
    set_up_role,
    set_up_chain,
    set_up_itself,
    set_up_environment,
    set_up_entry,
    set_up_token_entry,
]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.removeprefix("set_up_"))
def way(request, company, home, monkeypatch):
    """A switcher in a home that is set up for a source, and the role that uses it."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    name, kinds = request.param(company, home, ana)
    for key, value in home.env.items():
        if key.startswith("AWS_"):
            monkeypatch.setenv(key, value)  # the SDK reads this process's own environment
    switcher = Switcher(Machine(env=home.env, home=str(home.path)))
    role = switcher.catalogue.resolve(name)
    assert {hop.kind for hop in switcher.catalogue.hops(role)} == kinds
    return switcher, role


def test_every_kind_that_is_built_is_run_through_this_suite():
    tried = {"keys", "role", "session-token", "Environment"}
    assert tried == set(BUILT)
    for kind in BUILT:
        assert callable(source_of(kind).session)


def test_it_gives_a_session_that_aws_accepts(way, home):
    switcher, role = way
    session = switcher.session(role)
    assert session.role == role.name
    assert session.credentials.session_token
    assert session.expires_at > switcher.machine.now() + 3000
    keys = session.credentials
    env = {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token,
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert home.aws("sts", "get-caller-identity", env=env).status == 0


def test_nothing_is_asked_twice(way, strict):
    switcher, role = way
    first = switcher.session(role)
    calls = len(strict.calls)
    second = switcher.session(role)
    assert len(strict.calls) == calls
    assert second.from_cache
    assert second.credentials.access_key_id == first.credentials.access_key_id


def test_it_never_shows_its_secrets(way):
    switcher, role = way
    session = switcher.session(role)
    keys = session.credentials
    for shown in (repr(session), str(session), f"{session}", repr(keys), str(vars_of(session))):
        assert keys.secret_access_key not in shown
        assert keys.session_token not in shown
    for secret in (session, keys):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def vars_of(session):
    return [repr(getattr(session, name)) for name in ("role", "credentials", "expires_at")]


def test_no_network_is_an_error_of_the_tree(way, strict):
    switcher, role = way
    strict.close()
    if role.name == "other-tool":  # a session that lies in a file needs no network
        assert switcher.session(role, Request(fresh=True)).from_cache
        return
    with pytest.raises(NetworkUnavailable):
        switcher.session(role, Request(fresh=True))


def test_a_cancelled_one_stops_and_writes_nothing(way, home):
    switcher, role = way
    before = home.credentials_file.read_bytes()
    with pytest.raises(Cancelled):
        switcher.assume(role, cancelled=lambda: True)
    assert home.credentials_file.read_bytes() == before
