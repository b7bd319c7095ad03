"""Why AWS refused a role, by what IAM itself tells: the emulator's IAM, and what it cannot play."""

import json
import re

import botocore.session
import pytest
from botocore.validate import ParamValidator

from profiles.catalogue.catalogue import Catalogue
from profiles.errors import AccessDenied
from profiles.insight.denial import _decision, causes_of
from profiles.insight.refusal import Refusal
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources import sts
from profiles.sources.answer import Answer
from profiles.switcher import Switcher
from profiles.unattended import nobody
from tests.world.cloud import MAIN, OTHER
from tests.world.company import allow

ANA = f"arn:aws:iam::{MAIN}:user/ana"
EVA = f"arn:aws:iam::{MAIN}:user/eva"


@pytest.fixture
def tried(company, home):
    """Makes a role and tells what `explain --try` finds out about its refusal."""

    def made(*may, trusts=(ANA,), account=MAIN, create=True, **more):
        ana = company.user("ana", *may)
        company.user("eva")
        home.keys("base", ana)
        settings = {
            key: more.pop(key) for key in ("external_id_set", "duration_seconds") if key in more
        }
        name = more.pop("name", "admin")
        if create:
            arn = company.role(name, *trusts, account=account, **more)
        else:
            arn = f"arn:aws:iam::{account}:role/{name}"
        if "external_id_set" in settings:
            settings["external_id"] = settings.pop("external_id_set")
        home.config("")
        home.profile(name, role_arn=arn, source_profile="base", region="eu-west-1", **settings)
        done = home.rolecall("explain", name, "--try", "--json")
        assert done.status == 1, done
        return json.loads(done.stdout)["causes"]

    return made


EVERYTHING = (allow("sts:*"), allow("iam:*"))


def test_a_trust_policy_that_names_another_says_whom(tried):
    causes = tried(*EVERYTHING, trusts=(EVA,))
    assert f"its trust policy: it does not trust {ANA}; it trusts {EVA}" in causes
    assert f"the policies of {ANA} allow sts:AssumeRole on it" in causes


def test_a_caller_without_the_permission_is_named(tried):
    causes = tried(allow("iam:*"))
    assert "its trust policy allows the call" in causes
    assert f"no policy of {ANA} allows sts:AssumeRole on it" in causes


def test_conditions_that_only_aws_can_judge_leave_it_open(tried, company):
    root = f"arn:aws:iam::{MAIN}:root"
    company.role("admin", root)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "sts:AssumeRole",
        "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with company.cloud.seeding():
        iam = company.account().client("iam")
        iam.update_assume_role_policy(RoleName="admin", PolicyDocument=document)
    causes = tried(allow("iam:*"), create=False)
    assert "its trust policy allows the call, as far as can be told from here" in causes


def test_a_missing_external_id_and_a_wrong_one(tried, home):
    assert any("external id" in each for each in tried(*EVERYTHING, external_id="x-1"))
    home.config("")
    arn = f"arn:aws:iam::{MAIN}:role/admin"
    home.profile("admin", role_arn=arn, source_profile="base", external_id="y-2")
    done = home.rolecall("explain", "admin", "--try")
    assert "why: its trust policy: it wants another external id" in done.stdout


def test_a_role_that_is_gone_is_said_to_be(tried):
    causes = tried(*EVERYTHING, create=False)
    assert f"there is no role arn:aws:iam::{MAIN}:role/admin" in causes


def test_a_role_of_another_account_is_not_said_to_be_gone(tried):
    causes = tried(*EVERYTHING, account=OTHER, create=False)
    assert not any("there is no role" in each for each in causes)
    assert any("iam:GetRole" in each for each in causes)


def test_a_namesake_in_the_callers_account_is_not_taken_for_it(tried, company):
    company.role("admin", ANA)
    causes = tried(*EVERYTHING, trusts=(f"arn:aws:iam::{OTHER}:root",), account=OTHER)
    assert not any(each.startswith("its trust policy") for each in causes)


def test_what_iam_does_not_tell_is_said_with_its_permission(tried):
    causes = tried(allow("sts:*"), trusts=(EVA,))
    assert causes == ["IAM tells more to who may use iam:GetRole and iam:SimulatePrincipalPolicy"]


def test_nothing_is_asked_for_what_is_no_denial(tried, strict, home):
    tried(*EVERYTHING, trusts=(EVA,))
    text = home.credentials_file.read_text()
    home.credentials(re.sub("(?m)^aws_secret_access_key.*", "aws_secret_access_key = wrong", text))
    done = home.rolecall("explain", "admin", "--try", "--json")
    said = json.loads(done.stdout)
    assert "secret key of base" in said["hops"][-1]["failure"]
    assert said["causes"] == []


def test_a_refused_role_is_asked_for_once_and_its_guard_too(company, home, strict):
    """IAM is asked with the source's session: the role's own cannot be had, which is the point."""
    home.keys("base", company.user("ana", allow("sts:*")))
    company.user("eva")
    arn = company.role("guarded", EVA)
    home.config("")
    home.profile("bad-prod", role_arn=arn, source_profile="base", region="eu-west-1")
    before = strict.count("AssumeRole")
    done = home.rolecall("explain", "bad-prod", "--try", input="y\ry\ry\r", tty=True)
    assert done.status == 1, done
    assert done.stdout.count("go on?") == 1
    assert "IAM tells more to who may use iam:GetRole" in done.stdout
    assert strict.count("AssumeRole") == before + 1


# ---- what no emulator plays: checked against the service's model --------------------------


def of_the_model(service, operation, said):
    """An answer that the service's model allows; anything else is a defect of the test."""
    model = botocore.session.Session().get_service_model(service)
    shape = model.operation_model(operation).output_shape
    report = ParamValidator().validate(said, shape)
    assert not report.has_errors(), report.generate_report()
    assert set(said) <= set(shape.members)
    return said


def result(decision, **more):
    said = {"EvalActionName": "sts:AssumeRole", "EvalDecision": decision} | more
    of_the_model("iam", "SimulatePrincipalPolicy", {"EvaluationResults": [said]})
    return list(_decision(said, ANA))


def test_an_organization_a_boundary_and_a_denying_policy_are_named():
    assert result(
        "implicitDeny", OrganizationsDecisionDetail={"AllowedByOrganizations": False}
    ) == [f"a service control policy keeps {ANA} from sts:AssumeRole on it"]
    assert result(
        "implicitDeny", PermissionsBoundaryDecisionDetail={"AllowedByPermissionsBoundary": False}
    ) == [f"the permissions boundary of {ANA} does not allow sts:AssumeRole on it"]
    named = [{"SourcePolicyId": "guardrails", "SourcePolicyType": "user"}]
    assert result("explicitDeny", MatchedStatements=named) == [
        f"a policy of {ANA} denies sts:AssumeRole on it (guardrails)"
    ]
    assert result("allowed") == [f"the policies of {ANA} allow sts:AssumeRole on it"]


@pytest.mark.parametrize(("deny", "how"), [(True, "a policy denies"), (False, "no policy allows")])
def test_a_reason_sent_in_code_is_decoded(tmp_path, monkeypatch, deny, how):
    told = {
        "allowed": False,
        "explicitDeny": deny,
        "context": {
            "principal": {"id": "AIDA", "arn": ANA},
            "action": "sts:AssumeRole",
            "resource": f"arn:aws:iam::{MAIN}:role/admin",
        },
    }
    asked = []

    def call(operation, parameters, *_, **__):
        if operation != "decode_authorization_message":
            raise Refusal("AccessDenied", "no", 403, operation, None)
        asked.append(parameters)
        said = of_the_model(
            "sts", "DecodeAuthorizationMessage", {"DecodedMessage": json.dumps(told)}
        )
        return Answer(said, None)

    monkeypatch.setattr(sts, "call", call)
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text(
        f"[profile admin]\nrole_arn = arn:aws:iam::{MAIN}:role/admin\nsource_profile = base\n"
    )
    (aws / "credentials").write_text("[base]\naws_access_key_id = A\naws_secret_access_key = s\n")
    machine = Machine(env={}, home=str(tmp_path))
    switcher = Switcher(machine, Catalogue.load(machine))
    message = "You are not authorized. Encoded authorization failure message: abcDEF123_-"
    refusal = Refusal("AccessDenied", message, 403, "assume_role", None)
    error = AccessDenied("no")
    error.__cause__ = refusal
    causes = causes_of(switcher, "admin", error, Request(), ask=nobody)
    assert asked == [{"EncodedMessage": "abcDEF123_-"}]
    assert causes[0] == f"{how} sts:AssumeRole on arn:aws:iam::{MAIN}:role/admin to {ANA}"
