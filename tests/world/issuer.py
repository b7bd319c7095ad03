"""An OpenID Connect provider in this process, strict about its clients, with doors to failure.

Refuses what RFC 6749, 7636 (PKCE) and 8628 (device code) refuse, in their words.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "rolecall"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Issuer:
    """Signs everybody in as `subject`, unless told otherwise.

    Attributes:
        requests: method or grant and path of each request, in the order of arrival.
        says: changes to the discovery document; None takes a key away.
        claims: changes to the claims of ID tokens; None takes one away.
        pages: path to (status, body) that is answered instead of what would be.
        denies: the person says no.
        decided: whether a device code has been entered; until then polls wait.
        interval: seconds between polls.
        now: the clock that polls and tokens are judged by.
    """

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.subject = "ana"
        self.requests: list[str] = []
        self.says: dict[str, object] = {}
        self.claims: dict[str, object] = {}
        self.pages: dict[str, tuple[int, str]] = {}
        self.denies = False
        self.decided = True
        self.refreshes = True
        self.interval = 1
        self.lasts = 3600
        self.code_lasts = 600
        self.now = time.time
        self._codes: dict[str, dict[str, str]] = {}
        self._devices: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._polled: dict[str, float] = {}
        self._server = _Server(("127.0.0.1", 0), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def count(self, what: str) -> int:
        return self.requests.count(what)

    def token(self, **claims) -> str:
        """An ID token."""
        now = int(self.now())
        said = {"iss": self.url, "aud": CLIENT, "sub": self.subject, "iat": now}
        said |= {"exp": now + self.lasts} | claims | self.claims
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one"}, said, self.key)

    def revoke(self):
        """All refresh tokens are void."""
        self._refresh.clear()

    # ---------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, fields: dict[str, str]):
        """Status, headers and body."""
        self.requests.append(fields.get("grant_type", path) if method == "POST" else path)
        if path in self.pages:
            status, body = self.pages[path]
            return status, {"Content-Type": "text/html"}, body
        if path == "/.well-known/openid-configuration":
            return _json(200, {k: v for k, v in (self._says() | self.says).items() if v})
        if path == "/jwks":
            return _json(200, {"keys": [self.key.as_dict(private=False)]})
        if path == "/auth":
            return self._authorize(fields)
        if path == "/device":
            return self._device(fields)
        if path == "/token":
            return self._token(fields)
        return _json(404, {"error": "not_found"})

    def _says(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "device_authorization_endpoint": f"{self.url}/device",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "scopes_supported": ["openid", "offline_access"],
        }

    def _authorize(self, fields):
        back = urlsplit(fields.get("redirect_uri", ""))
        sound = back.scheme == "http" and back.hostname == "127.0.0.1" and back.path == "/callback"
        if not sound or fields.get("client_id") != CLIENT:
            return _json(400, {"error": "invalid_request"})
        said = {"state": fields.get("state", ""), "iss": self.url}
        proves = fields.get("code_challenge_method") == "S256" and fields.get("code_challenge")
        if not proves or "openid" not in fields.get("scope", "").split():
            said["error"] = "invalid_request"
        elif self.denies:
            said |= {"error": "access_denied", "error_description": "ana said no"}
        else:
            said["code"] = secrets.token_urlsafe(16)
            self._codes[said["code"]] = fields
        return 302, {"Location": f"{fields['redirect_uri']}?{urlencode(said)}"}, ""

    def _device(self, fields):
        if fields.get("client_id") != CLIENT:
            return _json(401, {"error": "invalid_client"})
        code = secrets.token_urlsafe(16)
        self._devices[code] = self.now() + self.code_lasts
        said = {"device_code": code, "user_code": "ABCD-EFGH", "interval": self.interval}
        said |= {"verification_uri": f"{self.url}/enter", "expires_in": self.code_lasts}
        return _json(200, said)

    def _token(self, fields):
        grant = fields.get("grant_type")
        if fields.get("client_id") != CLIENT:
            return _json(401, {"error": "invalid_client"})
        if grant == "authorization_code":
            asked = self._codes.pop(fields.get("code", ""), None)
            if asked is None or asked["redirect_uri"] != fields.get("redirect_uri"):
                return _json(400, {"error": "invalid_grant"})
            proof = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
                return _json(400, {"error": "invalid_grant", "error_description": "PKCE"})
            return self._tokens(asked["scope"], nonce=asked.get("nonce"))
        if grant == DEVICE_GRANT:
            return self._polled_token(fields.get("device_code", ""))
        if grant == "refresh_token":
            if fields.get("refresh_token") not in self._refresh:
                return _json(400, {"error": "invalid_grant", "error_description": "revoked"})
            self._refresh.remove(fields["refresh_token"])  # each is good once
            return self._tokens("openid offline_access")
        return _json(400, {"error": "unsupported_grant_type"})

    def _polled_token(self, code):
        now, last = self.now(), self._polled.get(code, 0)
        self._polled[code] = now
        if code not in self._devices:
            return _json(400, {"error": "invalid_grant"})
        if now > self._devices[code]:
            return _json(400, {"error": "expired_token"})
        if now - last < self.interval:
            self.interval += 5
            return _json(400, {"error": "slow_down"})
        if self.denies:
            return _json(403, {"error": "access_denied", "error_description": "ana said no"})
        if not self.decided:
            return _json(400, {"error": "authorization_pending"})
        del self._devices[code]
        return self._tokens("openid offline_access")

    def _tokens(self, scope, **claims):
        said = {"access_token": "x", "token_type": "Bearer", "id_token": self.token(**claims)}
        if self.refreshes and "offline_access" in scope.split():
            said["refresh_token"] = secrets.token_urlsafe(16)
            self._refresh.add(said["refresh_token"])
        return _json(200, said)


def _json(status, said):
    return status, {"Content-Type": "application/json"}, json.dumps(said)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, issuer):
        self.issuer = issuer
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self._say("GET", parts.path, dict(parse_qsl(parts.query)))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._say("POST", self.path, dict(parse_qsl(body)))

    def _say(self, method, path, fields):
        status, headers, body = self.server.issuer.answer(method, path, fields)
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body.encode()))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def issuer():
    """An OpenID Connect provider that signs in at once."""
    made = Issuer()
    yield made
    made.close()
