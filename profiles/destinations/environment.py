"""The variables that hand a session to a process, and those that have to go for it to count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiles import times
from profiles.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.session import Session

# What would win over the keys in some client, or would tell prompts and tools of another session.
REMOVED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_VAULT",
    "AWS_VAULT_KEYCHAIN_NAME",
    "AWS_OKTA_PROFILE",
    "AWS_SSO",
    "AWS_SSO_PROFILE",
    "AWSUME_EXPIRATION",
    "AWSUME_COMMAND",
    "GRANTED_SSO",
    "GRANTED_SSO_ROLE_NAME",
    "GRANTED_SSO_ACCOUNT_ID",
    "GRANTED_SSO_START_URL",
    "GRANTED_SSO_REGION",
    "SAML2AWS_PROFILE",
)
SET = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "ROLECALL_ROLE",
    "ROLECALL_EXPIRES_AT",
    "AWSUME_PROFILE",
)
_OF_ONE_SESSION = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "ROLECALL_EXPIRES_AT",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def variables(session: Session) -> dict[str, str]:
    """The variables of a session, by name.

    Raises:
        UsageError: a value holds a control character, which no session has.
    """
    keys = session.credentials
    found = {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
    }
    if keys.session_token:
        found["AWS_SESSION_TOKEN"] = keys.session_token
    if session.region:
        found["AWS_REGION"] = found["AWS_DEFAULT_REGION"] = session.region
    if session.expires_at is not None:
        end = times.rfc3339(session.expires_at)
        found["AWS_CREDENTIAL_EXPIRATION"] = found["AWS_SESSION_EXPIRATION"] = end
        found["ROLECALL_EXPIRES_AT"] = end
    if session.account_id:
        found["AWS_ACCOUNT_ID"] = session.account_id
    found["ROLECALL_ROLE"] = found["AWSUME_PROFILE"] = session.role
    for name, value in found.items():
        if _CONTROL.search(value):
            raise UsageError(f"{name} would hold a control character; it is not handed on")
    return found


def environment(
    session: Session, before: Mapping[str, str], endpoint: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A child's whole environment: that of before, with the session in it.

    A region of before stays where the session has none; every other trace of another session goes.

    Args:
        endpoint: what tells of one that hands out the session: its keys and its end, which
            others follow, are left out then.
    """
    stale = {*REMOVED, *SET} - {"AWS_REGION", "AWS_DEFAULT_REGION"}
    kept = {name: value for name, value in before.items() if name not in stale}
    found = variables(session)
    if endpoint is not None:
        lasting = {name: value for name, value in found.items() if name not in _OF_ONE_SESSION}
        found = lasting | dict(endpoint)
    return kept | found
