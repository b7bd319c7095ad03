"""The cache of sessions that is shared with the AWS CLI and the SDKs.

Source: botocore 1.43, `utils.JSONFileCache`, `credentials.AssumeRoleCredentialFetcher` and
`credentials.SSOCredentialFetcher`: same folder, same keys, same JSON.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import CredentialsFileUnwritable
from profiles.files.atomic import private_write, sweep
from profiles.files.aws_clock import aws_now
from profiles.files.state import load_json, locked_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from profiles.machine import Machine

_RECORD = "sessions.json"
_NEEDED = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


class CachedSession(NamedTuple):
    """A role session in the shared cache, without its secrets.

    Attributes:
        key: the file's name without `.json`.
        arn: of the assumed role or federated user; None for a session that Identity Center gave.
        account_id: None where nothing tells it.
        role_name: None where nothing tells it.
        access_key_id: identifies the session.
        expires_at: seconds since 1970.
    """

    key: str
    arn: str | None
    account_id: str | None
    role_name: str | None
    access_key_id: str
    expires_at: float


def role_cache_key(arguments: Mapping[str, object]) -> str:
    """The key under which botocore caches a role's session.

    Args:
        arguments: of AssumeRole; `RoleSessionName` only where somebody chose it, for botocore
            leaves its own out. What botocore's key knows nothing of takes part all the same.
    """
    import hashlib
    import json

    left_out = (
        {"TokenCode"} if arguments.get("RoleSessionName") else {"TokenCode", "RoleSessionName"}
    )
    known = {key: value for key, value in arguments.items() if key not in left_out}
    policy = known.get("Policy")
    if isinstance(policy, str):
        # As botocore does, so that the order of a policy's keys makes no other session.
        known["Policy"] = json.loads(policy)
    return hashlib.sha1(json.dumps(known, sort_keys=True).encode()).hexdigest()  # noqa: S324


def session_token_key(access_key_id: str, serial: str | None, seconds: int | None) -> str:
    """The key of a user's session token, which botocore caches none of.

    Args:
        access_key_id: of the user's keys.
        serial: of the MFA device that it was proved with.
        seconds: how long it was asked for, None where AWS decided. It stands apart, so that all
            that one device proved can be found: see `session_token_keys`.
    """
    whose = {"GetSessionToken": access_key_id} | ({"SerialNumber": serial} if serial else {})
    return role_cache_key(whose) + (f"-{seconds}" if seconds else "")


def session_token_keys(machine: Machine, access_key_id: str, serial: str) -> list[str]:
    """The keys of the session tokens that there are of a user and a device, however long."""
    first = session_token_key(access_key_id, serial, None)
    try:
        names = os.listdir(machine.role_cache)
    except OSError:
        return []
    return sorted(
        name.removesuffix(".json")
        for name in names
        if name.startswith((f"{first}.", f"{first}-")) and name.endswith(".json")
    )


def read_session(machine: Machine, key: str) -> dict[str, Any] | None:
    """A cached session as botocore's JSON; None where there is none, or no proper one.

    It may have expired.
    """
    found = load_json(cache_path(machine.role_cache, key))
    return found if _credentials(found) else None


def write_session(machine: Machine, key: str, response: Mapping[str, Any], role: str) -> None:
    """Cache a session where the AWS CLI looks, and remember that rolecall made it, for which role.

    Args:
        machine: says where.
        key: see `role_cache_key`.
        response: what AssumeRole answered. `Expiration` may be a datetime, seconds or text, and
            is written as botocore writes it: `2026-11-23T22:31:07UTC`, and with a `Z` where
            Identity Center gave the session.
        role: the role's name.

    A cache that cannot be written is no error: the session is then asked for again.
    """
    import json

    session = _as_botocore_writes(response)
    data = json.dumps(session, default=_datetime_text).encode()
    path = cache_path(machine.role_cache, key)
    try:
        with locked_state(machine):
            there = _names(machine.role_cache)
            known = {
                each: made
                for each, made in made_by_rolecall(machine, strict=True).items()
                if there is None or cache_path("", each) in there
            }
            # The record comes first: it is checked against the file, and does no harm without one.
            _write_record(machine, {**known, key: (role, _key_id(session) or "")})
            _write_cache(machine, path, data)
    except OSError:
        # Without a record, `drop` leaves the session alone.
        _write_cache(machine, path, data)


def made_by_rolecall(machine: Machine, *, strict: bool = False) -> dict[str, tuple[str, str]]:
    """The sessions that rolecall cached, by key: role name and access key id.

    Args:
        strict: see `load_json`.
    """
    record = load_json(os.path.join(machine.state_folder, _RECORD), strict=strict)
    return {
        key: (entry[0], entry[1])
        for key, entry in record.items()
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(e, str) for e in entry)
    }


def drop_sessions(
    machine: Machine, roles: Iterable[str] | None, *, expired_only: bool = False
) -> int:
    """Remove cached sessions that rolecall made; how many.

    Args:
        machine: says where.
        roles: of these roles, None for all.
        expired_only: leave those that still live.

    One that the AWS CLI has replaced since is the AWS CLI's, and stays.

    Raises:
        CredentialsFileUnwritable: the folders cannot be written.
    """
    wanted = None if roles is None else set(roles)
    removed = 0
    try:
        if not made_by_rolecall(machine, strict=True):
            return 0
        with locked_state(machine):
            record = made_by_rolecall(machine, strict=True)
            for key, (role, access_key_id) in list(record.items()):
                if wanted is not None and role not in wanted:
                    continue
                path = cache_path(machine.role_cache, key)
                session = load_json(path, strict=True)
                if _key_id(session) == access_key_id:
                    if expired_only and (_expiry(session) or 0) > aws_now(machine):
                        continue
                    os.unlink(path)
                    removed += 1
                del record[key]
            # Gone they are, and an entry without its file does no harm.
            with contextlib.suppress(OSError):
                _write_record(machine, record)
            machine.log(f"{removed} removed from {machine.role_cache}")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CredentialsFileUnwritable(
            f"cached sessions cannot be removed: {error.filename or machine.state_folder}: {reason}"
        ) from error
    return removed


def cached_sessions(machine: Machine) -> list[CachedSession]:
    """Every session in the shared cache, whoever made it, expired or not; odd files are skipped."""
    found = []
    for key, said in json_files(machine.role_cache):
        credentials = _credentials(said)
        expires_at = _expiry(said)
        if credentials is None or expires_at is None:
            continue
        user = said.get("AssumedRoleUser") or said.get("FederatedUser")
        arn = user.get("Arn") if isinstance(user, dict) else None
        arn = arn if isinstance(arn, str) else None
        account_id, role_name = _parts(arn)
        if account_id is None and isinstance(credentials.get("AccountId"), str):
            account_id = credentials["AccountId"]
        found.append(
            CachedSession(key, arn, account_id, role_name, credentials["AccessKeyId"], expires_at)
        )
    return found


def json_files(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON object in a cache folder, by its key; an empty one where a file holds none."""
    for name in sorted(_names(folder) or ()):
        if name.endswith(".json") and not name.startswith("."):
            yield name[:-5], load_json(os.path.join(folder, name))


def _names(folder: str) -> set[str] | None:
    """The files in a folder; None where it cannot be looked at just now."""
    try:
        return set(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError:
        return None


def cache_path(folder: str, key: str) -> str:
    """The file of a key, made safe as botocore does."""
    return os.path.join(folder, key.replace(":", "_").replace("/", "_") + ".json")


def _write_cache(machine: Machine, path: str, data: bytes) -> None:
    try:
        private_write(path, data)
    except OSError as error:
        machine.log(f"{path}: not kept: {error.strerror or error}")
        return
    machine.log(f"{path}: kept")
    sweep(machine.role_cache, now=machine.now())


def _write_record(machine: Machine, record: Mapping[str, tuple[str, str]]) -> None:
    import json

    data = json.dumps(record).encode()
    private_write(os.path.join(machine.state_folder, _RECORD), data)


def _credentials(session: Mapping[str, Any]) -> dict[str, str] | None:
    """The keys of a cached session, None where one is missing."""
    found = session.get("Credentials")
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in _NEEDED):
        return None
    return found


def _key_id(session: Mapping[str, Any]) -> str | None:
    credentials = session.get("Credentials")
    found = credentials.get("AccessKeyId") if isinstance(credentials, dict) else None
    return found if isinstance(found, str) else None


def _expiry(session: Mapping[str, Any]) -> float | None:
    credentials = session.get("Credentials")
    return _instant(credentials.get("Expiration")) if isinstance(credentials, dict) else None


def _instant(said: object) -> float | None:
    return times.instant(said) if isinstance(said, str) else None


def _parts(arn: str | None) -> tuple[str | None, str | None]:
    """Account and role of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`."""
    parts = (arn or "").split(":", 5)
    if len(parts) != 6:
        return None, None
    resource = parts[5].split("/")
    assumed = len(resource) == 3 and resource[0] == "assumed-role"
    return parts[4] or None, resource[1] if assumed else None


def _as_botocore_writes(response: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of AssumeRole with its expiry as text and the account's id among the keys."""
    credentials = dict(response["Credentials"])
    expiration = credentials["Expiration"]
    if isinstance(expiration, str):
        seconds = times.instant(expiration)
    elif isinstance(expiration, (int, float)):
        seconds = float(expiration)
    else:
        seconds = expiration.timestamp()
    if seconds is not None:
        said = times.rfc3339(seconds)
        is_sso = response.get("ProviderType") == "sso"
        credentials["Expiration"] = said if is_sso else said.removesuffix("Z") + "UTC"
    user = response.get("AssumedRoleUser")
    account_id, _ = _parts(user.get("Arn") if isinstance(user, dict) else None)
    if account_id:
        credentials["AccountId"] = account_id
    return {**response, "Credentials": credentials}


def _datetime_text(value: Any) -> str:
    """A datetime as botocore's `JSONFileCache` writes it."""
    return str(value.strftime("%Y-%m-%dT%H:%M:%S%Z"))
