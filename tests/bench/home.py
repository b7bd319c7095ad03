"""A home folder to be measured in, and the environment of what is measured."""

from __future__ import annotations

import os
import shutil
import sys
import time
from functools import cached_property
from pathlib import Path

from tests.bench.aws_folder import AwsFolder, aws_folder

BIN = Path(sys.executable).parent
PYTHON = sys.executable
ROLECALL = str(BIN / "rolecall")
BASELINES = Path(__file__).with_name("baselines")


class Home:
    """A home with a company's AWS files.

    The environment is made from nothing: no variable of AWS or of rolecall is in it, and none
    that keeps Python from using compiled files.

    Nothing is made until something of it is asked for.

    Attributes:
        path: the folder.
        folder: what its AWS files hold.
        env: of every process that is measured in it.
    """

    def __init__(self, path: Path, count: int, *, sts: str = "", live: int = 0):
        self._path = path
        self._count, self._sts, self._live = count, sts, live
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

    @cached_property
    def folder(self) -> AwsFolder:
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))
        return aws_folder(self._count, sts=self._sts, live=self._live, ends=ends)

    @cached_property
    def path(self) -> Path:
        self.restore()
        return self._path

    def restore(self):
        """As on the first day: no session but the first ones, nothing kept.

        The files look a minute old: rolecall keeps nothing of files changed just now.
        """
        shutil.rmtree(self._path, ignore_errors=True)
        aws = self._path / ".aws"
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
