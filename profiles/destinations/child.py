"""Running a child on the user's terminal: signals go to it, its end is ours."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from contextlib import nullcontext
from typing import TYPE_CHECKING

from profiles import core_dumps
from profiles.errors import RolecallError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_SIGNALLED = 128
_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM")


class NotStarted(RolecallError):
    """A command that cannot be run; the exit status is the shell's for it."""

    code = "usage"


def _unseen(_: int) -> AbstractContextManager[None]:
    return nullcontext()


def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    terminal: int | None = None,
    program: str | None = None,
    started: Callable[[int], AbstractContextManager[None]] = _unseen,
) -> int:
    """Run a command to its end.

    The keyboard's signals reach the child by itself, as it shares the terminal; others that are
    sent to this process alone and would end it are passed on.

    Args:
        terminal: a file descriptor that the child's standard streams are; None for this process's.
        program: what is run where the first word is another name for it.
        started: told its process id; what it gives is open for as long as the command runs.

    Returns:
        The exit status, or 128 + N where signal N ended it.

    Raises:
        NotStarted: there is no such command (127), or it cannot be run (126).
    """
    if not argv:
        raise UsageError("there is no command to run", "rolecall exec ROLE -- COMMAND …")
    try:
        with core_dumps.Allowed():
            child = subprocess.Popen(
                list(argv),
                executable=program,
                env=dict(env),
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
            )
    except FileNotFoundError as error:
        raise _not_started(f"there is no command {argv[0]!r}", NOT_FOUND) from error
    except OSError as error:
        raise _not_executable(argv[0], error) from error
    ignored = {number: signal.signal(number, signal.SIG_IGN) for number in _keyboard()}
    passed = {
        number: signal.signal(number, lambda which, _frame: child.send_signal(which))
        for number in _others()
    }
    try:
        with started(child.pid):
            status = child.wait()
    finally:
        for number, before in {**ignored, **passed}.items():
            signal.signal(number, before)
    return _SIGNALLED - status if status < 0 else status


def replace_process(argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Become the command: no process of ours stays between it and its caller.

    Raises:
        NotStarted: there is no such command (127), or it cannot be run (126).
    """
    if not argv:
        raise UsageError("there is no command to run", "rolecall exec ROLE -- COMMAND …")
    if os.name != "posix":
        return run(argv, env)
    # Python ignores these; a child that inherits that would never end at a closed pipe.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        with core_dumps.Allowed():
            os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 — no shell is meant
    except (FileNotFoundError, ValueError) as error:  # an empty name is a ValueError
        raise _not_started(f"there is no command {argv[0]!r}", NOT_FOUND) from error
    except OSError as error:
        raise _not_executable(argv[0], error) from error


def _not_executable(word: str, error: OSError) -> NotStarted:
    hint = None
    if error.errno == errno.ENOEXEC:
        hint = f"a script that names no interpreter in its first line wants one: sh {word}"
    return _not_started(f"{word!r} cannot be run: {error.strerror}", NOT_EXECUTABLE, hint)


def _not_started(summary: str, status: int, hint: str | None = None) -> NotStarted:
    error = NotStarted(summary, hint)
    error.exit_status = status
    return error


def _keyboard() -> list[signal.Signals]:
    """What the terminal sends to the whole foreground group: the child's to answer."""
    return (
        [getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)]
        if _main_thread()
        else []
    )


def _others() -> list[signal.Signals]:
    return (
        [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
        if _main_thread()
        else []
    )


def _main_thread() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()
