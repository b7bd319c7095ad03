"""Every session on this machine, whoever made it, by the files and the environment alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times
from profiles.catalogue.query import STATES
from profiles.files import cache, credentials
from profiles.files.running import mark_of, running
from profiles.model import Phase, SessionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.query import States
    from profiles.catalogue.role import Role
    from profiles.files.cache import CachedSession
    from profiles.files.credentials import Owned
    from profiles.machine import Machine

# What the two names of a session's token have in common (see sources/keys.py).
_TOKEN = "_token"  # noqa: S105 — a part of a name


def session_statuses(machine: Machine, catalogue: Catalogue) -> list[SessionStatus]:
    """All sessions: in profiles, the shared cache, shells, endpoints, SSO tokens, the environment.

    A session that is in several of them is one row. Expired ones are in the list as long as
    their file is.
    """

    def identity_of(name: str) -> str | None:
        role = catalogue.get(name)
        return role.role_arn if role else None

    owned = credentials.owned(machine)
    found = role_sessions(
        machine, lambda entries: names_of(entries, catalogue, machine), identity_of, owned
    )
    found += _other_profiles(catalogue, set(owned))
    return [
        *_with_running(machine, found, identity_of),
        *_sso(machine, catalogue),
        *_environment(machine),
    ]


def role_sessions(
    machine: Machine,
    names: Callable[[list[CachedSession]], Mapping[str, str]],
    identity_of: Callable[[str], str | None] = lambda _: None,
    owned: Mapping[str, Owned] | None = None,
) -> list[SessionStatus]:
    """The sessions of roles: those that rolecall wrote, and those in the shared cache.

    Args:
        machine: says where the files are.
        names: the role's name by cache key, for the entries that rolecall did not make.
        identity_of: the ARN of a role, where no cached session tells a better one.
        owned: the profiles that rolecall wrote, where they were read already.
    """
    found: list[SessionStatus] = []
    cached = _cached(machine, names)
    owned = credentials.owned(machine) if owned is None else owned
    written: dict[str, list[str]] = {}
    for profile, held in owned.items():
        written.setdefault(held.access_key_id, []).append(profile)
    for key_id, profiles in written.items():
        held = owned[profiles[0]]
        session = cached.pop(key_id, None)
        found.append(
            SessionStatus(
                name=held.role,
                profile=profiles[0],
                identity=(session.identity if session else None) or identity_of(held.role),
                expires_at=held.expires_at,
                origin="rolecall",
                destinations=tuple(f"[{profile}]" for profile in profiles),
                access_key_id=key_id,
            )
        )
    return [*found, *cached.values()]


def by_role(statuses: Iterable[SessionStatus], now: float) -> dict[str, SessionStatus]:
    """The session that counts for each role: live before expired, written before cached."""
    best: dict[str, SessionStatus] = {}
    for status in statuses:
        if status.origin not in ("rolecall", "aws-cli"):
            continue
        other = best.get(status.name)
        if other is None or _rank(status, now) > _rank(other, now):
            best[status.name] = status
    return best


def states(
    sessions: Mapping[str, SessionStatus], favourites: Collection[str], now: float
) -> States:
    """The names of the roles that a filter finds by `live:`, `expiring:`, `expired:`, `favourite:`.

    Args:
        sessions: the one that counts for each role.
        favourites: names of roles.
        now: seconds since 1970.
    """
    found: dict[str, set[str]] = {state: set() for state in STATES}
    found["favourite"].update(favourites)
    for name, status in sessions.items():
        phase = status.phase(now)
        if phase is Phase.EXPIRED:
            found["expired"].add(name)
            continue
        found["live"].add(name)
        if phase is not Phase.LIVE:
            found["expiring"].add(name)
    return found


def _rank(status: SessionStatus, now: float) -> tuple[bool, bool, float]:
    end = status.expires_at or 0.0
    return end > now, status.profile is not None, end


def _cached(
    machine: Machine, naming: Callable[[list[CachedSession]], Mapping[str, str]]
) -> dict[str, SessionStatus]:
    """The sessions in the shared cache, by access key id."""
    entries = cache.cached_sessions(machine)
    if not entries:
        return {}
    made = cache.made_by_rolecall(machine)
    names = naming([entry for entry in entries if not _by_us(entry, made)])
    found = {}
    for entry in entries:
        by_us = _by_us(entry, made)
        name = made[entry.key][0] if by_us else names.get(entry.key)
        if name is None:
            name = f"{entry.role_name}@{entry.account_id}" if entry.role_name else entry.key[:12]
        found[entry.access_key_id] = SessionStatus(
            name=name,
            profile=None,
            identity=entry.arn,
            expires_at=entry.expires_at,
            origin="rolecall" if by_us else "aws-cli",
            access_key_id=entry.access_key_id,
        )
    return found


def _by_us(entry: CachedSession, made: Mapping[str, tuple[str, str]]) -> bool:
    """Whether rolecall made that very session; the AWS CLI may have replaced it since."""
    ours = made.get(entry.key)
    return ours is not None and ours[1] == entry.access_key_id


def names_of(
    entries: list[CachedSession], catalogue: Catalogue, machine: Machine
) -> Mapping[str, str]:
    """Which role each cache key belongs to.

    A key is a hash: only the roles of the accounts that the entries name are hashed, so that ten
    thousand roles cost what the few cached ones do.
    """
    from profiles.errors import RolecallError
    from profiles.sources.arguments import role_arguments

    names = _permission_sets(entries, catalogue)
    wanted = {entry.key for entry in entries}
    places = {(entry.account_id, entry.role_name) for entry in entries}
    accounts = {account for account, _ in places}
    for role in catalogue.roles.passing(accounts):
        if (role.account_id, role.role_name) not in places or role.kind != "role":
            continue
        for chained in (False, True):
            try:
                arguments = role_arguments(
                    role,
                    catalogue.settings,
                    None,
                    catalogue.stage(role),
                    chained=chained,
                    user=machine.user,
                )
            except RolecallError:
                continue
            key = cache.role_cache_key(arguments.given)
            if key in wanted:
                names.setdefault(key, role.name)
        key = cache.role_cache_key(_as_botocore(role))
        if key in wanted:
            names.setdefault(key, role.name)
    return names


def _permission_sets(entries: list[CachedSession], catalogue: Catalogue) -> dict[str, str]:
    """Those of the keys that are Identity Center's; its sessions have no ARN."""
    wanted = {entry.key: entry.account_id for entry in entries if entry.arn is None}
    if not wanted:
        return {}
    from profiles.catalogue.portal import permission_sets

    accounts = set(wanted.values())
    # Older AWS CLIs (2.9) keep no account's id with them.
    roles = catalogue.roles.passing(None if None in accounts else accounts)
    names: dict[str, str] = {}
    for role, _, key in permission_sets(roles, catalogue.files.sso_sessions):
        if key in wanted:
            names.setdefault(key, role.name)
    return names


def _as_botocore(role: Role) -> dict[str, object]:
    """What the AWS CLI hashes for a profile, which knows nothing of rolecall's settings."""
    given: dict[str, object] = {"RoleArn": role.role_arn}
    for parameter, key in (
        ("RoleSessionName", "role_session_name"),
        ("ExternalId", "external_id"),
        ("SerialNumber", "mfa_serial"),
    ):
        if (value := role.get(key)) is not None:
            given[parameter] = value
    seconds = role.get("duration_seconds")
    if seconds and seconds.isascii() and seconds.isdigit():
        given["DurationSeconds"] = int(seconds)
    return given


def _other_profiles(catalogue: Catalogue, owned: set[str]) -> Iterable[SessionStatus]:
    from profiles.files.expiry import expiry_of

    files = catalogue.files
    marked = dict.fromkeys(section.name for section in files.credentials.holding(_TOKEN))
    for name in marked:
        if name in owned:
            continue
        profile = files.profiles[name]
        if profile.get("aws_session_token") or profile.get("aws_security_token"):
            yield SessionStatus(
                name=name,
                profile=name,
                identity=None,
                expires_at=expiry_of(profile.settings),
                origin="file",
                destinations=(f"[{name}]",),
                access_key_id=profile.get("aws_access_key_id") or "",
            )


def _with_running(
    machine: Machine, found: list[SessionStatus], identity_of: Callable[[str], str | None]
) -> list[SessionStatus]:
    """The sessions, with the shells and endpoints that hold them, and those held there alone."""
    holders = running(machine)
    marks = [mark_of(status.access_key_id) for status in found] if holders else []
    for each in holders:
        if each.mark in marks:
            place = marks.index(each.mark)
            where = (*found[place].destinations, each.where)
            found[place] = found[place]._replace(destinations=where)
            continue
        marks.append(each.mark)
        found.append(
            SessionStatus(
                name=each.role,
                profile=None,
                identity=identity_of(each.role),
                expires_at=each.expires_at,
                origin="rolecall",
                destinations=(each.where,),
            )
        )
    return found


def _sso(machine: Machine, catalogue: Catalogue) -> Iterable[SessionStatus]:
    from profiles.files import sso_cache

    for token in sso_cache.sso_tokens(machine, catalogue.files.sso_sessions):
        yield SessionStatus(
            name=token.session or token.start_url,
            profile=None,
            identity=None,
            expires_at=token.expires_at,
            origin="sso",
            refreshed_until=token.registered_until if token.refreshable else None,
        )


def _environment(machine: Machine) -> Iterable[SessionStatus]:
    env = machine.env
    if not (env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SESSION_TOKEN")):
        return
    end = env.get("AWS_CREDENTIAL_EXPIRATION") or env.get("AWS_SESSION_EXPIRATION")
    yield SessionStatus(
        name=env.get("ROLECALL_ROLE") or "environment",
        profile=None,
        identity=None,
        expires_at=times.instant(end) if end else None,
        origin="environment",
        destinations=("environment",),
        access_key_id=env["AWS_ACCESS_KEY_ID"],
    )
