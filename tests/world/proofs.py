"""What STS checks of tokens and assertions and no emulator does: signatures, audiences, ends.

Codes and texts are AWS's own, as its clients report them.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import urllib.request
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.world.saml import unproven
from tui.demo.rules import Refusal

if TYPE_CHECKING:
    from tui.demo.rules import Call

_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]


class Proofs:
    """Those that are checked; as long as nothing is told, nothing is.

    Attributes:
        issuers: client ids that may be the audience, by issuer.
        saml_providers: certificates (PEM) that sign assertions, by the provider's ARN.
    """

    def __init__(self):
        self.issuers: dict[str, set[str]] = {}
        self.saml_providers: dict[str, str] = {}

    def refusal(self, call: Call) -> Refusal | None:
        """Why a call is refused for the proof that it brings; None where that is good."""
        if call.action == "AssumeRoleWithWebIdentity" and self.issuers:
            return self._of_token(call.params["WebIdentityToken"])
        if call.action == "AssumeRoleWithSAML" and self.saml_providers:
            return self._of_assertion(call.params)
        return None

    def _of_token(self, token: str) -> Refusal | None:
        try:
            part = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return invalid(
                "The ID Token provided is not a valid JWT. "
                "(You may see this error if you sent an Access Token)"
            )
        issuer = claims.get("iss", "")
        if issuer not in self.issuers:
            return invalid(f"No OpenIDConnect provider found in your account for {issuer}")
        try:
            said = _get(f"{issuer}/.well-known/openid-configuration")
            keys = KeySet.import_key_set(_get(said["jwks_uri"]))
            jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (OSError, ValueError, KeyError, JoseError):
            return invalid(
                "Couldn't retrieve verification key from your identity provider,  please "
                "reference AssumeRoleWithWebIdentity documentation for requirements"
            )
        audience = claims.get("aud")
        if not self.issuers[issuer] & {*(audience if isinstance(audience, list) else [audience])}:
            return invalid("Incorrect token audience")
        now = int(time.time())
        if now >= claims.get("exp", 0):
            return Refusal(
                400,
                "ExpiredTokenException",
                f"Token expired: current date/time {now} must be before the expiration "
                f"date/time {claims.get('exp')}",
            )
        return None

    def _of_assertion(self, params: dict[str, str]) -> Refusal | None:
        certificate = self.saml_providers.get(params["PrincipalArn"])
        if certificate is None:
            return invalid("Specified provider doesn't exist")
        return unproven(params, certificate)


def invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidIdentityToken", message)


def _get(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)
