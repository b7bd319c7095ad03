"""What stands behind a role's session: other sessions, each with an end of its own, and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.errors import RolecallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus

KINDS = {
    "keys": "key",
    "keyring": "stored key",
    "role": "role",
    "session-token": "session token",
    "federation-token": "federation token",
    "sso": "permission set",
    "sso-session": "sign-in",
    "web-identity": "web identity",
    "saml": "SAML",
    "process": "program",
    "login": "console sign-in",
    "Environment": "environment",
    "Ec2InstanceMetadata": "instance",
    "EcsContainer": "container",
}
"""What people call the kinds of hops."""
_ORIGINS = {
    "config": "the AWS config file",
    "credentials": "the AWS credentials file",
    "settings": "rolecall's settings",
    "keyring": "the system's key store",
    "machine": "this machine",
    "discovered": "what was found at AWS",
}
ASSUMED = ("role", "sso", "web-identity", "saml")
"""The kinds of hops whose sessions are a role's: what is assumed with them lasts an hour."""


class Layer(NamedTuple):
    """A session that a role's comes from.

    Attributes:
        kind: `MFA`, `SSO` or `role`.
        name: the device's, the sign-in's, the role's.
        status: what is known of it.
    """

    kind: str
    name: str
    status: SessionStatus


def hops_of(catalogue: Catalogue, role: Role) -> tuple[Hop, ...]:
    """The hops to a role, the origin first; none where they cannot be told."""
    try:
        return catalogue.hops(role)
    except RolecallError:
        return ()


def layers(
    hops: Sequence[Hop],
    statuses: Sequence[SessionStatus],
    sessions: Mapping[str, SessionStatus],
) -> list[Layer]:
    """The sessions behind a role, the nearest first; those that there are none of are left out.

    Args:
        hops: to the role.
        statuses: every session on this machine.
        sessions: the one that counts for each role.
    """
    if not statuses:
        return []
    found: dict[tuple[str, str], Layer] = {}
    for hop in reversed(hops):
        serial = hop.role.get("mfa_serial") if hop.role is not None else None
        if serial:
            _put(
                found, "MFA", device_of(serial), _ending(statuses, f"({serial.rpartition(':')[2]})")
            )
        if hop.kind == "sso-session":
            names = {hop.name, hop.role.get("sso_start_url") if hop.role is not None else None}
            own = (s for s in statuses if s.origin == "sso" and s.name in names)
            _put(found, "SSO", hop.name, next(own, None))
        elif hop is not hops[-1] and hop.kind in ("role", "sso", "session-token"):
            _put(found, "role", hop.name, sessions.get(hop.name))
    return list(found.values())


def device_of(serial: str) -> str:
    """An MFA device as people call it: the name at the end of its ARN, or its serial number."""
    return serial.rpartition(":")[2].removeprefix("mfa/")


def kinds_of(hops: Iterable[Hop]) -> list[str]:
    """The kinds of a chain's hops, in words: one for each name in a row."""
    kinds: list[tuple[str, str]] = []
    for hop in hops:
        if not kinds or kinds[-1][0] != hop.name:
            kinds.append((hop.name, KINDS.get(hop.kind, hop.kind)))
    return [kind for _, kind in kinds]


def origin_of(role: Role) -> str:
    """Where a role is named, in words."""
    return _ORIGINS.get(role.origin, role.origin)


def limits(catalogue: Catalogue, role: Role, hops: Sequence[Hop]) -> list[str]:
    """How long a session of a role lasts, and what bounds it, as far as the files tell."""
    from profiles.sources.arguments import duration_of

    if role.kind == "sso":
        return ["the permission set decides how long it lasts"]
    if role.kind not in (*ASSUMED, "session-token", "federation-token"):
        return []
    chained = any(hop.kind in ASSUMED for hop in hops[:-1])
    maximum = times.ROLE_MAXIMUM if role.kind in ASSUMED else times.TOKEN_MAXIMUM
    stage = catalogue.stage(role)
    try:
        seconds, notes = duration_of(
            role, catalogue.settings, None, stage, maximum=maximum, chained=chained
        )
    except RolecallError as error:
        return [error.summary]
    usual = times.CHAIN_MAXIMUM if role.kind in ASSUMED else times.ROLE_MAXIMUM
    asked = f"asks for {times.words(seconds)}" if seconds else f"AWS gives {times.words(usual)}"
    found = [asked, *notes]
    if chained and not notes:
        found.append(f"{times.words(times.CHAIN_MAXIMUM)} at most: it is assumed by another role")
    if stage is not None and stage.max_duration is not None and not notes:
        found.append(f"{stage.name} has {times.words(stage.max_duration)} at most")
    return found


def _put(
    found: dict[tuple[str, str], Layer], kind: str, name: str, status: SessionStatus | None
) -> None:
    if status is not None:
        found.setdefault((kind, name), Layer(kind, name, status))


def _ending(statuses: Iterable[SessionStatus], words: str) -> SessionStatus | None:
    """The one that lasts longest of those whose name ends so."""
    own = [status for status in statuses if status.name.endswith(words)]
    return max(own, key=lambda status: status.expires_at or 0, default=None)
