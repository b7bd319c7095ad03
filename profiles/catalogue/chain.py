"""What stands behind a role: the hops from who proves an identity to the role itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.role import CREDENTIAL_SOURCES, Role
from profiles.errors import SourceLoop, UnknownTarget, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


# Keys in a source profile win over a role in it, as in botocore's AssumeRoleProvider; not over
# what its provider chain for a named profile asks first.
_KEYS_WIN_OVER = ("role", "session-token")


class Hop(NamedTuple):
    """One step of a chain.

    Attributes:
        name: the profile's, role's or SSO session's name, or a credential source's.
        kind: `keys`, `keyring`, `role`, `session-token`, `sso`, `web-identity`, `process`,
            `login`, …; a credential source has its own name as kind.
        role: whose settings rule this step; None for a credential source.
    """

    name: str
    kind: str
    role: Role | None


def hops_to(role: Role, find: Callable[[str, Role | None], Role | None]) -> tuple[Hop, ...]:
    """The hops to a role, the origin first.

    Args:
        role: the last hop.
        find: a role by its name; its second argument is the role that names it, which an entry
            named like the profile it starts from does not mean itself by.

    Raises:
        SourceLoop: the sources lead back; the loop is drawn in the summary.
        UnknownTarget: a source that no file knows.
        UsageError: a source that nothing can be got with.
    """
    hops: list[Hop] = []
    seen: list[Role] = []
    at: Role | None = role
    while at is not None:
        if any(at is other for other in seen):
            drawn = " ─▸ ".join(other.name for other in [*seen, at])
            raise SourceLoop(
                f"the sources of {role.name} go in a circle: {drawn}",
                "one of them has to start from keys, SSO or another real source",
            )
        seen.append(at)
        kind = at.kind
        if kind == "federation-token" and at is not role:
            # Such a session may call nothing of STS but GetCallerIdentity (API reference).
            raise UsageError(
                f"{seen[-2].name} starts from {at.name}, a federation token, and AWS lets a "
                "federated user assume no role",
                f"start it from {at.source or 'keys'} instead",
            )
        if kind in ("role", "session-token", "federation-token") and (
            kind != "session-token" or at.entry is not None
        ):
            hops.append(Hop(at.name, kind, at))
            source = at.source
            if source is None:
                break
            if source in CREDENTIAL_SOURCES:
                hops.append(Hop(source, source, None))
                break
            if source == at.name and at.has_keys:
                hops.append(Hop(source, at.keys_kind, at))
                break
            found = find(source, at)
            if found is None:
                raise UnknownTarget(
                    f"{at.name} starts from {source!r}, which no file knows",
                    f"add a profile or role of that name, or change the source of {at.name}",
                )
            if found.has_keys and found is not at and found.kind in _KEYS_WIN_OVER:
                hops.append(Hop(found.name, found.keys_kind, found))
                break
            at = found
        elif kind == "session-token":
            hops.append(Hop(at.name, kind if at is role else at.keys_kind, at))
            if at is role:
                hops.append(Hop(at.name, at.keys_kind, at))
            break
        elif kind == "sso":
            hops.append(Hop(at.name, kind, at))
            hops.append(Hop(at.source or at.name, "sso-session", at))
            break
        else:
            hops.append(Hop(at.name, kind, at))
            break
    return tuple(reversed(hops))
