"""The three standard streams, where one is closed or cannot take what is written to it.

Light: `--help` passes through here.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def open_closed() -> None:
    """Give a stream that our caller closed to nothing.

    Else what is said would go where it was not sent (Python prints on standard output what an
    absent standard error should have had), and a file that we open would be taken for the stream.
    """
    if sys.stdin is not None and sys.stdout is not None and sys.stderr is not None:
        return
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            os.set_inheritable(opened, True)  # noqa: FBT003 — the commands that we run have it too
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def lost(stream: "TextIO") -> "OSError | None":
    """Write out what a stream still holds; why it cannot be, and then it is let go."""
    try:
        stream.flush()
    except OSError as error:
        # Python would try again at its end, and say so in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None
