"""`rolecall discover`: what one has at AWS is found, listed, written, and taken out again."""

import json

import boto3
import pytest

from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow
from tests.world.home import Home
from tests.world.identity_center import BROWSER, START_URL, Assignment

CORP = f"""# by hand
[sso-session corp]
sso_start_url = {START_URL}
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile mine]
sso_session = corp
sso_account_id = {MAIN}
sso_role_name = ReadOnly
region = eu-west-1
"""


@pytest.fixture
def portal(center, home):
    """Two accounts, three permission sets, one of which a profile leads to; somebody is there."""
    center.assign("ReadOnly", allow("sts:*"))
    center.assign("Admin", allow("sts:*"))
    center.assign("Admin", allow("sts:*"), account=OTHER, account_name="Data & Ärger, dev")
    home.config(CORP)
    home.settings(f"browser = {json.dumps(BROWSER)}\n")
    assert home.rolecall("login", "corp", tty=True).status == 0
    return center


def discovered(home, *words, status=0):
    done = home.rolecall("discover", "sso", *words, "--json")
    assert done.status == status, done
    return json.loads(done.stdout)


def rows(home):
    return {each["name"]: each for each in json.loads(home.rolecall("list", "--json").stdout)}


def test_what_is_found_is_listed_and_assumed_and_nothing_is_written(portal, home):
    before = home.config_file.read_bytes()
    said = discovered(home)
    assert [(each["account_id"], each["role_name"], each["new"]) for each in said["roles"]] == [
        (MAIN, "Admin", True),
        (MAIN, "ReadOnly", False),
        (OTHER, "Admin", True),
    ]
    assert home.config_file.read_bytes() == before
    listed = rows(home)
    assert set(listed) == {"mine", "payments-prod-Admin", "Data-Ärger-dev-Admin"}
    row = listed["Data-Ärger-dev-Admin"]
    assert (row["origin"], row["kind"], row["source"]) == ("discovered", "sso", "corp")
    assert (row["account_id"], row["account_name"]) == (OTHER, "Data & Ärger, dev")
    assert listed["mine"]["account_name"] == "payments-prod"
    assert home.rolecall("assume", "Data-Ärger-dev-Admin", "--as", "data").status == 0
    who = ["sts", "get-caller-identity", "--query", "Account", "--output", "text"]
    env = {"AWS_DEFAULT_REGION": "eu-west-1"}
    assert home.aws(*who, "--profile", "data", env=env).stdout.strip() == OTHER


def test_write_adds_profiles_that_clients_use_and_leaves_the_rest(portal, home):
    before = home.config_file.read_bytes()
    said = discovered(home, "--write")
    assert said["added"] == ["payments-prod-Admin", "Data-Ärger-dev-Admin"]
    assert home.config_file.read_bytes().startswith(before)
    assert rows(home)["payments-prod-Admin"]["origin"] == "config"
    again = discovered(home, "--write")
    assert (again["added"], [each["new"] for each in again["roles"]]) == ([], [False] * 3)
    code = (
        "import boto3; s = boto3.Session(profile_name='Data-Ärger-dev-Admin', "
        "region_name='eu-west-1'); print(s.client('sts').get_caller_identity()['Account'])"
    )
    done = home.python(code)
    assert done.stdout.strip() == OTHER, done
    assert home.rolecall("undo").status == 0
    assert home.config_file.read_bytes() == before


def test_prune_takes_out_what_is_gone_and_only_what_it_added(portal, home):
    before = home.config_file.read_bytes()
    discovered(home, "--write")
    text = home.config_file.read_text()
    home.config(text + "[profile by-hand]\nsso_session = corp\nsso_account_id = 1\n# mine\n")
    portal.unassign("Admin")
    assert discovered(home, "--write")["removed"] == []
    said = discovered(home, "--write", "--prune")
    assert sorted(said["removed"]) == ["Data-Ärger-dev-Admin", "payments-prod-Admin"]
    rest = home.config_file.read_bytes().replace(
        b"[profile by-hand]\nsso_session = corp\nsso_account_id = 1\n# mine\n", b""
    )
    assert rest == before
    assert set(rows(home)) == {"mine", "by-hand"}


def test_many_accounts_come_in_pages(portal, home):
    made = [f"{100000000000 + number}" for number in range(230)]
    portal._assignments += [Assignment(each, f"a-{each}", "Reader", "-") for each in made]
    said = discovered(home)
    assert len(said["roles"]) == 233
    assert portal.count("ListAccounts") == 3
    assert len(rows(home)) == 233


def test_a_token_that_is_refused_is_replaced_once(portal, home):
    portal.expire()
    assert len(discovered(home)["roles"]) == 3
    portal.revoke()
    done = home.rolecall("discover", "sso", "--json")
    assert done.status == 3
    assert json.loads(done.stderr)["error"]["code"] == "login-required"
    assert len(rows(home)) == 3  # what was found stays


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["sso", "nobody"], "nobody"),
        (["sso", "--prune"], "--write"),
        (["organizations"], "whose session"),
        (["organizations", "nobody"], "nobody"),
        (["both"], "invalid choice"),
    ],
)
def test_a_call_that_is_off_is_a_usage_error(portal, home, words, says):
    done = home.rolecall("discover", *words)
    assert done.status == 2
    assert says in done.stderr


def test_a_file_that_was_lost_or_broken_is_nothing(portal, home):
    discovered(home)
    [file] = home.path.rglob("discovered.json")
    assert file.stat().st_mode & 0o077 == 0
    for text in ("", "[]", '{"sso corp": [["1", 2, "x"], 3]}', "\0"):
        file.write_text(text)
        assert set(rows(home)) == {"mine"}


# ---- organizations ------------------------------------------------------------------------


@pytest.fixture
def organization(moto, tmp_path):
    """A home whose keys are of the account that an organization of four is managed from."""
    with moto.seeding():
        home = Home(tmp_path / "home", moto.url)
        keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}
        org = boto3.client("organizations", endpoint_url=moto.url, region_name="us-east-1", **keys)
        org.create_organization(FeatureSet="ALL")
        made = []
        for name in ("data-prod", "data-dev", "shop"):
            status = org.create_account(AccountName=name, Email=f"{name}@example.com")
            made.append(status["CreateAccountStatus"]["AccountId"])
        home.credentials("[management]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))
        home.config("[profile management]\nregion = us-east-1\n")
        yield home, made
        home.close()


def test_accounts_of_an_organization_are_found_and_written(organization):
    home, made = organization
    done = home.rolecall("discover", "organizations", "management", "--write")
    assert done.status == 0, done
    assert "3 roles in 3 accounts, 3 without a profile" in done.stdout
    listed = rows(home)
    for account, name in zip(made, ("data-prod", "data-dev", "shop"), strict=True):
        row = listed[f"{name}-OrganizationAccountAccessRole"]
        assert (row["account_id"], row["account_name"]) == (account, name)
        assert row["source"] == "management"
    done = home.rolecall("discover", "organizations", "management", "--write", "--prune")
    assert "0 without a profile" in done.stdout
    assert "removed" not in done.stdout
