"""A home folder to be measured in, and the environment of what is measured."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from tests.bench.aws_folder import aws_folder

BIN = Path(sys.executable).parent
PYTHON = sys.executable
ROLECALL = str(BIN / "rolecall")
BASELINES = Path(__file__).with_name("baselines")


class Home:
    """A home with a company's AWS files.

    The environment is made from nothing: no variable of AWS or of rolecall is in it, and none
    that keeps Python from using compiled files.

    Attributes:
        path: the folder.
        folder: what its AWS files hold.
        env: of every process that is measured in it.
    """

    def __init__(self, path: Path, count: int, *, sts: str = "", live: int = 0):
        self.path = path
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        self.folder = aws_folder(count, sts=sts, live=live, ends=ends)
        self.env = {
            "HOME": str(path),
            "PATH": os.pathsep.join([str(BIN), os.defpath]),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "SHELL": "/bin/sh",
            "USER": "ana",
        }
        self.restore()

    def restore(self):
        """As on the first day: no session but the first ones, nothing kept.

        The files look a minute old: rolecall keeps nothing of files changed just now.
        """
        shutil.rmtree(self.path, ignore_errors=True)
        aws = self.path / ".aws"
        aws.mkdir(mode=0o700, parents=True)
        a_minute_ago = time.time() - 60
        for name, text in (
            ("config", self.folder.config),
            ("credentials", self.folder.credentials),
        ):
            (aws / name).write_text(text)
            (aws / name).chmod(0o600)
            os.utime(aws / name, (a_minute_ago, a_minute_ago))

    def forget(self):
        """Take away what rolecall kept of the runs before."""
        shutil.rmtree(self.path / ".local", ignore_errors=True)
