"""One sign-in for all who wait for the same: threads of one process, and other processes."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING

from profiles.files.atomic import private_folder
from profiles.files.lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.sources.protocol import Way


@contextlib.contextmanager
def one_at_a_time(way: Way, what: str, patience: float = -1) -> Iterator[None]:
    """Wait until nobody else signs in to the same, and keep others waiting meanwhile.

    Whoever comes in looks first for what the one before has left. A state folder that cannot be
    written keeps nobody out, and is no error.

    Args:
        way: whose person may give up waiting.
        what: is signed in to, the same text for all who mean the same.
        patience: seconds after which one goes on beside the other; negative for none.

    Raises:
        Cancelled: the person gave up.
    """
    import filelock

    folder = os.path.join(way.machine.state_folder, "sign-ins")
    name = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    with contextlib.ExitStack() as held:
        try:
            private_folder(folder)
            lock = os.path.join(folder, f"{name}.lock")
            held.enter_context(locked(lock, patience, given_up=way.cancelled))
        except filelock.Timeout:
            way.check()
            way.machine.log(f"{way.target.name}: another has asked for {patience:g} s; going on")
        except OSError as error:
            way.machine.log(f"{folder}: {error.strerror or error}")
        yield
