"""The system calls of a write, each of which can be made to fail, or to be the last one."""

from __future__ import annotations

import builtins
import contextlib
import errno
import fcntl
import os
import signal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OF_OS = {
    *("access", "chmod", "close", "fchmod", "fchown", "fstat", "fsync", "getxattr", "listdir"),
    *("lstat", "mkdir", "open", "read", "readlink", "removexattr", "replace", "setxattr", "stat"),
    *("statvfs", "unlink", "write"),
}
_PLACES = [(os, name) for name in sorted(_OF_OS) if hasattr(os, name)]
_PLACES += [(builtins, "open"), (fcntl, "flock")]
_NEEDS_ROOM = {"open", "write", "fsync", "close", "mkdir", "replace"}

ERRORS = {
    name: getattr(errno, name)
    for name in ("ENOSPC", "EIO", "EROFS", "EACCES", "EINTR", "EDQUOT", "ESTALE")
}
"""Those of a disk, a quota, a mount, a permission, a signal and a file server."""


class Blow(NamedTuple):
    """What happens at one system call of many.

    Attributes:
        at: which one, from 0; none where it is beyond the last.
        kind: an error's name; `full`, from then on nothing finds room; `short`, the rest of a
            write finds none; `kill`, the process ends before the call; `kill-in`, in the middle of
            a write.
    """

    at: int
    kind: str


NONE = Blow(-1, "")


@contextlib.contextmanager
def struck(blow: Blow) -> Iterator[list[str]]:
    """Meanwhile the calls are counted, and one is struck; their names, in order."""
    made: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            number = len(made)
            made.append(name)
            if number < blow.at or blow.at < 0:
                return real(*args, **kwargs)
            if number == blow.at and blow.kind in {"kill", "kill-in", "short"}:
                if blow.kind == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if name == "write":
                    done = real(args[0], args[1][: len(args[1]) // 2])
                    if blow.kind == "kill-in":
                        os.kill(os.getpid(), signal.SIGKILL)
                    return done
            full = blow.kind == "full" or (blow.kind == "short" and number > blow.at)
            if (full and name in _NEEDS_ROOM and not _reads(name, args)) or (
                number == blow.at and blow.kind in ERRORS
            ):
                if name == "access":  # it has no other way to say so
                    return False
                if name == "close":  # closed it is, whatever it says
                    real(*args, **kwargs)
                code = ERRORS.get(blow.kind, errno.ENOSPC)
                raise OSError(code, os.strerror(code))
            return real(*args, **kwargs)

        return call

    with contextlib.ExitStack() as undone:
        for module, name in _PLACES:
            real = getattr(module, name)
            setattr(module, name, counted(name, real))
            undone.callback(setattr, module, name, real)
        yield made


def _reads(name: str, args: tuple[Any, ...]) -> bool:
    if name != "open":
        return False
    how = args[1] if len(args) > 1 else "r"
    return "w" not in how if isinstance(how, str) else not how & (os.O_CREAT | os.O_WRONLY)
