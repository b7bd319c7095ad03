"""Keys that a profile holds: long-lived ones, or a session somebody else put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times
from profiles.errors import ConfigUnreadable, CredentialsExpired
from profiles.files.aws_clock import aws_now
from profiles.files.expiry import expiry_of
from profiles.session import Credentials, Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.files.reader import Profile
    from profiles.sources.protocol import Way


class Keys:
    """The keys of a profile, as botocore's shared-credentials and config providers read them."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The profile's keys.

        Raises:
            ConfigUnreadable: only half of a pair of keys is there.
            CredentialsExpired: they are a session's, and it is over.
        """
        del before
        role = hop.role
        profile = role.profile if role else None
        if profile is None:
            raise ConfigUnreadable(f"{hop.name} holds no keys")
        credentials = profile_keys(profile)
        if credentials.expires_at is not None and credentials.expires_at <= aws_now(way.machine):
            raise CredentialsExpired(
                f"the session in profile {hop.name} ended at "
                f"{times.rfc3339(credentials.expires_at)}",
                "renew it where it came from: rolecall knows no source of it",
            )
        return Session.in_hand(hop.name, credentials)


def profile_keys(profile: Profile) -> Credentials:
    """The keys of a profile.

    Raises:
        ConfigUnreadable: only half of a pair of keys is there.
    """
    key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
    if not key or not secret:
        missing = "aws_secret_access_key" if key else "aws_access_key_id"
        raise ConfigUnreadable(
            f"profile {profile.name} has no {missing}", "put both keys of a pair into one profile"
        )
    return Credentials(
        key,
        secret,
        session_token=profile.get("aws_session_token") or profile.get("aws_security_token"),
        expires_at=expiry_of(profile.settings),
        account_id=profile.get("aws_account_id"),
        method="shared-credentials-file" if profile.credentials else "config-file",
    )
