"""A process's own mounts, root folder and user: for disks that are full, read-only, another's.

For forked processes alone: nothing is undone. A person who is not root has mounts of their own
where the kernel lets them have a namespace of users.
"""

from __future__ import annotations

import ctypes
import os

NOBODY = 65534
_NEW_MOUNTS = 0x00020000
_NEW_USERS = 0x10000000
_READ_ONLY, _REMOUNT, _BIND, _PRIVATE_BELOW = 1, 32, 4096, (1 << 18) | 16384


class NotHere(Exception):
    """This machine does not let this user do it."""


def own_mounts() -> None:
    """Have mounts that nobody else sees.

    Raises:
        NotHere: as the kernel, or the container, will have it.
    """
    user, group = os.getuid(), os.getgid()
    try:
        if user == 0:
            _call("unshare", _NEW_MOUNTS)
        else:
            _call("unshare", _NEW_MOUNTS | _NEW_USERS)
            for name, said in (
                ("setgroups", "deny"),
                ("uid_map", f"0 {user} 1"),
                ("gid_map", f"0 {group} 1"),
            ):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(said)
        _mount(b"none", "/", None, _PRIVATE_BELOW)
    except (OSError, AttributeError) as error:
        raise NotHere(str(error)) from error


def small_disk(place: str, said: str) -> None:
    """Mount a disk in memory, as small as said (`size=64k`)."""
    _mount(b"tmpfs", place, b"tmpfs", 0, said.encode())


def mounted_alone(place: str, *, read_only: bool = False) -> None:
    """Mount a file or folder upon itself."""
    _mount(place.encode(), place, None, _BIND)
    if read_only:
        _mount(place.encode(), place, None, _BIND | _REMOUNT | _READ_ONLY)


def as_nobody_in(root: str) -> None:
    """Be another user, who sees that folder alone.

    Raises:
        NotHere: this user is not root.
    """
    if os.getuid() != 0:
        raise NotHere("only root becomes another user")
    os.chroot(root)
    os.chdir("/")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _mount(
    source: bytes, place: str, kind: bytes | None, flags: int, said: bytes | None = None
) -> None:
    _call("mount", source, place.encode(), kind, ctypes.c_ulong(flags), said)


def _call(name: str, *args: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
