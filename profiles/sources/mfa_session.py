"""MFA sessions: one code of a device serves all roles behind it, for as long as AWS lets it.

A session token got with a code carries the proof with it (IAM User Guide, "Secure API access with
MFA"), so the roles that want MFA are assumed with that and no code of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import AccessDenied
from profiles.files import cache
from profiles.sources import cached, mfa
from profiles.sources.asking import ask_sts, is_denial
from profiles.sources.once import one_for_all

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.session import Session
    from profiles.sources.protocol import Way

LEAST = 60.0
"""Seconds that a session must have left to be used for a call."""
YOUNG = 60.0
"""Seconds in which a session counts as new: what a code got just now needs no second code."""


class Proof(NamedTuple):
    """An MFA session in the cache.

    Attributes:
        session: as a source of others.
        age: seconds since it was kept.
    """

    session: Session
    age: float


class NoMfaSession(Exception):
    """AWS gives this user no session token, which has nothing to do with the code.

    Attributes:
        code: the code that it was asked with.
        error: why.
    """

    def __init__(self, code: str, error: RolecallError) -> None:
        super().__init__(error.summary)
        self.code = code
        self.error = error


def proof(
    way: Way,
    role: Role,
    source: Session,
    given: dict[str, Any],
    *,
    kept_as: str,
    fresh: bool,
    least: float = LEAST,
    exactly: bool = False,
) -> Proof:
    """The MFA session of a user and a device, from the cache or got with one code for all.

    Args:
        role: what it is wanted for.
        source: the user's long-lived keys.
        given: the parameters of GetSessionToken, without a code.
        kept_as: the name it gets where it is new.
        fresh: whether only one that is new counts.
        least: seconds that it must have left.
        exactly: whether it must have been asked for with the same duration.

    Raises:
        NoMfaSession: AWS gives this user none.
        RolecallError: it cannot be had, and why.
    """
    serial, key_id = given["SerialNumber"], source.credentials.access_key_id
    whose = cache.session_token_key(key_id, serial, None)
    key = cache.session_token_key(key_id, serial, given.get("DurationSeconds"))

    def known() -> Proof | None:
        keys = [key] if exactly else cache.session_token_keys(way.machine, key_id, serial)
        found = _best(way, keys, source, least)
        return None if found is not None and fresh and found.age >= YOUNG else found

    def ask(code: str) -> Proof:
        by_code = given | {"TokenCode": code}
        try:
            session = ask_sts("get_session_token", by_code, role, source, key, way, kept_as=kept_as)
        except AccessDenied as error:
            if is_denial(error):
                raise NoMfaSession(code, error) from error
            raise
        return Proof(replace(session, role=source.role), 0.0)

    return known() or one_for_all(
        way,
        key if exactly else whose,
        known,
        lambda: mfa.with_code(way, role.name, serial, ask),
    )


def _best(way: Way, keys: list[str], source: Session, least: float) -> Proof | None:
    """The one that lasts longest."""
    now = way.machine.now()
    best: Proof | None = None
    for key in keys:
        session = cached.find(way.machine, key, role=source.role, source=source.role)
        if session is None or (session.seconds_left(now) or 0) < least:
            continue
        if best is None or (session.expires_at or 0) > (best.session.expires_at or 0):
            best = Proof(session, max(now - cached.made_at(way.machine, key), 0))
    return best
