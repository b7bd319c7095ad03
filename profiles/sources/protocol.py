"""What every source is: the session of one hop, from that of the hop before."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from profiles.errors import Cancelled, SourceUnsupported
from profiles.request import Request
from profiles.sources.kinds import BUILT, unsupported
from profiles.sources.surroundings import surroundings_of
from profiles.unattended import nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.machine import Machine
    from profiles.session import Session
    from profiles.sources.surroundings import Surroundings

# What is assumed with one of these lasts an hour at most: AWS counts every temporary credential
# as a link of a chain, a user's session token too.
_TEMPORARY = frozenset(
    {
        "role",
        "session-token",
        "sso",
        "saml",
        "web-identity",
        "login",
        "Ec2InstanceMetadata",
        "EcsContainer",
    }
)


def never() -> bool:
    """The `cancelled` of who cannot give up."""
    return False


def _ignore(offset: float) -> None:
    del offset


def _unnoted(session: Session) -> tuple[str, ...]:
    del session
    return ()


@dataclass(frozen=True, slots=True)
class Way:
    """The surroundings of one switch, the same for all its hops.

    Attributes:
        target: the role at the end, whose region and endpoints rule every call.
        hops: the steps to it, the origin first.
        region: where STS is called, None where nothing names one.
        request: what a person asked; but for the MFA code and the reason it counts for the last hop
            alone.
        ask: answers challenges.
        cancelled: asked between steps.
        fresh: names of hops whose cached sessions do not count.
        clock: told how many seconds AWS's clock is ahead, at each answer.
        given: told of each session that AWS gives, once, with its role and source; what a person
            has to know of that, a sentence each.
    """

    machine: Machine
    catalogue: Catalogue
    target: Role
    hops: tuple[Hop, ...]
    region: str | None = None
    request: Request = field(default_factory=Request)
    ask: Ask = nobody
    cancelled: Callable[[], bool] = never
    fresh: frozenset[str] = frozenset()
    clock: Callable[[float], None] = _ignore
    given: Callable[[Session], tuple[str, ...]] = _unnoted

    def request_for(self, role: Role) -> Request | None:
        """The request, where the role is the one it was made for."""
        return self.request if role is self.target else None

    def chained(self, hop: Hop) -> bool:
        """Whether a hop is assumed with temporary credentials."""
        return any(self._is_temporary(before) for before in self.hops[: self.hops.index(hop)])

    def _is_temporary(self, hop: Hop) -> bool:
        if hop.kind == "keys":
            return hop.role is not None and hop.role.has_session
        if hop.kind == "Environment":
            return bool(self.machine.env.get("AWS_SESSION_TOKEN"))
        return hop.kind in _TEMPORARY

    @property
    def place(self) -> Surroundings:
        """Where the calls of the switch go."""
        return surroundings_of(self.catalogue, self.target, self.region)

    def duration_was_asked(self, role: Role) -> bool:
        """Whether a person asked for the duration, by flag or variable: then it is not lowered."""
        asked = role is self.target and self.request.duration is not None
        return asked or self.catalogue.settings.origins.get("duration") == "environment"

    def check(self) -> None:
        """Stop here if the person gave up.

        Raises:
            Cancelled: they did.
        """
        if self.cancelled():
            raise Cancelled(f"{self.target.name}: stopped")


class Source(Protocol):
    """A way to credentials."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a hop.

        Args:
            hop: the step, of this source's kind.
            before: gets the session of the step before, when it is needed; None for the first.
            way: the surroundings.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        ...


def source_of(kind: str) -> Source:
    """The source of a kind, imported when it is first needed.

    Raises:
        SourceUnsupported: no file here builds that kind.
    """
    reason = unsupported(kind)
    if reason:
        raise SourceUnsupported(reason, "rolecall list --json names the roles that work")
    module, name = BUILT[kind]
    return cast("Source", getattr(import_module(module), name)())
