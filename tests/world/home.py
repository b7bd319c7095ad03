"""A home folder of a test, and the real commands run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.world.terminal import Terminal

BIN = Path(sys.executable).parent
PROMPT = "home$"
"""Of the bash that a subshell is."""


class Done(NamedTuple):
    """A command that ended."""

    status: int
    stdout: str
    stderr: str


class Home:
    """A folder with `.aws`, and an environment that knows nothing else of this machine.

    Attributes:
        path: the folder.
        env: what the commands see; tests change it at will.
    """

    def __init__(self, path: Path, endpoint: str | None = None):
        self.path = path
        (path / ".aws").mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "tmp").mkdir(exist_ok=True)
        # The AWS CLI's own script starts with the path of the venv, which may hold a space.
        cli = path / "bin" / "aws"
        cli.parent.mkdir(exist_ok=True)
        cli.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m awscli "$@"\n')
        cli.chmod(0o755)
        (path / ".bashrc").write_text(f"PS1='{PROMPT} '\n")
        self.env = {
            "HOME": str(path),
            "TMPDIR": str(path / "tmp"),
            "PATH": os.pathsep.join(
                [str(cli.parent), str(BIN), os.environ.get("PATH", os.defpath)]
            ),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "xterm-256color",
            "SHELL": "/bin/bash",
            "USER": "ana",
            "LOGNAME": "ana",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Nothing outside this machine is ever asked, should an endpoint be missing.
            "AWS_MAX_ATTEMPTS": "2",
        }
        if endpoint:
            self.env["AWS_ENDPOINT_URL"] = endpoint
        self._terminals: list[Terminal] = []

    @property
    def config_file(self) -> Path:
        return self.path / ".aws" / "config"

    @property
    def credentials_file(self) -> Path:
        return self.path / ".aws" / "credentials"

    @property
    def settings_file(self) -> Path:
        return self.path / ".config" / "rolecall" / "config.toml"

    def config(self, text: str):
        """Write `~/.aws/config`."""
        _write(self.config_file, text)

    def credentials(self, text: str):
        """Write `~/.aws/credentials`."""
        _write(self.credentials_file, text)

    def settings(self, text: str):
        """Write rolecall's settings."""
        _write(self.settings_file, text)

    def keys(self, profile: str, user):
        """Append a user's keys to the credentials file."""
        with self.credentials_file.open("a") as file:
            file.write(
                f"[{profile}]\naws_access_key_id = {user.access_key_id}\n"
                f"aws_secret_access_key = {user.secret_access_key}\n\n"
            )
        self.credentials_file.chmod(0o600)

    def profile(self, name: str, **settings: object):
        """Append a profile to the config file."""
        lines = [f"[profile {name}]", *(f"{key} = {value}" for key, value in settings.items())]
        with self.config_file.open("a") as file:
            file.write("\n".join(lines) + "\n\n")

    def run(self, *argv: str, input: str | None = None, env=None, timeout=60) -> Done:  # noqa: A002
        """Run a command to its end, without a terminal."""
        done = subprocess.run(
            argv,
            env=self._environment(env),
            cwd=self.path,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            start_new_session=True,  # no terminal to be found through /dev/tty
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def rolecall(self, *args: str, input=None, tty=False, env=None, timeout=60) -> Done:  # noqa: A002
        """Run the real `rolecall`; on a terminal, both outputs come as stdout."""
        command = [str(BIN / "rolecall"), *args]
        if not tty:
            return self.run(*command, input=input, env=env, timeout=timeout)
        terminal = self.terminal(*command, env=env)
        if input:
            terminal.keys(input)
        status = terminal.wait(timeout)
        return Done(status, terminal.text, "")

    def aws(self, *args: str, env=None, timeout=60) -> Done:
        """Run the real AWS CLI."""
        return self.run("aws", *args, env=env, timeout=timeout)

    def python(self, code: str, env=None) -> Done:
        """Run Python code, with boto3 at hand."""
        return self.run(sys.executable, "-c", code, env=env)

    def terminal(self, *argv: str, columns=120, rows=30, env=None) -> Terminal:
        """Start a command in a real pty; it is ended with the test."""
        started = Terminal(
            list(argv), env=self._environment(env), cwd=self.path, columns=columns, rows=rows
        )
        self._terminals.append(started)
        return started

    def _environment(self, changes):
        """`env` with changes; None takes a variable away."""
        return {k: v for k, v in (self.env | (changes or {})).items() if v is not None}

    def close(self):
        for terminal in self._terminals:
            terminal.close()


def _write(path: Path, text: str):
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(text, newline="")
    path.chmod(0o600)
