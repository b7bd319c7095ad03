"""An address on this machine that leads a browser on to a secret one, once.

A link that signs in is a secret, and what a program is started with shows in the list of
processes. So the browser is started with an address that is worth nothing a moment later, and
gets the link as a redirect, which is how AWS recommends to hand it out (IAM User Guide, "Enable
custom identity broker access to the AWS console").
"""

from __future__ import annotations

import hmac
import http.server
import secrets
import threading
from typing import TYPE_CHECKING, Self

from profiles.errors import Cancelled, NetworkUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

PATIENCE = 60.0
"""Seconds that a browser may take to come."""
_SILENCE = 10.0
_LOOK = 0.1


class Handover:
    """A listener on 127.0.0.1 that gives a link to the first who asks, as long as its `with` block.

    Args:
        link: the secret one.

    Attributes:
        url: the address for the browser.

    Raises:
        NetworkUnavailable: there is no port to listen on.
    """

    def __init__(self, link: str) -> None:
        path = f"/{secrets.token_urlsafe(32)}"
        try:
            self._server = _Server(link, path)
        except OSError as error:
            raise NetworkUnavailable(
                f"cannot listen on 127.0.0.1: {error.strerror or error}", "--print shows the link"
            ) from error
        self.url = f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _LOOK},
            name="rolecall-handover",
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

    def wait(self, cancelled: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until the link was taken.

        Args:
            cancelled: asked ten times a second.
            patience: seconds.

        Raises:
            Cancelled: the person gave up.
            NetworkUnavailable: no browser came.
        """
        for _ in range(int(patience / _LOOK)):
            if self._server.taken.wait(_LOOK):
                return
            if cancelled():
                raise Cancelled("stopped before the browser came")
        raise NetworkUnavailable(
            "the browser did not come for the link", "--print shows it, to be opened by hand"
        )


class _Server(http.server.ThreadingHTTPServer):
    """Holds the link until somebody with the address takes it."""

    daemon_threads = True
    allow_reuse_port = False

    def __init__(self, link: str, path: str) -> None:
        self.link: str | None = link
        self.path = path
        self.lock = threading.Lock()
        self.taken = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away is no error of ours, and the terminal is the person's."""

    def take(self) -> str | None:
        """The link, to the first who asks."""
        with self.lock:
            link, self.link = self.link, None
        return link


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers a browser."""

    server: _Server
    timeout = _SILENCE
    server_version = "rolecall"
    sys_version = ""

    def do_GET(self) -> None:
        # Another name for this machine is a page elsewhere that found the port (DNS rebinding).
        known = self.headers.get("Host") == f"127.0.0.1:{self.server.server_port}"
        if not known or not hmac.compare_digest(self.path.encode(), self.server.path.encode()):
            self._say(404)
            return
        link = self.server.take()
        if link is None:
            self._say(410)
            return
        self._say(302, link)
        self.server.taken.set()

    def _say(self, status: int, location: str | None = None) -> None:
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal is the person's, and the address leads to a secret."""
