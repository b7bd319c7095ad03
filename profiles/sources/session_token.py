"""GetSessionToken: a user's temporary keys, with or without MFA, for up to 36 hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles.errors import AccessDenied
from profiles.files import cache
from profiles.sources import cached, mfa_device, mfa_session
from profiles.sources.arguments import token_arguments
from profiles.sources.asking import ask_sts, kept_or_new, started_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
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
        given = arguments.given
        if "SerialNumber" not in given and way.request.mfa_code is not None:
            given["SerialNumber"] = mfa_device.device_for_code(way, role, source)
        key = cache.session_token_key(
            source.credentials.access_key_id,
            given.get("SerialNumber"),
            given.get("DurationSeconds"),
        )

        def new() -> Session:
            if "SerialNumber" in given:
                return self._proved(role, source, given, way)
            return ask_sts("get_session_token", given, role, source, key, way)

        session = kept_or_new(key, hop, way, new)
        return replace(session, role=role.name, notes=(*arguments.notes, *session.notes))

    def _proved(self, role: Role, source: Session, given: dict[str, Any], way: Way) -> Session:
        """By a code, unless a code for roles of the same device gave one already."""
        stage = way.catalogue.stage(role)
        bounded = stage is not None and stage.max_duration is not None
        try:
            return mfa_session.proof(
                way,
                role,
                source,
                given,
                kept_as=role.name,
                fresh=role.name in way.fresh,
                least=cached.WINDOW,
                exactly=bounded or way.duration_was_asked(role),
            ).session
        except mfa_session.NoMfaSession as refused:
            raise refused.error from refused
