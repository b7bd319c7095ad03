"""The text of an AWS file, of which every byte can be had back."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from profiles.errors import ConfigUnreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

# A file changed again within its clock's grain would look the same (git's "racy" entries). Linux
# stamps files by its tick, 10 ms at the most; whole seconds are a file system that knows no less.
_GRAIN = 0.05
_COARSE_GRAIN = 2.0


def read_text(path: str) -> str | None:
    """A file's text, bytes that are no UTF-8 kept as surrogate escapes; None where it is absent.

    What is neither a file nor a folder (`/dev/null`) counts as absent, as for botocore.

    Raises:
        ConfigUnreadable: it cannot be read, or is no text.
    """
    data = read_bytes(path)
    return None if data is None else decode(data, path)


def decode(data: bytes, path: str) -> str:
    """The text of a file's bytes, from which `encode` makes the same bytes again.

    Raises:
        ConfigUnreadable: it is no text.
    """
    if b"\0" in data:
        raise ConfigUnreadable(
            f"cannot read {path}: it is no UTF-8 text",
            "save it as UTF-8, or restore it from a copy",
        )
    return data.decode("utf-8", "surrogateescape")


def read_bytes(path: str) -> bytes | None:
    """A file's bytes; None where it is absent.

    Raises:
        ConfigUnreadable: it cannot be read.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ConfigUnreadable(f"cannot read {path}: it is a folder")
        if not stat.S_ISREG(mode):
            return None
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigUnreadable(f"cannot read {path}: {reason}") from error


def stamp(path: str) -> tuple[int, int, int] | None:
    """Tells one state of a file from another: mtime in ns, size, inode; None where it is absent."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def may_change_unseen(changed: Sequence[int], now: float) -> bool:
    """Whether a file among some is so new that a change right after would leave its stamp as it is.

    Args:
        changed: their mtimes in ns.
        now: seconds since 1970.
    """
    coarse = all(instant % 1_000_000_000 == 0 for instant in changed)
    grain = _COARSE_GRAIN if coarse else _GRAIN
    return any(now - instant / 1e9 < grain for instant in changed)
