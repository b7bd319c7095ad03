"""An OAuth server's memory: clients, device codes, authorization codes, tokens.

RFC 6749 (codes and refresh tokens count once), RFC 7636 (PKCE), RFC 8628 (device codes), and what
IAM Identity Center adds to them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import urllib.parse
from dataclasses import dataclass, field

from tests.world.modelled import Refused

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = {"authorization_code", "refresh_token", DEVICE}
_SCOPE = re.compile(r"[\w-]+:[\w-]+:[\w-]+")


@dataclass
class Client:
    """A registered client."""

    secret: str
    grants: tuple[str, ...]
    redirects: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: float

    def redirects_to(self, uri: str) -> bool:
        """Whether it registered that address; the port of this machine's is free (RFC 8252)."""
        return _without_port(uri) in map(_without_port, self.redirects)


@dataclass
class Code:
    """A device code (it has a user's code) or an authorization code."""

    client: str
    expires_at: float
    user_code: str = ""
    interval: float = 0
    polled_at: float = float("-inf")
    redirect: str = ""
    challenge: str = ""
    answer: str = "pending"
    used: bool = False
    tokens: list[str] = field(default_factory=list)


@dataclass
class Token:
    """An access token, or a refresh token, which has no end of its own."""

    client: str
    expires_at: float = float("inf")
    gone: bool = False


class Grants:
    """What was granted to whom.

    Attributes:
        lifetime: seconds that access tokens last.
        code_lifetime: seconds that codes last.
        interval: seconds that device codes ask for between polls.
        rotates: whether a refresh gives a new refresh token and ends the old one.
    """

    def __init__(self, now):
        self.now = now
        self.lifetime = 3600
        self.code_lifetime = 600
        self.interval = 1
        self.rotates = True
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}

    def register(self, scopes, redirects, grants) -> dict:
        """A new client."""
        if not all(map(_SCOPE.fullmatch, scopes)):
            raise Refused("InvalidScopeException", "Invalid scopes requested")
        if set(grants) - GRANTS:
            raise Refused("UnsupportedGrantTypeException", "Invalid grant types requested")
        for uri in redirects:
            parts = urllib.parse.urlsplit(uri)
            if (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
                raise Refused("InvalidRedirectUriException", "Invalid redirect uri")
        name, secret, now = secrets.token_urlsafe(16), secrets.token_urlsafe(64), int(self.now())
        self.clients[name] = Client(
            secret,
            tuple(grants) or (DEVICE, "refresh_token"),
            tuple(redirects),
            tuple(scopes),
            now + 90 * 86400,
        )
        return {
            "clientId": name,
            "clientSecret": secret,
            "clientIdIssuedAt": now,
            "clientSecretExpiresAt": now + 90 * 86400,
        }

    def client(self, name: str, secret: str, grant: str) -> Client:
        """A client that proved itself and may use a grant."""
        found = self.clients.get(name)
        if found is None or found.secret != secret or found.expires_at <= self.now():
            raise Refused("InvalidClientException", "Invalid client provided")
        if grant not in found.grants:
            raise Refused("UnauthorizedClientException", "The client has no such grant")
        return found

    def device_code(self, client: str, answer: str) -> tuple[str, str]:
        """A new device code and its user's code."""
        letters = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ") for _ in range(8))
        made, user_code = secrets.token_urlsafe(64), f"{letters[:4]}-{letters[4:]}"
        self.codes[made] = Code(
            client,
            self.now() + self.code_lifetime,
            user_code=user_code,
            interval=self.interval,
            answer=answer,
        )
        return made, user_code

    def authorization_code(self, client: str, redirect: str, challenge: str) -> str:
        """A new authorization code."""
        made = secrets.token_urlsafe(32)
        end = self.now() + self.code_lifetime
        self.codes[made] = Code(client, end, redirect=redirect, challenge=challenge)
        return made

    def for_device(self, client: str, device_code: str | None) -> Code:
        """The code that a device polls with, once the person said yes."""
        code = self.codes.get(device_code or "")
        if code is None or code.client != client or code.used or not code.user_code:
            raise Refused("InvalidGrantException", "Invalid device code provided")
        now = self.now()
        if now >= code.expires_at:
            raise Refused("ExpiredTokenException", "Device code expired")
        if code.answer == "denied":
            raise Refused("AccessDeniedException", "The end user denied the authorization request")
        if code.answer == "pending":
            early = now - code.polled_at < code.interval
            code.polled_at = now
            if early:
                code.interval += 5  # for this and all later requests (RFC 8628 section 3.5)
                raise Refused("SlowDownException", "Slow down")
            raise Refused("AuthorizationPendingException", "Authorization pending")
        code.used = True
        return code

    def for_verifier(self, client, value, redirect, verifier) -> Code:
        """The authorization code of who began the sign-in."""
        code = self.codes.get(value or "")
        if code is None or code.client != client or code.user_code:
            raise Refused("InvalidGrantException", "Invalid authorization code provided")
        if code.used:
            # What was given for it is taken back (RFC 6749 section 4.1.2).
            for token in code.tokens:
                for known in (self.access, self.refresh):
                    if token in known:
                        known[token].gone = True
            raise Refused("InvalidGrantException", "Invalid authorization code provided")
        code.used = True
        verifier = verifier or ""
        digest = hashlib.sha256(verifier.encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            redirect != code.redirect
            or proof != code.challenge
            or not 43 <= len(verifier) <= 128
            or self.now() >= code.expires_at
        ):
            raise Refused("InvalidGrantException", "Invalid grant provided")
        return code

    def refreshed(self, client: str, value: str | None) -> dict:
        """New tokens for a refresh token."""
        token = self.refresh.get(value or "")
        if token is None or token.client != client or token.gone:
            raise Refused("InvalidGrantException", "Invalid refresh token provided")
        token.gone = self.rotates
        return self.tokens(client, refreshable=self.rotates)

    def tokens(self, client: str, *, refreshable: bool, code: Code | None = None) -> dict:
        """New tokens, remembered with the code that they were given for."""
        access, refresh = f"aoa{secrets.token_urlsafe(60)}", f"aor{secrets.token_urlsafe(60)}"
        self.access[access] = Token(client, self.now() + self.lifetime)
        said = {"accessToken": access, "tokenType": "Bearer", "expiresIn": self.lifetime}
        if refreshable:
            self.refresh[refresh] = Token(client)
            said["refreshToken"] = refresh
        if code is not None:
            code.tokens = [access, refresh]
        return said

    def bearer(self, access: str) -> Token:
        """An access token that counts."""
        token = self.access.get(access)
        if token is None or token.gone or self.now() >= token.expires_at:
            raise Refused("UnauthorizedException", "Session token not found or invalid")
        return token


def _without_port(uri: str) -> tuple:
    parts = urllib.parse.urlsplit(uri)
    return parts.scheme, parts.hostname, parts.path, parts.query
