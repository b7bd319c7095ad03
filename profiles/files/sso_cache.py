"""The cache of sign-ins to IAM Identity Center that is shared with the AWS CLI and the SDKs.

Source: AWS CLI v2, `botocore/utils.py` (`SSOTokenFetcher`, `SSOTokenFetcherAuth`,
`SSOTokenLoader`), and botocore, `credentials.SSOCredentialFetcher`: same folders, keys, JSON.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import CredentialsFileUnwritable
from profiles.files.atomic import discard, private_write, sweep
from profiles.files.cache import cache_path, json_files
from profiles.files.state import load_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from profiles.catalogue.portal import Portal
    from profiles.machine import Machine

_FOR_REFRESH = ("refreshToken", "clientId", "clientSecret")


class SsoToken(NamedTuple):
    """A sign-in to IAM Identity Center, without its token.

    Attributes:
        start_url: of the portal.
        region: of the portal.
        expires_at: seconds since 1970.
        refreshable: whether a client can renew it without a person.
        session: the `sso-session` section's name, None where it is not known.
        key: the file's name without `.json`: SHA-1 of the session's name, else of the start URL.
        registered_until: when the client's registration ends, which a renewal needs.
    """

    start_url: str
    region: str | None
    expires_at: float
    refreshable: bool
    session: str | None
    key: str
    registered_until: float | None = None


def token_key(name: str) -> str:
    """The key of a sign-in, by its portal's name."""
    return _sha1(name)


def registration_key(portal: Portal) -> str:
    """The key under which the AWS CLI keeps the client that it registered for a portal."""
    import json

    said = {
        "tool": "botocore",
        "startUrl": portal.start_url,
        "region": portal.region,
        "scopes": list(portal.scopes) or None,
        "session_name": None if portal.legacy else portal.name,
    }
    return _sha1(json.dumps(said, sort_keys=True))


def role_key(role_name: str, account_id: str, portal: Portal) -> str:
    """The key under which botocore caches the credentials of a permission set in an account."""
    import json

    said = {"roleName": role_name, "accountId": account_id}
    said["startUrl" if portal.legacy else "sessionName"] = portal.name
    return _sha1(json.dumps(said, sort_keys=True, separators=(",", ":")))


def read_token(machine: Machine, key: str) -> dict[str, Any] | None:
    """A sign-in with its secrets; None where there is none, or no proper one. It may be over."""
    found = load_json(cache_path(machine.sso_cache, key))
    whole = isinstance(found.get("accessToken"), str) and end_of(found) is not None
    return found if whole else None


def read_registration(machine: Machine, key: str) -> dict[str, Any] | None:
    """A registered client; None where there is none, or no proper one. It may be over."""
    found = load_json(cache_path(machine.sso_cache, key))
    whole = all(isinstance(found.get(part), str) for part in ("clientId", "clientSecret"))
    return found if whole and end_of(found) is not None else None


def end_of(said: Mapping[str, Any], part: str = "expiresAt") -> float | None:
    """When a token or a registration ends, seconds since 1970; None where nothing tells it."""
    found = said.get(part)
    return times.instant(found) if isinstance(found, str) else None


def is_refreshable(token: Mapping[str, Any], now: float) -> bool:
    """Whether a sign-in can be renewed without a person."""
    registered = end_of(token, "registrationExpiresAt")
    whole = all(isinstance(token.get(part), str) and token[part] for part in _FOR_REFRESH)
    return whole and registered is not None and registered > now


def write(machine: Machine, key: str, said: Mapping[str, Any]) -> None:
    """Keep a token or a registration, 0600, in one step.

    Raises:
        CredentialsFileUnwritable: the folder cannot be written.
    """
    import json

    try:
        private_write(cache_path(machine.sso_cache, key), json.dumps(said).encode())
    except OSError as error:
        raise _unwritable(machine, error) from error
    sweep(machine.sso_cache, now=machine.now())


def forget(machine: Machine, key: str) -> None:
    """Remove a registration, if it is there."""
    discard(cache_path(machine.sso_cache, key))


def sso_tokens(machine: Machine, sessions: Iterable[str] = ()) -> list[SsoToken]:
    """Every sign-in to IAM Identity Center, expired ones too; odd files are skipped.

    Args:
        machine: says where.
        sessions: names of `sso-session` sections, to tell which sign-in is whose.
    """
    names = {token_key(name): name for name in sessions}
    found = []
    for key, said in json_files(machine.sso_cache):
        start_url, region, expires_at = said.get("startUrl"), said.get("region"), end_of(said)
        if not isinstance(said.get("accessToken"), str) or not isinstance(start_url, str):
            continue
        if expires_at is None:
            continue
        found.append(
            SsoToken(
                start_url=start_url,
                region=region if isinstance(region, str) else None,
                expires_at=expires_at,
                refreshable=is_refreshable(said, machine.now()),
                session=names.get(key),
                registered_until=end_of(said, "registrationExpiresAt"),
                key=key,
            )
        )
    return found


def remove_token(machine: Machine, key: str) -> str | None:
    """Remove a sign-in; its access token, None where it is gone already.

    Raises:
        CredentialsFileUnwritable: the folder cannot be written.
    """
    token = read_token(machine, key)
    try:
        os.unlink(cache_path(machine.sso_cache, key))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(machine, error) from error
    return token["accessToken"] if token else None


def remove_role_sessions(machine: Machine, keys: Collection[str] | None) -> int:
    """Remove cached credentials of permission sets, whoever asked for them; how many.

    Args:
        keys: see `role_key`; None for all, as `aws sso logout` does.

    Raises:
        CredentialsFileUnwritable: the folder cannot be written.
    """
    removed = 0
    for key, said in json_files(machine.role_cache):
        if said.get("ProviderType") != "sso" or (keys is not None and key not in keys):
            continue
        try:
            os.unlink(cache_path(machine.role_cache, key))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unwritable(machine, error) from error
        removed += 1
    return removed


def _unwritable(machine: Machine, error: OSError) -> CredentialsFileUnwritable:
    reason = (error.strerror or str(error)).lower()
    return CredentialsFileUnwritable(
        f"the cache of sign-ins cannot be written: {error.filename or machine.sso_cache}: {reason}"
    )


def _sha1(text: str) -> str:
    import hashlib

    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 — the AWS CLI's choice of name
