"""The words of rolecall: role, session status, stage, phase, account.

Light on purpose: `list` and the first frame import it and nothing heavier.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

EXPIRING_BELOW = 15 * 60
CRITICAL_BELOW = 5 * 60


class Phase(StrEnum):
    """How far a session's life has gone."""

    LIVE = "live"
    EXPIRING = "expiring"
    CRITICAL = "critical"
    EXPIRED = "expired"

    @classmethod
    def at(cls, seconds_left: float) -> Phase:
        """The phase of a session with so many seconds left."""
        if seconds_left <= 0:
            return cls.EXPIRED
        if seconds_left <= CRITICAL_BELOW:
            return cls.CRITICAL
        return cls.EXPIRING if seconds_left <= EXPIRING_BELOW else cls.LIVE


class Stage(NamedTuple):
    """Production, staging, development, or one that the user named.

    Attributes:
        name: `production` …
        match: globs on account name or id, role name or ARN, profile name.
        colour: a colour name or `#rrggbb`, None for the theme's own.
        confirm: `none`, `ask`, or `type` (the account's name is typed).
        max_duration: seconds, or None.
        renew: `ask`, `auto`, `never`, or None for the general setting.
    """

    name: str
    match: tuple[str, ...] = ()
    colour: str | None = None
    confirm: str = "none"
    max_duration: int | None = None
    renew: str | None = None


class SessionStatus(NamedTuple):
    """What is known of one session on this machine, without its secrets.

    Attributes:
        name: the role's name, or the profile's, SSO session's or `environment`.
        profile: the credentials profile that holds it, None where it is only cached.
        identity: the ARN it acts as, where known.
        expires_at: seconds since 1970, None where nothing tells it.
        origin: `rolecall`, `aws-cli`, `sso`, `environment`, `file`.
        destinations: where it was written: `[profile-name]`, …
        access_key_id: identifies the session; no secret, still not shown whole.
        refreshed_until: until when clients renew it without a person, at most: the end of the
            client's registration; None where they do not.
    """

    name: str
    profile: str | None
    identity: str | None
    expires_at: float | None
    origin: str
    destinations: tuple[str, ...] = ()
    access_key_id: str = ""
    refreshed_until: float | None = None

    def seconds_left(self, now: float) -> int | None:
        """Whole seconds until it ends, not below 0; None where nothing tells it."""
        return None if self.expires_at is None else max(int(self.expires_at - now), 0)

    def phase(self, now: float) -> Phase:
        """Its phase; a session of unknown end counts as live."""
        return Phase.LIVE if self.expires_at is None else Phase.at(self.expires_at - now)


class Problem(NamedTuple):
    """Something wrong in a file, that the rest of the file survived.

    Attributes:
        path: the file.
        line: counted from 1.
        reason: one sentence, no full stop.
        section: the header's text the line belongs to, or None.
    """

    path: str
    line: int
    reason: str
    section: str | None = None

    def __str__(self) -> str:
        """`credentials line 12: reason`."""
        return f"{self.path} line {self.line}: {self.reason}"


_ROLE_ARN = re.compile(r"arn:([\w-]+):iam::(\d{12}):role/(?:.*/)?([^/]+)", re.ASCII)


class Arn(NamedTuple):
    """The parts of a role's ARN that a switcher works with."""

    partition: str
    account_id: str
    role_name: str

    @classmethod
    def of_role(cls, text: str) -> Arn | None:
        """The parts of `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`; None for anything else."""
        found = _ROLE_ARN.fullmatch(text)
        return cls(*found.groups()) if found else None
