"""AssumeRoleWithWebIdentity, with a token that lies in a file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import LoginRequired
from profiles.files import cache
from profiles.sources.arguments import duration_of, session_name
from profiles.sources.asking import ask_sts, kept_or_new

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.session import Session
    from profiles.sources.protocol import Way


class WebIdentity:
    """A role's session for the bearer of an OIDC token; no AWS keys are needed."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a role, from the cache shared with botocore or from STS.

        Raises:
            LoginRequired: the token's file cannot be read, or is empty.
            RolecallError: it cannot be had, and why.
        """
        del before
        role = hop.role
        assert role is not None  # noqa: S101 — only credential sources come without a role
        request = way.request_for(role)
        seconds, notes = duration_of(
            role,
            way.catalogue.settings,
            request,
            way.catalogue.stage(role),
            maximum=times.ROLE_MAXIMUM,
            chained=False,
        )
        given: dict[str, Any] = {"RoleArn": role.role_arn}
        named = (request.session_name if request else None) or role.get("role_session_name")
        if named:
            given["RoleSessionName"] = session_name(named, role.name, way.machine.user)
        if seconds is not None:
            given["DurationSeconds"] = seconds
        token = _token(role, way)
        # As in the AWS CLI since its 1.46: another token may be another person's.
        key = cache.role_cache_key(given | {"WebIdentityToken": token})
        parameters = {
            "RoleSessionName": session_name("{user}", role.name, way.machine.user)
        } | given
        session = kept_or_new(
            key,
            hop,
            way,
            lambda: ask_sts(
                "assume_role_with_web_identity",
                parameters | {"WebIdentityToken": token.strip()},
                role,
                None,
                key,
                way,
            ),
        )
        return replace(session, role_arn=role.role_arn, source=None, notes=(*notes, *session.notes))


def _token(role: Role, way: Way) -> str:
    """The file's content as it is: the cache key counts every byte of it."""
    path = role.get("web_identity_token_file") or ""
    whole = os.path.expandvars(path)
    if whole.startswith("~/"):
        whole = way.machine.home + whole[1:]
    try:
        with open(whole, encoding="utf-8") as file:
            token = file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise LoginRequired(
            f"{role.name} wants the token in {path}, which cannot be read: {reason.lower()}",
            "get a token from your identity provider into that file",
        ) from error
    if not token.strip():
        raise LoginRequired(
            f"{role.name} wants the token in {path}, which is empty",
            "get a token from your identity provider into that file",
        )
    return token
