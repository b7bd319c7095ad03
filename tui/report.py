"""What is kept of a defect that ended the picker: where it happened, and not with what.

A message or a local variable may hold a secret or a name that is nobody's business: the report has
the kinds of the errors, file names and line numbers, so that it can be shown to anybody.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.machine import Machine

_NAME = "report.txt"
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def keep_report(machine: Machine, defect: BaseException) -> str | None:
    """Write the report of a defect, 0600, in place of the one before; its path, None if it fails.

    Args:
        machine: its state folder takes it.
        defect: as it was caught.
    """
    from profiles.files.state import private_write
    from profiles.times import rfc3339

    path = os.path.join(machine.state_folder, _NAME)
    head = (f"rolecall {__version__}, Python {sys.version.split()[0]} on {sys.platform}",)
    text = "\n".join((*head, rfc3339(machine.now()), "", *_lines(defect)))
    try:
        private_write(path, f"{text}\n".encode("utf-8", "replace"))
    except OSError:
        return None
    return path


def place_of(error: BaseException) -> str:
    """Where an error happened: the innermost file and line of ours, or else of all."""
    import traceback

    places = [
        f"{_shortened(frame.f_code.co_filename)}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [place for place in places if place.startswith(("profiles" + os.sep, "tui" + os.sep))]
    return (ours or places or ["?"])[-1]


def _lines(error: BaseException) -> Iterator[str]:
    """The errors, the first cause first, each with the places it passed."""
    import traceback

    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "which led to"
    yield type(error).__name__
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {_shortened(frame.f_code.co_filename)}:{line}"
    for part in getattr(error, "exceptions", ()):  # of a group
        yield "of which"
        yield from _lines(part)


def _shortened(path: str) -> str:
    """A file's name without the folders above the package: they may tell who somebody is."""
    _, packages, inside = path.rpartition(f"{os.sep}site-packages{os.sep}")
    if packages:
        return inside
    for root in (_ROOT, os.path.dirname(os.__file__)):
        if path.startswith(root + os.sep):
            return os.path.relpath(path, root)
    return os.path.basename(path)
