"""Files that are replaced in one step and are nobody else's: the one place that writes files."""

from __future__ import annotations

import contextlib
import os

from profiles.files.permissions import PRIVATE, Permissions, give

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


def private_write(path: str, data: bytes, *, durable: bool = False) -> None:
    """Write a file that only its owner may read, 0600, in one step; its folder is made, 0700.

    Args:
        durable: wait until the disk has it.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    private_folder(os.path.dirname(path))
    replace_file(path, data, durable=durable)


def private_line(path: str, line: bytes) -> None:
    """Add a line to a file that only its owner may read, 0600; its folder is made, 0700.

    One that was cut off before it, by a full disk or a kill, stays a line of its own.

    Raises:
        OSError: it cannot be written, or not all of it.
    """
    private_folder(os.path.dirname(path))
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    try:
        os.fchmod(handle, 0o600)
        size = os.fstat(handle).st_size
        whole = size == 0 or os.pread(handle, 1, size - 1) == b"\n"
        left = memoryview((b"" if whole else b"\n") + line + b"\n")
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


def replace_file(
    path: str, data: bytes, permissions: Permissions = PRIVATE, *, durable: bool = False
) -> None:
    """Put new contents in a file's place: a temporary file beside it, then one rename.

    Args:
        path: the file itself, no symlink to it.
        data: all of it.
        permissions: what the new file has, whatever the umask.
        durable: wait until the disk has it; `transaction` tells in which order, and why.

    Raises:
        OSError: it cannot be written; the old file is as it was, no temporary file is left.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}{_MARK}{os.getpid()}-{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, 0o600)
    try:
        try:
            give(handle, permissions)
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            if durable:
                os.fsync(handle)
        finally:
            # Before the rename: a file server may tell only here that it has no room.
            os.close(handle)
        os.replace(temporary, path)
    except BaseException:
        discard(temporary)
        raise
    if durable:
        _flush_folder(folder)


def remove_file(path: str) -> None:
    """Remove a file, so that a power cut does not bring it back.

    Raises:
        OSError: it cannot be removed; it is as it was.
    """
    os.unlink(path)
    _flush_folder(os.path.dirname(path))


def sweep(folder: str, name: str | None = None, now: float | None = None) -> None:
    """Remove temporary files that killed writers left.

    Args:
        folder: where to look.
        name: only those of this file; its lock is held, so that none of them is in use.
        now: without a name, the present: those are removed that are old for a write, and whose
            writer no longer runs.
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
        if name is None and not _is_left_over(path, now):
            continue
        discard(path)


def discard(path: str) -> None:
    """Remove a file if it is there and may be removed."""
    try:
        os.unlink(path)
    except OSError:
        return


def _is_left_over(path: str, now: float | None) -> bool:
    """Whether a temporary file is nobody's any more.

    Its age alone does not tell: a clock that is set makes any file old. Its writer's number alone
    does not either: on another host, or in another container, that is another process.
    """
    try:
        if now is None or now - os.stat(path).st_mtime <= _LEFT_OVER_AFTER:
            return False
    except OSError:
        return False
    writer = path.rpartition(_MARK)[2].partition("-")[0]
    return not (writer.isdecimal() and _runs(int(writer)))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _flush_folder(folder: str) -> None:
    """Make a rename survive a power cut, where the file system can; the rename itself is done."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    with contextlib.suppress(OSError):
        os.fsync(handle)
    with contextlib.suppress(OSError):
        os.close(handle)
