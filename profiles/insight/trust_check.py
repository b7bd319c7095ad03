"""A role's real trust policy, held against what its source needs: what is different, in words."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Any

from profiles.errors import AccessDenied, RolecallError
from profiles.insight.refusal import Refusal
from profiles.model import Arn
from profiles.quoted import quoted
from profiles.sources.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.insight.trust import Need
    from profiles.request import Request
    from profiles.session import Session
    from profiles.switcher import Switcher

_MFA = "aws:multifactorauthpresent"
_MFA_AGE = "aws:multifactorauthage"
_ROOT = re.compile(r"arn:[\w-]+:iam::(\d{12}):root")
_ACCOUNT = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):")
# What a call brings under these keys differs from place to place: it cannot be told from here.
_OF_THE_PLACE = ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:currenttime")


class NoSuchRole(AccessDenied):
    """The account that was asked, which is the caller's, has no role of that name."""


def real_policy(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> dict[str, Any]:
    """The trust policy that a role has, read with its source's session, else with its own.

    Raises:
        NoSuchRole: the source's account has none of that name.
        AccessDenied: neither may read it.
        RolecallError: AWS was not reached, or there is no session to ask with.
    """
    ways: list[Callable[[], Session]] = [
        lambda: switcher.session_before(role, request, ask=ask),
        lambda: switcher.session(
            role, request, ask=ask, change="read its own trust policy", needs=0
        ),
    ]
    denied: RolecallError | None = None
    for way in ways:
        try:
            return _read(switcher, role, request, way())
        except RolecallError as error:
            denied = denied or error
    name = role.role_name or role.name
    kind = NoSuchRole if isinstance(denied, NoSuchRole) else AccessDenied
    raise kind(
        f"the trust policy of {role.name} cannot be read: {denied.summary if denied else ''}",
        f"iam:GetRole on {name} is needed; "
        f"rolecall trust {quoted(role.name)} prints what it should be",
    ) from denied


def _read(switcher: Switcher, role: Role, request: Request, session: Session) -> dict[str, Any]:
    from profiles.sources import sts

    place = surroundings_of(switcher.catalogue, role, switcher.region(role, request))
    said = {"RoleName": role.role_name}
    try:
        answer = sts.call(
            "get_role", said, session.credentials, place, switcher.machine, service="iam"
        )
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            raise NoSuchRole(f"{session.role}: {refusal.message}") from refusal
        raise AccessDenied(f"{session.role}: {refusal.message or refusal.code}") from refusal
    if answer.data["Role"]["Arn"] != role.role_arn:
        # IAM looks in the caller's own account, where another role may have the same name.
        raise AccessDenied(f"{session.role} is of another account, and IAM tells of its own alone")
    policy = answer.data["Role"]["AssumeRolePolicyDocument"]
    return policy if isinstance(policy, dict) else {}


def differences(need: Need, policy: Mapping[str, Any]) -> list[str]:
    """What keeps a trust policy from allowing what is needed; nothing where it allows it."""
    statements = _list(policy.get("Statement"))
    denying = [each for each in statements if each.get("Effect") == "Deny" and _names(need, each)]
    found: list[str] = []
    if any(_denies(need, each) for each in denying):
        found.append("a statement denies it, and a denial wins over every other")
    for action in need.actions:
        said = list(_for_action(need, action, statements))
        found += [text for text in said if text not in found]
    return found


def _denies(need: Need, statement: Mapping[str, Any]) -> bool:
    acts = any(_acts(action, statement) for action in need.actions)
    return acts and not list(_unmet(need, statement))


def _for_action(need: Need, action: str, statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    allowing = [each for each in statements if each.get("Effect") == "Allow"]
    naming = [each for each in allowing if _names(need, each)]
    acting = [each for each in naming if _acts(action, each)]
    if not naming:
        yield f"it does not trust {need.principal[1]}{_instead(need, allowing)}"
    elif not acting:
        yield f"it does not allow {action} to {need.principal[1]}"
    elif all(unmet := [list(_unmet(need, each)) for each in acting]):
        yield from min(unmet, key=len)


def _instead(need: Need, allowing: Iterable[Mapping[str, Any]]) -> str:
    kind = need.principal[0]
    others = [who for each in allowing for who in _who(each, kind)]
    return f"; it trusts {', '.join(others[:3])}" if others else ""


def _names(need: Need, statement: Mapping[str, Any]) -> bool:
    """Whether a statement is about the source."""
    kind, who = need.principal
    if "NotPrincipal" in statement:
        return who not in _who({"Principal": statement["NotPrincipal"]}, kind)
    account = _ACCOUNT.match(who)
    for said in _who(statement, kind):
        root = _ROOT.fullmatch(said)
        if said in ("*", who) or (account and said == account[1]):
            return True
        if root and account and root[1] == account[1]:
            return True
        # With a path in it, a role's ARN is the same role's: its session's ARN leaves it out.
        one, other = Arn.of_role(said), Arn.of_role(who)
        if one is not None and one == other:
            return True
    return False


def _who(statement: Mapping[str, Any], kind: str) -> list[str]:
    principal = statement.get("Principal")
    if principal == "*":
        return ["*"]
    return [str(each) for each in _list((principal or {}).get(kind))]


def _acts(action: str, statement: Mapping[str, Any]) -> bool:
    if "NotAction" in statement:
        return not any(_globbed(each, action) for each in _list(statement["NotAction"]))
    return any(_globbed(each, action) for each in _list(statement.get("Action")))


def _unmet(need: Need, statement: Mapping[str, Any]) -> Iterator[str]:
    """The conditions of a statement that the call does not meet, or may not."""
    for operator, wanted in (statement.get("Condition") or {}).items():
        for key, values in wanted.items():
            if text := _why_unmet(need, str(operator), str(key), [str(v) for v in _list(values)]):
                yield text


def _why_unmet(need: Need, operator: str, key: str, values: list[str]) -> str | None:
    low = key.lower()
    if low in (_MFA, _MFA_AGE):
        wants = low == _MFA_AGE or "true" in [value.lower() for value in values]
        if wants and not need.mfa:
            return "it wants MFA, and the role has no mfa_serial"
        return None
    if low in _OF_THE_PLACE:
        return None
    sent = {name.lower(): value for name, value in need.sent.items()}.get(low)
    optional = operator.lower().endswith("ifexists")
    if sent is None:
        if optional or operator.lower().startswith("null"):
            return None
        if low == "sts:externalid":
            return "it wants an external id, and the role has no external_id"
        if low == "sts:sourceidentity":
            return "it wants a source identity, and the role has no source_identity"
        if low.startswith("aws:requesttag/"):
            return f"it wants the session tag {key[15:]}"
        return None  # what AWS itself puts there, as aws:PrincipalArn, cannot be told from here
    if _meets(operator.lower().removesuffix("ifexists"), sent, values):
        return None
    if low == "sts:externalid":
        return "it wants another external id"
    return f"{key} has to be {' or '.join(values)}, and is {sent}"


def _meets(operator: str, sent: str, values: list[str]) -> bool:
    operator = operator.rpartition(":")[2]
    same = any(value == sent for value in values)
    like = any(_globbed(value, sent) for value in values)
    return {
        "stringequals": same,
        "stringnotequals": not same,
        "stringequalsignorecase": any(value.lower() == sent.lower() for value in values),
        "stringlike": like,
        "stringnotlike": not like,
        "arnequals": like,
        "arnlike": like,
    }.get(operator, True)


def _globbed(pattern: object, text: str) -> bool:
    """Whether an IAM pattern, with `*` and `?`, fits a text, whatever its case."""
    escaped = str(pattern).replace("[", "[[]")
    return re.fullmatch(translate(escaped), text, re.IGNORECASE) is not None


def _list(said: Any) -> list[Any]:
    if said is None:
        return []
    return list(said) if isinstance(said, list) else [said]
