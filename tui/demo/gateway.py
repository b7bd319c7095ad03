"""A door in front of an emulator: passes every request on, and can say no itself.

It changes nothing of a request, its Host header included, so that signatures stay good.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import threading
import urllib.parse
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from xml.sax.saxutils import escape

from tui.demo.console import DemoConsole
from tui.demo.messages import Request, Response
from tui.demo.rules import Call, Refusal, Rules

if TYPE_CHECKING:
    from types import TracebackType

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/[^/]*/([^/]+)/aws4_request")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_TIMEOUT = 30.0


class Gateway:
    """An endpoint on loopback that adds AWS's refusals to an emulator's.

    Args:
        upstream: the emulator's address, `http://127.0.0.1:PORT`.
        rules: what is refused, and what was learned from the answers.

    Attributes:
        url: where it answers.
    """

    def __init__(self, upstream: str, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self._console = DemoConsole(self.rules.callers)
        self._upstream = urllib.parse.urlsplit(upstream).netloc
        self._connections: set[socket.socket] = set()
        self._server: _Server | None = None
        self._port = 0
        self.open()

    @property
    def url(self) -> str:
        """Where it answers, whether it is open or not."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen: on the port of before, if it was closed."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        """Refuse connections, and cut those there are; more than once does no harm."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def answer(self, request: Request) -> Response:
        """What a request is told: a refusal, or what the emulator says."""
        page = self._console.answer(request)
        if page is not None:
            return page
        call = call_of(request)
        if call is None:
            return self.forward(request)
        refusal = self.rules.before(call)
        if refusal is None:
            response = self.forward(request)
            if response.status != 200:
                return response
            refusal = self.rules.after(call, response.body.decode())
            if refusal is None:
                return response
        return error(refusal)

    def forward(self, request: Request) -> Response:
        """What the emulator says."""
        connection = http.client.HTTPConnection(self._upstream, timeout=_TIMEOUT)
        try:
            connection.putrequest(
                request.method, request.target, skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers:
                # The body is whole already: nobody waits for leave to send it.
                if name.lower() not in ("expect", "connection", "transfer-encoding"):
                    connection.putheader(name, value)
            connection.endheaders(request.body or None)
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def date(self) -> str:
        """The Date header of every answer."""
        return formatdate(usegmt=True)


def call_of(request: Request) -> Call | None:
    """The STS call that a request is, None where it is none."""
    signed = _CREDENTIAL.search(request.header("authorization"))
    fields = urllib.parse.parse_qs(
        request.body.decode("utf-8", "replace")
        if request.header("content-type").startswith("application/x-www-form-urlencoded")
        else urllib.parse.urlsplit(request.target).query
    )
    if (signed and signed[2] != "sts") or fields.get("Version") != ["2011-06-15"]:
        return None
    params = {name: values[0] for name, values in fields.items()}
    return Call(params.pop("Action", ""), params, signed[1] if signed else "")


def error(refusal: Refusal) -> Response:
    """A refusal in the form STS gives it."""
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
        f"<Type>Sender</Type><Code>{refusal.code}</Code>"
        f"<Message>{escape(refusal.message)}</Message></Error>"
        "<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>"
    )
    return Response(refusal.status, [("Content-Type", "text/xml")], body.encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        # Small answers, each waited for: without this they lie in the kernel for 40 ms.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.gateway._connections.add(self.connection)  # noqa: SLF001  # one unit

    def finish(self) -> None:
        self.server.gateway._connections.discard(self.connection)  # noqa: SLF001  # one unit
        with contextlib.suppress(OSError):
            super().finish()

    def pass_on(self) -> None:
        gateway = self.server.gateway
        request = Request(self.command, self.path, list(self.headers.items()), self._body())
        try:
            response = gateway.answer(request)
        except (OSError, http.client.HTTPException):
            # The emulator went away: a client sees the line cut, as it would with AWS.
            self.close_connection = True
            return
        self.send_response_only(response.status)
        self.send_header("Date", gateway.date())
        lengths = [value for name, value in response.headers if name.lower() == "content-length"]
        for name, value in response.headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        head = self.command == "HEAD"
        if response.status not in (204, 304):
            length = lengths[0] if head and lengths else str(len(response.body))
            self.send_header("Content-Length", length)
        self.end_headers()
        if not head:
            self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = pass_on  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def log_message(self, *_: Any) -> None:
        """Nobody reads a log here; it would land on the terminal."""
