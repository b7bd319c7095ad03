"""The access token of an IAM Identity Center portal: kept, refreshed, or from a new sign-in."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from profiles.errors import CredentialsFileUnwritable, LoginRequired, NetworkUnavailable
from profiles.files import sso_cache
from profiles.files.turn import turn
from profiles.insight.portal_refusal import login_command, sign_in_refused
from profiles.insight.refusal import Refusal
from profiles.sources.sso_sign_in import TOKEN, signed_in, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.files.turn import Turn
    from profiles.sources.sso_visit import Visit

REFRESH_WINDOW = 15 * 60
"""botocore refreshes a token with less than this left (`tokens.SSOTokenProvider`)."""
_TROUBLE_OF_ITS_OWN = ("SlowDownException", "TooManyRequestsException", "InternalServerException")


def access_token(visit: Visit, *, refused: str | None = None) -> str:
    """A token that the portal should take.

    Args:
        refused: one that it did not take: it counts as over.

    Raises:
        PersonNeeded: only a person could sign in, and none is there.
        RolecallError: it cannot be had, and why.
    """
    kept = _Kept(visit, refused)
    if kept.lasts:
        return kept.token
    with _turn(visit) as mine:
        kept = _Kept(visit, refused)
        if kept.lasts:
            return kept.token
        over = None
        if kept.is_refreshable:
            refreshed, over = _refreshed(visit, kept)
            if refreshed is not None:
                return refreshed
        if kept.lives:
            return kept.token
        if mine.missed is not None:
            raise _came_to_nothing(visit)
        try:
            token = signed_in(visit, mine)
        except LoginRequired as error:
            if over is None:
                raise
            raise LoginRequired(f"{error.summary}: {over}", error.hint) from error
        _keep(visit, token)
        return str(token["accessToken"])


def sign_in(visit: Visit) -> dict[str, Any]:
    """A new sign-in, kept; another's that came about while this one waited for its turn will do.

    Raises:
        CredentialsFileUnwritable: it cannot be kept.
        RolecallError: it did not come about, and why.
    """
    key = sso_cache.token_key(visit.portal.name)
    with _turn(visit) as mine:
        if mine.missed is not None:
            token = sso_cache.read_token(visit.machine, key)
            if token is None or not _Kept(visit, None).lives:
                raise _came_to_nothing(visit)
            return token
        token = signed_in(visit, mine)
        sso_cache.write(visit.machine, key, token)
        return token


class _Kept:
    """What the cache has.

    Attributes:
        said: the token's file; None where there is none.
        token: the access token.
        lives: it has not ended, and was not refused.
        is_refreshable: it can be had anew without a person.
        lasts: it can be used without a look at anything else.
    """

    def __init__(self, visit: Visit, refused: str | None) -> None:
        now = visit.machine.now()
        self.said = sso_cache.read_token(visit.machine, sso_cache.token_key(visit.portal.name))
        said = self.said or {}
        self.token: str = said.get("accessToken", "")
        left = (sso_cache.end_of(said) or 0) - now
        self.lives = left > 0 and self.token != refused
        # The AWS CLI and the SDKs never refresh what a profile signed in to by itself.
        self.is_refreshable = not visit.portal.legacy and sso_cache.is_refreshable(said, now)
        self.lasts = self.lives and (left >= REFRESH_WINDOW or not self.is_refreshable)


def _refreshed(visit: Visit, kept: _Kept) -> tuple[str | None, str | None]:
    """A token for the refresh token; or None, and why there is none."""
    said = kept.said or {}
    visit.machine.log(f"{visit.portal.name}: refreshing the sign-in")
    try:
        answer = visit.call(
            "create_token",
            {
                "grantType": "refresh_token",
                "clientId": said["clientId"],
                "clientSecret": said["clientSecret"],
                "refreshToken": said["refreshToken"],
            },
            TOKEN,
        )
    except Refusal as refusal:
        if refusal.status >= 500 or refusal.code in _TROUBLE_OF_ITS_OWN:
            if kept.lives:
                return None, None
            raise sign_in_refused(refusal, visit.portal) from refusal
        visit.machine.log(f"{visit.portal.name}: not refreshed: {refusal}")
        return None, f"AWS refreshes the last one no more ({refusal.message or refusal.code})"
    except NetworkUnavailable as error:
        if not kept.lives:
            raise
        visit.machine.log(error.summary)
        return None, None
    token = token_of(visit, said, answer)
    # A server may let the old one count on (RFC 6749 section 6).
    token.setdefault("refreshToken", said["refreshToken"])
    _keep(visit, token)
    return str(token["accessToken"]), None


def _keep(visit: Visit, token: dict[str, Any]) -> None:
    try:
        sso_cache.write(visit.machine, sso_cache.token_key(visit.portal.name), token)
    except CredentialsFileUnwritable as error:
        # What it is needed for now can go on.
        visit.machine.log(error.summary)


@contextlib.contextmanager
def _turn(visit: Visit) -> Iterator[Turn]:
    key = sso_cache.token_key(visit.portal.name)
    with contextlib.ExitStack() as held:
        try:
            mine = held.enter_context(turn(visit.machine, key, visit.waiting()))
        except TimeoutError as error:
            raise LoginRequired(
                f"another rolecall keeps the sign-in to {visit.portal.name} busy",
                "stop it, then try again",
            ) from error
        yield mine


def _came_to_nothing(visit: Visit) -> LoginRequired:
    return LoginRequired(
        f"the sign-in to {visit.portal.name} that {visit.role} waited for came to nothing",
        f"once more: {login_command(visit.portal)}",
    )
