"""Who may read and write a file, so that one put in its place lets in nobody more."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

_ACL = "system.posix_acl_access"
_GROUP = stat.S_IRWXG | stat.S_ISGID


class Permissions(NamedTuple):
    """A file's.

    Attributes:
        mode: its bits; with an access list, the group's bits are that list's mask.
        owner: its user and group, None for whoever makes it.
        acl: its access list as Linux keeps it, None where it has none.
    """

    mode: int = 0o600
    owner: tuple[int, int] | None = None
    acl: bytes | None = None


PRIVATE = Permissions()


def permissions_of(path: str, allowed: int) -> Permissions:
    """What a file has of the bits that are allowed; private ones where there is no file.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return PRIVATE
    mode = stat.S_IMODE(found.st_mode) & allowed
    return Permissions(mode, (found.st_uid, found.st_gid), _acl(path) if mode & _GROUP else None)


def give(handle: int, permissions: Permissions) -> None:
    """Give an open file these permissions, whatever the umask and the folder's default list.

    The owner comes first: what is meant for one group shall not be another's for an instant.

    Raises:
        OSError: they cannot be given.
    """
    mode = permissions.mode
    if not _given_away(handle, permissions.owner):
        mode &= ~_GROUP
    # Without its list, the mask of one would be taken for what the file's group may do; and with
    # the list that the folder hands down, so would the group's bits for that list's mask.
    if mode & _GROUP and not _listed(handle, permissions.acl):
        mode &= ~_GROUP
    os.fchmod(handle, mode)


def _given_away(handle: int, owner: tuple[int, int] | None) -> bool:
    """Whether the file belongs to the group that it shall; to the user, only root can see to it.

    That the file can be written at all matters more than that it stays another user's.
    """
    made = os.fstat(handle)
    if owner is None or (made.st_uid, made.st_gid) == owner:
        return True
    user, group = owner
    for who in (user, -1):
        try:
            os.fchown(handle, who, group)
        except OSError:  # not allowed; or, in a container, nobody of that number
            continue
        return True
    return made.st_gid == group


def _acl(path: str) -> bytes | None:
    if not hasattr(os, "getxattr"):
        return None
    try:
        return os.getxattr(path, _ACL)
    except OSError:  # none, or the file system knows no lists
        return None


def _listed(handle: int, acl: bytes | None) -> bool:
    """Whether the file has that access list now, and no other."""
    if not hasattr(os, "setxattr"):
        return acl is None
    try:
        if acl is not None:
            os.setxattr(handle, _ACL, acl)
        elif _has_acl(handle):
            os.removexattr(handle, _ACL)
    except OSError:
        return False
    return True


def _has_acl(handle: int) -> bool:
    try:
        return bool(os.getxattr(handle, _ACL))
    except OSError:
        return False
