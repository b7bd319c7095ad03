"""AWS's real messages, and what rolecall makes of each: the table of docs/denials.md.

`python -m tests.unit.profiles.test_denials` writes that page anew; the causes below are what each
message has to be found to mean.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from profiles import errors
from profiles.catalogue.portal import Portal
from profiles.catalogue.role import Role
from profiles.insight.portal_refusal import role_refused
from profiles.insight.refusal import Refusal, explained

PAGE = Path(__file__).parents[3] / "docs" / "denials.md"
ROLE = "arn:aws:iam::123456789012:role/Admin"
ANA = "arn:aws:iam::111122223333:user/ana"
DEV = "arn:aws:sts::111122223333:assumed-role/Dev/ana"
GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
DENIED = "is not authorized to perform: sts:AssumeRole on resource: " + ROLE


def issue(place):
    return "https://github.com/" + place.replace("#", "/issues/")


class Denial(NamedTuple):
    """A message, and its cause: the error that it has to be, and words that have to be said."""

    code: str
    message: str
    source: str
    error: type
    words: tuple[str, ...]
    operation: str = "assume_role"
    status: int = 403


D = Denial
TABLE = [
    D("AccessDenied", f"User: {DEV} {DENIED}", issue("aws/karpenter-provider-aws#4680"),
      errors.AccessDenied, ("trust policy", "lacks sts:AssumeRole", "external id", "MFA")),
    D("AccessDenied", "Not authorized to perform sts:AssumeRole",
      issue("serverless/serverless#3040"), errors.AccessDenied, ("trust policy", "does not exist")),
    D("AccessDenied", "Access denied", issue("99designs/aws-vault#381"), errors.AccessDenied,
      ("trust policy", "MFA")),
    D("AccessDenied", f"User: {ANA} {DENIED} because no identity-based policy allows the "
      "sts:AssumeRole action", GUIDE, errors.AccessDenied, (f"{ANA} lacks sts:AssumeRole",)),
    D("AccessDenied", f"User: {ANA} {DENIED} because no resource-based policy allows the "
      "sts:AssumeRole action", GUIDE, errors.AccessDenied, ("trust policy", "does not name")),
    D("AccessDenied", f"User: {ANA} {DENIED} with an explicit deny in an identity-based policy",
      GUIDE, errors.AccessDenied, ("denies", "identity-based policy")),
    D("AccessDenied", f"User: {ANA} {DENIED} with an explicit deny in a service control policy",
      GUIDE, errors.AccessDenied, ("service control policy denies", "organization's policies")),
    D("AccessDenied", f"User: {ANA} {DENIED} because no service control policy allows the "
      "sts:AssumeRole action", GUIDE, errors.AccessDenied,
      ("service control policy does not allow", "organization's policies")),
    D("AccessDenied", f"User: {ANA} {DENIED} with an explicit deny in a resource control policy",
      GUIDE, errors.AccessDenied, ("resource control policy", "denies")),
    D("AccessDenied", f"User: {ANA} {DENIED} because no permissions boundary allows the "
      "sts:AssumeRole action", GUIDE, errors.AccessDenied, (f"permissions boundary of {ANA}",)),
    D("AccessDenied", f"User: {DEV} {DENIED} because no session policy allows the sts:AssumeRole "
      "action", GUIDE, errors.AccessDenied, ("caller's own session", "--policy")),
    D("AccessDenied", f"User: {DEV} {DENIED} because no VPC endpoint policy allows the "
      "sts:AssumeRole action", GUIDE, errors.AccessDenied, ("VPC endpoint",)),
    D("AccessDenied", f"User: {ANA} is not authorized to perform: sts:TagSession on resource: "
      f"{ROLE}", issue("aws-actions/configure-aws-credentials#54"), errors.AccessDenied,
      ("sts:TagSession", "session tags need", "trust policy")),
    D("AccessDenied", f"User: {DEV} is not authorized to perform: sts:SetSourceIdentity on "
      f"resource: {ROLE}", issue("noqdev/iambic#357"), errors.AccessDenied,
      ("sts:SetSourceIdentity", "set before stays", "trust policy")),
    D("AccessDenied", f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: "
      f"{ANA}", issue("amzn/selling-partner-api-models#2523"), errors.AccessDenied,
      (f"{ANA} is no role", "role_arn")),
    D("AccessDenied", "Roles may not be assumed by root accounts.", issue("kubeflow/testing#961"),
      errors.AccessDenied, ("root user", "Identity Center")),
    D("AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
      "verify your MFA serial number is valid and associated with this user.",
      issue("99designs/aws-vault#676"), errors.MfaRejected, ("device", "mfa_serial")),
    D("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.",
      issue("step-security/wait-for-secrets#216"), errors.MfaRejected, ("wait for the next",)),
    D("AccessDenied", "Cannot call GetFederationToken with session credentials",
      issue("fwdcloudsec/granted#151"), errors.AccessDenied, ("own keys", "long-lived"),
      "get_federation_token"),
    D("AccessDenied", "Cannot call GetSessionToken with session credentials",
      issue("trek10inc/awsume#27"), errors.AccessDenied, ("own keys", "long-lived"),
      "get_session_token"),
    D("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for "
      "this role.", issue("kreuzwerker/awsu#27"), errors.SessionTooLong, ("--duration",),
      status=400),
    D("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles "
      "assumed by role chaining.", issue("99designs/aws-vault#263"), errors.RoleChainTooLong,
      ("1h at most",), status=400),
    D("RegionDisabledException", "STS is not activated in this region for account:123456789012. "
      "Your account administrator can activate STS in this region using the IAM Console.",
      issue("turbot/steampipe-plugin-aws#1510"), errors.AccessDenied, ("not active", "--region")),
    D("InvalidClientTokenId", "The security token included in the request is invalid",
      issue("openshift/installer#1349"), errors.AccessDenied, ("access key", "partition")),
    D("ExpiredToken", "The security token included in the request is expired",
      issue("bustle/aws-sudo#11"), errors.CredentialsExpired, ("have expired", "renew")),
    D("SignatureDoesNotMatch", "Signature expired: 20160609T184512Z is now earlier than "
      "20160610T013008Z (20160610T014508Z - 15 min.)", issue("devsecops/bootcamp#101"),
      errors.ClockSkew, ("clock is off",)),
    D("SignatureDoesNotMatch", "The request signature we calculated does not match the signature "
      "you provided. Check your AWS Secret Access Key and signing method. Consult the service "
      "documentation for details.", issue("devsecops/bootcamp#118"), errors.AccessDenied,
      ("secret key", "missing or doubled")),
    D("PackedPolicyTooLarge", "Packed size of session tags consumes 142% of allotted space.",
      issue("aws-actions/configure-aws-credentials#1803"), errors.UsageError,
      ("142%", "fewer"), status=400),
    D("InvalidIdentityToken", "No OpenIDConnect provider found in your account for "
      "https://token.actions.githubusercontent.com",
      issue("aws-actions/configure-aws-credentials#721"), errors.AccessDenied,
      ("Identity providers",), "assume_role_with_web_identity", 400),
    D("InvalidIdentityToken", "Incorrect token audience",
      issue("aws-actions/configure-aws-credentials#775"), errors.AccessDenied,
      ("audiences",), "assume_role_with_web_identity", 400),
    D("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity",
      issue("aws-actions/configure-aws-credentials#1446"), errors.AccessDenied,
      ("trust policy", "aud and sub"), "assume_role_with_web_identity"),
    D("InvalidIdentityToken", "Response signature invalid",
      issue("cevoaustralia/aws-google-auth#270"), errors.AccessDenied, ("metadata",),
      "assume_role_with_saml", 400),
    D("InvalidIdentityToken", "RoleSessionName in AuthnResponse must match "
      "[a-zA-Z_0-9+=,.@-]{2,64}", issue("MicrosoftDocs/azure-docs#45025"), errors.AccessDenied,
      ("identity provider has to send",), "assume_role_with_saml", 400),
    D("ForbiddenException", "No access", issue("aws/aws-sam-cli#2129"), errors.AccessDenied,
      ("no permission set", "sso_role_name"), "get_role_credentials"),
]  # fmt: skip


def meant(denial):
    refusal = Refusal(denial.code, denial.message, denial.status, denial.operation, None)
    if denial.operation == "get_role_credentials":
        role = Role("admin", entry={"role_name": "Admin", "account_id": "123456789012"})
        portal = Portal("corp", "https://corp.awsapps.com/start", "eu-west-1")
        return role_refused(refusal, role, portal)
    return explained(refusal, role="admin", role_arn=ROLE, source="base")


@pytest.mark.parametrize("denial", TABLE, ids=lambda denial: denial.message[:60])
def test_a_real_message_gives_the_named_cause(denial):
    found = meant(denial)
    assert type(found) is denial.error
    said = f"{found.summary} {found.hint}"
    assert all(word in said for word in denial.words), said
    assert "\n" not in said


def page():
    lines = [
        "# When AWS says no",
        "",
        "What AWS answers, and what rolecall makes of it: its cause, and after the arrow what "
        "helps. The first",
        "column says where the message was seen; `admin` is the role, `base` what it is assumed "
        "with. With the",
        "permission to ask IAM, `rolecall explain ROLE --try` says more: "
        "[why denied](insight.md#why-denied).",
        "",
        "| AWS | what it means → what helps |",
        "|---|---|",
    ]
    for each in TABLE:
        found = meant(each)
        where = each.source.removeprefix("https://github.com/").replace("/issues/", "#")
        where = where if where != each.source else "IAM User Guide"
        said = f"`{each.code}` {each.message} ([{where}]({each.source}))"
        lines.append(_row(said, f"{found.summary} → {found.hint}"))
    return "\n".join(lines) + "\n"


def _row(*cells):
    return "| " + " | ".join(cell.replace("|", "\\|").replace("*", "\\*") for cell in cells) + " |"


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.write_text(page())
