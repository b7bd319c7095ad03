"""One sign-in for all who wait for the same: threads of one process, and other processes."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING

from profiles.errors import Cancelled
from profiles.files.atomic import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.sources.protocol import Way

_POLL = 0.1


@contextlib.contextmanager
def one_at_a_time(way: Way, what: str) -> Iterator[None]:
    """Wait until nobody else signs in to the same, and keep others waiting meanwhile.

    Whoever comes in looks first for what the one before has left. A state folder that cannot be
    written keeps nobody out, and is no error.

    Args:
        way: whose person may give up waiting.
        what: is signed in to, the same text for all who mean the same.

    Raises:
        Cancelled: the person gave up.
    """
    import filelock

    folder = os.path.join(way.machine.state_folder, "sign-ins")
    name = hashlib.sha256(what.encode()).hexdigest()[:32]
    with contextlib.ExitStack() as held:
        try:
            private_folder(folder)
            lock = filelock.FileLock(os.path.join(folder, f"{name}.lock"), mode=0o600)
            held.enter_context(lock.acquire(poll_interval=_POLL, cancel_check=way.cancelled))
        except filelock.Timeout as given_up:
            raise Cancelled(f"{way.target.name}: stopped") from given_up
        except OSError as error:
            way.machine.log(f"{folder}: {error.strerror or error}")
        yield
