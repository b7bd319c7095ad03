"""What every destination is: a place that takes a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from profiles.session import Session


class Delivery(NamedTuple):
    """What became of a session.

    Attributes:
        where: the place, for people: `[payments-prod-session]`, `a subshell`, …
        text: what is to be printed; the only place where secrets may stand, and only for `export`.
        status: the exit status that follows: a child's own, else 0.
        notes: sentences for the person.
    """

    where: str
    text: str = ""
    status: int = 0
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without its text: that may be a session."""
        return f"Delivery({self.where})"


class Destination(Protocol):
    """A place that a session can go to."""

    def deliver(self, session: Session) -> Delivery:
        """Put the session there.

        Raises:
            RolecallError: it cannot be put there; the place is as it was.
        """
        ...
