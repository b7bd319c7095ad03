"""Temporary credentials of one role, made so that they cannot be shown by accident."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from profiles import times


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Credentials:
    """Keys, with or without a token and an end.

    Attributes:
        expires_at: seconds since 1970; None for long-lived keys and where nothing tells it.
        identity: the ARN they act as, where known.
        method: how they were got, as botocore would say: `shared-credentials-file`, `env`, …
        from_role: a role's session; what is assumed with it lasts an hour at most.
    """

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    identity: str | None = None
    account_id: str | None = None
    method: str = ""
    from_role: bool = False

    def __repr__(self) -> str:
        return f"Credentials({self.method or 'keys'})"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not pickled")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Session:
    """The temporary credentials of one role, with their expiry.

    Attributes:
        role: the role's name.
        credentials: the keys.
        role_arn: the role's ARN, None for session tokens of a user.
        identity: the ARN of who it acts as (`assumed_role_arn`).
        account_id: twelve digits, where known.
        region: where known.
        expires_at: seconds since 1970.
        source: the name of the source profile or role.
        from_cache: nothing was asked of AWS for it.
        cache_key: of the shared cache that keeps it; None where none does.
        notes: sentences for the person: a duration that was lowered, …
    """

    role: str
    credentials: Credentials
    expires_at: float | None
    role_arn: str | None = None
    identity: str | None = None
    account_id: str | None = None
    region: str | None = None
    source: str | None = None
    from_cache: bool = False
    cache_key: str | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def in_hand(cls, name: str, credentials: Credentials) -> Session:
        """Keys that lie ready somewhere, by the name of the place: nothing was asked for them."""
        return cls(
            role=name,
            credentials=credentials,
            expires_at=credentials.expires_at,
            account_id=credentials.account_id,
            source=name,
            from_cache=True,
        )

    def __repr__(self) -> str:
        end = times.rfc3339(self.expires_at)[11:] if self.expires_at else "unknown"
        return f"Session({self.role}, expires {end})"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("sessions are not pickled")

    def seconds_left(self, now: float) -> int | None:
        """Whole seconds until it ends, not below 0; None where nothing tells it."""
        return None if self.expires_at is None else max(int(self.expires_at - now), 0)
