"""Rolecall's own sign-in to an OpenID Connect provider: in a browser here, or with a code anywhere.

Sources: RFC 8252 and RFC 7636 (authorization code, loopback redirect, PKCE), RFC 8628 (device
code), RFC 9207 (who answered), OpenID Connect Core 1.0 section 11 (offline access).
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.browser import has_browser, open_url
from profiles.challenges import SignIn
from profiles.errors import AccessDenied, ConfigUnreadable, LoginRequired, NetworkUnavailable
from profiles.files.sign_ins import SignedIn, keep_sign_in, kept_sign_in
from profiles.quoted import quoted
from profiles.sources.loopback import Loopback
from profiles.sources.oidc_provider import Provider, Refused
from profiles.sources.once import one_for_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role
    from profiles.sources.protocol import Way

PATIENCE = 600.0
"""Seconds that a sign-in in a browser is waited for."""
_NEAR_ITS_END = 60.0
"""An ID token with fewer seconds left is not worth sending."""
_INTERVAL = 5.0
_LOOK = 0.1
_CALLBACK = "/callback"
_DEVICE = "device_authorization_endpoint"
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OFFLINE = "offline_access"


class Client(NamedTuple):
    """Whom a provider knows rolecall as: a public client, without a secret.

    Attributes:
        scopes: what is asked for; empty for `openid`, and `offline_access` where it is offered.
        port: of the loopback redirect, 0 for any.
    """

    issuer: str
    client_id: str
    scopes: tuple[str, ...] = ()
    port: int = 0

    @classmethod
    def of(cls, role: Role) -> Client | None:
        """Whom the provider of an entry knows; None where nobody signs in for it."""
        issuer = role.get("issuer") if role.kind == "web-identity" else None
        if issuer is None:
            return None
        scopes = tuple(role.value("scopes") or ())
        return cls(issuer, role.get("client_id") or "", scopes, role.value("port") or 0)

    @property
    def where(self) -> str:
        """The same text for all who can share a sign-in."""
        return " ".join((self.issuer, self.client_id, *self.scopes))


def signed_in(client: Client, role: Role, way: Way, *, refused: str | None = None) -> SignedIn:
    """A sign-in whose ID token lasts: the kept one, a refreshed one, or a new one by the person.

    Args:
        client: whose.
        role: needs it.
        way: its surroundings.
        refused: an ID token that AWS would not take: another one is got.

    Raises:
        LoginRequired: nobody can sign in.
        Cancelled: the person would not.
        AccessDenied: the provider said no.
        RolecallError: anything else that stood in the way.
    """

    def known() -> SignedIn | None:
        kept = kept_sign_in(way.machine, client.where)
        lasts = kept is not None and kept.expires_at - way.machine.now() > _NEAR_ITS_END
        return kept if kept is not None and lasts and kept.id_token != refused else None

    def new() -> SignedIn:
        way.check()
        provider = Provider(client.issuer, way.machine)
        kept = kept_sign_in(way.machine, client.where)
        found = _refreshed(provider, client, kept, way) or _asked(provider, client, role, way)
        keep_sign_in(way.machine, client.where, found)
        return found

    return one_for_all(way, client.where, known, new)


def _refreshed(
    provider: Provider, client: Client, kept: SignedIn | None, way: Way
) -> SignedIn | None:
    """A new ID token by the refresh token; None where it takes a person."""
    if kept is None or kept.refresh_token is None:
        return None
    way.check()
    try:
        answer = provider.post(
            "token_endpoint",
            {
                "grant_type": "refresh_token",
                "refresh_token": kept.refresh_token,
                "client_id": client.client_id,
            },
        )
        return provider.signed_in(answer, client.client_id, before=kept)
    except (Refused, LoginRequired) as error:
        # It was revoked or is over, or refreshing gives no ID tokens there (Core, section 12.2).
        way.machine.log(f"{client.issuer}: no refresh: {getattr(error, 'reason', error)}")
        return None


def _asked(provider: Provider, client: Client, role: Role, way: Way) -> SignedIn:
    """A sign-in by the person: in a browser of this machine where there is one."""
    here = has_browser(way.machine, way.catalogue.settings)
    by_redirect = provider.endpoint("authorization_endpoint") is not None
    by_code = provider.endpoint(_DEVICE) is not None
    try:
        if by_redirect and (here or not by_code):
            return _by_redirect(provider, client, role, way)
        if by_code:
            return _by_device_code(provider, client, role, way)
    except Refused as refused:
        if refused.code == "expired_token":
            raise LoginRequired(
                f"nobody signed in to {client.issuer} in time", "try again"
            ) from refused
        if refused.code == "access_denied":
            raise AccessDenied(
                f"the sign-in to {client.issuer} was refused: {refused.reason}",
                "by the person who was asked, or by a rule of the provider",
            ) from refused
        raise AccessDenied(
            f"{client.issuer} does not sign in the client {client.client_id}: {refused.reason}",
            "it has to be a public (native) client with the code or device grant; "
            f"its redirect address is http://127.0.0.1{_CALLBACK}",
        ) from refused
    raise ConfigUnreadable(
        f"{client.issuer} offers no sign-in that a terminal could make",
        "get the token with another program: set token_command instead of issuer",
    )


def _by_redirect(provider: Provider, client: Client, role: Role, way: Way) -> SignedIn:
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))

    def belongs(fields: Mapping[str, str]) -> bool:
        return hmac.compare_digest(fields.get("state", "").encode(), state.encode())

    scopes = _scopes(provider, client)
    with Loopback(_CALLBACK, belongs, port=client.port) as loopback:
        url = prepare_grant_uri(
            provider.endpoint("authorization_endpoint"),
            client.client_id,
            "code",
            redirect_uri=loopback.url,
            scope=scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            prompt="consent" if _OFFLINE in scopes else None,
        )
        end = way.machine.now() + PATIENCE
        _show(client, role, way, url, None, end)
        answer = loopback.wait(client.issuer, end, way.machine, way.cancelled)
    if answer.get("iss", client.issuer) != client.issuer:
        raise AccessDenied(f"another provider answered the sign-in: {answer['iss']}")
    if "error" in answer:
        raise Refused(answer["error"], answer.get("error_description"))
    way.check()
    said = provider.post(
        "token_endpoint",
        {
            "grant_type": "authorization_code",
            "code": answer.get("code", ""),
            "redirect_uri": loopback.url,
            "client_id": client.client_id,
            "code_verifier": verifier,
        },
    )
    return provider.signed_in(said, client.client_id, nonce=nonce)


def _by_device_code(provider: Provider, client: Client, role: Role, way: Way) -> SignedIn:
    fields = {"client_id": client.client_id, "scope": " ".join(_scopes(provider, client))}
    said = provider.post(_DEVICE, fields)
    code, plain, device = (
        said.get(key) for key in ("user_code", "verification_uri", "device_code")
    )
    url = said.get("verification_uri_complete") or plain
    if not isinstance(code, str) or not isinstance(url, str) or not isinstance(device, str):
        raise NetworkUnavailable(f"{client.issuer} gave no device code", "try again")
    end = way.machine.now() + _seconds(said.get("expires_in"), PATIENCE)
    _show(client, role, way, url, code, end)
    interval = _seconds(said.get("interval"), _INTERVAL)
    fields = {"grant_type": _DEVICE_GRANT, "device_code": device, "client_id": client.client_id}
    while True:
        _pause(interval, end, client, way)
        try:
            return provider.signed_in(provider.post("token_endpoint", fields), client.client_id)
        except Refused as refused:
            if refused.code == "slow_down":
                interval += _INTERVAL
            elif refused.code != "authorization_pending":
                raise
        except NetworkUnavailable as error:
            # A line that drops ends no sign-in (RFC 8628 section 3.5).
            way.machine.log(error.summary)
            interval *= 2


def _show(
    client: Client, role: Role, way: Way, url: str, code: str | None, expires_at: float
) -> None:
    """Tell the person where to go, and open it: in that order, for there may be no person."""
    opened = has_browser(way.machine, way.catalogue.settings)
    again = f"rolecall assume {quoted(role.name)}"
    way.ask(SignIn(client.issuer, role.name, url, code, expires_at, opened, again))
    if opened:
        open_url(way.machine, way.catalogue.settings, url)


def _scopes(provider: Provider, client: Client) -> list[str]:
    if client.scopes:
        return list(dict.fromkeys(("openid", *client.scopes)))
    return ["openid", _OFFLINE] if provider.offers_scope(_OFFLINE) else ["openid"]


def _seconds(said: Any, otherwise: float) -> float:
    good = isinstance(said, (int, float)) and not isinstance(said, bool) and 1 <= said <= 86400
    return float(said) if good else otherwise


def _pause(seconds: float, end: float, client: Client, way: Way) -> None:
    """Let so many seconds go by.

    Raises:
        Cancelled: the person gave up.
        LoginRequired: the code's time ended.
    """
    until = way.machine.now() + seconds
    while (now := way.machine.now()) < until:
        way.check()
        if now >= end:
            raise LoginRequired(f"nobody signed in to {client.issuer} in time", "try again")
        time.sleep(min(_LOOK, until - now))
