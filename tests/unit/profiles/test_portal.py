"""Which portal a role comes from, as botocore has it; and which one a person means."""

import pytest
from botocore.credentials import SSOProvider
from botocore.exceptions import InvalidConfigError

from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.portal import Portal, find_portal, portal_of, portals
from profiles.errors import ConfigUnreadable, RolecallError, UnknownTarget, UsageError
from profiles.machine import Machine

URL = "https://corp.awsapps.com/start"
SECTION = f"[sso-session corp]\nsso_start_url = {URL}\nsso_region = eu-west-1\n"
ROLE = "sso_account_id = 123456789012\nsso_role_name = ReadOnly\n"
PROFILE = f"[profile dev]\nsso_session = corp\n{ROLE}"
LEGACY = f"[profile old]\nsso_start_url = {URL}\nsso_region = eu-west-1\n{ROLE}"


@pytest.fixture
def catalogue(tmp_path):
    """Reads a config file and settings."""

    def read(config, settings=""):
        (tmp_path / ".aws").mkdir(exist_ok=True)
        (tmp_path / ".aws" / "config").write_text(config)
        (tmp_path / "settings.toml").write_text(settings)
        env = {"ROLECALL_CONFIG": str(tmp_path / "settings.toml")}
        return Catalogue.load(Machine(env=env, home=str(tmp_path)))

    return read


def of(catalogue, name):
    return portal_of(catalogue.get(name), catalogue.files.sso_sessions)


def test_a_session_section_a_legacy_profile_and_an_entry(catalogue):
    entry = (
        '[[roles]]\nname = "boss"\nkind = "sso"\nsso_session = "corp"\n'
        'account_id = "123456789012"\nrole_name = "Admin"\n'
    )
    scopes = "sso_registration_scopes = sso:account:access, , codewhisperer:completions:x\n"
    read = catalogue(SECTION + scopes + PROFILE + LEGACY, entry)
    corp = Portal("corp", URL, "eu-west-1", ("sso:account:access", "codewhisperer:completions:x"))
    assert of(read, "dev") == corp
    assert of(read, "boss") == corp
    assert of(read, "old") == Portal(URL, URL, "eu-west-1", legacy=True)
    assert portals(read) == [corp, of(read, "old")]


@pytest.mark.parametrize(
    "config",
    [
        PROFILE,
        SECTION.replace("sso_region = eu-west-1\n", "") + PROFILE,
        SECTION + PROFILE + "sso_region = us-east-1\n",
        SECTION + PROFILE + "sso_start_url = https://other\n",
        LEGACY.replace("sso_region = eu-west-1\n", ""),
        LEGACY.replace(f"sso_start_url = {URL}\n", ""),
        SECTION + PROFILE + "sso_region = eu-west-1\n",
        SECTION + PROFILE,
        LEGACY,
    ],
)
def test_it_refuses_what_botocore_refuses(catalogue, config):
    read = catalogue(config)
    [role] = read.roles
    full = {
        "profiles": {name: dict(each.settings) for name, each in read.files.profiles.items()},
        "sso_sessions": {
            name: dict(each.settings) for name, each in read.files.sso_sessions.items()
        },
    }
    provider = SSOProvider(lambda: full, None, role.name)
    try:
        theirs = provider._load_sso_config()
    except InvalidConfigError:
        with pytest.raises(ConfigUnreadable) as caught:
            of(read, role.name)
        assert read.problem(role) == caught.value.summary
        assert caught.value.hint
    else:
        ours = of(read, role.name)
        assert (ours.start_url, ours.region) == (theirs["sso_start_url"], theirs["sso_region"])
        assert read.problem(role) is None


def test_a_role_behind_a_broken_one_is_as_broken(catalogue):
    behind = "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = dev\n"
    read = catalogue(PROFILE + behind)
    assert "[sso-session corp]" in read.problem(read.get("x"))


def test_an_entry_says_what_it_lacks_by_its_own_names(catalogue):
    read = catalogue(SECTION, '[[roles]]\nname = "x"\nkind = "sso"\nrole_name = "Admin"\n')
    assert read.problem(read.get("x")) == "account_id is missing"
    entry = '[[roles]]\nname = "x"\nkind = "sso"\nrole_name = "A"\naccount_id = "123456789012"\n'
    read = catalogue(SECTION, entry)
    assert read.problem(read.get("x")) == "x needs an sso_session"


def test_the_only_session_needs_no_name(catalogue):
    assert find_portal(catalogue(SECTION), None).name == "corp"
    assert find_portal(catalogue(LEGACY), None).name == URL


@pytest.mark.parametrize(
    ("config", "said", "error"),
    [
        ("", None, UsageError),
        (SECTION + LEGACY, None, UsageError),
        (SECTION, "nobody", UnknownTarget),
        (SECTION + "[profile keys]\naws_access_key_id = x\n", "keys", UsageError),
        (PROFILE, "dev", ConfigUnreadable),
        (SECTION.replace("sso_region", "region"), "corp", ConfigUnreadable),
    ],
)
def test_what_is_no_session_is_an_error_with_a_hint(catalogue, config, said, error):
    with pytest.raises(RolecallError) as caught:
        find_portal(catalogue(config), said)
    assert type(caught.value) is error
    assert caught.value.hint


def test_a_section_comes_before_a_profile_of_its_name(catalogue):
    lab = SECTION.replace("corp", "lab")
    read = catalogue(SECTION + lab + PROFILE.replace("profile dev", "profile lab"))
    assert find_portal(read, "lab").name == "lab"
    assert find_portal(read, URL.replace("corp", "lab") + "/#/").name == "lab"
