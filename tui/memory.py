"""What the app asks of the system's allocator."""

from __future__ import annotations

_MMAP_THRESHOLD = -3
_LARGE = 128 * 1024


def give_back() -> None:
    """Have large pieces of memory go back to the system once they are free; without glibc, nothing.

    glibc keeps what it is given back, up to the size of the largest piece that was freed before: a
    long-lived app that once read a large file keeps megabytes for good. mallopt(3),
    `M_MMAP_THRESHOLD`.
    """
    import ctypes

    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
    except (OSError, AttributeError):
        return
