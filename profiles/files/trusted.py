"""Whether a file may say which programs are run: only its owner may have written it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from profiles.quoted import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_OTHERS = stat.S_IWOTH
_GROUP = stat.S_IWGRP


def distrusted(path: str, home: str = "") -> str | None:
    """Why a file may not name programs to run, as `ssh` judges its own; None where it may.

    The folders that it and a link to it are in count too, up to the home folder, or the first: who
    may write in one may put another file, or another folder, in the place of this one.

    Args:
        path: as it was named; it need not exist.
        home: the person's: who could put another in its place has all that is in it.
    """
    found = _found(path, home)
    return found[0] if found is not None else None


def trusted_again(path: str, home: str = "") -> str:
    """What makes a file one that may name programs, for who has looked at it."""
    found = _found(path, home)
    return found[1] if found is not None else ""


def _found(path: str, home: str) -> tuple[str, str] | None:
    """Why it is not trusted, and what would mend that."""
    if os.name != "posix":
        return None
    if not os.path.isabs(path):
        return "it is named by a path that starts in the working folder", "name its whole path"
    homes = {home, os.path.realpath(home)} if home else set()
    ways = (*_way_to(path, homes), *_way_to(os.path.realpath(path), homes))
    for place in dict.fromkeys(ways):
        try:
            found = os.stat(place)
        except OSError:
            continue
        folder = stat.S_ISDIR(found.st_mode)
        if found.st_uid not in (os.geteuid(), 0) and not (folder and _of_the_system(found.st_uid)):
            return f"{place} belongs to another user", f"make {quoted(place)} your own"
        # In a folder such as /tmp (sticky), nobody replaces what is another's.
        if folder and found.st_mode & stat.S_ISVTX:
            continue
        if found.st_mode & _OTHERS or (found.st_mode & _GROUP and _shared(found.st_gid)):
            return f"others can change {place}", f"chmod go-w {quoted(place)}"
    return None


def _way_to(path: str, homes: Collection[str]) -> Iterator[str]:
    """A file and the folders that it is in, the home or the first one last."""
    yield path
    while (folder := os.path.dirname(path)) != path:
        yield folder
        if folder in homes:
            return
        path = folder


def _of_the_system(user: int) -> bool:
    """Whether a user owns the first folder: where root is not known by its number (a sandbox)."""
    return user == os.stat("/").st_uid


def _shared(group: int) -> bool:
    """Whether a group has others in it than this user: most have one of their own name."""
    import grp
    import pwd

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        found = grp.getgrgid(group)
    except KeyError:
        return True
    return found.gr_name != name or any(member != name for member in found.gr_mem)
