"""The lock file that all writers of one thing take: `flock`, so that the kernel frees a dead one's.

What it keeps out is what the kernel, or the file server, knows of: processes of this machine, in
containers too; those of another host where its file system carries `flock` over (NFS 4, CIFS), and
not where a mount keeps locks to itself (`local_lock=flock`, `nolock`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import filelock


def file_lock(path: str) -> filelock.FileLock:
    """A lock that nobody has yet; its file is 0600, left in place, and empty.

    Where the file system has no `flock`, taking it is an OSError. The library would else make do
    with a file that is there or not, which a killed process leaves behind for good.
    """
    import filelock

    return filelock.FileLock(path, mode=0o600, fallback_to_soft=False)
