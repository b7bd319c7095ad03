"""What rolecall runs on: environment, home, clock and child processes, handed in everywhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


_FIRST_SECOND = 1.0
# The id goes with the rest: half a pair of keys is an error to every AWS client.
_KEYS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
    }
)


class Completed(NamedTuple):
    """A child process that ended."""

    status: int
    stdout: str
    stderr: str

    def __repr__(self) -> str:
        """Without what it printed: that may be a secret."""
        return f"Completed({self.status})"


def run_process(argv: Sequence[str], env: Mapping[str, str], timeout: float) -> Completed:
    """Run a child process to its end, its output captured, its input empty.

    Raises:
        OSError: it cannot be started.
        TimeoutError: it took longer than `timeout` seconds; it was killed.
    """
    import subprocess

    try:
        done = subprocess.run(
            list(argv),
            env=dict(env),
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        # Not as its cause: what the program had printed is part of that.
        raise TimeoutError(f"{argv[0]} took longer than {timeout:g} s") from None
    return Completed(done.returncode, done.stdout, done.stderr)


def start_process(argv: Sequence[str], env: Mapping[str, str]) -> bool:
    """Start a program that goes on by itself, without a terminal.

    Returns:
        Whether it ended well within its first second, or still runs after it.

    Raises:
        OSError: it cannot be started.
    """
    import subprocess

    child = subprocess.Popen(
        list(argv),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return child.wait(_FIRST_SECOND) == 0
    except subprocess.TimeoutExpired:
        child.returncode = 0  # it is nobody's child to wait for; this spares a warning
        return True


def feed_process(argv: Sequence[str], env: Mapping[str, str], text: str, timeout: float) -> bool:
    """Hand a program a text on its standard input; whether it ended well within so many seconds.

    Raises:
        OSError: it cannot be started.
    """
    import subprocess

    child = subprocess.Popen(
        list(argv),
        env=dict(env),
        stdin=subprocess.PIPE,
        # What it leaves running must not keep a pipe of ours open.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        child.communicate(text.encode("utf-8", "surrogateescape"), timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    return child.returncode == 0


def silent(text: str) -> None:
    """The log of who does not want one."""
    del text


class Machine(NamedTuple):
    """The surroundings of one run.

    Attributes:
        env: the environment variables.
        home: the home directory; the AWS caches follow it, as botocore's do.
        now: the clock, seconds since 1970.
        run: starts child processes: arguments, environment, time-out in seconds.
        log: told what is done, in a line.
        start: starts a program and leaves it: arguments, environment.
        feed: hands a program a text: arguments, environment, text, time-out in seconds.
        host: its name.
        terminal: whether a person sees what is printed, on one of the standard streams.
    """

    env: Mapping[str, str]
    home: str
    now: Callable[[], float] = time.time
    run: Callable[[Sequence[str], Mapping[str, str], float], Completed] = run_process
    log: Callable[[str], None] = silent
    start: Callable[[Sequence[str], Mapping[str, str]], bool] = start_process
    feed: Callable[[Sequence[str], Mapping[str, str], str, float], bool] = feed_process
    host: str = "localhost"
    terminal: bool = False

    def __repr__(self) -> str:
        """Without its environment: that may hold keys."""
        return f"Machine({self.home})"

    @classmethod
    def current(cls) -> Machine:
        """The machine of this process: the only place that reaches for it."""
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME")
        return cls(
            env=os.environ,
            home=os.path.expanduser("~"),
            host=host or "localhost",
            terminal=any(map(os.isatty, (0, 1, 2))),
        )

    @property
    def config_file(self) -> str:
        """The AWS config file, as botocore finds it."""
        return self._aws_file("AWS_CONFIG_FILE", "config")

    @property
    def credentials_file(self) -> str:
        """The AWS credentials file, as botocore finds it."""
        return self._aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials")

    @property
    def role_cache(self) -> str:
        """The folder of role sessions shared with the AWS CLI."""
        return os.path.join(self.home, ".aws", "cli", "cache")

    @property
    def sso_cache(self) -> str:
        """The folder of IAM Identity Center tokens shared with the AWS CLI and SDKs."""
        return os.path.join(self.home, ".aws", "sso", "cache")

    @property
    def settings_file(self) -> str:
        """Rolecall's own settings."""
        named = self.env.get("ROLECALL_CONFIG")
        if named:
            return self._expand(named)
        return os.path.join(self._folder("XDG_CONFIG_HOME", ".config"), "config.toml")

    @property
    def state_folder(self) -> str:
        """Where favourites, recents and undo copies are kept."""
        return self._folder("XDG_STATE_HOME", os.path.join(".local", "state"))

    @property
    def env_without_keys(self) -> dict[str, str]:
        """The environment for programs that need no credentials."""
        return {name: value for name, value in self.env.items() if name not in _KEYS}

    @property
    def user(self) -> str:
        """The name of the person, for session names: `user` where nothing tells it."""
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            if self.env.get(name):
                return self.env[name]
        return "user"

    def profile(self) -> str | None:
        """The profile that the environment names.

        `AWS_PROFILE` counts first, as in AWS CLI v2 and the newer SDKs; boto3 has it the other way.
        """
        return self.env.get("AWS_PROFILE") or self.env.get("AWS_DEFAULT_PROFILE") or None

    def region(self) -> str | None:
        """The region that the environment names; `AWS_REGION` counts first, as in newer SDKs."""
        return self.env.get("AWS_REGION") or self.env.get("AWS_DEFAULT_REGION") or None

    def _aws_file(self, variable: str, name: str) -> str:
        named = self.env.get(variable)
        return self._expand(named) if named else os.path.join(self.home, ".aws", name)

    def _expand(self, path: str) -> str:
        path = os.path.expandvars(path)
        if path == "~" or path.startswith("~/"):
            return self.home + path[1:]
        return os.path.expanduser(path)

    def _folder(self, variable: str, default: str) -> str:
        """A folder of ours: by the XDG rules on Linux, by platformdirs elsewhere.

        platformdirs takes longer to import than `list` may take for a hundred roles,
        and on Linux its rule is this one line.
        """
        if sys.platform in ("darwin", "win32"):
            import platformdirs

            if variable == "XDG_CONFIG_HOME":
                return platformdirs.user_config_dir("rolecall", appauthor=False)
            return platformdirs.user_state_dir("rolecall", appauthor=False)
        base = self.env.get(variable, "")
        base = base if os.path.isabs(base) else os.path.join(self.home, default)
        return os.path.join(base, "rolecall")
