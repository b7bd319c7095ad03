"""What a person asked of one switch, beyond the role's own settings."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options shared by everything that gets a session; None and empty mean not said.

    Attributes:
        duration: seconds.
        tags: session tags, by key.
        policy: inline JSON, or a file's path.
        fresh: ignore cached sessions.
        yes: a stage's `ask` is answered.
        confirm: what a stage's `type` wants typed.
        saml_assertion: a SAML response, XML or base64 of it.
    """

    duration: int | None = None
    session_name: str | None = None
    source: str | None = None
    mfa_serial: str | None = None
    mfa_code: str | None = field(default=None, repr=False)
    external_id: str | None = field(default=None, repr=False)
    source_identity: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    region: str | None = None
    fresh: bool = False
    yes: bool = False
    confirm: str | None = None
    saml_assertion: str | None = field(default=None, repr=False)
