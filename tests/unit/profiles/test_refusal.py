import pytest

from profiles import errors
from profiles.insight.refusal import Refusal, explained
from profiles.insight.trust import principal

ROLE = "arn:aws:iam::123456789012:role/Admin"
ANA = "arn:aws:iam::111122223333:user/ana"


def meant(code, message, status=403, operation="assume_role", offset=None, **more):
    refusal = Refusal(code, message, status, operation, offset)
    return explained(refusal, role="admin", role_arn=ROLE, source="base", **more)


@pytest.mark.parametrize(
    ("code", "message", "error", "said"),
    [
        (
            "AccessDenied",
            f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
            "because no identity-based policy allows the sts:AssumeRole action",
            errors.AccessDenied,
            f"{ANA} lacks sts:AssumeRole",
        ),
        (
            "AccessDenied",
            f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: {ROLE}",
            errors.AccessDenied,
            "external id",
        ),
        (
            "AccessDenied",
            f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
            "with an explicit deny in a service control policy",
            errors.AccessDenied,
            "service control policy",
        ),
        (
            "AccessDenied",
            f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
            "because no resource-based policy allows the sts:AssumeRole action",
            errors.AccessDenied,
            "does not name",
        ),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            errors.MfaRejected,
            "did not accept",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            errors.SessionTooLong,
            "does not allow",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
            errors.RoleChainTooLong,
            "1h at most",
        ),
        ("ExpiredToken", "The security token included in the request is expired",
         errors.CredentialsExpired, "base have expired"),
        ("InvalidClientTokenId", "The security token included in the request is invalid.",
         errors.AccessDenied, "does not know the access key"),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match",
         errors.AccessDenied, "secret key of base"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than …",
         errors.ClockSkew, "clock is off"),
        ("Throttling", "Rate exceeded", errors.Throttled, "slow down"),
        ("RegionDisabledException", "STS is not activated in this region", errors.AccessDenied,
         "not active in that region"),
        ("MalformedPolicyDocument", "Syntax errors in policy.", errors.UsageError, "Syntax errors"),
        ("ServiceUnavailable", "", errors.NetworkUnavailable, "trouble of its own"),
    ],
)  # fmt: skip
def test_a_refusal_is_put_in_plain_words(code, message, error, said):
    status = 503 if code == "ServiceUnavailable" else 403
    found = meant(code, message, status)
    assert type(found) is error
    assert said in found.summary + (found.hint or "")
    assert "\n" not in found.summary


@pytest.mark.parametrize("what", ["web_identity", "saml"])
@pytest.mark.parametrize(
    ("code", "message", "error", "remedy"),
    [
        ("ExpiredTokenException", "Token expired: current date/time 2 must be before 1",
         errors.LoginRequired, "get a new"),
        ("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance",
         errors.LoginRequired, "get a new"),
        ("InvalidIdentityToken", "The ID Token provided is not a valid JWT.",
         errors.LoginRequired, "get a new"),
        ("IDPRejectedClaim", "The identity provider said no", errors.LoginRequired, "get a new"),
        ("IDPCommunicationError", "", errors.NetworkUnavailable, "try again"),
        ("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x",
         errors.AccessDenied, "Identity providers"),
        ("InvalidIdentityToken", "Incorrect token audience", errors.AccessDenied, "audiences"),
        ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider",
         errors.AccessDenied, "from the internet"),
        ("InvalidIdentityToken", "Response signature invalid", errors.AccessDenied, "metadata"),
        ("InvalidIdentityToken", "Issuer not present in specified provider", errors.AccessDenied,
         "metadata"),
        ("InvalidIdentityToken", "Specified provider doesn't exist", errors.AccessDenied,
         "principal_arn"),
        ("InvalidIdentityToken", "Response does not contain the required audience.",
         errors.AccessDenied, "urn:amazon:webservices"),
        ("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse",
         errors.AccessDenied, "name"),
        ("PackedPolicyTooLarge", "Packed size of session tags consumes 120%", errors.UsageError,
         ""),
    ],
)  # fmt: skip
def test_what_aws_says_of_a_proof_tells_whether_another_would_help(
    what, code, message, error, remedy
):
    found = meant(code, message, 400, f"assume_role_with_{what}")
    assert type(found) is error
    assert remedy in (found.hint or "")
    assert message in found.summary


def test_the_trust_policy_that_takes_no_proof_is_named():
    for what in ("web_identity", "saml"):
        found = meant("AccessDenied", "Not authorized", 403, f"assume_role_with_{what}")
        assert "trust policy" in found.summary
        assert "aud" in found.hint


def test_a_session_that_aws_does_not_know_counts_as_expired():
    assert isinstance(meant("InvalidClientTokenId", "x", temporary=True), errors.CredentialsExpired)


def test_what_was_given_is_not_said_to_be_missing():
    message = f"User: {ANA} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    found = meant("AccessDenied", message, mfa_given=True, external_id_given=True)
    assert "external id" not in found.summary
    assert "MFA" not in found.summary


@pytest.mark.parametrize(
    ("caller", "named"),
    [
        (ANA, ANA),
        ("arn:aws:sts::123456789012:assumed-role/Dev/ana", "arn:aws:iam::123456789012:role/Dev"),
        ("arn:aws-cn:sts::123456789012:assumed-role/D/i-1", "arn:aws-cn:iam::123456789012:role/D"),
    ],
)
def test_the_principal_of_a_session_is_its_role(caller, named):
    assert principal(caller) == named
