"""Emulators that refuse, behind one face."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tui.demo import emulator
from tui.demo.account import Account

MAIN = "123456789012"
OTHER = "444455556666"


class Ministack:
    """Enforces trust and identity policies, external ids, cross-account, signatures, expiry."""

    kind = "ministack"

    def __init__(self, folder: Path):
        self._emulator = emulator.start(folder)
        self.url = self._emulator.url
        self.pid = self._emulator.pid
        self._emulator.wait()

    def account(self, account_id=MAIN, via=None) -> Account:
        return Account(via or self.url, account_id)

    @contextmanager
    def seeding(self):
        """Nothing has to be opened: root is always let in."""
        yield

    def reset(self):
        _post(self.url + "/_ministack/reset")

    def stop(self):
        self._emulator.stop()


class Moto:
    """Enforces identity policies, and trust within an account: by a user's exact ARN only.

    Root is not let in while it enforces, so it is filled inside `seeding()`. It does not know
    an external id that is missing, MFA, the end of a session, or the trust of other accounts.
    """

    kind = "moto"

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        with (
            socket.create_server(("127.0.0.1", 0), backlog=128) as listening,
            (folder / "moto.log").open("wb") as log,
        ):
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    str(Path(__file__).with_name("moto_keeper.py")),
                    str(listening.fileno()),
                ],
                pass_fds=[listening.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                cwd=folder,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(folder),
                    "TMPDIR": str(folder),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
            )
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            self.pid = self._process.pid
        self.reset()

    def account(self, account_id=MAIN, via=None) -> Account:
        return Account(via or self.url, account_id, {"x-moto-account-id": account_id})

    @contextmanager
    def seeding(self):
        self._enforce_after("inf")
        yield
        self._enforce_after("0")

    def reset(self):
        _post(self.url + "/moto-api/reset")
        self._enforce_after("0")

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _enforce_after(self, calls: str):
        _post(self.url + "/moto-api/reset-auth", calls.encode())


Cloud = Ministack | Moto


def _post(url, body=b""):
    request = urllib.request.Request(url, body, {"Content-Type": "text/plain"}, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
