"""The endpoint of a real `rolecall serve`, as those who attack it see it."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tests.storm import bad_network as bad
from tests.storm.bad_network import BadNetwork
from tests.storm.of_network import home_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = b"opensNothing"
PATH = "/credentials"
_GROWTH = 60 * 1024 * 1024


class Endpoint(NamedTuple):
    """A real `rolecall serve`, seen from the outside."""

    process: subprocess.Popen[bytes]
    port: int
    token: str

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def head(self, *, path=PATH, method="GET", host=None, token=None, more=()) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host if host is None else host}",
            f"Authorization: {self.token if token is None else token}",
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")

    def connection(self, seconds=20.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def send(self, data: bytes, *, end=False) -> bytes:
        """All that comes back."""
        with self.connection() as connection:
            found = b""
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
                if end:
                    connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while some := connection.recv(65536):
                    found += some
            return found

    def serves(self) -> float:
        """Have the right client ask; how long that took."""
        began = time.monotonic()
        found = self.send(self.head())
        took = time.monotonic() - began
        assert found.startswith(b"HTTP/1.1 200 "), found
        assert json.loads(found.partition(b"\r\n\r\n")[2])["SecretAccessKey"].encode() == SECRET
        return took

    def memory(self) -> int:
        """Bytes that it has in memory; 0 where the system does not tell so."""
        try:
            with open(f"/proc/{self.process.pid}/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize()
        except OSError:
            return 0


@contextmanager
def served(folder: Path, *, files: int | None = None) -> Iterator[Endpoint]:
    """An endpoint in a process of its own, which must still serve at the end, in little memory.

    Args:
        files: how many it may have open.
    """
    limited = [] if files is None else ["/bin/sh", "-c", 'ulimit -n "$0"; exec "$@"', str(files)]
    with BadNetwork(bad.well) as aws:
        home = home_with(folder / "home", aws.url)
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *limited,
                    str(shutil.which("rolecall", path=home.env["PATH"])),
                    *("serve", "reader", "--json"),
                ],
                env=home.env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.read())
            port = urlsplit(told["url"]).port
            assert port is not None
            endpoint = Endpoint(process, port, told["token"])
            endpoint.serves()
            before = endpoint.memory()
            yield endpoint
            assert process.poll() is None, (folder / "serve.log").read_text()
            endpoint.serves()
            grown = endpoint.memory() - before
            assert grown < _GROWTH, f"{grown} bytes more"
            log_text = (folder / "serve.log").read_text()
            assert "Traceback" not in log_text, log_text
        finally:
            process.kill()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()
