"""GetFederationToken: what is asked for, what is refused before AWS is, and what comes of it."""

import json

import pytest

from tests.world.company import allow

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:ListAllMyBuckets")]})


@pytest.fixture
def ana(company, home):
    user = company.user("ana", allow("sts:*"), allow("s3:*"))
    home.keys("base", user)
    home.env["AWS_DEFAULT_REGION"] = "eu-west-1"
    return user


def guest(home, more="", *, policy=True):
    said = f"policy = '{POLICY}'\n" if policy else ""
    home.settings(
        f'[[roles]]\nname = "guest"\nkind = "federation-token"\nsource = "base"\n{said}{more}'
    )


def error_of(done):
    return json.loads(done.stderr)["error"]


def test_a_federated_user_may_what_the_policy_leaves(company, home, ana):
    company.bucket("kept")
    guest(home)
    done = home.rolecall("exec", "guest", "--", "aws", "s3", "ls")
    assert done.status == 0, done
    assert "kept" in done.stdout
    assert home.rolecall("exec", "guest", "--", "aws", "s3", "mb", "s3://more").status != 0


def test_its_identity_is_the_federated_users_arn(home, ana):
    guest(home)
    shown = json.loads(home.rolecall("assume", "guest", "--json").stdout)
    arn = "arn:aws:sts::123456789012:federated-user/ana"
    assert shown["assumed_role_arn"] == arn
    assert shown["account_id"] == "123456789012"
    status = json.loads(home.rolecall("status", "guest", "--json").stdout)
    assert [at["identity"] for at in status] == [arn]
    assert home.rolecall("whoami", "guest", "--json").stdout.count(arn) == 1


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{user}", "ana"),
        ("{role} of/{user}", "guest-of-ana"),
        ("x", "x-"),
        ("n" * 40, "n" * 32),
    ],
)
def test_its_name_comes_of_the_template_and_fits(home, strict, ana, template, name):
    guest(home, f'session_name = "{template}"\n')
    assert home.rolecall("assume", "guest").status == 0
    assert strict.last("GetFederationToken")["Name"] == name


def test_tags_policies_and_duration_arrive(home, strict, ana):
    guest(
        home,
        'duration = "36h"\ntags = { team = "payments" }\n'
        'policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n',
    )
    assert home.rolecall("assume", "guest", "--tag", "ticket=7").status == 0
    asked = strict.last("GetFederationToken")
    assert asked["DurationSeconds"] == "129600"
    assert json.loads(asked["Policy"]) == json.loads(POLICY)
    assert asked["PolicyArns.member.1.arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    tags = {asked[f"Tags.member.{n}.Key"]: asked[f"Tags.member.{n}.Value"] for n in (1, 2)}
    assert tags == {"team": "payments", "ticket": "7"}


def test_another_policy_is_another_session(home, strict, ana):
    guest(home)
    assert home.rolecall("assume", "guest").status == 0
    home.settings(home.settings_file.read_text().replace("s3:ListAllMyBuckets", "s3:*"))
    assert home.rolecall("assume", "guest").status == 0
    assert strict.count("GetFederationToken") == 2


@pytest.mark.parametrize(
    ("more", "policy", "said"),
    [
        ("", False, "policy or policy_arns"),
        ('mfa_serial = "arn:aws:iam::123456789012:mfa/ana"\n', True, "no MFA"),
    ],
)
def test_what_aws_would_not_give_is_a_problem_in_the_list(home, strict, ana, more, policy, said):
    guest(home, more, policy=policy)
    (row,) = [
        at for at in json.loads(home.rolecall("list", "--json").stdout) if at["name"] != "base"
    ]
    assert said in row["problem"]
    done = home.rolecall("assume", "guest", "--json")
    assert done.status == 2
    assert said in error_of(done)["summary"]
    assert not strict.calls


def test_a_session_cannot_be_its_source(company, home, strict, ana):
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")
    guest(home)
    home.settings(home.settings_file.read_text().replace('"base"', '"reader"'))
    done = home.rolecall("assume", "guest", "--json")
    assert done.status == 1
    assert "long-lived keys" in error_of(done)["summary"]
    assert strict.count("GetFederationToken") == 0


def test_a_role_from_it_is_explained_before_aws_is_asked(company, home, strict, ana):
    arn = company.role("reader", ana.arn)
    guest(home, f'[[roles]]\nname = "reader"\nrole_arn = "{arn}"\nsource = "guest"\n')
    done = home.rolecall("assume", "reader", "--json")
    assert done.status == 2
    error = error_of(done)
    assert "a federated user assume no role" in error["summary"]
    assert "base" in error["hint"]
    assert not strict.calls
    rows = {at["name"]: at for at in json.loads(home.rolecall("list", "--json").stdout)}
    assert "federation token" in rows["reader"]["problem"]
    assert rows["guest"]["problem"] is None
    assert rows["guest"]["chain"] == ["base", "guest"]
