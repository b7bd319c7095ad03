"""Sessions in the cache that rolecall shares with the AWS CLI, as `Session` objects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.files import cache
from profiles.files.aws_clock import aws_now, clock_offset
from profiles.session import Credentials, Session

if TYPE_CHECKING:
    from profiles.machine import Machine

# botocore counts a cached session with less than this left as over (`CachedCredentialFetcher`).
WINDOW = 15 * 60
# What answers call whom they made, and how.
_MADE_BY = {"AssumedRoleUser": "assume-role", "FederatedUser": "federation-token"}


def find(machine: Machine, key: str, *, role: str, source: str | None) -> Session | None:
    """The cached session of a key, however little of it is left; None where there is none."""
    response = cache.read_session(machine, key)
    if response is None:
        return None
    session = of_response(response, role=role, source=source, from_cache=True)
    if session.expires_at is None or session.expires_at <= aws_now(machine):
        return None
    return session


def lasts(machine: Machine, key: str, session: Session) -> bool:
    """Whether a cached session is used without asking AWS again."""
    return session.expires_at is not None and aws_now(machine) <= used_until(machine, key, session)


def used_until(machine: Machine, key: str, session: Session) -> float:
    """When a cached session is asked for anew, seconds since 1970.

    botocore asks again below fifteen minutes, and so for ever where a session lasts no longer
    than that; a session shorter than an hour is kept here until a quarter of it is left.
    """
    end = session.expires_at or 0.0
    return end - min(WINDOW, (end - made_at(machine, key)) / 4)


def made_at(machine: Machine, key: str) -> float:
    """When a cached session was kept, by AWS's clock; long ago where it is gone."""
    try:
        changed = os.stat(os.path.join(machine.role_cache, f"{key}.json")).st_mtime
        return changed + clock_offset(machine)
    except OSError:
        return 0.0


def of_response(
    response: dict[str, Any], *, role: str, source: str | None, from_cache: bool = False
) -> Session:
    """The session in an answer of STS, or in a cache file of the same shape."""
    keys = response["Credentials"]
    said = keys["Expiration"]
    expires = times.instant(said) if isinstance(said, str) else said.timestamp()
    identity, method = None, "sso" if response.get("ProviderType") == "sso" else "session-token"
    for user, made_by in _MADE_BY.items():
        if user in response:
            identity, method = _text(response[user], "Arn"), made_by
    account = _text(keys, "AccountId") or _account_of(identity)
    return Session(
        role=role,
        credentials=Credentials(
            keys["AccessKeyId"],
            keys["SecretAccessKey"],
            keys["SessionToken"],
            expires_at=expires,
            identity=identity,
            account_id=account,
            method=method,
            from_role=method == "sso" or "AssumedRoleUser" in response,
        ),
        expires_at=expires,
        identity=identity,
        account_id=account,
        source=source,
        from_cache=from_cache,
    )


def _text(said: object, member: str) -> str | None:
    """A text of an object, where it is one: a cache may hold anything."""
    found = said.get(member) if isinstance(said, dict) else None
    return found if isinstance(found, str) else None


def _account_of(arn: object) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[4] if len(parts) > 5 and parts[4] else None
