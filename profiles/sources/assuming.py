"""AssumeRole, with the MFA that it wants: by an MFA session, by a code of its own, or found out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import AccessDenied, CredentialsExpired, MfaRejected, PersonNeeded
from profiles.quoted import quoted
from profiles.sources import mfa_device, mfa_session
from profiles.sources.asking import ask_sts, is_denial
from profiles.sources.mfa_session import NoMfaSession

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.session import Session
    from profiles.sources.mfa_session import Proof
    from profiles.sources.protocol import Way


def assume(given: dict[str, Any], role: Role, source: Session, key: str, way: Way) -> Session:
    """A new session of a role, kept in the cache.

    Args:
        given: the parameters of AssumeRole; a `SerialNumber` among them says that it wants MFA.
        source: what it is assumed with.

    Raises:
        RolecallError: what AWS's refusal means.
    """
    of_user = source.credentials.session_token is None
    serial = given.get("SerialNumber")
    if serial is None and of_user and way.request.mfa_code is not None:
        serial = mfa_device.device_for_code(way, role, source)
    if serial is not None:
        return _with_mfa(given | {"SerialNumber": serial}, role, source, key, way)
    try:
        return ask_sts("assume_role", given, role, source, key, way)
    except AccessDenied as denied:
        serial = mfa_device.only_device(way, source) if of_user and is_denial(denied) else None
        if serial is None:
            raise
        return _perhaps_with_mfa(given | {"SerialNumber": serial}, role, source, key, way, denied)


def _perhaps_with_mfa(
    given: dict[str, Any], role: Role, source: Session, key: str, way: Way, denied: AccessDenied
) -> Session:
    """Try it with the device that the user turned out to have."""
    serial = given["SerialNumber"]
    try:
        session = _with_mfa(given, role, source, key, way)
    except PersonNeeded as nobody:
        raise AccessDenied(
            denied.summary,
            f"if it wants MFA, give --mfa-code, or set mfa_serial = {serial} for {role.name}",
        ) from nobody
    note = f"{role.name} wants MFA: mfa_serial = {serial} in its settings spares a refused call"
    return replace(session, notes=(*session.notes, note))


def _with_mfa(given: dict[str, Any], role: Role, source: Session, key: str, way: Way) -> Session:
    serial = given["SerialNumber"]
    proved = {name: value for name, value in given.items() if name != "SerialNumber"}
    if _proved_before(way, role, serial):
        return ask_sts("assume_role", proved, role, source, key, way, proven=True)
    # What a session token assumes lasts an hour at most: longer ones are asked for with a code.
    long = (given.get("DurationSeconds") or 0) > times.CHAIN_MAXIMUM
    if long or source.credentials.session_token is not None:
        return ask_sts("assume_role", given, role, source, key, way)
    wanted, kept_as = _as_configured(way, source, serial)

    def proof(*, fresh: bool) -> Proof:
        return mfa_session.proof(way, role, source, wanted, kept_as=kept_as, fresh=fresh)

    def by_proof(found: Proof) -> Session:
        return ask_sts("assume_role", proved, role, found.session, key, way, proven=True)

    try:
        found = proof(fresh=way.request.fresh)
        try:
            return by_proof(found)
        except CredentialsExpired:
            if found.age < mfa_session.YOUNG:
                raise
            return by_proof(proof(fresh=True))
        except AccessDenied as denied:
            if found.age < mfa_session.YOUNG or not is_denial(denied):
                raise
            return _by_newer_code(given, role, source, key, way, denied)
    except NoMfaSession as refused:
        return _by_code_in_hand(given, refused.code, role, source, key, way)


def _by_newer_code(
    given: dict[str, Any], role: Role, source: Session, key: str, way: Way, denied: AccessDenied
) -> Session:
    """A role may want a code that was given a short while ago (`aws:MultiFactorAuthAge`)."""
    way.machine.log(f"{role.name}: refused with the MFA session; trying a code of its own")
    try:
        return ask_sts("assume_role", given, role, source, key, way)
    except PersonNeeded as nobody:
        raise AccessDenied(
            denied.summary,
            f"if it wants a newer code, give --mfa-code, or run it in a terminal: "
            f"rolecall assume {quoted(role.name)}",
        ) from nobody


def _by_code_in_hand(
    given: dict[str, Any], code: str, role: Role, source: Session, key: str, way: Way
) -> Session:
    try:
        return ask_sts("assume_role", given | {"TokenCode": code}, role, source, key, way)
    except MfaRejected:
        return ask_sts("assume_role", given, role, source, key, way)


def _proved_before(way: Way, role: Role, serial: str) -> bool:
    """Whether the role starts from a session token of the same device."""
    return any(
        after.role is role
        and before.kind == "session-token"
        and before.role is not None
        and before.role.get("mfa_serial") == serial
        for before, after in pairwise(way.hops)
    )


def _as_configured(way: Way, source: Session, serial: str) -> tuple[dict[str, Any], str]:
    """What is asked for an MFA session, and what it is called.

    A `[[roles]]` entry for the same user and device says how long it lasts and names it.
    """
    for entry in way.catalogue.settings.roles:
        if (
            entry.get("kind") == "session-token"
            and entry.get("source") == source.role
            and entry.get("mfa_serial") == serial
        ):
            seconds = entry.get("duration")
            more = {"DurationSeconds": seconds} if seconds else {}
            return {"SerialNumber": serial, **more}, entry["name"]
    return {"SerialNumber": serial}, f"{source.role} ({serial.rpartition(':')[2]})"
