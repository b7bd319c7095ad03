"""The trust policy that a role needs for its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from profiles.errors import UsageError
from profiles.insight.identity import caller_of

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.request import Request
    from profiles.switcher import Switcher

_ASSUMED = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.+")


def trust_policy(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> dict[str, Any]:
    """The smallest trust policy by which the role's source may assume it with its settings.

    Raises:
        UsageError: the role is no role that is assumed.
        RolecallError: AWS does not say who the source is.
    """
    arn = role.role_arn
    if role.kind != "role" or arn is None:
        raise UsageError(f"{role.name} is not assumed: it has no trust policy")
    caller = caller_of(switcher, role, request, ask=ask).arn
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal(caller)},
        "Action": "sts:AssumeRole",
    }
    conditions: dict[str, dict[str, str]] = {}
    equals: dict[str, str] = {}
    external = request.external_id or role.get("external_id")
    identity = request.source_identity or role.get("source_identity")
    tags = {**(role.value("tags") or {}), **dict(request.tags)}
    if external:
        equals["sts:ExternalId"] = external
    if identity:
        equals["sts:SourceIdentity"] = identity
    if equals:
        conditions["StringEquals"] = equals
    if request.mfa_serial or role.get("mfa_serial"):
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    if conditions:
        statement["Condition"] = conditions
    actions = ["sts:AssumeRole"]
    if tags:
        actions.append("sts:TagSession")
    if identity:
        actions.append("sts:SetSourceIdentity")
    if len(actions) > 1:
        statement["Action"] = actions
    return {"Version": "2012-10-17", "Statement": [statement]}


def principal(caller: str) -> str:
    """The ARN that a trust policy names for a caller: a session's role, else the caller itself.

    The session's ARN does not say the role's path; with a path it has to be put in by hand.
    """
    found = _ASSUMED.fullmatch(caller)
    if found:
        return f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}"
    return caller
