"""AWS's no, and what it means: an error answer of STS turned into a sentence and a remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiles import errors, times
from profiles.quoted import quoted

if TYPE_CHECKING:
    from profiles.errors import RolecallError

_CALLER = re.compile(r"(?:User: )?(arn:[\w-]+:[\w-]+::\d*:\S+) is not authorized")
_CLOCK_CODES = ("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture")
_THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
)
_FEDERATED = {
    "assume_role_with_web_identity": "identity token",
    "assume_role_with_saml": "SAML assertion",
}
_PROOF = ("InvalidIdentityToken", "IDPRejectedClaim", "IDPCommunicationError")
# Parts of AWS's messages after which another token would be no better, and what would help
# (IAM User Guide, "Troubleshoot SAML federation"; re:Post on AssumeRoleWithWebIdentity).
_SET_UP = (
    ("No OpenIDConnect provider", "add the issuer in IAM, Identity providers"),
    ("token audience", "add the client id to the audiences of the identity provider in IAM"),
    ("verification key", "AWS has to reach the issuer and its keys from the internet"),
    ("provider doesn't exist", "check principal_arn: IAM, Identity providers, lists them"),
    ("ignature invalid", "the provider's keys changed: upload its metadata to IAM again"),
    ("Issuer not present", "upload the identity provider's metadata to IAM again"),
    ("audience", "the assertion has to be for AWS: audience urn:amazon:webservices"),
    ("RoleSessionName", "the identity provider has to send one: a name or an e-mail address"),
)
_ACTION = re.compile(r"not authorized to perform: (\w+:\w+) on resource: (\S+)")
_DENIES = re.compile(r"explicit deny in an? ([\w -]+? policy|permissions boundary)\b")
_LACKS = re.compile(r"because no ([\w -]+? policy|permissions boundary) allows\b")
_OF_THE_ORGANIZATION = "only who keeps the organization's policies can change it"
# Whose policy it is, and who can change it, by the words that AWS has for its kind.
_KEEPERS = {
    "service control policy": ("a service control policy", _OF_THE_ORGANIZATION),
    "resource control policy": (
        "a resource control policy of the role's organization",
        _OF_THE_ORGANIZATION,
    ),
    "permissions boundary": (
        "the permissions boundary of {caller}",
        "only who set the boundary can change it: IAM shows it with the user or role",
    ),
    "session policy": (
        "the policy that the caller's own session was made with",
        "make that session without --policy and --policy-arn, or with ones that allow it",
    ),
    "VPC endpoint policy": (
        "the policy of the VPC endpoint that STS is reached through",
        "who keeps the endpoint has to allow it there",
    ),
}
# What calls for it, by the action that comes with AssumeRole.
_WITH_IT = {
    "sts:TagSession": "session tags need",
    "sts:SetSourceIdentity": "a source identity needs, and one that was set before stays",
}
_BY_MESSAGE = (
    (
        "may not be assumed by root accounts",
        "the keys are the account's root user's, and root assumes no role",
        "use a user's keys or Identity Center instead, and delete the root user's keys",
    ),
    (
        "with session credentials",
        "AWS gives session tokens to a user's own keys alone, and {caller} is a session",
        "name a profile with long-lived keys as the source",
    ),
)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "ExpiredTokenError")


class Refusal(Exception):
    """AWS answered with an error.

    Attributes:
        code: AWS's, such as `AccessDenied`.
        message: AWS's, on one line.
        status: of the HTTP answer.
        operation: botocore's name of the call.
        offset: seconds that AWS's clock is ahead of this machine's, where known.
        reason: OAuth's own code beside AWS's, an empty string where there is none.
        retry_after: seconds after which AWS wants to be asked again, where it said so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        operation: str,
        offset: float | None,
        reason: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.operation = operation
        self.offset = offset
        self.reason = reason
        self.retry_after = retry_after

    @property
    def is_throttled(self) -> bool:
        """Whether AWS only asks to slow down."""
        return self.code in _THROTTLED or self.status == 429


def explained(
    refusal: Refusal,
    *,
    role: str,
    role_arn: str | None,
    source: str | None,
    mfa_given: bool = False,
    external_id_given: bool = False,
    temporary: bool = False,
) -> RolecallError:
    """What a refusal means for the switch to a role.

    Args:
        role: the role's name.
        source: the name of what it was asked with.
        temporary: whether the keys that asked were a session's.
    """
    code, message = refusal.code, refusal.message
    if refusal.offset is not None and abs(refusal.offset) > 240 and _is_about_time(refusal):
        return _clock(refusal.offset)
    if code in _CLOCK_CODES or "Signature expired" in message or "not yet current" in message:
        return _clock(refusal.offset)
    if "verify your MFA serial number" in message:
        return errors.MfaRejected(
            f"AWS did not accept the MFA code for {role}: the device is not this user's",
            "check mfa_serial; the device in it has to belong to the user of the keys",
        )
    if "must provide both MFA serial number" in message:
        return errors.MfaRequired(
            f"{role} wants an MFA code", f"set mfa_serial for {role}, or give --mfa-serial"
        )
    if "MultiFactorAuthentication failed" in message:
        return errors.MfaRejected(
            f"AWS did not accept the MFA code for {role}: {message}",
            "a code works once and for 30 seconds: wait for the next one",
        )
    if "role chaining" in message:
        return errors.RoleChainTooLong(
            f"{role} is assumed with another role's session: AWS allows 1h at most",
            "ask for 1h or less",
        )
    if "MaxSessionDuration" in message:
        return errors.SessionTooLong(
            f"{role} does not allow sessions of that length",
            "ask for less with --duration, or raise the role's maximum session duration in IAM",
        )
    if refusal.operation in _FEDERATED and (code in _PROOF or code in _EXPIRED):
        return _proof(refusal, role)
    if code in _EXPIRED:
        return errors.CredentialsExpired(
            f"the credentials of {source or 'the source'} have expired",
            f"rolecall renew {quoted(source)}" if source else "renew them where they came from",
        )
    if code in ("InvalidClientTokenId", "UnrecognizedClientException"):
        return _unknown_key(source, temporary=temporary)
    if code == "SignatureDoesNotMatch":
        return errors.AccessDenied(
            f"the secret key of {source} does not belong to its access key id",
            "look for a missing or doubled character in the credentials file",
        )
    if refusal.is_throttled:
        wait = times.words(refusal.retry_after) if refusal.retry_after else "a minute"
        return errors.Throttled(
            "AWS asks to slow down: too many calls",
            f"wait {wait}; sessions in the cache still work",
        )
    if code == "RegionDisabledException":
        return errors.AccessDenied(
            f"STS is not active in that region for the account of {role}",
            "activate it in IAM's account settings, or use another --region",
        )
    if code in ("AccessDenied", "AccessDeniedException"):
        return _denied(
            refusal, role, role_arn, mfa_given=mfa_given, external_id_given=external_id_given
        )
    if code in (
        "ValidationError",
        "MalformedPolicyDocument",
        "PackedPolicyTooLarge",
        "PackedPolicyTooLargeException",
        "MalformedPolicyDocumentException",
    ):
        large = code.startswith("PackedPolicyTooLarge")
        return errors.UsageError(
            f"AWS does not take the call for {role}: {message}",
            "give fewer or shorter session tags, or less of a session policy" if large else None,
        )
    if refusal.status >= 500:
        return errors.NetworkUnavailable(
            f"AWS has trouble of its own ({code or refusal.status}): {message}", "try again"
        )
    return errors.AccessDenied(f"AWS refused {role} ({code}): {message}")


def _proof(refusal: Refusal, role: str) -> RolecallError:
    """Why AWS does not take what an identity provider gave."""
    what = _FEDERATED[refusal.operation]
    if refusal.code == "IDPCommunicationError":
        return errors.NetworkUnavailable(
            f"AWS could not ask the identity provider about {role}: {refusal.message}", "try again"
        )
    said = f"AWS does not take the {what} for {role}: {refusal.message}"
    for part, remedy in _SET_UP:
        if refusal.code == "InvalidIdentityToken" and part in refusal.message:
            return errors.AccessDenied(said, remedy)
    return errors.LoginRequired(said, f"get a new {what} from your identity provider")


def _is_about_time(refusal: Refusal) -> bool:
    return refusal.code in (
        *_CLOCK_CODES,
        *_EXPIRED,
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
    )


def _clock(offset: float | None) -> RolecallError:
    off = ""
    if offset is not None:
        off = f": it is {times.words(abs(offset))} {'behind' if offset > 0 else 'ahead of'} AWS"
    return errors.ClockSkew(
        f"this machine's clock is off{off}", "set it (timedatectl set-ntp true), then try again"
    )


def _unknown_key(source: str | None, *, temporary: bool) -> RolecallError:
    if temporary:
        return errors.CredentialsExpired(
            f"AWS does not know the session of {source or 'the source'} (any more)",
            f"rolecall renew {quoted(source)}" if source else None,
        )
    return errors.AccessDenied(
        f"AWS does not know the access key of {source or 'the source'}",
        "it was deleted, belongs to another partition, or was mistyped",
    )


def _denied(
    refusal: Refusal,
    role: str,
    role_arn: str | None,
    *,
    mfa_given: bool,
    external_id_given: bool,
) -> RolecallError:
    """Who called, which role, and what is missing, as far as the message shows.

    AWS names the kind of policy that lacks a permission or denies it since 2021 ("because no
    identity-based policy allows …"); without such a reason it may be any
    (IAM User Guide, "Troubleshoot access denied error messages").
    """
    message = refusal.message
    found = _CALLER.search(message)
    caller = found[1] if found else "the caller"
    of = role_arn or role
    trust = f"rolecall trust {quoted(role)} prints the trust policy that it needs"
    if refusal.operation == "assume_role_with_web_identity":
        return errors.AccessDenied(
            f"the trust policy of {of} does not take this identity token: {message}",
            "it has to name the OIDC provider, and the token's aud and sub where it has conditions",
        )
    if refusal.operation == "assume_role_with_saml":
        return errors.AccessDenied(
            f"the trust policy of {of} does not take this SAML assertion: {message}",
            "it has to name the SAML provider, and SAML:aud where it has conditions",
        )
    for part, summary, hint in _BY_MESSAGE:
        if part in message:
            return errors.AccessDenied(summary.format(caller=caller, role=of), hint)
    if refusal.operation != "assume_role":
        return errors.AccessDenied(f"{caller} may not do that: {message}")
    doing = _ACTION.search(message)
    action = doing[1] if doing else "sts:AssumeRole"
    if doing and ":role/" not in doing[2] and ":" in doing[2]:
        return errors.AccessDenied(
            f"{doing[2]} is no role, so {caller} cannot assume it",
            f"role_arn of {role} has to be a role's: arn:aws:iam::ACCOUNT:role/NAME",
        )
    for pattern, does in ((_DENIES, "denies"), (_LACKS, "does not allow")):
        kind = pattern.search(message)
        if kind and kind[1] in _KEEPERS:
            who, keeper = _KEEPERS[kind[1]]
            said = f"{who.format(caller=caller, role=of)} {does} {caller} {action} on {of}"
            return errors.AccessDenied(said, keeper)
    if "explicit deny" in message:
        where = message.split("explicit deny", 1)[1].strip(" .") or "in a policy"
        return errors.AccessDenied(
            f"{caller} may not assume {of}: a policy denies it ({where})",
            "only who keeps that policy can change it",
        )
    if "no identity-based policy" in message:
        return errors.AccessDenied(
            f"{caller} lacks {action} on {of}",
            f"allow it in a policy of the caller; the other side is checked after that: {trust}",
        )
    if action in _WITH_IT:
        return errors.AccessDenied(
            f"{caller} may not use {action} on {of}, which {_WITH_IT[action]}",
            f"the caller's policies and the role's trust policy both have to allow it: {trust}",
        )
    missing = []
    if not external_id_given:
        missing.append("an external id")
    if not mfa_given:
        missing.append("MFA")
    also = (
        f", or it wants {' or '.join(missing)}, which this role's settings lack" if missing else ""
    )
    if "no resource-based policy" in message or "role trust policy" in message:
        return errors.AccessDenied(f"the trust policy of {of} does not name {caller}{also}", trust)
    return errors.AccessDenied(
        f"{caller} may not assume {of}: its trust policy does not name the caller, the caller "
        f"lacks sts:AssumeRole, or the role does not exist{also}",
        trust,
    )
