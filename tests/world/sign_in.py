"""AWS Sign-In's token endpoint, as `signin` in botocore's models and RFC 9449 have it."""

from __future__ import annotations

import http.server
import json
import secrets
import threading
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "arn:aws:signin:::devtools/same-device"


class SignInService:
    """Renews console sign-ins for whoever holds their key.

    Attributes:
        url: of the endpoint.
        renewals: how many it gave.
        refuses: the OAuth code that every request is refused with, or None.
        delay: seconds that an answer takes.
    """

    def __init__(self, session):
        self.renewals = 0
        self.refuses: str | None = None
        self.delay = 0.0
        self._session = session
        self._tokens: dict[str, str] = {}
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(service.delay)
                url = f"http://{self.headers['Host']}{self.path}"
                status, answer = service.answer(body, self.headers["DPoP"], url)
                text = json.dumps(answer).encode()
                self.send_response(status)
                if status != 200:
                    kind = "ValidationException" if status == 400 else "AccessDeniedException"
                    self.send_header("x-amzn-errortype", kind)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def signed_in(self, ends_in: float) -> dict[str, object]:
        """What `aws login` leaves in its cache; its session ends in so many seconds."""
        key = ec.generate_private_key(ec.SECP256R1())
        # SEC 1, as the AWS CLI writes it.
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return {
            "accessToken": self._keys(ends_in) | {"accountId": "111122223333"},
            "tokenType": "aws_sigv4",
            "refreshToken": self._bound(ECKey.import_key(pem).thumbprint()),
            "clientId": CLIENT,
            "dpopKey": pem.decode(),
        }

    def answer(self, body, proof, url):
        """Status and body for a request."""
        if self.refuses:
            said = {"error": self.refuses, "message": "The request was denied"}
            return (401 if self.refuses == "TOKEN_EXPIRED" else 403), said
        try:
            thumbprint = self._proven(proof, url)
        except (ValueError, KeyError) as error:
            return 400, {"error": "INVALID_REQUEST", "message": f"Invalid DPoP proof: {error}"}
        if body.get("grantType") != "refresh_token" or body.get("clientId") != CLIENT:
            return 400, {"error": "INVALID_REQUEST", "message": "Invalid request"}
        with self._lock:
            if self._tokens.pop(body.get("refreshToken"), None) != thumbprint:
                return 401, {"error": "TOKEN_EXPIRED", "message": "Refresh token is not valid"}
            self.renewals += 1
        keys = self._keys(900)
        del keys["expiresAt"]
        return 200, {
            "accessToken": keys,
            "tokenType": "aws_sigv4",
            "expiresIn": 900,
            "refreshToken": self._bound(thumbprint),
        }

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _proven(self, proof, url):
        """The thumbprint of the key that made a proof (RFC 9449 section 4.3)."""
        if not proof:
            raise ValueError("none")
        header = jwt.decode(proof, ECKey.import_key(_jwk_of(proof))).header
        said = jwt.decode(proof, ECKey.import_key(_jwk_of(proof))).claims
        if header["typ"] != "dpop+jwt" or header["alg"] != "ES256" or "d" in header["jwk"]:
            raise ValueError("its header")
        if said["htm"] != "POST" or said["htu"] != url:
            raise ValueError(f"it is for {said['htm']} {said['htu']}")
        if abs(said["iat"] - time.time()) > 300 or said["jti"] in self._seen:
            raise ValueError("used, or too old")
        self._seen.add(said["jti"])
        return ECKey.import_key(header["jwk"]).thumbprint()

    def _bound(self, thumbprint):
        token = secrets.token_urlsafe()
        self._tokens[token] = thumbprint
        return token

    def _keys(self, ends_in):
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + ends_in))
        return self._session() | {"expiresAt": end}


def _jwk_of(proof):
    import base64

    head = proof.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["jwk"]
