"""Whether a file may say which programs are run: only its owner may have written it."""

from __future__ import annotations

import os
import stat

_OTHERS = stat.S_IWOTH
_GROUP = stat.S_IWGRP


def distrusted(path: str) -> str | None:
    """Why a file may not name programs to run, as `ssh` judges its own; None where it may.

    The folders that it and a link to it are in count too: who may write there may put another file
    in its place.

    Args:
        path: as it was named; it need not exist.
    """
    if os.name != "posix":
        return None
    if not os.path.isabs(path):
        return "it is named by a path that starts in the working folder"
    for each in dict.fromkeys((path, os.path.realpath(path))):
        for place in (each, os.path.dirname(each)):
            try:
                found = os.stat(place)
            except OSError:
                continue
            if found.st_uid not in (os.geteuid(), 0):
                return f"{place} belongs to another user"
            # In a folder such as /tmp (sticky), nobody replaces what is another's.
            if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
                continue
            if found.st_mode & _OTHERS or (found.st_mode & _GROUP and _shared(found.st_gid)):
                return f"others can change {place}"
    return None


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
