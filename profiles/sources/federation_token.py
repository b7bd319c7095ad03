"""GetFederationToken: a user's keys narrowed by a policy and given a name, for up to 36 hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from profiles.errors import AccessDenied
from profiles.files import cache
from profiles.sources.arguments import federation_arguments
from profiles.sources.asking import ask_sts, fill_in_tags, kept_or_new, started_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.session import Session
    from profiles.sources.protocol import Way


class FederationToken:
    """A federated user's session, from the cache or from STS."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a federated user.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        role, get_source = started_from(hop, before)
        source = get_source()
        if source.credentials.session_token is not None:
            raise AccessDenied(
                f"{role.name}: AWS gives federation tokens for a user's long-lived keys, and "
                f"{source.role} is a session",
                f"change the source of {role.name} to a profile with a user's keys",
            )
        arguments = federation_arguments(
            role,
            way.catalogue.settings,
            way.request_for(role),
            way.catalogue.stage(role),
            user=way.machine.user,
            reason=way.request.reason,
        )
        fill_in_tags(role, arguments, way)
        # The name alone would be the same for every user who has it.
        whose = {"GetFederationToken": source.credentials.access_key_id}
        key = cache.role_cache_key(arguments.given | whose)
        session = kept_or_new(
            key,
            hop,
            way,
            lambda: ask_sts("get_federation_token", arguments.given, role, source, key, way),
        )
        return replace(session, notes=(*arguments.notes, *session.notes))
