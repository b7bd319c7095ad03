"""`rolecall demo`: an emulated AWS, the picker on it, and nothing left of either."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import Internal
from tui.demo import company, emulator
from tui.demo.console import FEDERATION
from tui.demo.gateway import Gateway
from tui.demo.rules import Device, Rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

    from profiles.machine import Machine

WELCOME = (
    "rolecall demo: an emulated AWS on this machine, with {accounts} accounts and {roles} roles.\n"
    "Nothing of yours is read or written. The MFA code is {code}. q quits and removes it all."
)

# Left out of the demo's environment: they lead to a person's own AWS, settings or history.
_THEIRS = ("AWS_", "AWSUME_", "ROLECALL_", "XDG_CONFIG", "XDG_STATE", "XDG_DATA", "XDG_CACHE")
_HISTORY = ("HISTFILE", "ZDOTDIR", "BASH_ENV", "ENV", "LESSHISTFILE", "PYTHONSTARTUP")

# The terminal as programs expect it: no mouse, no alternate screen, a cursor, no paste marks.
_SANE = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"


class _Ended(BaseException):
    """A signal that ends the demo; no handler of errors is to swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Demo(NamedTuple):
    """A demo that runs.

    Attributes:
        running: its emulator, which owns the folder of everything.
        gateway: the endpoint that the files name.
        home: the home folder of the example company's employee.
        env: the environment for what runs in it.
    """

    running: emulator.Emulator
    gateway: Gateway
    home: Path
    env: dict[str, str]


def run(argv: Sequence[str], machine: Machine) -> int:
    """Run a rolecall command, or without words the picker, on an emulated AWS.

    The exit status is the command's, or 128+N where the signal N ended it.

    Raises:
        RolecallError: ministack is not installed.
        Internal: the emulated AWS did not start.
    """
    try:
        with _ending_signals(), started(machine.env) as demo:
            if not argv:
                roles = len(company.ROLES) + 1
                welcome = WELCOME.format(
                    accounts=len(company.ACCOUNTS), roles=roles, code=company.MFA_CODE
                )
                print(welcome, file=sys.stderr)  # noqa: T201  # standard output is the command's
            return _command(argv, demo)
    except _Ended as ended:
        return 128 + ended.number


@contextlib.contextmanager
def started(env: Mapping[str, str]) -> Iterator[Demo]:
    """An emulated AWS with the example company; gone, with its files, at the end."""
    with (
        _folder() as folder,
        emulator.start(folder) as running,
        Gateway(running.url, Rules(once=False)) as gateway,
        _last_words(),
    ):
        home = folder / "home"
        home.mkdir(mode=0o700)
        inner = environment(env, home, gateway.url)
        _found(running, gateway, home, inner)
        yield Demo(running, gateway, home, inner)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rolecall-demo-"))  # 0700
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(env: Mapping[str, str], home: Path, endpoint: str) -> dict[str, str]:
    """A person's environment without their AWS, and with the demo's."""
    kept = {
        name: value
        for name, value in env.items()
        if not name.startswith(_THEIRS) and name not in _HISTORY
    }
    temporary = home.parent / "tmp"
    # The `rolecall` of a subshell is this one, wherever it is installed.
    path = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PATH": path,
        "AWS_ENDPOINT_URL": endpoint,
        "ROLECALL_FEDERATION_ENDPOINT": f"{endpoint}{FEDERATION}",
        "AWS_EC2_METADATA_DISABLED": "true",
        # HOME moved: packages installed for the user alone have to be found all the same.
        "PYTHONUSERBASE": site.getuserbase(),
    }


def _found(
    running: emulator.Emulator, gateway: Gateway, home: Path, env: Mapping[str, str]
) -> None:
    """Fill the emulator; the SDK loads while it starts."""
    arguments = (running.url, gateway.url, str(home))
    founder = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui.demo.company", *arguments],
        env={**env, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with founder:
        try:
            running.wait()
            said, failed = founder.communicate(timeout=emulator.START_TIMEOUT)
        except BaseException:
            founder.kill()
            raise
    if founder.returncode:
        why = (failed.strip().splitlines() or ["no reason given"])[-1]
        raise Internal(f"the example company could not be made: {why}")
    facts = company.Facts(**json.loads(said))
    gateway.rules.limits.update(facts.limits)
    gateway.rules.mfa.update(facts.mfa)
    gateway.rules.callers[facts.access_key] = facts.user
    gateway.rules.devices[company.MFA_SERIAL] = Device(
        facts.user, lambda code, _: code == company.MFA_CODE
    )


def _command(argv: Sequence[str], demo: Demo) -> int:
    terminal = _terminal()
    command = subprocess.Popen([sys.executable, "-P", "-m", "tui", *argv], env=demo.env)
    demo.running.watch(command.pid)
    # A terminal's ctrl+c reaches the command as well, which knows what it means.
    if sys.stdin is not None and sys.stdin.isatty():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = 0
    try:
        status = command.wait()
    except _Ended as ended:
        with contextlib.suppress(ProcessLookupError):
            command.send_signal(ended.number)
        raise
    finally:
        try:
            status = command.wait(5)
        except subprocess.TimeoutExpired:
            command.kill()
            status = command.wait()
        demo.running.leave(command.pid)
        if status < 0:
            _restore(terminal)
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def _ending_signals() -> Iterator[None]:
    """Signals that end a process unwind it instead."""

    def end(number: int, _: FrameType | None) -> None:
        raise _Ended(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, end)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextlib.contextmanager
def _last_words() -> Iterator[None]:
    """From here on it ends: no second signal may cut that short."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def _terminal() -> list[object] | None:
    """How the terminal is set; None where there is none."""
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
        settings: list[object] = termios.tcgetattr(sys.stdin)
        return settings
    return None


def _restore(settings: list[object] | None) -> None:
    """Give back the terminal that a killed command left as it was."""
    if settings is None:
        return
    import termios

    with contextlib.suppress(termios.error, OSError):
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)  # type: ignore[arg-type]
        os.write(sys.stdin.fileno(), _SANE.encode())
