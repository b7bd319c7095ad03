"""The lock file that all writers of one thing take: `flock`, so that the kernel frees a dead one's.

What it keeps out is what the kernel, or the file server, knows of: processes of this machine, in
containers too; those of another host where its file system carries `flock` over (NFS 4, CIFS), and
not where a mount keeps locks to itself (`local_lock=flock`, `nolock`).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WITHOUT_END = -1.0
_POLL = 0.005


@contextlib.contextmanager
def locked(
    path: str,
    patience: float = WITHOUT_END,
    *,
    poll: float = _POLL,
    given_up: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """Have the lock; its file is 0600, left in place, and empty.

    Args:
        path: the lock file.
        patience: seconds to wait, by a clock that nobody sets; negative without end.
        poll: seconds between two tries.
        given_up: asked at each try whether to wait no longer.

    Raises:
        filelock.Timeout: another has it.
        OSError: it cannot be had, as where the file system has no `flock`. The library would else
            make do with a file that is there or not, which a killed process leaves for good.
    """
    import filelock

    lock = filelock.FileLock(path, mode=0o600, fallback_to_soft=False)
    lock.acquire(patience, poll, cancel_check=given_up)
    try:
        yield
    finally:
        # What was done is done; a lock that a file server does not take back ends with the process.
        with contextlib.suppress(OSError):
            lock.release()
