"""The end of a sign-in in a browser: an address on this machine that the browser is sent to.

Source: RFC 8252 section 7.3 (loopback redirects: 127.0.0.1, any port), and SAML's POST binding.
"""

from __future__ import annotations

import http.server
import queue
import sys
import threading
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from profiles.errors import Cancelled, LoginRequired, NetworkUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from profiles.machine import Machine

_LARGEST = 1024 * 1024
_SILENCE = 10.0
"""Seconds after which a connection that says nothing is closed."""
_LOOK = 0.1
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>rolecall</title>
<body style="font:16px/1.5 system-ui;margin:20vh auto;max-width:30em"><h1>{title}</h1><p>{text}"""


class Loopback:
    """A listener on 127.0.0.1 for one answer, open as long as its `with` block.

    Args:
        path: the only one that counts: `/oauth/callback` …
        belongs: whether an answer's fields are those that are waited for; others are turned
            away, and the wait goes on.
        port: the one to listen on, 0 for any.

    Raises:
        NetworkUnavailable: that port is taken.
    """

    def __init__(
        self, path: str, belongs: Callable[[Mapping[str, str]], bool], *, port: int = 0
    ) -> None:
        self._answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()
        try:
            self._server = _Server(("127.0.0.1", port), path, belongs, self._answers)
        except OSError as error:
            raise NetworkUnavailable(
                f"cannot listen on 127.0.0.1:{port}: {error.strerror or error}",
                "another sign-in may be waiting there",
            ) from error
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _LOOK},
            name="rolecall-loopback",
            daemon=True,
        ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(
        self, name: str, until: float, machine: Machine, cancelled: Callable[[], bool]
    ) -> Mapping[str, str]:
        """The fields of the answer.

        Args:
            name: of what is signed in to, for the error.
            until: seconds since 1970.
            machine: whose clock counts.
            cancelled: asked ten times a second.

        Raises:
            Cancelled: the person gave up.
            LoginRequired: nobody signed in until then.
        """
        while True:
            try:
                return self._answers.get(timeout=_LOOK)
            except queue.Empty:
                pass
            if cancelled():
                raise Cancelled(f"{name}: the sign-in was stopped")
            if machine.now() >= until:
                raise LoginRequired(f"nobody signed in to {name} in time", "try again")


class _Server(http.server.ThreadingHTTPServer):
    """Serves the page that ends the sign-in."""

    daemon_threads = True
    # A port that was listened on a moment ago can be again; never two at a time, which
    # Windows would understand by it.
    allow_reuse_address = sys.platform != "win32"
    allow_reuse_port = False

    def __init__(
        self,
        address: tuple[str, int],
        path: str,
        belongs: Callable[[Mapping[str, str]], bool],
        answers: queue.SimpleQueue[Mapping[str, str]],
    ) -> None:
        self.path = path
        self.belongs = belongs
        self.answers = answers
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away is no error of ours, and the terminal is the person's."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Takes fields from a redirect (GET) or a form (POST)."""

    server: _Server
    timeout = _SILENCE
    server_version = "rolecall"
    sys_version = ""

    def do_GET(self) -> None:
        self._take(urlsplit(self.path).query)

    def do_POST(self) -> None:
        said = self.headers.get("Content-Length", "")
        length = int(said) if said.isascii() and said.isdigit() else _LARGEST + 1
        if length > _LARGEST:
            self._say(413, "Too large", "This is no sign-in that rolecall knows.")
            return
        self._take(self.rfile.read(length).decode("utf-8", "replace"))

    def _take(self, fields: str) -> None:
        port = self.server.server_port
        # Another name for this machine is a page elsewhere that found the port (DNS rebinding).
        known = self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}")
        if not known or urlsplit(self.path).path != self.server.path:
            self._say(404, "Not here", "rolecall waits for a sign-in at another address.")
            return
        answer = dict(parse_qsl(fields[:_LARGEST], keep_blank_values=True))
        if not self.server.belongs(answer):
            self._say(400, "Another sign-in", "rolecall waits for the answer to another one.")
            return
        if "error" in answer:
            self._say(200, "Not signed in", "The terminal says why. You can close this window.")
        else:
            self._say(200, "Signed in", "Go on in the terminal. You can close this window.")
        self.server.answers.put(answer)

    def _say(self, status: int, title: str, text: str) -> None:
        page = _PAGE.format(title=title, text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal is the person's, and the address holds the code."""
