"""Files that are replaced in one step and are nobody else's: the one place that writes files."""

from __future__ import annotations

import os

_MARK = ".rolecall-"
_LEFT_OVER_AFTER = 60.0


def private_folder(path: str) -> None:
    """Make a folder and those above it, 0700 each whatever the umask; what is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above and above != path:
        private_folder(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
        return
    # A umask may have taken even the owner's bits.
    os.chmod(path, 0o700)


def private_write(path: str, data: bytes) -> None:
    """Write a file that only its owner may read, 0600, in one step; its folder is made, 0700.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    private_folder(os.path.dirname(path))
    replace_file(path, data)


def replace_file(
    path: str,
    data: bytes,
    *,
    mode: int = 0o600,
    owner: tuple[int, int] | None = None,
    durable: bool = False,
) -> None:
    """Put new contents in a file's place: a temporary file beside it, then one rename.

    Args:
        path: the file itself, no symlink to it.
        data: all of it.
        mode: its permissions, whatever the umask.
        owner: user and group that it is given to, where this process may.
        durable: wait until the disk has it.

    Raises:
        OSError: it cannot be written; the old file is as it was, no temporary file is left.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}{_MARK}{os.getpid()}-{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, 0o600)
    try:
        try:
            os.fchmod(handle, mode)
            _give(handle, owner)
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
    except BaseException:
        discard(temporary)
        raise
    if durable:
        _flush_folder(folder)


def sweep(folder: str, name: str | None = None, now: float | None = None) -> None:
    """Remove temporary files that killed writers left.

    Args:
        folder: where to look.
        name: only those of this file; its lock is held, so that none of them is in use.
        now: without a name, the present: those that are old for a write are removed.
    """
    try:
        found = os.listdir(folder)
    except OSError:
        return
    prefix = f".{name}{_MARK}" if name is not None else "."
    for entry in found:
        if not (entry.startswith(prefix) and _MARK in entry and entry.endswith(".tmp")):
            continue
        path = os.path.join(folder, entry)
        if name is None and not _is_old(path, now):
            continue
        discard(path)


def discard(path: str) -> None:
    """Remove a file if it is there and may be removed."""
    try:
        os.unlink(path)
    except OSError:
        return


def _is_old(path: str, now: float | None) -> bool:
    try:
        return now is not None and now - os.stat(path).st_mtime > _LEFT_OVER_AFTER
    except OSError:
        return False


def _give(handle: int, owner: tuple[int, int] | None) -> None:
    if owner is None:
        return
    made = os.fstat(handle)
    if (made.st_uid, made.st_gid) == owner:
        return
    try:
        os.fchown(handle, *owner)
    except PermissionError:
        # Only root gives files away. That the file can be written at all matters more.
        return


def _flush_folder(folder: str) -> None:
    """Make a rename survive a power cut, where the file system can; the rename itself is done."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
