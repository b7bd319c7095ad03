"""HTTP on 127.0.0.1 for programs of this machine, and for nobody whom a browser brings along.

One request a connection, no bodies, and little patience: a client of AWS asks in one packet.
h11 reads and writes the protocol (RFC 9112).
"""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import h11

from profiles.errors import NetworkUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ADDRESS = "127.0.0.1"
_VERSIONS = (b"1.0", b"1.1")
_LARGEST = 16 * 1024
"""Bytes that a request may have; an SDK's has a few hundred."""
_PATIENCE = 5.0
"""Seconds for the whole request, and for taking the answer."""
_LINGER = 0.5
_MOST = 100
"""Connections that may wait to be heard; the one that waits longest makes room for another."""
_LOOK = 0.1
_MOMENT = 0.005


class Question(NamedTuple):
    """A request.

    Attributes:
        path: the target as it came: nothing in it is decoded or resolved.
        headers: by name in small letters; of several with one name, the last.
    """

    method: str
    path: str
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        """Without its headers: one is the token."""
        return f"Question({self.method} {self.path})"


class Answer(NamedTuple):
    """A response.

    Attributes:
        headers: beside those that every answer has.
    """

    status: int
    body: bytes
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Without its body: that is a session."""
        return f"Answer({self.status})"

    @classmethod
    def of(cls, found: Mapping[str, object]) -> Answer:
        """A JSON object."""
        return cls(200, json.dumps(found).encode())

    @classmethod
    def refusal(cls, status: int, code: str, message: str) -> Answer:
        """An error as AWS's SDKs read it (SDKs and Tools guide, Container credential provider)."""
        return cls(status, json.dumps({"Code": code, "Message": message}).encode())


class LoopbackServer:
    """A server on 127.0.0.1, each request in a thread of its own.

    Args:
        answer: is asked for each request that came to this server by its own name, and not
            from a web page.
        port: the one to listen on, 0 for any.

    Raises:
        NetworkUnavailable: that port cannot be had.
    """

    def __init__(self, answer: Callable[[Question], Answer], port: int = 0) -> None:
        try:
            self._server = _Server(answer, port)
        except OSError as error:
            raise NetworkUnavailable(
                f"cannot listen on {_ADDRESS}:{port}: {(error.strerror or str(error)).lower()}",
                "give another --port, or none for any that is free",
            ) from error
        self.url = f"http://{_ADDRESS}:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _LOOK},
            name="rolecall-endpoint",
            daemon=True,
        ).start()

    def close(self) -> None:
        """Listen no more; connections that wait to be heard are closed."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up_all()


class _Server(socketserver.ThreadingTCPServer):
    """Knows which connections have not been heard yet, and keeps their number down."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, answer: Callable[[Question], Answer], port: int) -> None:
        self.answer = answer
        self._unheard: dict[socket.socket, None] = {}
        self._guard = threading.Lock()
        super().__init__((_ADDRESS, port), _Connection)
        own = self.server_address[1]
        self.names = (f"{_ADDRESS}:{own}", f"localhost:{own}")

    def get_request(self) -> tuple[socket.socket, object]:
        """Take in a connection, where there are files for it.

        Raises:
            OSError: there are none: those who wait for longest make room until there are.
        """
        try:
            return super().get_request()
        except OSError:
            self._make_room()
            time.sleep(_MOMENT)  # they close in threads of their own
            raise

    def process_request(self, request: object, client_address: object) -> None:
        """Hear a connection, if need be instead of the one that has said nothing for longest."""
        assert isinstance(request, socket.socket)  # noqa: S101  # what TCPServer accepts
        with self._guard:
            self._unheard[request] = None
            too_many = len(self._unheard) > _MOST
        if too_many:
            self._make_room()
        super().process_request(request, client_address)

    def _make_room(self) -> None:
        """Hang up on the one that has said nothing for longest."""
        with self._guard:
            longest = next(iter(self._unheard), None)
        if longest is not None:
            self.heard(longest)
            _hang_up(longest)

    def heard(self, connection: socket.socket) -> None:
        """It has said what it wants, or is gone."""
        with self._guard:
            self._unheard.pop(connection, None)

    def shutdown_request(self, request: object) -> None:
        """Close a connection."""
        assert isinstance(request, socket.socket)  # noqa: S101  # what TCPServer accepts
        self.heard(request)
        super().shutdown_request(request)

    def hang_up_all(self) -> None:
        """End the connections that wait to be heard."""
        with self._guard:
            waiting = list(self._unheard)
        for connection in waiting:
            _hang_up(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is no error, and the terminal is the person's."""


class _Connection(socketserver.BaseRequestHandler):
    """One request and its answer."""

    server: _Server
    request: socket.socket
    is_head = False

    def handle(self) -> None:
        talk = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST)
        until = time.monotonic() + _PATIENCE
        try:
            answer = self._answered(talk, until)
        except h11.RemoteProtocolError as error:
            answer = Answer.refusal(error.error_status_hint, "BadRequest", "not a request")
        except (OSError, EOFError):
            return
        self.server.heard(self.request)
        self._say(talk, answer)

    def _answered(self, talk: h11.Connection, until: float) -> Answer:
        question = self._question(talk, until)
        self.server.heard(self.request)
        self.is_head = question.method == "HEAD"
        host = question.headers.get("host", "").lower()
        # Another name for this machine is a web page that found the port (DNS rebinding).
        if host not in self.server.names:
            return Answer.refusal(403, "WrongHost", "this endpoint has another name")
        if "origin" in question.headers:
            return Answer.refusal(403, "WebPage", "this endpoint is not for web pages")
        carries = question.headers.get("content-length", "0") != "0"
        if carries or "transfer-encoding" in question.headers:
            return Answer.refusal(413, "BodyRefused", "this endpoint takes no body")
        return self.server.answer(question)

    def _question(self, talk: h11.Connection, until: float) -> Question:
        """The request's head.

        Raises:
            OSError: it did not come in time.
            EOFError: the client went away.
        """
        while True:
            event = talk.next_event()
            if isinstance(event, h11.Request):
                if event.http_version not in _VERSIONS:  # h11 takes any two digits
                    raise h11.RemoteProtocolError("another version", error_status_hint=505)
                headers = {
                    name.decode("ascii"): value.decode("latin-1") for name, value in event.headers
                }
                return Question(
                    event.method.decode("ascii"), event.target.decode("latin-1"), headers
                )
            if event is not h11.NEED_DATA:
                raise EOFError
            self.request.settimeout(max(until - time.monotonic(), 0.001))
            talk.receive_data(self.request.recv(_LARGEST))

    def _say(self, talk: h11.Connection, answer: Answer) -> None:
        head = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
            *answer.headers,
        ]
        said = talk.send(h11.Response(status_code=answer.status, headers=head)) or b""
        if not self.is_head:
            said += answer.body
        try:
            self.request.settimeout(_PATIENCE)
            self.request.sendall(said)
            self._linger()
        except OSError:
            return

    def _linger(self) -> None:
        """Take in what else was sent: closing before would throw away our answer on its way."""
        self.request.shutdown(socket.SHUT_WR)
        until = time.monotonic() + _LINGER
        while (left := until - time.monotonic()) > 0:
            self.request.settimeout(left)
            if not self.request.recv(65536):
                return


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
