"""GetSessionToken: a user's temporary keys, with or without MFA, for up to 36 hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from profiles.errors import AccessDenied
from profiles.files import cache
from profiles.sources.arguments import token_arguments
from profiles.sources.asking import ask_sts, kept_or_new, started_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.session import Session
    from profiles.sources.protocol import Way


class SessionToken:
    """A user's session token, from the cache or from STS."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a user's keys; keys that are a session already are passed on as they are.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        role, get_source = started_from(hop, before)
        source = get_source()
        if source.credentials.session_token is not None and source.role == role.name:
            return source
        if source.credentials.from_role:
            raise AccessDenied(
                f"{role.name}: AWS gives session tokens for a user's keys, not a role's session",
                f"change the source of {role.name} to a profile with a user's keys",
            )
        arguments = token_arguments(
            role, way.catalogue.settings, way.request_for(role), way.catalogue.stage(role)
        )
        # botocore caches no session tokens, so the key only has to say whose it is.
        key = cache.role_cache_key(
            arguments.given | {"GetSessionToken": source.credentials.access_key_id}
        )
        session = kept_or_new(
            key,
            hop,
            way,
            lambda: ask_sts("get_session_token", arguments.given, role, source, key, way),
        )
        return replace(session, notes=(*arguments.notes, *session.notes))
