"""What was asked for and has no place in a call: refused, rather than left out in silence.

A policy that is left out would hand out more than was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import UsageError

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.request import Request

_OPTIONS = (
    ("--duration", "duration"),
    ("--session-name", "session_name"),
    ("--mfa-serial", "mfa_serial"),
    ("--external-id", "external_id"),
    ("--source-identity", "source_identity"),
    ("--tag", "tags"),
    ("--transitive-tag", "transitive_tags"),
    ("--policy", "policy"),
    ("--policy-arn", "policy_arns"),
)
# GetSessionToken and GetFederationToken have no parameters for more than this (API reference).
_TAKEN = {
    "session-token": ("duration", "mfa_serial"),
    "federation-token": ("duration", "session_name", "tags", "policy", "policy_arns"),
}
_AS_THEY_ARE = ("process", "login", "Environment", "Ec2InstanceMetadata", "EcsContainer")


def check_wishes(role: Role, request: Request) -> None:
    """Refuse what the session of a role cannot have; kinds that know more check for themselves.

    Raises:
        UsageError: it was asked for.
    """
    ready = role.kind in _AS_THEY_ARE or (role.kind == "session-token" and role.has_session)
    if not ready and role.kind not in _TAKEN:
        return
    taken = () if ready else _TAKEN[role.kind]
    for option, name in _OPTIONS:
        if name in taken or not getattr(request, name):
            continue
        if ready:
            raise UsageError(
                f"{role.name}: {option} has no say, its session comes as it is",
                f"leave out {option}, or assume a role with --source {role.name}",
            )
        raise UsageError(
            f"{role.name}: a {role.kind.replace('-', ' ')} takes no {option}",
            f"leave out {option}, or assume a role, which takes it",
        )
