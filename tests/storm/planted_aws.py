"""An AWS on this machine whose every answer holds a planted secret, or that refuses everything."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.storm.planted import SECRETS

_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_USER = (
    "<AssumedRoleUser><AssumedRoleId>AROA:ana</AssumedRoleId>"
    "<Arn>arn:aws:sts::123456789012:assumed-role/reader/ana</Arn></AssumedRoleUser>"
)
_WHO = (
    "<Arn>arn:aws:iam::111122223333:user/ana</Arn><UserId>AIDA</UserId>"
    "<Account>111122223333</Account>"
)
_REFUSED = (
    '<ErrorResponse xmlns="{space}"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>'
    "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sts:{action}</Message>"
    "</Error><RequestId>1</RequestId></ErrorResponse>"
)


class PlantedAws(ThreadingHTTPServer):
    """It.

    Attributes:
        refuses: whether it says no to all.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Call)
        self.refuses = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def planted_aws():
    """Answer while the block runs."""
    server = PlantedAws()
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _credentials() -> str:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return (
        "<Credentials><AccessKeyId>ASIAPLANTED000000000</AccessKeyId>"
        f"<SecretAccessKey>{SECRETS['session-secret']}</SecretAccessKey>"
        f"<SessionToken>{SECRETS['session-token']}</SessionToken>"
        f"<Expiration>{end}</Expiration></Credentials>"
    )


_JSON = {
    "/federation/credentials": {
        "roleCredentials": {
            "accessKeyId": "ASIAPLANTED000000000",
            "secretAccessKey": SECRETS["session-secret"],
            "sessionToken": SECRETS["session-token"],
            "expiration": 4_000_000_000_000,
        }
    },
    "/client/register": {
        "clientId": "client",
        "clientSecret": SECRETS["client-secret"],
        "clientSecretExpiresAt": 4_000_000_000,
    },
    "/device_authorization": {
        "deviceCode": SECRETS["password"],
        "userCode": "ABCD-EFGH",
        "verificationUri": "https://device.sso.test/",
        "verificationUriComplete": "https://device.sso.test/?user_code=ABCD-EFGH",
        "expiresIn": 600,
        "interval": 1,
    },
    "/token": {
        "accessToken": SECRETS["sso-access-token"],
        "refreshToken": SECRETS["sso-refresh-token"],
        "tokenType": "Bearer",
        "expiresIn": 28800,
    },
    "/assignment/accounts": {
        "accountList": [{"accountId": "123456789012", "accountName": "payments"}]
    },
    "/assignment/roles": {"roleList": [{"accountId": "123456789012", "roleName": "View"}]},
    "/logout": {},
    "/federation": {"SigninToken": SECRETS["sign-in-token"]},
}


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PlantedAws

    def do_GET(self):
        said = _JSON.get(self.path.partition("?")[0])
        if self.server.refuses or said is None:
            self._answer(403, {"message": "not authorized"}, "ForbiddenException")
            return
        self._answer(200, said)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path != "/":
            self.do_GET()
            return
        action = parse_qs(body).get("Action", ["?"])[0]
        if self.server.refuses:
            self._send(403, _REFUSED.format(space=_SPACE, action=action), "text/xml")
            return
        said = _WHO if action == "GetCallerIdentity" else _credentials() + _USER
        self._send(
            200,
            f'<{action}Response xmlns="{_SPACE}"><{action}Result>{said}</{action}Result>'
            f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>",
            "text/xml",
        )

    def _answer(self, status: int, said: dict, error: str = ""):
        self._send(status, json.dumps(said), "application/json", error)

    def _send(self, status: int, text: str, kind: str, error: str = ""):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing."""
