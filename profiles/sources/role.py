"""AssumeRole, with whatever credentials came before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from profiles import times
from profiles.errors import RoleChainTooLong, SessionTooLong
from profiles.files import cache
from profiles.sources.arguments import Arguments, role_arguments
from profiles.sources.asking import fill_in_tags, kept_or_new, started_from
from profiles.sources.assuming import assume

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.session import Session
    from profiles.sources.protocol import Way


class AssumedRole:
    """A role's session, from the cache or from STS."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a role.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        role, source = started_from(hop, before)
        arguments = role_arguments(
            role,
            way.catalogue.settings,
            way.request_for(role),
            way.catalogue.stage(role),
            chained=way.chained(hop),
            user=way.machine.user,
            reason=way.request.reason,
        )
        fill_in_tags(role, arguments, way)
        key = self._key(role, arguments, way)
        session = kept_or_new(
            key, hop, way, lambda: self._ask_aws(role, source(), arguments, key, way)
        )
        return replace(
            session,
            role_arn=role.role_arn,
            source=role.source,
            notes=(*arguments.notes, *session.notes),
        )

    def _key(self, role: Role, arguments: Arguments, way: Way) -> str:
        """The shared cache's key; a source other than the role's own makes it one of its own."""
        given = arguments.given
        if role is way.target and way.request.source is not None:
            given = given | {"Source": way.request.source}
        return cache.role_cache_key(given)

    def _ask_aws(
        self, role: Role, source: Session, arguments: Arguments, key: str, way: Way
    ) -> Session:
        given = {"RoleSessionName": arguments.session_name} | arguments.given
        try:
            session = assume(given, role, source, key, way)
        except (SessionTooLong, RoleChainTooLong):
            asked = given.get("DurationSeconds")
            if asked is None or way.duration_was_asked(role):
                raise
            # Every role allows an hour: the least that MaxSessionDuration can be (API reference).
            given["DurationSeconds"] = times.CHAIN_MAXIMUM
            session = assume(given, role, source, key, way)
            note = f"{role.name} does not allow sessions of {times.words(asked)}; lowered to 1h"
            session = replace(session, notes=(*session.notes, note))
        return replace(session, notes=(*source.notes, *session.notes))
