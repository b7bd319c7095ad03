"""No memory of a process that holds keys lands on a disk when the process crashes.

Light: the quick answer of `credential-process` passes through here.
"""

import sys

_before: "int | None" = None
_PATTERN = "/proc/sys/kernel/core_pattern"


def forbid() -> None:
    """Let this process leave no core; what it runs for itself inherits that."""
    global _before  # noqa: PLW0603 — the limit is the process's, and so is what it was
    if sys.platform == "win32":
        return
    import resource

    none = _none()
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if soft == none or hard == 0:
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (none, hard))
    except (OSError, ValueError):
        return  # a sandbox without limits is no reason not to work
    _before = soft


def _none() -> int:
    """The limit that means none.

    Linux hands a core to a program (`core_pattern` with a pipe) whatever the limit, but for 1; a
    file as small as that is not written either (fs/coredump.c).
    """
    if sys.platform != "linux":
        return 0
    try:
        with open(_PATTERN, "rb", buffering=0) as file:
            return 1 if file.read(1) == b"|" else 0
    except OSError:
        return 1


def allow() -> None:
    """Put back the limit that our caller gave us: for the person's own commands and shells."""
    if _before is None or sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (_before, hard))


class Allowed:
    """For the time of a block, in which the person's own command is started, as our caller had it.

    A command inherits its limit when it is started, and there is no other way to hand it one that
    does not run Python between fork and exec.
    """

    def __enter__(self) -> None:
        allow()

    def __exit__(self, *_: object) -> None:
        if _before is not None:
            forbid()
