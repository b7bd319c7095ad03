"""A permission set in an account, by IAM Identity Center's GetRoleCredentials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.catalogue.portal import portal_of
from profiles.errors import Internal, UsageError
from profiles.files import cache, sso_cache
from profiles.insight.portal_refusal import role_refused
from profiles.insight.refusal import Refusal
from profiles.sources import cached
from profiles.sources.asking import kept_or_new
from profiles.sources.sso_token import access_token
from profiles.sources.sso_visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.request import Request
    from profiles.session import Session
    from profiles.sources.protocol import Way

_KEYS = {"accessKeyId": str, "secretAccessKey": str, "sessionToken": str, "expiration": int}


class PermissionSet:
    """The session of a permission set, from the cache shared with botocore or from the portal."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a permission set in an account.

        Raises:
            ConfigUnreadable: the settings lack something or contradict themselves.
            PersonNeeded: only a person could sign in, and none is there.
            RolecallError: it cannot be had, and why.
        """
        del before  # a sign-in is no session: this hop looks for it itself
        role = hop.role
        if role is None or not role.account_id or not role.role_name:
            raise Internal(f"{hop.name} is no permission set")
        check_wishes(role, way.request_for(role))
        portal = portal_of(role, way.catalogue.files.sso_sessions)
        key = sso_cache.role_key(role.role_name, role.account_id, portal)
        visit = _visit(role, way)
        token: str | None = None

        def sign_in() -> None:
            nonlocal token
            token = access_token(visit)

        def new() -> Session:
            session = _new(role, visit, key, token or access_token(visit))
            told = replace(session, role_arn=role.role_arn)
            return replace(session, notes=way.given(told))

        session = kept_or_new(key, hop, way, new, sign_in)
        return replace(session, source=role.source)


def check_wishes(role: Role, request: Request | None) -> None:
    """Refuse what GetRoleCredentials has no parameter for, rather than leave it out in silence.

    Raises:
        UsageError: it was asked for.
    """
    if request is None:
        return
    for option, said in (
        ("--duration", request.duration),
        ("--session-name", request.session_name),
        ("--external-id", request.external_id),
        ("--source-identity", request.source_identity),
        ("--tag", request.tags),
        ("--policy", request.policy),
        ("--policy-arn", request.policy_arns),
    ):
        if said:
            raise UsageError(
                f"{role.name}: {option} has no say, the permission set {role.role_name} rules it",
                f"leave out {option}; in Identity Center the permission set can be changed",
            )


def _visit(role: Role, way: Way) -> Visit:
    portal = portal_of(role, way.catalogue.files.sso_sessions)
    place = way.place
    return Visit(
        portal=portal,
        place=place._replace(region=portal.region),
        machine=way.machine,
        settings=way.catalogue.settings,
        role=role.name,
        ask=way.ask,
        cancelled=way.cancelled,
        clock=way.clock,
    )


def _new(role: Role, visit: Visit, key: str, token: str) -> Session:
    """A new session; a token that the portal does not take is replaced once."""
    try:
        answer = _asked(role, visit, token)
    except Refusal as refusal:
        if refusal.code != "UnauthorizedException":
            raise role_refused(refusal, role, visit.portal) from refusal
        visit.machine.log(f"{visit.portal.name} does not take its token: {refusal.message}")
        token = access_token(visit, refused=token)
        try:
            answer = _asked(role, visit, token)
        except Refusal as again:
            raise role_refused(again, role, visit.portal) from again
    cache.write_session(visit.machine, key, answer, role.name)
    return cached.of_response(answer, role=role.name, source=role.source)


def _asked(role: Role, visit: Visit, token: str) -> dict[str, Any]:
    """The answer of GetRoleCredentials, as botocore keeps it."""
    said = visit.call(
        "get_role_credentials",
        {"roleName": role.role_name, "accountId": role.account_id, "accessToken": token},
        {"roleCredentials": dict},
        service="sso",
    )["roleCredentials"]
    visit.expect(said, _KEYS)
    end = times.known(said["expiration"] // 1000)
    visit.expect({"expiration": end}, {"expiration": float})
    return {
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": said["accessKeyId"],
            "SecretAccessKey": said["secretAccessKey"],
            "SessionToken": said["sessionToken"],
            "Expiration": times.rfc3339(end or 0),
            "AccountId": role.account_id,
        },
    }
