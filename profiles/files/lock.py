"""The lock file that all writers of one thing take: `flock`, so that the kernel frees a dead one's.

What it keeps out is what the kernel, or the file server, knows of: processes of this machine, in
containers too; those of another host where its file system carries `flock` over (NFS 4, CIFS), and
not where a mount keeps locks to itself (`local_lock=flock`, `nolock`).
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import filelock

WITHOUT_END = -1.0
# Who waits looks again after 5 ms, and ever more seldom: two hundred who look every 5 ms leave the
# one that has the lock no processor to be done with it.
_SOON = 0.005
_SELDOM = 0.15


@contextlib.contextmanager
def locked(
    path: str,
    patience: float = WITHOUT_END,
    *,
    given_up: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Have the lock; its file is 0600, left in place, and empty.

    Args:
        path: the lock file.
        patience: seconds to wait, by a clock that nobody sets; negative without end.
        given_up: asked at each try whether to wait no longer.

    Raises:
        filelock.Timeout: another has it.
        OSError: it cannot be had, as where the file system has no `flock`. The library would else
            make do with a file that is there or not, which a killed process leaves for good.
    """
    import filelock

    lock = filelock.FileLock(path, mode=0o600, fallback_to_soft=False)
    _take(lock, patience, given_up)
    try:
        yield
    finally:
        # What was done is done; a lock that a file server does not take back ends with the process.
        with contextlib.suppress(OSError):
            lock.release()


def _take(lock: filelock.FileLock, patience: float, given_up: Callable[[], bool] | None) -> None:
    import filelock

    until = time.monotonic() + patience if patience >= 0 else float("inf")
    pause = _SOON
    while True:
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            left = until - time.monotonic()
            if left <= 0 or (given_up is not None and given_up()):
                raise
        else:
            return
        import random

        # By chance, so that those who came together do not look together for ever.
        time.sleep(min(pause * random.uniform(0.5, 1), left))  # noqa: S311 - nothing to guess
        pause = min(pause * 2, _SELDOM)
