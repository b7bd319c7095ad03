"""The trust policy that a role needs for its source, and what the source itself needs.

Sources: IAM User Guide, "Creating a role for SAML 2.0 federation", "… for OpenID Connect
federation", "Passing session tags", "Monitor and control actions taken with assumed roles"; Service
Authorization Reference, "Actions, resources, and condition keys for AWS STS".
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import UsageError
from profiles.insight.identity import caller_of
from profiles.model import Arn
from profiles.sources.arguments import has_open_tag, session_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.request import Request
    from profiles.switcher import Switcher

VERSION = "2012-10-17"
_ASSUMED = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.+")
# Providers that IAM knows without a provider of the account's own.
_BUILT_IN = ("accounts.google.com", "graph.facebook.com", "www.amazon.com")
_SAML_AUDIENCE = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}
# Keys that not every action of the call has (Service Authorization Reference, "AWS STS").
_ONLY_OF = {
    "sts:ExternalId": ("sts:AssumeRole",),
    "sts:SourceIdentity": ("sts:AssumeRole", "sts:SetSourceIdentity"),
}


class Need(NamedTuple):
    """What a role's trust policy has to allow.

    Attributes:
        principal: its kind, `AWS` or `Federated`, and who.
        actions: of STS.
        sent: what the call brings along for conditions: by key, values that are the same each time.
        mfa: whether the call has MFA with it.
        tags: the session tags that it brings, each with its value; None for one that is known only
            when the role is assumed.
        session: the ARN of the session that calls, which a trust policy may name instead of its
            role; None where none does.
    """

    principal: tuple[str, str]
    actions: tuple[str, ...]
    sent: Mapping[str, str]
    mfa: bool = False
    tags: Mapping[str, str | None] = {}
    session: str | None = None


def need_of(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> Need:
    """What the trust policy of a role has to allow, so that its source may assume it.

    Raises:
        UsageError: the role is no role that is assumed, or its settings do not tell the source.
        RolecallError: AWS does not say who the source is.
    """
    arn = role.role_arn
    if role.kind == "saml" and arn is not None:
        return _saml(role, arn)
    if role.kind == "web-identity" and arn is not None:
        return _web_identity(switcher, role, arn)
    if role.kind != "role" or arn is None:
        raise UsageError(f"{role.name} is not assumed: it has no trust policy")
    caller = caller_of(switcher, role, request, ask=ask).arn
    sent: dict[str, str] = {}
    actions = ["sts:AssumeRole"]
    if external := request.external_id or role.get("external_id"):
        sent["sts:ExternalId"] = external
    because = switcher.catalogue.settings.text("send_reason") or ""
    open_tags = has_open_tag(role)
    tags: dict[str, str | None] = {
        tag["Key"]: None if tag["Key"] in open_tags and tag["Value"] == "{ask}" else tag["Value"]
        for tag in session_tags(role, request).get("Tags", ())
    }
    if because.startswith("tag:"):
        tags.setdefault(because.removeprefix("tag:"), None)
    if tags:
        actions.append("sts:TagSession")
    if identity := request.source_identity or role.get("source_identity"):
        sent["sts:SourceIdentity"] = identity
    if identity or because == "source-identity":
        actions.append("sts:SetSourceIdentity")
    mfa = bool(request.mfa_serial or role.get("mfa_serial"))
    session = caller if _ASSUMED.fullmatch(caller) else None
    return Need(("AWS", principal(caller)), tuple(actions), sent, mfa, tags, session)


def trust_policy(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> dict[str, Any]:
    """The smallest trust policy by which a role's source may assume it with its settings.

    Raises:
        RolecallError: see `need_of`.
    """
    return policy_of(need_of(switcher, role, request, ask=ask))


def policy_of(need: Need) -> dict[str, Any]:
    """The smallest trust policy that allows what is needed: a statement for each set of conditions.

    An action is granted only by conditions on what its own request has: a statement that wants an
    external id of `sts:TagSession` as well would leave that to how AWS happens to evaluate it.
    """
    kind, who = need.principal
    statements: list[dict[str, Any]] = []
    for action in need.actions:
        conditions = _conditions(need, action)
        same = (each for each in statements if each.get("Condition", {}) == conditions)
        if (found := next(same, None)) is not None:
            said = found["Action"]
            found["Action"] = [*([said] if isinstance(said, str) else said), action]
            continue
        statement = {"Effect": "Allow", "Principal": {kind: who}, "Action": action}
        statements.append({**statement, "Condition": conditions} if conditions else statement)
    return {"Version": VERSION, "Statement": statements}


def _conditions(need: Need, action: str) -> dict[str, dict[str, str]]:
    """What of the call an action is granted for; MFA goes with every one."""
    sent = {
        key: value for key, value in need.sent.items() if action in _ONLY_OF.get(key, need.actions)
    }
    conditions: dict[str, dict[str, str]] = {"StringEquals": sent} if sent else {}
    if need.mfa:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return conditions


def caller_policy(need: Need, role_arn: str) -> dict[str, Any] | None:
    """What the source's own policies have to allow; None for who is no IAM principal."""
    if need.principal[0] != "AWS":
        return None
    actions = need.actions
    action = actions[0] if len(actions) == 1 else list(actions)
    statement = {"Effect": "Allow", "Action": action, "Resource": role_arn}
    return {"Version": VERSION, "Statement": [statement]}


def principal(caller: str) -> str:
    """The ARN that a trust policy names for a caller: a session's role, else the caller itself.

    The session's ARN does not say the role's path; with a path it has to be put in by hand.
    """
    found = _ASSUMED.fullmatch(caller)
    if found is None:
        return caller
    partition, account, role = found.groups()
    if role.startswith("AWSReservedSSO_"):
        # Identity Center makes these, all in one path; it is the only one whose path is known.
        role = f"aws-reserved/sso.amazonaws.com/{role}"
    return f"arn:{partition}:iam::{account}:role/{role}"


def _saml(role: Role, arn: str) -> Need:
    provider = role.get("principal_arn")
    if provider is None:
        raise UsageError(
            f"{role.name} does not say its identity provider",
            'set principal_arn = "arn:aws:iam::…:saml-provider/…" in its entry',
        )
    audience = _SAML_AUDIENCE.get(arn.split(":")[1], _SAML_AUDIENCE["aws"])
    return Need(("Federated", provider), ("sts:AssumeRoleWithSAML",), {"SAML:aud": audience})


def _web_identity(switcher: Switcher, role: Role, arn: str) -> Need:
    from profiles.sources.oidc_sign_in import Client

    client = Client.of(role)
    if client is not None:
        from profiles.files.sign_ins import kept_sign_in

        kept = kept_sign_in(switcher.machine, client.where)
        claims = {"iss": client.issuer, "aud": client.client_id}
        claims |= {"sub": kept.subject} if kept is not None else {}
    else:
        claims = _claims(switcher, role)
    host = claims["iss"].removeprefix("https://").rstrip("/")
    parts = Arn.of_role(arn)
    partition, account = (parts.partition, parts.account_id) if parts else ("aws", "")
    provider = host if host in _BUILT_IN else f"arn:{partition}:iam::{account}:oidc-provider/{host}"
    sent = {f"{host}:{claim}": claims[claim] for claim in ("aud", "sub") if claim in claims}
    return Need(("Federated", provider), ("sts:AssumeRoleWithWebIdentity",), sent)


def _claims(switcher: Switcher, role: Role) -> dict[str, str]:
    """Who a role's token is of; nothing here trusts it, so nothing verifies it."""
    from profiles.sources.web_identity import token_of

    token = token_of(role, switcher.machine)
    try:
        payload = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        found = {key: said[key] for key in ("iss", "aud", "sub") if isinstance(said.get(key), str)}
    except (ValueError, IndexError, AttributeError, TypeError, RecursionError):
        found = {}
    if "iss" not in found:
        raise UsageError(f"the token of {role.name} is no JWT that names its issuer")
    return found
