"""What a person asked of one switch, beyond the role's own settings."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# A code, a proof and an answer count once.
_ONCE = frozenset({"mfa_code", "fresh", "yes", "confirm", "saml_assertion"})


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
        reason: why the session is assumed.
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
    reason: str | None = None

    def lasting(self) -> dict[str, Any]:
        """What a renewal asks for again, by name; what was not said is left out."""
        said = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in said if value and name not in _ONCE}

    def over(self, before: Mapping[str, Any]) -> Request:
        """This request, and where it says nothing, what was asked before (see `lasting`).

        A device belongs to the user of the source: another source does without it.
        """
        names = {each.name for each in fields(self)} - _ONCE - set(self.lasting())
        if self.source is not None:
            names.discard("mfa_serial")
        found = {name: _hashable(value) for name, value in before.items() if name in names}
        return replace(self, **found)


def _hashable(value: Any) -> Any:
    """A list of JSON, and the lists in it, as the tuples they were."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value
