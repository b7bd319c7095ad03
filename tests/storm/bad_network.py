"""What stands where AWS should be, and answers as badly as is asked: on loopback, by sockets."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
import time
from email.utils import formatdate
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = (
    b"<!doctype html><html><head><title>Guest network</title></head>"
    b"<body>Please sign in<br></body></html>"
)
_SIGNED_AT = re.compile(r"x-amz-date: (\d{8}T\d{6}Z)", re.IGNORECASE)
_ERROR = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    "<Code>{}</Code><Message>{}</Message></Error><RequestId>1-2-3</RequestId></ErrorResponse>"
)
_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ana</Arn><UserId>AIDA</UserId>"
    "<Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata>"
    "<RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
_SESSION = (
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>'
    "<AssumedRoleUser><AssumedRoleId>AROA:{session}</AssumedRoleId>"
    "<Arn>arn:aws:sts::123456789012:assumed-role/{role}/{session}</Arn></AssumedRoleUser>"
    "<Credentials><AccessKeyId>ASIA{number:016}</AccessKeyId>"
    "<SecretAccessKey>opensNothing</SecretAccessKey><SessionToken>token{number}</SessionToken>"
    "<Expiration>{end}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata>"
    "<RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"
)


class Call:
    """One request, and the connection that it came by."""

    def __init__(self, server: BadNetwork, connection: socket.socket, head: str, body: bytes):
        self.server = server
        self.connection = connection
        self.head = head
        self.asked = {name: said[0] for name, said in parse_qs(body.decode("latin-1")).items()}

    def send(self, data: bytes):
        self.connection.sendall(data)

    def reply(self, status: int, body: bytes, kind="text/xml", **headers: str):
        self.send(self.said(status, body, kind, **headers))

    def said(self, status: int, body: bytes, kind="text/xml", **headers: str) -> bytes:
        told = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Date": formatdate(self.server.now(), usegmt=True),
            "Connection": "close",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + body

    def reset(self):
        """Close it with a reset instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def well(self) -> bytes:
        """What AWS would answer."""
        if self.asked.get("Action") == "GetCallerIdentity":
            return self.said(200, _IDENTITY.encode())
        seconds = int(self.asked.get("DurationSeconds", self.server.lasting))
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.server.now() + seconds))
        text = _SESSION.format(
            number=next(self.server.numbers),
            role=self.asked.get("RoleArn", "x/reader").rpartition("/")[2],
            session=self.asked.get("RoleSessionName", "ana"),
            end=end,
        )
        return self.said(200, text.encode())


class BadNetwork:
    """Listens on loopback, and has each request answered by `play`.

    Attributes:
        play: what answers, for as long as it is not replaced.
        skew: seconds that its clock is ahead of this machine's.
        lasting: seconds that sessions last.
        calls: the requests that came, by their first line.
    """

    def __init__(self, play: Callable[[Call], None], context: ssl.SSLContext | None = None):
        self.play = play
        self.skew = 0.0
        self.lasting = 3600
        self.calls: list[str] = []
        self.numbers = count(1)
        self.over = threading.Event()
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def now(self) -> float:
        return time.time() + self.skew

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def hear(self, connection: socket.socket):
        """Answer one request, on a connection that may have come by a tunnel."""
        with contextlib.suppress(OSError, ssl.SSLError, EOFError), connection:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                head, body = _request(connection)
                self.calls.append(head.partition("\r\n")[0])
                self.play(Call(self, connection, head, body))

    def _accept(self):
        while not self.over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.settimeout(60)
            threading.Thread(target=self.hear, args=(connection,), daemon=True).start()


def _request(connection: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    said = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while said and len(body) < int(said[1]):
        body += _some(connection)
    return head.decode("latin-1"), body


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise EOFError
    return data


# ---- what it does ----------------------------------------------------------------------------


def well(call: Call):
    """As AWS does; what was signed by a clock that is off is refused, as AWS refuses it."""
    signed = _SIGNED_AT.search(call.head)
    if signed and abs(call.server.skew) > 300:
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(call.server.now()))
        text = f"Signature expired: {signed[1]} is now earlier than {at} ({at} - 5 min.)"
        if call.server.skew < 0:
            text = f"Signature not yet current: {signed[1]} is still later than {at}"
        call.reply(403, _ERROR.format("SignatureDoesNotMatch", text).encode())
        return
    call.send(call.well())


def hang(call: Call):
    call.server.over.wait(60)


def reset_at_once(call: Call):
    call.reset()


def reset_in_head(call: Call):
    call.send(call.well()[:40])
    time.sleep(0.05)
    call.reset()


def reset_in_body(call: Call):
    call.send(call.well()[:-200])
    time.sleep(0.05)
    call.reset()


def close_at_once(call: Call):
    del call


def drip(call: Call):
    """A byte of the body each half a second, for as long as somebody listens."""
    head, _, body = call.well().partition(b"\r\n\r\n")
    call.send(head + b"\r\n\r\n")
    _dripped(call, body)


def drip_head(call: Call):
    _dripped(call, call.well())


def _dripped(call: Call, data: bytes):
    for byte in data:
        if call.server.over.wait(0.5):
            return
        call.send(bytes([byte]))


def truncated(call: Call):
    body = call.well().partition(b"\r\n\r\n")[2]
    call.reply(200, body[: len(body) // 2])


def shorter_than_said(call: Call):
    head, _, body = call.well().partition(b"\r\n\r\n")
    call.send(head + b"\r\n\r\n" + body[:-300])


def longer_than_said(call: Call):
    body = call.well().partition(b"\r\n\r\n")[2]
    call.reply(200, body, Content_Length=str(len(body) - 300))


def endless(call: Call):
    """A body that does not come to an end."""
    call.send(call.said(200, b"<x>", Content_Length=str(1 << 40)))
    with contextlib.suppress(OSError):
        while not call.server.over.is_set():
            call.send(b"<!-- more -->" * 10_000)


def garbage(call: Call):
    call.send(bytes(range(256)) * 8)


def empty(call: Call):
    call.reply(200, b"")


def half_a_session(call: Call):
    """XML that is whole, without what matters in it."""
    text = call.well().partition(b"\r\n\r\n")[2]
    call.reply(200, re.sub(rb"<SecretAccessKey>.*</SessionToken>", b"", text))


def an_end_that_is_no_time(call: Call):
    text = call.well().partition(b"\r\n\r\n")[2]
    call.reply(200, re.sub(rb"<Expiration>.*</Expiration>", b"<Expiration>soon</Expiration>", text))


def html(status: int) -> Callable[[Call], None]:
    return lambda call: call.reply(status, PAGE, "text/html; charset=utf-8")


def redirect(status: int) -> Callable[[Call], None]:
    """A captive portal."""
    where = "http://127.0.0.1:9/login"
    return lambda call: call.reply(status, b"", "text/html", Location=where)


def refused(status: int, code: str, text: str, **headers: str) -> Callable[[Call], None]:
    """An error as AWS words it, in XML or in JSON as the service has it."""

    def play(call: Call):
        if "Action" in call.asked:
            call.reply(status, _ERROR.format(code, text).encode(), **headers)
            return
        body = json.dumps({"__type": code, "message": text}).encode()
        call.reply(status, body, "application/json", x_amzn_ErrorType=code, **headers)

    return play


def bare(status: int, **headers: str) -> Callable[[Call], None]:
    return lambda call: call.reply(status, b"", "text/plain", **headers)


def at_first(times: int, bad: Callable[[Call], None]) -> Callable[[Call], None]:
    """So often badly, then well."""
    left = iter(range(times))
    return lambda call: bad(call) if next(left, None) is not None else well(call)
