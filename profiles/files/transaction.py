"""One change of an AWS file: locked, read again, kept for undo, replaced in one step.

What is done in which order, and why, so that killed at any instant, or cut off from power, the file
is the old one or the new one, whole, and `undo` knows which:

    1 lock      `flock` on `NAME.lock` beside the real file: readers need none, a dead writer's is
                freed by the kernel. What killed writers left is swept now, when none can be at it.
    2 read      only now: what the writer before made is what is edited.
    3 undo copy before the file changes, or a kill between the two would leave no way back. A copy
                of a write that then never happened is told by its hash, and passed over. Where a
                person's keys are overwritten by force, it is flushed to disk first; elsewhere a
                power cut may cost the copy, never the file.
    4 look      again: who takes no lock may have written since 2. Then all is done anew from there;
                so it is where the file was emptied just now, which is how the AWS CLI begins.
    5 new file  beside the old one, for a rename reaches no other file system; a name of its own,
                0600 from the first instant, then the old one's owner, access list and bits.
    6 flush     the new file, before it has the name: a rename may reach the disk before the bytes
                do, and the file would be empty after a power cut.
    7 close     before the rename: file servers tell here that they have no room.
    8 rename    the one step in which the file is another one.
    9 flush     the folder, so that the rename is on the disk before we say that it is done. Where
                a file system cannot, the file is still the old one or the new one.
   10 tidy      undo copies past the tenth, and the lock.

All that can fail has failed before 8; after it nothing is reported as an error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from _thread import allocate_lock
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import CredentialsFileBusy, CredentialsFileUnwritable
from profiles.files import undo_copies
from profiles.files.atomic import private_folder, remove_file, replace_file, sweep
from profiles.files.lock import locked
from profiles.files.permissions import permissions_of
from profiles.files.state import load_state, record_made
from profiles.files.text import decode, read_bytes, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiles.machine import Machine

# Threads of one process wait for each other here, where waiting costs nothing: the file's lock is
# polled. (`threading` itself would cost `list` a millisecond.)
_OWN_THREADS = allocate_lock()
_ATTEMPTS = 20
# The AWS CLI empties the file and then writes it. Who is put in its place in between would cost a
# person all their keys, so that an empty file that is new is looked at for a fifth of a second.
_LOOKS_AT_AN_EMPTY_FILE = 10
_FILLING = 0.02
_NEW = 1.0
_REMEDIES = {
    errno.ENOSPC: "free some space on the disk",
    errno.EDQUOT: "free some of your disk quota",
    errno.EFBIG: "the limit on file sizes is in the way: ulimit -f",
    errno.EROFS: "the file system is mounted read-only",
    errno.EBUSY: "where the file alone is mounted, as into a container, mount its folder instead",
}
_DENIED = (errno.EACCES, "Permission denied")
_NO_LOCKS = "its file system has no locks: keep the file on one that has, nothing was changed"
_NOT_OURS_TO_LOCK = "remove it once no rolecall runs: it is another user's, or no plain file"
_LOCK_REMEDIES = _REMEDIES | {
    errno.ENOLCK: _NO_LOCKS,
    errno.ENOSYS: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.EACCES: _NOT_OURS_TO_LOCK,
    errno.EPERM: _NOT_OURS_TO_LOCK,
    errno.EISDIR: _NOT_OURS_TO_LOCK,
    errno.ELOOP: _NOT_OURS_TO_LOCK,
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
        for looks in range(_ATTEMPTS):
            before = stamp(path)
            old = read_bytes(path)
            if old == b"" and looks < _LOOKS_AT_AN_EMPTY_FILE and _was_just_emptied(before):
                time.sleep(_FILLING)
                continue
            text = decode(old or b"", path)
            new = edited(text).encode("utf-8", "surrogateescape")
            if new == (old or b""):
                return False
            kept = _keep_undo(machine, path, old, new, must=must_keep_undo)
            # Not every writer takes our lock. What one of them wrote just now is read again.
            if stamp(path) == before:
                try:
                    _take_place(machine, path, old, new)
                except CredentialsFileUnwritable:
                    # Stopped in another way it may have happened: `undo` tells by the copy's hash.
                    undo_copies.forget(kept)
                    raise
                undo_copies.trim(machine)
                machine.log(f"{path}: written")
                return True
            undo_copies.forget(kept)
    raise CredentialsFileBusy(f"{path} keeps changing", "try again in a moment")


def _was_just_emptied(seen: tuple[int, int, int] | None) -> bool:
    return seen is not None and abs(time.time() - seen[0] / 1e9) < _NEW


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
    named = {_real(each): each for each in (machine.config_file, machine.credentials_file)}
    file = named[undo_copies.last(machine, named).file]
    with _locked(file, wait) as path:
        before = stamp(path)
        now = read_bytes(path)
        copy = undo_copies.to_put_back(machine, path, now)
        if stamp(path) != before:
            raise undo_copies.changed(copy)
        if copy.image is None:
            with _explained(path):
                remove_file(path)
        else:
            _replace(machine, path, copy.image)
        undo_copies.forget(copy.path)
        machine.log(f"{path}: put back as it was")
    return PutBack(file, decode(now or b"", path), decode(copy.image or b"", path))


@contextlib.contextmanager
def _locked(file: str, wait: float) -> Iterator[str]:
    """The real file's path, while no other writer of ours touches it."""
    until = time.monotonic() + wait
    path = _real(file)
    folder = os.path.dirname(path)
    with _explained(path):
        private_folder(folder)
    _refuse_read_only(path, folder)
    import filelock

    busy = CredentialsFileBusy(
        f"another process is writing {path}, and was for {wait:g} s",
        f"end it, or see who holds {path}.lock",
    )
    if not _OWN_THREADS.acquire(timeout=wait):
        raise busy
    with contextlib.ExitStack() as held:
        held.callback(_OWN_THREADS.release)
        try:
            # One try at least, however little time is left.
            held.enter_context(locked(f"{path}.lock", max(until - time.monotonic(), 0)))
        except filelock.Timeout:
            raise busy from None
        except OSError as error:
            raise _unlockable(path, error) from error
        # The link may have been turned elsewhere while we waited.
        if _real(file) != path:
            raise CredentialsFileBusy(f"{path} was moved meanwhile", "try again")
        sweep(folder, os.path.basename(path))
        yield path


def _real(file: str) -> str:
    """The file that links lead to.

    Raises:
        CredentialsFileUnwritable: it cannot be told.
    """
    with _explained(file):
        return os.path.realpath(file)


def _refuse_read_only(path: str, folder: str) -> None:
    """Respect missing write permission, which root would not notice, and odd kinds of files."""
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    for place in (path, folder):
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
        if not mode & writable:
            raise CredentialsFileUnwritable(f"{place} is read-only", f"chmod u+w {place}")
        if not os.access(place, os.W_OK):
            raise _unwritable(path, _why_not(place))


def _why_not(place: str) -> OSError:
    """Why a place cannot be written, though its mode would let somebody."""
    try:
        mounted_so = bool(os.statvfs(place).f_flag & os.ST_RDONLY)
    except OSError as error:
        return error
    return OSError(*((errno.EROFS, "Read-only file system") if mounted_so else _DENIED))


def _replace(machine: Machine, path: str, data: bytes) -> None:
    """Put new contents in the file's place; keys are for their owner's eyes alone."""
    allowed = 0o600 if path == _real(machine.credentials_file) else 0o7777
    with _explained(path):
        replace_file(path, data, permissions_of(path, allowed), durable=True)


def _take_place(machine: Machine, path: str, old: bytes | None, new: bytes) -> None:
    """Put new contents in the file's place; where none are left of a file that we made, none."""
    if not new and path in load_state(machine).made:
        with _explained(path):
            remove_file(path)
    else:
        _replace(machine, path, new)
    if not old:
        record_made(machine, path, made=old is None)


def _keep_undo(
    machine: Machine, path: str, old: bytes | None, new: bytes, *, must: bool
) -> str | None:
    """The undo copy's path. Only a forced write depends on it: a session can be got again."""
    try:
        return undo_copies.keep(machine, path, old, new, durable=must)
    except OSError as error:
        if must:
            raise CredentialsFileUnwritable(
                f"no undo copy can be kept in {machine.state_folder}: {_reason(error)}",
                "make that folder writable; nothing was changed",
            ) from error
        return None


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> CredentialsFileUnwritable:
    remedy = _REMEDIES.get(error.errno or 0, "nothing was changed")
    return CredentialsFileUnwritable(f"cannot write {path}: {_reason(error)}", remedy)


def _unlockable(path: str, error: OSError) -> CredentialsFileUnwritable:
    remedy = _LOCK_REMEDIES.get(error.errno or 0, "nothing was changed")
    return CredentialsFileUnwritable(f"cannot lock {path}.lock: {_reason(error)}", remedy)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
