"""What a call that somebody else's proof signs is given: web identity tokens, SAML assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import UsageError
from profiles.sources.arguments import Arguments, asked_name, duration_of, policies, session_name

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.model import Stage
    from profiles.request import Request
    from profiles.sources.protocol import Way


def federated_arguments(
    role: Role, way: Way, call: str, stage: Stage | None, *, named: bool
) -> Arguments:
    """The parameters of AssumeRoleWithWebIdentity or AssumeRoleWithSAML, but for the proof itself.

    Args:
        role: whose.
        way: its surroundings.
        call: AWS's name of it.
        stage: whose bounds count.
        named: whether it takes a session name; a SAML assertion brings its own.

    Raises:
        UsageError: it was asked for what the call does not take.
        SessionTooLong: see `duration_of`.
    """
    request, settings = way.request_for(role), way.catalogue.settings
    _refuse(role, request, call, named=named)
    seconds, notes = duration_of(
        role,
        settings,
        request,
        stage,
        maximum=times.ROLE_MAXIMUM,
        chained=False,
    )
    given: dict[str, Any] = {"RoleArn": role.role_arn}
    asked = asked_name(role, settings, request) if named else None
    if asked:
        given["RoleSessionName"] = session_name(asked, role.name, way.machine.user)
    if seconds is not None:
        given["DurationSeconds"] = seconds
    given |= policies(role, settings, request)
    unasked = session_name("{user}", role.name, way.machine.user)
    return Arguments(given, given.get("RoleSessionName") or unasked if named else "", notes)


def _refuse(role: Role, request: Request | None, call: str, *, named: bool) -> None:
    """Stop where something was asked for that would be dropped in silence."""
    if request is None:
        return
    for option, value in (
        ("--tag", request.tags),
        ("--transitive-tag", request.transitive_tags),
        ("--source-identity", request.source_identity),
        ("--external-id", request.external_id),
        ("--mfa-serial", request.mfa_serial),
        ("--session-name", request.session_name and not named),
    ):
        if value:
            raise UsageError(
                f"{role.name}: {call} takes no {option}", "the identity provider has the say there"
            )
