"""The session of `aws login`: a console sign-in that the AWS CLI made and whoever uses it renews.

Source: botocore 1.43, `credentials.LoginCredentialFetcher`; RFC 9449 (DPoP).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import AccessDenied, Internal, LoginRequired
from profiles.files.login_cache import read_login, write_login
from profiles.insight.refusal import Refusal, explained
from profiles.quoted import quoted
from profiles.session import Credentials, Session
from profiles.sources.one_at_a_time import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.sources.protocol import Way

_RENEWED_BELOW = 5 * 60
"""Seconds: as botocore; a session lasts fifteen minutes, its sign-in twelve hours."""
_NEEDED = ("accessToken", "refreshToken", "dpopKey", "clientId")
_KEYS = ("accessKeyId", "secretAccessKey", "sessionToken")
_OVER = ("TOKEN_EXPIRED", "USER_CREDENTIALS_CHANGED")


class Login:
    """What `aws login` left, renewed without a person as long as the sign-in lasts."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a console sign-in.

        Raises:
            LoginRequired: nobody signed in, or that is over.
            RolecallError: it cannot be renewed, and why.
        """
        del before
        role = hop.role
        signed_in = role.get("login_session") if role else None
        if signed_in is None:
            raise Internal(f"{hop.name} has no login_session")
        kept = _Kept(hop.name, signed_in, way)
        credentials = None if hop.name in way.fresh else kept.credentials()
        if credentials is not None:
            return Session.in_hand(hop.name, credentials)
        with one_at_a_time(way, f"login {signed_in}"):
            before_waiting = kept.token
            kept = _Kept(hop.name, signed_in, way)
            renewed = kept.credentials() if kept.token != before_waiting else None
            session = Session.in_hand(hop.name, renewed or kept.renewed())
            if renewed is not None:
                return session
            told = replace(session, identity=session.credentials.identity)
            return replace(session, notes=way.given(told))


class _Kept:
    """A sign-in as its file has it.

    Args:
        name: the profile's.
        signed_in: whose it is.
        way: the surroundings.

    Raises:
        LoginRequired: there is none, or not a whole one.
    """

    def __init__(self, name: str, signed_in: str, way: Way) -> None:
        self._name = name
        self._signed_in = signed_in
        self._way = way
        self.token = read_login(way.machine, signed_in)
        keys = self.token.get("accessToken")
        whole = isinstance(keys, dict) and all(isinstance(keys.get(key), str) for key in _KEYS)
        if not whole or not all(self.token.get(key) for key in _NEEDED):
            raise self._over("has no sign-in on this machine")

    def credentials(self) -> Credentials | None:
        """Its session; None where that ends soon."""
        keys = self.token["accessToken"]
        said = keys.get("expiresAt")
        end = times.instant(said) if isinstance(said, str) else None
        if end is None or end - self._way.machine.now() <= _RENEWED_BELOW:
            return None
        return self._of(keys, end)

    def renewed(self) -> Credentials:
        """A new session, kept where the AWS CLI finds it.

        Raises:
            LoginRequired: the sign-in is over.
            RolecallError: AWS said no, or was not reached.
        """
        answer = self._ask_aws()["tokenOutput"]
        end = self._way.machine.now() + answer["expiresIn"]
        keys = answer["accessToken"] | {
            "accountId": self.token["accessToken"].get("accountId"),
            "expiresAt": times.rfc3339(end),
        }
        token = self.token | {"accessToken": keys, "refreshToken": answer["refreshToken"]}
        try:
            write_login(self._way.machine, self._signed_in, token)
        except OSError as error:
            self._way.machine.log(f"{self._name}: {error}")
        return self._of(keys, end)

    def _ask_aws(self) -> dict[str, Any]:
        from profiles.sources import sts

        way = self._way
        way.machine.log(f"{self._name}: renewing the console sign-in")
        given = {
            "clientId": self.token["clientId"],
            "refreshToken": self.token["refreshToken"],
            "grantType": "refresh_token",
        }
        try:
            return sts.call(
                "create_o_auth2_token",
                {"tokenInput": given},
                None,
                way.place,
                way.machine,
                service="signin",
                headers=self._proof,
            ).data
        except Refusal as refusal:
            if refusal.reason in _OVER:
                raise self._over("was signed in, and that is over") from refusal
            if refusal.reason == "INSUFFICIENT_PERMISSIONS":
                raise AccessDenied(
                    f"{self._name}: {self._signed_in} may not renew its sign-in",
                    "it needs signin:CreateOAuth2Token (policy SignInLocalDevelopmentAccess)",
                ) from refusal
            raise explained(refusal, role=self._name, role_arn=None, source=None) from refusal

    def _proof(self, url: str) -> dict[str, str]:
        """The header that proves that the sign-in's own key asks (RFC 9449 section 4.2)."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey

        try:
            key = ECKey.import_key(self.token["dpopKey"])
            header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
            now = int(self._way.machine.now())
            said = {"htm": "POST", "htu": url, "iat": now, "jti": str(uuid.uuid4())}
            return {"DPoP": jwt.encode(header, said, key)}
        except (JoseError, ValueError, TypeError) as error:
            raise self._over("has a sign-in whose key cannot be read") from error

    def _of(self, keys: dict[str, Any], end: float) -> Credentials:
        account = keys.get("accountId")
        return Credentials(
            keys["accessKeyId"],
            keys["secretAccessKey"],
            keys["sessionToken"],
            expires_at=end,
            identity=self._signed_in if self._signed_in.startswith("arn:") else None,
            account_id=account if isinstance(account, str) else None,
            method="login",
        )

    def _over(self, what: str) -> LoginRequired:
        return LoginRequired(
            f"{self._name} {what}",
            f"sign in with the AWS CLI: aws login --profile {quoted(self._name)}",
        )
