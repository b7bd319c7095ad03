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
_EXTERNAL_ID = "sts:externalid"
_TAG = "aws:requesttag/"
# Met by a call that does not bring the key at all (IAM, "Condition operators").
_NEGATED = frozenset(
    {
        "stringnotequals",
        "stringnotequalsignorecase",
        "stringnotlike",
        "arnnotequals",
        "arnnotlike",
    }
)

AS_FAR_AS_TOLD = ", as far as can be told from here"
_Judged = bool | str | None
"""True: met. None: cannot be told from here. A text: not met, and why."""


class NoSuchRole(AccessDenied):
    """The account that was asked, which is the caller's, has no role of that name."""


def real_policy(
    switcher: Switcher, role: Role, request: Request, *, ask: Ask, assuming: bool = True
) -> dict[str, Any]:
    """The trust policy that a role has, read with its source's session, else with its own.

    Args:
        switcher: knows the roles.
        role: whose.
        request: what is asked of its session.
        ask: answers what a session needs of a person.
        assuming: whether the role is assumed where its source may not read it; that is no help, and
            a call and a question more, where AWS refused just this.

    Raises:
        NoSuchRole: the source's account has none of that name.
        AccessDenied: neither may read it.
        RolecallError: AWS was not reached, or there is no session to ask with.
    """
    ways: list[Callable[[], Session]] = [lambda: switcher.session_before(role, request, ask=ask)]
    if assuming:
        change = "read its own trust policy"
        ways.append(lambda: switcher.session(role, request, ask=ask, change=change, needs=0))
    denied: RolecallError | None = None
    for way in ways:
        try:
            policy = _read(switcher, role, request, way())["AssumeRolePolicyDocument"]
            return policy if isinstance(policy, dict) else {}
        except RolecallError as error:
            denied = denied or error
    name = role.role_name or role.name
    kind = NoSuchRole if isinstance(denied, NoSuchRole) else AccessDenied
    raise kind(
        f"the trust policy of {role.name} cannot be read: {denied.summary if denied else ''}",
        f"iam:GetRole on {name} is needed; "
        f"rolecall trust {quoted(role.name)} prints what it should be",
    ) from denied


def longest_session(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> int | None:
    """The longest session that a role gives, in seconds; None where IAM does not tell."""
    try:
        session = switcher.session_before(role, request, ask=ask)
        longest = _read(switcher, role, request, session).get("MaxSessionDuration")
    except RolecallError as error:
        switcher.machine.log(f"{role.name}: its longest session: {error.summary}")
        return None
    return longest if isinstance(longest, int) else None


def _read(switcher: Switcher, role: Role, request: Request, session: Session) -> dict[str, Any]:
    """What IAM says of a role."""
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
    found: dict[str, Any] = answer.data["Role"]
    return found


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


def is_sure(need: Need, policy: Mapping[str, Any]) -> bool:
    """Whether a policy that is not known to keep the call out is known to let it in.

    Of many conditions only AWS can tell: where a call comes from, whose organization it is of.
    """
    statements = _list(policy.get("Statement"))
    naming = [each for each in statements if _names(need, each)]
    for each in naming:
        acts = any(_acts(action, each) for action in need.actions)
        if each.get("Effect") == "Deny" and acts:
            judged = list(_judged(need, each))
            if None in judged and not any(isinstance(one, str) for one in judged):
                return False
    allowing = [each for each in naming if each.get("Effect") == "Allow"]
    return all(
        any(
            _acts(action, each) and all(one is True for one in _judged(need, each))
            for each in allowing
        )
        for action in need.actions
    )


def _denies(need: Need, statement: Mapping[str, Any]) -> bool:
    """Whether a denial is sure to hit: one whose conditions cannot be told from here may not."""
    acts = any(_acts(action, statement) for action in need.actions)
    return acts and all(judged is True for judged in _judged(need, statement))


def _for_action(need: Need, action: str, statements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    allowing = [each for each in statements if each.get("Effect") == "Allow"]
    naming = [each for each in allowing if _names(need, each)]
    acting = [each for each in naming if _acts(action, each)]
    if not naming and (others := _other_sessions(need, allowing)):
        said = " or ".join(others[:3])
        yield f"it trusts the session {said} of that role alone, and this one is {need.session}"
    elif not naming:
        yield f"it does not trust {need.principal[1]}{_instead(need, allowing)}"
    elif not acting:
        yield f"it does not allow {action} to {need.principal[1]}"
    elif all(unmet := [list(_unmet(need, each)) for each in acting]):
        yield from min(unmet, key=len)


def _instead(need: Need, allowing: Iterable[Mapping[str, Any]]) -> str:
    kind = need.principal[0]
    others = [who for each in allowing for who in _who(each, kind)]
    return f"; it trusts {', '.join(others[:3])}" if others else ""


def _other_sessions(need: Need, allowing: Iterable[Mapping[str, Any]]) -> list[str]:
    """The sessions of the source's role that are trusted, where it is not the one that calls."""
    if need.session is None:
        return []
    role = f"{need.session.rpartition('/')[0]}/"
    others = (who for each in allowing for who in _who(each, need.principal[0]))
    return [who for who in others if who.startswith(role)]


def _names(need: Need, statement: Mapping[str, Any]) -> bool:
    """Whether a statement is about the source."""
    kind, who = need.principal
    if "NotPrincipal" in statement:
        return who not in _who({"Principal": statement["NotPrincipal"]}, kind)
    account = _ACCOUNT.match(who)
    for said in _who(statement, kind):
        root = _ROOT.fullmatch(said)
        # A session is named as well (IAM User Guide, "AWS STS assumed-role session principals").
        if said in ("*", who, need.session) or (account and said == account[1]):
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
    """The conditions of a statement that the call does not meet."""
    return (judged for judged in _judged(need, statement) if isinstance(judged, str))


def _judged(need: Need, statement: Mapping[str, Any]) -> Iterator[_Judged]:
    for operator, wanted in (statement.get("Condition") or {}).items():
        for key, values in wanted.items():
            said = [str(value) for value in _list(values)]
            how = str(operator).lower().rpartition(":")[2]
            optional = how.endswith("ifexists")
            yield _judge(need, how.removesuffix("ifexists"), str(key), said, optional=optional)


def _judge(need: Need, operator: str, key: str, values: list[str], *, optional: bool) -> _Judged:
    """Whether the call meets a condition: it does, it cannot be told, or why it does not."""
    low = key.lower()
    if low in (_MFA, _MFA_AGE):
        return _judge_mfa(need, operator, low, values, optional=optional)
    sent = {name.lower(): value for name, value in need.sent.items()}
    brought: dict[str, str | None] = {
        f"{_TAG}{name.lower()}": value for name, value in need.tags.items()
    }
    brought |= sent
    if low not in brought:
        lacks = _lacking(key)
        if lacks is None:  # what AWS itself puts there, or what differs from place to place
            return None
        if operator == "null":
            return True if _true(values) else lacks
        return True if optional or operator in _NEGATED else lacks
    value = brought[low]
    if operator == "null":
        return f"it is for calls without {key}" if _true(values) else True
    met = _meets(operator, value, values) if value is not None else None
    if met is not False:
        return met
    if low == _EXTERNAL_ID:
        return "it wants another external id"
    if operator in _NEGATED:
        return f"{key} must not be {value}"
    return f"{key} has to be {' or '.join(values)}, and is {value}"


def _judge_mfa(
    need: Need, operator: str, low: str, values: list[str], *, optional: bool
) -> _Judged:
    """MFA: a call without a code has no such key, or `false` with a session's credentials.

    Source: IAM User Guide, "AWS global condition context keys", `aws:MultiFactorAuthPresent`.
    """
    wants = "it wants MFA, and the role has no mfa_serial"
    refuses = "it is for calls without MFA, and the role has an mfa_serial"
    if operator == "null":
        absent = _true(values)
        if need.mfa:
            return refuses if absent else True
        if low == _MFA_AGE:
            return True if absent else wants
        return None
    if low == _MFA_AGE:  # how old the code is, only the call itself tells
        return None if need.mfa else True if optional else wants
    if need.mfa:
        return True if _true(values) else refuses
    if not _true(values):
        return True if optional else None
    # A user's own keys have no such key at all, which suffices here; a role's session has `false`.
    return None if optional and ":role/" not in need.principal[1] else wants


def _lacking(key: str) -> str | None:
    """What a call lacks that does not bring a key; None where AWS may put it there."""
    low = key.lower()
    if low == _EXTERNAL_ID:
        return "it wants an external id, and the role has no external_id"
    if low == "sts:sourceidentity":
        return "it wants a source identity, and the role has no source_identity"
    if low.startswith(_TAG):
        return f"it wants the session tag {key[len(_TAG) :]}"
    return None


def _true(values: list[str]) -> bool:
    return "true" in [value.lower() for value in values]


def _meets(operator: str, sent: str, values: list[str]) -> bool | None:
    """Whether a value meets an operator; None for operators that are not for texts."""
    same = any(value == sent for value in values)
    alike = any(value.lower() == sent.lower() for value in values)
    like = any(_fits(value, sent) for value in values)
    return {
        "stringequals": same,
        "stringnotequals": not same,
        "stringequalsignorecase": alike,
        "stringnotequalsignorecase": not alike,
        "stringlike": like,
        "stringnotlike": not like,
        "arnequals": like,
        "arnlike": like,
        "arnnotequals": not like,
        "arnnotlike": not like,
    }.get(operator)


def _fits(pattern: str, text: str) -> bool:
    """Whether a condition's pattern fits a value: unlike an action's, with its capitals."""
    return re.fullmatch(_as_expression(pattern), text) is not None


def _globbed(pattern: object, text: str) -> bool:
    """Whether an IAM pattern, with `*` and `?`, fits a text, whatever its case."""
    return re.fullmatch(_as_expression(pattern), text, re.IGNORECASE) is not None


def _as_expression(pattern: object) -> str:
    return translate(str(pattern).replace("[", "[[]"))


def _list(said: Any) -> list[Any]:
    if said is None:
        return []
    return list(said) if isinstance(said, list) else [said]
