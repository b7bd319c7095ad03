"""A terminal's title that says when a session needs a person."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Self

from profiles.errors import NetworkUnavailable, RolecallError, Throttled
from tui.terminal import KEEP_TITLE, TITLE_BACK, titled
from tui.text import masked, printable

if TYPE_CHECKING:
    from types import TracebackType

_PASSING = (NetworkUnavailable, Throttled)


class Title:
    """What a renewing session's owner says of it, on the terminal that a shell has meanwhile.

    Args:
        terminal: a file descriptor; None for standard error. What is none is left alone.
        name: of the role.
    """

    def __init__(self, name: str, terminal: int | None = None) -> None:
        self._name = name
        self._terminal = 2 if terminal is None else terminal
        self._shown = False
        self._said = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self(None)

    def __call__(self, trouble: RolecallError | None) -> None:
        """Say what is in the way, or that nothing is any more."""
        if trouble is None:
            if self._shown:
                self._shown = False
                self._write(TITLE_BACK)
            return
        if isinstance(trouble, _PASSING) or self._shown:
            return
        self._shown = True
        what = printable(masked(trouble.summary))
        hint = f": {printable(masked(trouble.hint))}" if trouble.hint else ""
        text = KEEP_TITLE + titled(f"{self._name} needs you{hint}")
        if not self._said:
            self._said = True
            text += f"\r\nrolecall: the session will not be renewed: {what}{hint}\r\n"
        self._write(text)

    def _write(self, text: str) -> None:
        if not os.isatty(self._terminal):
            return
        # With `stty tostop` a process behind the shell is stopped for writing, and the endpoint
        # with it.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        try:
            os.write(self._terminal, text.encode("utf-8", "surrogateescape"))
        except OSError:
            return
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
