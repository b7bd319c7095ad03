"""Keys in the environment variables, as botocore's `env` provider reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times
from profiles.errors import ConfigUnreadable, CredentialsExpired
from profiles.files.aws_clock import aws_now
from profiles.session import Credentials, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiles.catalogue.chain import Hop
    from profiles.sources.protocol import Way


class Environment:
    """`AWS_ACCESS_KEY_ID` and its companions."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The keys in the environment.

        Raises:
            ConfigUnreadable: there are none, or half of a pair.
            CredentialsExpired: they are a session's, and it is over.
        """
        del before
        credentials = environment_keys(way.machine.env)
        if credentials is None:
            raise ConfigUnreadable(
                f"{way.target.name} starts from the environment, which holds no keys",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give another --source",
            )
        if credentials.expires_at is not None and credentials.expires_at <= aws_now(way.machine):
            raise CredentialsExpired(
                f"the session in the environment ended at {times.rfc3339(credentials.expires_at)}",
                'clear it with eval "$(rolecall unset)", or renew it where it came from',
            )
        return Session.in_hand(hop.name, credentials)


def environment_keys(env: Mapping[str, str]) -> Credentials | None:
    """The keys in the environment; None where there are none.

    Raises:
        ConfigUnreadable: only half of a pair is there.
    """
    key, secret = env.get("AWS_ACCESS_KEY_ID"), env.get("AWS_SECRET_ACCESS_KEY")
    if not key:
        return None
    if not secret:
        raise ConfigUnreadable(
            "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
            "set both, or neither: unset AWS_ACCESS_KEY_ID",
        )
    end = env.get("AWS_CREDENTIAL_EXPIRATION") or env.get("AWS_SESSION_EXPIRATION")
    return Credentials(
        key,
        secret,
        session_token=env.get("AWS_SESSION_TOKEN") or env.get("AWS_SECURITY_TOKEN") or None,
        expires_at=times.instant(end) if end else None,
        account_id=env.get("AWS_ACCOUNT_ID") or None,
        method="env",
    )
