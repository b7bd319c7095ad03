"""Why AWS refused a role, asked of IAM itself, as far as it answers.

Three calls, each of which may be refused too: GetRole for the real trust policy, held against what
the source needs; SimulatePrincipalPolicy for what the caller's own policies allow; and
DecodeAuthorizationMessage where AWS sent its reason in code.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from profiles.errors import RolecallError
from profiles.insight.identity import caller_of
from profiles.insight.refusal import Refusal
from profiles.insight.trust import need_of, principal
from profiles.insight.trust_check import (
    AS_FAR_AS_TOLD,
    NoSuchRole,
    differences,
    is_sure,
    real_policy,
)
from profiles.sources.asking import is_denial
from profiles.sources.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.request import Request
    from profiles.switcher import Switcher

_ENCODED = re.compile(r"Encoded authorization failure message: (\S+)")
_DECISIONS = {
    "explicitDeny": "a policy of {caller} denies {action} on it",
    "implicitDeny": "no policy of {caller} allows {action} on it",
}


def causes_of(
    switcher: Switcher, name: str, error: RolecallError, request: Request, *, ask: Ask
) -> tuple[str, ...]:
    """Why a role was refused, a sentence each; nothing where it was something else than a denial.

    Args:
        name: the role's.
        error: what stood in the way.

    What IAM does not tell this caller is said once, with the permission that it takes.
    """
    role = switcher.catalogue.get(name)
    if not is_denial(error) or role is None or role.role_arn is None:
        return ()
    found: list[str] = []
    untold: list[str] = []
    for permission, look in (
        ("sts:DecodeAuthorizationMessage", _decoded),
        ("iam:GetRole", _by_trust),
        ("iam:SimulatePrincipalPolicy", _by_policies),
    ):
        try:
            found += look(switcher, role, request, error, ask)
        except (RolecallError, Refusal) as refused:
            switcher.machine.log(f"{role.name}: {permission}: {refused}")
            untold.append(permission)
    if untold:
        found.append(f"IAM tells more to who may use {' and '.join(untold)}")
    return tuple(dict.fromkeys(found))


def _by_trust(
    switcher: Switcher, role: Role, request: Request, _: RolecallError, ask: Ask
) -> Iterator[str]:
    """What keeps the real trust policy from letting the source in."""
    need = need_of(switcher, role, request, ask=ask)
    try:
        policy = real_policy(switcher, role, request, ask=ask, assuming=False)
    except NoSuchRole:
        if caller_of(switcher, role, request, ask=ask).account_id != role.account_id:
            raise
        yield f"there is no role {role.role_arn}"
        return
    unmet = differences(need, policy)
    if not unmet:
        sure = is_sure(need, policy)
        yield f"its trust policy allows the call{'' if sure else AS_FAR_AS_TOLD}"
    for each in unmet:
        yield f"its trust policy: {each}"


def _by_policies(
    switcher: Switcher, role: Role, request: Request, _: RolecallError, ask: Ask
) -> Iterator[str]:
    """What the caller's own policies, boundary and organization say of the call."""
    need = need_of(switcher, role, request, ask=ask)
    caller = principal(caller_of(switcher, role, request, ask=ask).arn)
    said = {
        "PolicySourceArn": caller,
        "ActionNames": list(need.actions),
        "ResourceArns": [role.role_arn],
    }
    data = _call(switcher, role, request, "simulate_principal_policy", said, "iam", ask)
    for result in data.get("EvaluationResults", ()):
        yield from _decision(result, caller)


def _decision(result: Mapping[str, Any], caller: str) -> Iterator[str]:
    """One action's result (IAM API reference, EvaluationResult)."""
    action = result.get("EvalActionName", "sts:AssumeRole")
    organization = result.get("OrganizationsDecisionDetail") or {}
    boundary = result.get("PermissionsBoundaryDecisionDetail") or {}
    decision = str(result.get("EvalDecision", ""))
    if organization.get("AllowedByOrganizations") is False:
        yield f"a service control policy keeps {caller} from {action} on it"
    elif boundary.get("AllowedByPermissionsBoundary") is False:
        yield f"the permissions boundary of {caller} does not allow {action} on it"
    elif decision in _DECISIONS:
        text = _DECISIONS[decision].format(caller=caller, action=action)
        named = [each.get("SourcePolicyId") for each in result.get("MatchedStatements") or ()]
        named = [each for each in named if each]
        yield f"{text} ({', '.join(named)})" if named else text
    else:
        yield f"the policies of {caller} allow {action} on it"


def _decoded(
    switcher: Switcher, role: Role, request: Request, error: RolecallError, ask: Ask
) -> Iterator[str]:
    """The reason that AWS sent in code."""
    refusal = error.__cause__
    encoded = _ENCODED.search(refusal.message if isinstance(refusal, Refusal) else "")
    if encoded is None:
        return
    said = {"EncodedMessage": encoded[1]}
    data = _call(switcher, role, request, "decode_authorization_message", said, "sts", ask)
    told = json.loads(data.get("DecodedMessage", "{}"))
    context = told.get("context", {})
    who = (context.get("principal") or {}).get("arn", "the caller")
    how = "a policy denies" if told.get("explicitDeny") else "no policy allows"
    yield f"{how} {context.get('action', 'it')} on {context.get('resource', 'it')} to {who}"


def _call(
    switcher: Switcher,
    role: Role,
    request: Request,
    operation: str,
    said: Mapping[str, Any],
    service: str,
    ask: Ask,
) -> dict[str, Any]:
    """Ask AWS with the session that the role is assumed with."""
    from profiles.sources import sts

    session = switcher.session_before(role, request, ask=ask)
    place = surroundings_of(switcher.catalogue, role, switcher.region(role, request))
    answer = sts.call(
        operation, said, session.credentials, place, switcher.machine, service=service
    )
    return answer.data
