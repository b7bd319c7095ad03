"""`rolecall trust`: what it prints lets the source in, and --check finds what keeps it out."""

import copy
import json
import shutil

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.insight.trust import Need, need_of, policy_of
from profiles.insight.trust_check import differences, is_sure, real_policy
from profiles.insight.trust_forms import cloudformation, terraform
from profiles.machine import Machine
from profiles.request import Request
from profiles.switcher import Switcher
from profiles.unattended import nobody
from tests.world.bearer import trust as bearer_trust
from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow

NOBODY = f"arn:aws:iam::{MAIN}:root"
ANA = f"arn:aws:iam::{MAIN}:user/ana"


def printed(home, *words, status=0):
    done = home.rolecall("trust", *words)
    assert done.status == status, done
    return done.stdout


@pytest.fixture
def reach(company, home):
    """Makes a role of ana's that trusts `who`, and its profile."""
    ana = company.user("ana", allow("sts:*"), allow("iam:GetRole"))
    home.keys("base", ana)
    home.config("")

    def made(name, *who, account=MAIN, mfa=False, external_id=None, **settings):
        arn = company.role(name, *who, account=account, mfa=mfa, external_id=external_id)
        home.profile(name, role_arn=arn, source_profile="base", region="eu-west-1", **settings)
        return arn

    made.ana = ana
    made.iam = company.account().client("iam")
    return made


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        ("ministack", ()),
        ("ministack", ("--external-id", "a:b/c=d")),
        ("ministack", ("--external-id", "x-1", "--tag", "team=pay")),
        ("moto", ("--external-id", "x-1", "--tag", "team=pay")),
        # ministack has no source identity among what a condition can ask for.
        ("moto", ("--external-id", "x-1", "--source-identity", "ana", "--tag", "team=pay")),
    ],
    indirect=["cloud"],
)
def test_what_is_printed_lets_the_source_in(reach, company, home, words):
    company.user("ben")
    reach("closed", f"arn:aws:iam::{MAIN}:user/ben")
    assert home.rolecall("assume", "closed", *words).status == 1
    policy = printed(home, "closed", *words)
    with company.cloud.seeding():
        reach.iam.update_assume_role_policy(RoleName="closed", PolicyDocument=policy)
    assert home.rolecall("assume", "closed", *words).status == 0
    assert "closed trusts" in printed(home, "closed", "--check", *words)


def test_a_chain_names_the_role_before(reach, company, home):
    first = reach("first", reach.ana.arn)
    arn = company.role("second", NOBODY)
    home.profile("second", role_arn=arn, source_profile="first")
    [statement] = json.loads(printed(home, "second"))["Statement"]
    assert statement["Principal"] == {"AWS": first}
    caller = json.loads(printed(home, "second", "--caller"))
    assert caller["Statement"] == [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}]


def test_tags_and_source_identity_need_actions_of_their_own(reach, home):
    reach("tagged", NOBODY)
    words = ["tagged", "--tag", "team=pay", "--source-identity", "ana"]
    granted = json.loads(printed(home, *words, "--external-id", "x-1"))["Statement"]
    identity = {"sts:SourceIdentity": "ana"}
    # No request but AssumeRole's own has an external id, and TagSession has no source identity.
    assert [(each["Action"], each.get("Condition")) for each in granted] == [
        ("sts:AssumeRole", {"StringEquals": {"sts:ExternalId": "x-1", **identity}}),
        ("sts:TagSession", None),
        ("sts:SetSourceIdentity", {"StringEquals": identity}),
    ]


@pytest.mark.parametrize(
    ("how", "action"),
    [("tag:ticket", "sts:TagSession"), ("source-identity", "sts:SetSourceIdentity")],
)
def test_a_reason_that_is_sent_needs_its_action(reach, home, how, action):
    reach("told", NOBODY)
    home.settings(f'send_reason = "{how}"\n')
    [statement] = json.loads(printed(home, "told"))["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", action]
    assert "Condition" not in statement  # the reason is another one each time


def test_a_web_identity_is_trusted_by_issuer_audience_and_subject(company, home, issuer):
    arn = bearer_trust(company, issuer.url)
    (home.path / "token").write_text(issuer.token())
    home.config(f"[profile w]\nrole_arn = {arn}\nweb_identity_token_file = ~/token\n")
    [statement] = json.loads(printed(home, "w"))["Statement"]
    host = issuer.url.removeprefix("https://")
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"]["Federated"].endswith(f":oidc-provider/{host}")
    said = statement["Condition"]["StringEquals"]
    assert said == {f"{host}:aud": said[f"{host}:aud"], f"{host}:sub": issuer.subject}


def test_saml_is_trusted_by_provider_and_audience(home):
    provider = f"arn:aws-cn:iam::{MAIN}:saml-provider/adfs"
    home.settings(
        f'[[roles]]\nname = "s"\nkind = "saml"\nrole_arn = "arn:aws-cn:iam::{MAIN}:role/s"\n'
        f'principal_arn = "{provider}"\nsaml_url = "https://adfs"\n'
    )
    [statement] = json.loads(printed(home, "s"))["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.amazonaws.cn/saml"}},
    }
    assert "without AWS keys" in home.rolecall("trust", "s", "--caller").stderr


def test_keys_are_trusted_by_nobody(reach, home):
    done = home.rolecall("trust", "base")
    assert done.status == 2
    assert "has no trust policy" in done.stderr


# ---- check --------------------------------------------------------------------------------


def test_check_reads_the_real_policy_and_says_what_is_different(reach, company, home):
    company.user("ben")
    reach("open", reach.ana.arn)
    reach("closed", f"arn:aws:iam::{MAIN}:user/ben")
    assert printed(home, "open", "--check") == f"open trusts {reach.ana.arn}\n"
    said = printed(home, "closed", "--check", status=1)
    assert said == f"- it does not trust {ANA}; it trusts arn:aws:iam::{MAIN}:user/ben\n"
    done = home.rolecall("trust", "closed", "--check", "--json")
    assert json.loads(done.stdout)["trusted"] is False


def test_a_policy_that_nobody_may_read_is_said(reach, company, home):
    eva = company.user("eva")
    home.keys("other", eva)
    arn = company.role("shut", NOBODY)
    home.profile("shut", role_arn=arn, source_profile="other")
    done = home.rolecall("trust", "shut", "--check", "--json")
    error = json.loads(done.stderr)["error"]
    assert (done.status, error["code"]) == (1, "access-denied")
    assert "iam:GetRole" in error["hint"]


NEED = Need(
    ("AWS", ANA),
    ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
    {"sts:ExternalId": "x-1", "sts:SourceIdentity": "ana"},
    mfa=False,
    tags={"team": "pay", "ticket": None},
)
# As people write it: everything in one statement.
RIGHT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ANA},
            "Action": list(NEED.actions),
            "Condition": {"StringEquals": dict(NEED.sent)},
        }
    ],
}


def changed(**statement):
    policy = copy.deepcopy(RIGHT)
    policy["Statement"][0] |= statement
    return policy


def condition(**operators):
    return changed(Condition={op: dict(said) for op, said in operators.items()})


DENY = {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}


def denied_too(**operators):
    return {"Statement": [*RIGHT["Statement"], DENY | {"Condition": operators}]}


MISTAKES = {
    "another user": (changed(Principal={"AWS": f"{ANA}2"}), "does not trust"),
    "another account": (changed(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}), "does not trust"),
    "a service": (changed(Principal={"Service": "ec2.amazonaws.com"}), "does not trust"),
    "another partition": (changed(Principal={"AWS": ANA.replace("aws", "aws-cn", 1)}), "not trust"),
    "no statement": ({"Version": "2012-10-17", "Statement": []}, "does not trust"),
    "denied instead": (changed(Effect="Deny"), "denies it"),
    "denied as well": ({"Statement": [*RIGHT["Statement"], DENY]}, "denies it"),
    "another action": (changed(Action="sts:AssumeRoleWithSAML"), "does not allow sts:AssumeRole"),
    "no TagSession": (changed(Action=["sts:AssumeRole", "sts:SetSourceIdentity"]), "TagSession"),
    "no SetSourceIdentity": (changed(Action=["sts:AssumeRole", "sts:TagSession"]), "SetSource"),
    "excluded": (changed(NotAction="sts:Assume*"), "does not allow sts:AssumeRole"),
    "another external id": (
        condition(StringEquals={"sts:ExternalId": "x-2"}),
        "another external id",
    ),
    "another source identity": (
        condition(StringEquals={"sts:SourceIdentity": "eva"}),
        "sts:SourceIdentity has to be eva, and is ana",
    ),
    "MFA": (condition(Bool={"aws:MultiFactorAuthPresent": "true"}), "wants MFA"),
    "MFA lately": (condition(NumericLessThan={"aws:MultiFactorAuthAge": "3600"}), "wants MFA"),
    "no MFA": (condition(Null={"aws:MultiFactorAuthAge": "false"}), "wants MFA"),
    "a session tag": (condition(StringEquals={"aws:RequestTag/cost": "1"}), "session tag cost"),
    "another session tag": (
        condition(StringEquals={"aws:RequestTag/team": "ops"}),
        "aws:RequestTag/team has to be ops, and is pay",
    ),
    "no external id at all": (
        condition(Null={"sts:ExternalId": "true"}),
        "it is for calls without sts:ExternalId",
    ),
    "all but this external id": (
        condition(StringNotEquals={"sts:ExternalId": "x-1"}),
        "another external id",
    ),
    "capitals": (condition(StringLike={"sts:ExternalId": "X-*"}), "another external id"),
    "denied without MFA": (
        denied_too(BoolIfExists={"aws:MultiFactorAuthPresent": "false"}),
        "denies it",
    ),
    "a pattern": (condition(StringLike={"sts:ExternalId": "y-*"}), "another external id"),
}


del MISTAKES["excluded"][0]["Statement"][0]["Action"]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_found(mistake):
    policy, says = MISTAKES[mistake]
    found = differences(NEED, policy)
    assert any(says in text for text in found), found


def test_every_mistake_is_found_where_it_is_a_roles_real_policy(reach, home, monkeypatch):
    """The same, planted in IAM and read from it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", home.env["AWS_ENDPOINT_URL"])  # botocore reads its own
    reach("closed", NOBODY)
    machine = Machine(env=home.env, home=str(home.path))
    switcher = Switcher(machine, Catalogue.load(machine))
    role = switcher.catalogue.resolve("closed")
    tags = (("team", "pay"), ("ticket", "T-1"))
    request = Request(external_id="x-1", source_identity="ana", tags=tags)
    need = need_of(switcher, role, request, ask=nobody)
    unseen = []
    for mistake, (policy, says) in {"none at all": (RIGHT, None), **MISTAKES}.items():
        document = {"Version": "2012-10-17", **policy}
        reach.iam.update_assume_role_policy(RoleName="closed", PolicyDocument=json.dumps(document))
        found = differences(need, real_policy(switcher, role, request, ask=nobody))
        if not (any(says in text for text in found) if says else found == []):
            unseen.append(f"{mistake}: {found}")
    assert unseen == []


@pytest.mark.parametrize(
    "policy",
    [
        RIGHT,
        changed(Principal="*"),
        changed(Principal={"AWS": [f"arn:aws:iam::{OTHER}:root", MAIN]}),
        changed(Principal={"AWS": NOBODY}, Action="sts:*"),
        changed(Action=["STS:Assume?ole", "sts:*Session", "*Identity"]),
        condition(StringLike={"sts:ExternalId": "x-*"}),
        condition(StringEqualsIfExists={"aws:PrincipalOrgID": "o-1"}),
        condition(IpAddress={"aws:SourceIp": "10.0.0.0/8"}),
        condition(Bool={"aws:MultiFactorAuthPresent": "false"}),
        condition(BoolIfExists={"aws:MultiFactorAuthPresent": "true"}),
        condition(Null={"aws:MultiFactorAuthAge": "true"}),
        condition(StringEquals={"aws:RequestTag/team": "pay", "aws:RequestTag/ticket": "T-1"}),
        condition(StringNotEquals={"sts:ExternalId": "x-2", "aws:RequestTag/cost": "1"}),
        condition(Null={"sts:ExternalId": "false"}),
        policy_of(NEED),
        {"Statement": [*MISTAKES["another user"][0]["Statement"], *RIGHT["Statement"]]},
        # Whether these hit, only AWS can tell.
        denied_too(NotIpAddress={"aws:SourceIp": "10.0.0.0/8"}),
        denied_too(StringNotEquals={"aws:PrincipalOrgID": "o-1"}),
        denied_too(Bool={"aws:MultiFactorAuthPresent": "false"}),
        denied_too(StringNotEquals={"sts:ExternalId": "x-1"}),
    ],
)
def test_what_lets_the_source_in_has_no_difference(policy):
    assert differences(NEED, policy) == []


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, None),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, None),
        ({"Null": {"aws:MultiFactorAuthAge": "false"}}, None),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, "calls without MFA"),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, "calls without MFA"),
    ],
)
def test_a_call_with_mfa_is_judged_as_one(conditions, says):
    need = NEED._replace(mfa=True)
    found = differences(need, condition(**conditions))
    assert [says in text for text in found] == ([True] if says else [])
    # What AWS recommends everybody to have denies nobody with a code.
    denied = denied_too(BoolIfExists={"aws:MultiFactorAuthPresent": "false"})
    assert differences(need, denied) == []


def test_a_session_of_a_role_has_no_mfa_that_would_be_absent():
    need = Need(("AWS", f"arn:aws:iam::{MAIN}:role/first"), ("sts:AssumeRole",), {})
    policy = policy_of(need)
    policy["Statement"][0]["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    assert "wants MFA" in differences(need, policy)[0]


SESSION = f"arn:aws:sts::{MAIN}:assumed-role/Dev/ana"
DEV = Need(("AWS", f"arn:aws:iam::{MAIN}:role/Dev"), ("sts:AssumeRole",), {}, session=SESSION)


@pytest.mark.parametrize(
    ("trusted", "says"),
    [
        (SESSION, None),
        ([f"{SESSION}2", SESSION], None),
        (f"{SESSION}2", f"it trusts the session {SESSION}2 of that role alone, and this one is"),
        ([f"{SESSION}2", f"{SESSION}3"], f"the session {SESSION}2 or {SESSION}3 of that role"),
        (f"arn:aws:sts::{MAIN}:assumed-role/Dev2/ana", "it does not trust arn:aws:iam"),
        (f"arn:aws:sts::{OTHER}:assumed-role/Dev/ana", "it does not trust arn:aws:iam"),
    ],
)
def test_a_policy_that_names_a_session_trusts_that_one(trusted, says):
    """As AWS does: IAM User Guide, "AWS STS assumed-role session principals"."""
    policy = policy_of(DEV)
    policy["Statement"][0]["Principal"] = {"AWS": trusted}
    found = differences(DEV, policy)
    assert [says in text for text in found] == ([True] if says else []), found
    assert is_sure(DEV, policy) is (says is None)


def test_the_session_that_calls_is_known(reach, company, home):
    first = reach("first", reach.ana.arn)
    home.profile("second", role_arn=company.role("second", NOBODY), source_profile="first")
    machine = Machine(env=home.env, home=str(home.path))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", home.env["AWS_ENDPOINT_URL"])
        switcher = Switcher(machine, Catalogue.load(machine))
        second, once = (switcher.catalogue.resolve(name) for name in ("second", "first"))
        need = need_of(switcher, second, Request(), ask=nobody)
        assert need_of(switcher, once, Request(), ask=nobody).session is None
    assert need.principal[1] == first
    assert need.session.startswith(f"arn:aws:sts::{MAIN}:assumed-role/first/")


@pytest.mark.parametrize(
    ("policy", "sure"),
    [
        (RIGHT, True),
        (condition(StringLike={"sts:ExternalId": "x-*"}), True),
        (condition(IpAddress={"aws:SourceIp": "10.0.0.0/8"}), False),
        (condition(StringEquals={"aws:RequestTag/ticket": "T-1"}), False),
        (denied_too(StringNotEquals={"aws:PrincipalOrgID": "o-1"}), False),
        # Another statement lets it in, or the denial has a condition that is not met.
        (
            {
                "Statement": [
                    *condition(IpAddress={"aws:SourceIp": "10.0.0.0/8"})["Statement"],
                    *RIGHT["Statement"],
                ]
            },
            True,
        ),
        (
            denied_too(
                StringNotEquals={"sts:ExternalId": "x-1"}, IpAddress={"aws:SourceIp": "10.0.0.0/8"}
            ),
            True,
        ),
    ],
)
def test_what_only_aws_can_tell_is_not_taken_for_known(policy, sure):
    assert differences(NEED, policy) == []
    assert is_sure(NEED, policy) is sure


def test_check_says_where_it_cannot_tell(reach, home):
    reach("open", reach.ana.arn)
    policy = json.loads(printed(home, "open"))
    policy["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    reach.iam.update_assume_role_policy(RoleName="open", PolicyDocument=json.dumps(policy))
    said = printed(home, "open", "--check")
    assert said == f"open trusts {ANA}, as far as can be told from here\n"


PROVIDER = f"arn:aws:iam::{MAIN}:saml-provider/adfs"
GITHUB = "token.actions.githubusercontent.com"
SAML = Need(
    ("Federated", PROVIDER),
    ("sts:AssumeRoleWithSAML",),
    {"SAML:aud": "https://signin.aws.amazon.com/saml"},
)
OIDC = Need(
    ("Federated", f"arn:aws:iam::{MAIN}:oidc-provider/{GITHUB}"),
    ("sts:AssumeRoleWithWebIdentity",),
    {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:corp/app:ref:refs/heads/main"},
)
FEDERATED_MISTAKES = {
    "another SAML provider": (SAML, ("Principal", {"Federated": f"{PROVIDER}2"}), "not trust"),
    "the account instead": (SAML, ("Principal", {"AWS": NOBODY}), "does not trust"),
    "AssumeRole for SAML": (SAML, ("Action", "sts:AssumeRole"), "sts:AssumeRoleWithSAML"),
    "China's audience": (
        SAML,
        ("Condition", {"StringEquals": {"SAML:aud": "https://signin.amazonaws.cn/saml"}}),
        "SAML:aud has to be",
    ),
    "another issuer": (
        OIDC,
        ("Principal", {"Federated": f"arn:aws:iam::{MAIN}:oidc-provider/gitlab.com"}),
        "it trusts arn:aws:iam::123456789012:oidc-provider/gitlab.com",
    ),
    "another audience": (
        OIDC,
        ("Condition", {"StringEquals": {f"{GITHUB}:aud": "sigstore"}}),
        f"{GITHUB}:aud has to be sigstore",
    ),
    "another branch": (
        OIDC,
        ("Condition", {"StringLike": {f"{GITHUB}:sub": "repo:corp/app:ref:refs/tags/*"}}),
        f"{GITHUB}:sub has to be",
    ),
    "a pattern that is compared as a text": (
        OIDC,
        ("Condition", {"StringEquals": {f"{GITHUB}:sub": "repo:corp/app:*"}}),
        f"{GITHUB}:sub has to be",
    ),
    "AssumeRole for a token": (OIDC, ("Action", "sts:AssumeRole"), "AssumeRoleWithWebIdentity"),
}


@pytest.mark.parametrize("mistake", FEDERATED_MISTAKES)
def test_a_planted_mistake_in_a_federated_role_is_found(mistake):
    need, (key, value), says = FEDERATED_MISTAKES[mistake]
    policy = policy_of(need)
    assert differences(need, policy) == []
    policy["Statement"][0][key] = value
    found = differences(need, policy)
    assert any(says in text for text in found), found


def test_a_role_is_the_same_with_its_path():
    need = Need(("AWS", f"arn:aws:iam::{MAIN}:role/admin"), ("sts:AssumeRole",), {})
    policy = policy_of(need._replace(principal=("AWS", f"arn:aws:iam::{MAIN}:role/team/admin")))
    assert differences(need, policy) == []


# ---- forms --------------------------------------------------------------------------------

HOSTILE = Need(
    ("AWS", ANA),
    ("sts:AssumeRole", "sts:TagSession"),
    {"sts:ExternalId": "${a}'%{b}\"\\"},
    mfa=True,
)


def test_cloudformation_takes_its_form():
    from cfnlint.api import lint_all

    template = cloudformation("my-role", policy_of(HOSTILE))
    assert [str(match) for match in lint_all(template) if match.rule.id[0] in "EW"] == []
    assert json.loads(template)["Resources"]["myrole"]["Properties"]["RoleName"] == "my-role"


def test_the_cli_takes_its_form(reach, company, home):
    company.user("ben")
    reach("closed", f"arn:aws:iam::{MAIN}:user/ben", external_id="it's")
    command = printed(home, "closed", "--cli", "--external-id", "it's").strip()
    root = {
        "AWS_ACCESS_KEY_ID": MAIN,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": company.cloud.url,
    }
    done = home.run("sh", "-c", command, env={**root, "AWS_DEFAULT_REGION": "eu-west-1"})
    assert done.status == 0, done
    assert home.rolecall("assume", "closed", "--external-id", "it's").status == 0


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_terraform_reads_its_form(home):
    (home.path / "main.tf").write_text(terraform("my role/1", policy_of(HOSTILE)) + "\n")
    done = home.run("terraform", f"-chdir={home.path}", "fmt", "-check", "-diff", "main.tf")
    assert done.status == 0, done


def test_terraform_leaves_no_template_in_a_text():
    text = terraform("1 role", policy_of(HOSTILE))
    assert '"$${a}\'%%{b}\\"\\\\"' in text
    assert 'data "aws_iam_policy_document" "_1_role_trust"' in text
