"""An OpenID Connect provider: what it says of itself, its tokens, and whether they are good.

Sources: OpenID Connect Discovery 1.0 section 4, OpenID Connect Core 1.0 section 3.1.3.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import (
    AccessDenied,
    ClockSkew,
    ConfigUnreadable,
    LoginRequired,
    NetworkUnavailable,
)
from profiles.files.sign_ins import SignedIn
from profiles.sources import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

# Those that AssumeRoleWithWebIdentity takes (STS API reference).
_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_CLOCK_TOLERANCE = 120
"""Seconds that a provider's clock may be off; AWS's own tolerance is five minutes."""
_SAID_MOST = 300


class Refused(Exception):
    """The provider answered with an OAuth error.

    Attributes:
        code: `authorization_pending`, `access_denied` … (RFC 6749 section 5.2, RFC 8628).
        reason: what it says besides, on one line; the code where it says nothing.
    """

    def __init__(self, code: str, description: object = None) -> None:
        super().__init__(code)
        self.code = code
        said = " ".join(description.split()) if isinstance(description, str) else ""
        self.reason = said[:_SAID_MOST] or code


class Provider:
    """A provider, discovered.

    Args:
        issuer: its address, as its ID tokens name it.
        machine: asked from.

    Raises:
        ConfigUnreadable: there is no provider of that name.
        NetworkUnavailable: it cannot be reached, or something else answers.
    """

    def __init__(self, issuer: str, machine: Machine) -> None:
        self.issuer = issuer
        self._machine = machine
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = web.ask(url, machine)
        if answer.said is None or answer.status >= 500:
            if answer.status in (404, 410):
                raise ConfigUnreadable(
                    f"{issuer} is no OpenID Connect issuer: it has no {url}", "check issuer"
                )
            raise self._garbled(url, answer)
        named = answer.said.get("issuer")
        if answer.status != 200 or named is None:
            raise self._garbled(url, answer)
        if named != issuer:
            # Else one provider could speak for another (Discovery, section 4.3).
            raise ConfigUnreadable(
                f"the issuer {issuer} calls itself {named}", f'set issuer = "{named}" if it is'
            )
        self._says = answer.said

    def endpoint(self, name: str) -> str | None:
        """The address of one of its endpoints; None where it has none."""
        found = self._says.get(name)
        return found if isinstance(found, str) and found else None

    def offers_scope(self, scope: str) -> bool:
        """Whether it says that it knows a scope."""
        known = self._says.get("scopes_supported")
        return isinstance(known, list) and scope in known

    def post(self, endpoint: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """What an endpoint answers to a form.

        Raises:
            Refused: with an OAuth error.
            NetworkUnavailable: with nothing, or something else.
        """
        url = self.endpoint(endpoint)
        if url is None:
            raise ConfigUnreadable(f"{self.issuer} has no {endpoint}")
        answer = web.ask(url, self._machine, fields)
        if answer.said is None or answer.status >= 500:
            raise self._garbled(url, answer)
        code = answer.said.get("error")
        if isinstance(code, str) and answer.status != 200:
            raise Refused(code, answer.said.get("error_description"))
        if answer.status != 200:
            raise self._garbled(url, answer)
        return answer.said

    def signed_in(
        self,
        answer: Mapping[str, Any],
        client_id: str,
        *,
        nonce: str | None = None,
        before: SignedIn | None = None,
    ) -> SignedIn:
        """Who a token endpoint's answer says has signed in, its ID token checked.

        Args:
            answer: of the token endpoint.
            client_id: whom the token has to be for.
            nonce: what was sent along; None where nothing was.
            before: the sign-in that was refreshed: it has to be of the same person.

        Raises:
            AccessDenied: the token is not to be trusted.
            ClockSkew: it would be good at another time.
            LoginRequired: there is none.
        """
        text = answer.get("id_token")
        if not isinstance(text, str):
            raise LoginRequired(
                f"{self.issuer} gave no ID token", "the scopes have to hold openid: check scopes"
            )
        claims = self._verified(text, client_id, nonce)
        subject, end = claims["sub"], times.known(claims["exp"])
        if not isinstance(subject, str) or end is None:
            raise self._wrong("sub" if end is not None else "exp", claims)
        if before is not None and subject != before.subject:
            raise AccessDenied(f"{self.issuer} gave the ID token of somebody else")
        refresh = answer.get("refresh_token") or (before.refresh_token if before else None)
        return SignedIn(subject, text, end, refresh if isinstance(refresh, str) else None)

    def _verified(self, text: str, client_id: str, nonce: str | None) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError
        from joserfc.jwk import KeySet

        url = self.endpoint("jwks_uri")
        if url is None:
            raise ConfigUnreadable(f"{self.issuer} has no jwks_uri")
        answer = web.ask(url, self._machine)
        if answer.said is None or answer.status != 200:
            raise self._garbled(url, answer)
        now = self._machine.now()
        try:
            # What is no set of keys fails in many ways: whatever it is, the token is not proven.
            token = jwt.decode(
                text,
                KeySet.import_key_set(answer.said),  # type: ignore[arg-type]
                algorithms=list(_ALGORITHMS),
            )
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise AccessDenied(
                f"the signature of the ID token of {self.issuer} is not good",
                "AWS would not take it either: it wants RS256 to ES512, by a key of jwks_uri",
            ) from error
        claims = token.claims
        wanted: Any = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": client_id},
            **{name: {"essential": True} for name in ("sub", "exp", "iat")},
        }
        if nonce is not None:
            wanted["nonce"] = {"essential": True, "value": nonce}
        try:
            jwt.JWTClaimsRegistry(int(now), _CLOCK_TOLERANCE, **wanted).validate(claims)
        except (ExpiredTokenError, InvalidClaimError) as error:
            claim = getattr(error, "claim", None) or "exp"
            if claim in ("exp", "iat", "nbf"):
                raise self._off(claims, answer.offset, now) from error
            raise self._wrong(claim, claims) from error
        except JoseError as error:
            raise self._wrong(getattr(error, "claim", None), claims) from error
        if claims.get("azp", client_id) != client_id:
            raise self._wrong("azp", claims)
        return dict(claims)

    def _off(self, claims: Mapping[str, Any], offset: float | None, now: float) -> ClockSkew:
        if offset is not None and abs(offset) > _CLOCK_TOLERANCE:
            side = "behind" if offset > 0 else "ahead of"
            why = f"this machine's clock is off: it is {times.words(abs(offset))} {side} "
            return ClockSkew(
                f"{why}{self.issuer}", "set it (timedatectl set-ntp true), then try again"
            )
        end = claims.get("exp")
        over = isinstance(end, (int, float)) and end <= now
        how = "is over already" if over else "is not good yet"
        return ClockSkew(
            f"{self.issuer} gave an ID token that {how}", "one of the two clocks is off"
        )

    def _wrong(self, claim: str | None, claims: Mapping[str, Any]) -> AccessDenied:
        said = claims.get(claim) if claim else None
        shown = f": {str(said)[:_SAID_MOST]}" if said is not None and claim != "nonce" else ""
        return AccessDenied(
            f"the ID token of {self.issuer} is not for this sign-in ({claim or 'a claim'}{shown})",
            "check client_id and issuer",
        )

    def _garbled(self, url: str, answer: web.Answer) -> NetworkUnavailable:
        what = "no JSON" if answer.said is None else "no such answer"
        return NetworkUnavailable(
            f"what answered at {url} is not {self.issuer}: {what} (status {answer.status})",
            "a proxy or captive portal may stand between; else try again",
        )
