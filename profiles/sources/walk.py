"""Going the way: from the first hop to the last, each with the session of the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from profiles.errors import CredentialsExpired
from profiles.sources.protocol import source_of

if TYPE_CHECKING:
    from profiles.session import Session
    from profiles.sources.protocol import Way

# Keys that somebody put there: asking anew would give the same.
_NOT_RENEWED = ("keys", "keyring", "Environment")


def session_of(way: Way) -> Session:
    """The session at the end of a way; one between that AWS calls expired is renewed once.

    Raises:
        RolecallError: it cannot be had, and why.
    """
    last = len(way.hops) - 1
    try:
        session = session_at(way, last)
    except CredentialsExpired:
        between = frozenset(hop.name for hop in way.hops[:-1] if hop.kind not in _NOT_RENEWED)
        if between <= way.fresh:
            raise
        way.machine.log(f"{way.target.name}: a session on the way has expired; asking anew")
        session = session_at(replace(way, fresh=way.fresh | between), last)
    # Two steps may have the same to say, as that the history cannot be kept.
    notes = tuple(dict.fromkeys(session.notes))
    return replace(session, role=way.target.name, region=way.region, notes=notes)


def session_at(way: Way, at: int) -> Session:
    """The session of one hop; those before it are asked for only where it needs them.

    Raises:
        RolecallError: it cannot be had, and why.
    """
    way.check()
    hop = way.hops[at]
    way.machine.log(f"{way.target.name}: {hop.kind} {hop.name}")
    before = (lambda: session_at(way, at - 1)) if at else None
    session = source_of(hop.kind).session(hop, before, way)
    if session.from_cache and hop.kind not in _NOT_RENEWED:
        way.machine.log(f"{way.target.name}: the session of {hop.name} was in the cache")
    return session
