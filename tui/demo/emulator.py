"""A ministack of one's own: on loopback, on a free port, with nothing outside its folder."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import site
import socket
import subprocess
import sys
import urllib.request
from typing import IO, TYPE_CHECKING, Self

from profiles.errors import Internal, RolecallError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

START_TIMEOUT = 60.0
"""Seconds; it takes under one, and much longer on a machine that is busy with other things."""


def start(folder: Path) -> Emulator:
    """Start an emulator that refuses as AWS does: keys, policies, trust, external ids, expiry.

    Args:
        folder: belongs to the emulator from now on, and is removed when it ends.

    Raises:
        RolecallError: ministack is not installed.
        Internal: it did not come up.
    """
    if importlib.util.find_spec("ministack") is None:
        raise RolecallError(
            "the demo needs ministack, which is not installed", "pip install 'rolecall[demo]'"
        )
    return Emulator(folder)


class Emulator:
    """A running emulator; leaving its context ends it and removes its folder.

    Attributes:
        url: where it answers, `http://127.0.0.1:PORT`.
        pid: its process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
        # The port is bound here and handed over, so that nobody can take it in between;
        # whoever connects before the emulator is up waits in the socket's queue.
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
            port = listening.getsockname()[1]
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "tui.demo.keeper"),
                    *(str(listening.fileno()), str(folder)),
                ],
                env=_environment(folder, port),
                pass_fds=[listening.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=(log := (folder / "emulator.log").open("wb")),
                start_new_session=True,
                cwd=folder,
            )
            log.close()
        self.url = f"http://127.0.0.1:{port}"
        self.pid = self._process.pid

    def wait(self) -> None:
        """Return once it answers.

        Raises:
            Internal: it ended, or took longer than `START_TIMEOUT`.
        """
        try:
            with urllib.request.urlopen(  # noqa: S310  # our own loopback address
                self.url + "/_ministack/health", timeout=START_TIMEOUT
            ) as answer:
                answer.read()
        except OSError as failed:
            raise Internal(f"the emulated AWS did not start: {self._last_words()}") from failed

    def watch(self, pid: int) -> None:
        """Have a child of this process hung up on, should this process be killed."""
        self._tell(f"watch {pid}")

    def leave(self, pid: int) -> None:
        """Forget a child that ended."""
        self._tell(f"leave {pid}")

    def stop(self) -> None:
        """End it and remove its folder; more than once does no harm."""
        self._input.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            # Its own session: nothing of it outlives this.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, 9)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101  # it was asked for as a pipe
        return self._process.stdin

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self._input.write(line.encode() + b"\n")
            self._input.flush()

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            said = (self.folder / "emulator.log").read_text(errors="replace").strip()
            if said:
                return said.splitlines()[-1]
        return "it does not answer"


def _environment(folder: Path, port: int) -> dict[str, str]:
    """Everything ministack can be told, so that it reaches for nothing of the user's."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH")
        if name in os.environ
    }
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        # HOME moved: packages installed for the user alone have to be found all the same.
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "ERROR",
        # It would sweep up containers of other ministacks and open ports of its own.
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }
