"""What answers as STS on the loopback interface, as far away as wanted."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs

_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(?:.+/)?([\w+=,.@-]+)")
_ANSWER = """\
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROA{number:016}:{session}</AssumedRoleId>
<Arn>arn:aws:sts::{account}:assumed-role/{role}/{session}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA{number:016}</AccessKeyId>
<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>
<Expiration>{expiration}</Expiration></Credentials>
</AssumeRoleResult><ResponseMetadata><RequestId>{number}</RequestId></ResponseMetadata>
</AssumeRoleResponse>"""


class StsStandIn(ThreadingHTTPServer):
    """Gives a session to whoever asks for a role; what it gives opens nothing.

    Attributes:
        round_trip: seconds until each answer.
        calls: how many there were.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Call)
        self.round_trip = 0.0
        self.calls = 0
        self.numbers = count(1)
        self.counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def sts_stand_in():
    """Answer while the block runs."""
    server = StsStandIn()
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    server: StsStandIn

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        with self.server.counting:
            self.server.calls += 1
            number = next(self.server.numbers)
        time.sleep(self.server.round_trip)
        found = _ROLE.fullmatch(asked.get("RoleArn", [""])[0])
        signed = self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        if asked.get("Action") != ["AssumeRole"] or not found or not signed:
            self._answer(400, "<ErrorResponse><Error><Code>ValidationError</Code></Error>")
            return
        ends = time.time() + int(asked.get("DurationSeconds", ["3600"])[0])
        text = _ANSWER.format(
            number=number,
            account=found[1],
            role=found[2],
            session=asked["RoleSessionName"][0],
            secret="opens" + "Nothing" * 5,
            token="nothing/" * 60,
            expiration=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends)),
        )
        self._answer(200, text)

    def _answer(self, status: int, text: str):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing: standard error is the table's."""
