"""One change of an AWS file: locked, read again, kept for undo, replaced in one step."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from _thread import allocate_lock
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import CredentialsFileBusy, CredentialsFileUnwritable
from profiles.files import undo_copies
from profiles.files.atomic import private_folder, replace_file, sweep
from profiles.files.state import load_state, record_made
from profiles.files.text import decode, read_bytes, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

_POLL = 0.005
# Threads of one process wait for each other here, where waiting costs nothing: the file's lock is
# polled. (`threading` itself would cost `list` a millisecond.)
_OWN_THREADS = allocate_lock()
_ATTEMPTS = 20
_REMEDIES = {
    errno.ENOSPC: "free some space on the disk",
    errno.EDQUOT: "free some of your disk quota",
    errno.EFBIG: "the limit on file sizes is in the way: ulimit -f",
    errno.EROFS: "the file system is mounted read-only",
}


def change(
    machine: Machine,
    file: str,
    edited: Callable[[str], str],
    *,
    wait: float,
    must_keep_undo: bool = False,
) -> bool:
    """Replace a file's text by what `edited` makes of it; tells whether it differs.

    Args:
        machine: its surroundings.
        file: the credentials file or the config file, as it is named.
        edited: makes the new text from what is there; called again where that changed meanwhile.
        wait: seconds to wait for another writer.
        must_keep_undo: whether to change nothing where no undo copy can be kept.

    Raises:
        CredentialsFileBusy: another process kept the lock for `wait` seconds.
        CredentialsFileUnwritable: nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    with _locked(file, wait) as path:
        for _ in range(_ATTEMPTS):
            before = stamp(path)
            old = read_bytes(path)
            text = decode(old or b"", path)
            new = edited(text).encode("utf-8", "surrogateescape")
            if new == (old or b""):
                return False
            kept = _keep_undo(machine, path, old, new, must=must_keep_undo)
            # Not every writer takes our lock. What one of them wrote just now is read again.
            if stamp(path) == before:
                try:
                    _take_place(machine, path, old, new)
                except BaseException:
                    undo_copies.forget(kept)
                    raise
                undo_copies.trim(machine)
                machine.log(f"{path}: written")
                return True
            undo_copies.forget(kept)
    raise CredentialsFileBusy(f"{path} keeps changing", "try again in a moment")


class PutBack(NamedTuple):
    """A file that is as it was.

    Attributes:
        file: as it is named.
        was: its text until now.
        now: its text as it was before, and is again.
    """

    file: str
    was: str
    now: str

    def __repr__(self) -> str:
        """Without what may be secret."""
        return f"PutBack({self.file})"


def put_back(machine: Machine, *, wait: float) -> PutBack:
    """Put back the file of our last write as it was before that.

    Raises:
        UsageError: nothing to undo.
        FileChanged: the file is not what we wrote.
        CredentialsFileBusy: another process kept the lock for `wait` seconds.
        CredentialsFileUnwritable: nothing was changed.
    """
    named = {
        os.path.realpath(each): each for each in (machine.config_file, machine.credentials_file)
    }
    file = named[undo_copies.last(machine, named).file]
    with _locked(file, wait) as path:
        now = read_bytes(path)
        copy = undo_copies.to_put_back(machine, path, now)
        if copy.image is None:
            with _explained(path):
                os.unlink(path)
        else:
            _replace(machine, path, copy.image)
        undo_copies.forget(copy.path)
        machine.log(f"{path}: put back as it was")
    return PutBack(file, decode(now or b"", path), decode(copy.image or b"", path))


@contextlib.contextmanager
def _locked(file: str, wait: float) -> Iterator[str]:
    """The real file's path, while no other writer of ours touches it."""
    path = os.path.realpath(file)
    folder = os.path.dirname(path)
    with _explained(path):
        private_folder(folder)
    _refuse_read_only(path, folder)
    import filelock

    lock = filelock.FileLock(f"{path}.lock", mode=0o600)
    busy = CredentialsFileBusy(
        f"another process is writing {path}, and was for {wait:g} s",
        f"end it, or see who holds {path}.lock",
    )
    if not _OWN_THREADS.acquire(timeout=wait):
        raise busy
    try:
        with _explained(path):
            lock.acquire(timeout=wait, poll_interval=_POLL)
    except filelock.Timeout:
        _OWN_THREADS.release()
        raise busy from None
    except BaseException:
        _OWN_THREADS.release()
        raise
    try:
        # The link may have been turned elsewhere while we waited.
        if os.path.realpath(file) != path:
            raise CredentialsFileBusy(f"{path} was moved meanwhile", "try again")
        sweep(folder, os.path.basename(path))
        yield path
    finally:
        lock.release()
        _OWN_THREADS.release()


def _refuse_read_only(path: str, folder: str) -> None:
    """Respect missing write permission, which root would not notice, and odd kinds of files."""
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    for place in (folder, path):
        try:
            mode = os.stat(place).st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unwritable(path, error) from error
        if place == path and not stat.S_ISREG(mode):
            raise CredentialsFileUnwritable(
                f"{path} is not a regular file",
                "name another with AWS_SHARED_CREDENTIALS_FILE or AWS_CONFIG_FILE",
            )
        if not mode & writable or not os.access(place, os.W_OK):
            raise CredentialsFileUnwritable(f"{place} is read-only", f"chmod u+w {place}")


def _replace(machine: Machine, path: str, data: bytes) -> None:
    """Put new contents in the file's place; keys are for their owner's eyes alone."""
    allowed = 0o600 if path == os.path.realpath(machine.credentials_file) else 0o7777
    try:
        found = os.stat(path)
    except FileNotFoundError:
        mode, owner = 0o600, None
    else:
        mode, owner = stat.S_IMODE(found.st_mode) & allowed, (found.st_uid, found.st_gid)
    with _explained(path):
        replace_file(path, data, mode=mode, owner=owner, durable=True)


def _take_place(machine: Machine, path: str, old: bytes | None, new: bytes) -> None:
    """Put new contents in the file's place; where none are left of a file that we made, none."""
    if not new and path in load_state(machine).made:
        with _explained(path):
            os.unlink(path)
    else:
        _replace(machine, path, new)
    if not old:
        record_made(machine, path, made=old is None)


def _keep_undo(
    machine: Machine, path: str, old: bytes | None, new: bytes, *, must: bool
) -> str | None:
    """The undo copy's path. Only a forced write depends on it: a session can be got again."""
    try:
        return undo_copies.keep(machine, path, old, new)
    except OSError as error:
        if must:
            reason = (error.strerror or str(error)).lower()
            raise CredentialsFileUnwritable(
                f"no undo copy can be kept in {machine.state_folder}: {reason}",
                "make that folder writable; nothing was changed",
            ) from error
        return None


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        import filelock

        if isinstance(error, filelock.Timeout):
            raise
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> CredentialsFileUnwritable:
    reason = (error.strerror or str(error)).lower()
    remedy = _REMEDIES.get(error.errno or 0, "nothing was changed")
    return CredentialsFileUnwritable(f"cannot write {path}: {reason}", remedy)
