"""Textual's driver for Linux and macOS, that stops reading keys the moment it is told to.

Textual's own reader looks every tenth of a second whether it should end, and then waits for
another tenth: a fifth of a second for every quit and every subshell. This one is woken, and
sleeps while nothing is typed.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import sys
from codecs import getincrementaldecoder
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_TICK = 0.1
"""Seconds after which a lone escape is a key, as in Textual's own reader."""


class QuickDriver(LinuxDriver):
    """Reads keys until it is woken; all else is Textual's."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # As long-lived as the driver: a pipe of the thread's own could be gone when it is written.
        self._woken, self._waker = os.pipe()

    def _get_terminal_size(self) -> tuple[int, int]:
        """The size of the terminal that keys come from: standard output may be a shell's pipe."""
        if sys.__stdout__ is not None and not sys.__stdout__.isatty():
            with contextlib.suppress(OSError):
                size = os.get_terminal_size(self.fileno)
                if size.columns and size.lines:
                    return size.columns, size.lines
        return super()._get_terminal_size()

    def disable_input(self) -> None:
        """Stop reading keys."""
        thread = self._key_thread
        if thread is not None and not self.exit_event.is_set():
            self.exit_event.set()
            os.write(self._waker, b"x")
            thread.join()
            os.read(self._woken, 1)  # the next thread is not to be woken by it
            self.exit_event.clear()
            self._key_thread = None
        super().disable_input()

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        try:
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(self._woken, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    # Only where an escape may still become a longer key is there a time to wait.
                    pending = getattr(parser, "_timeout_time", 0) is not None
                    ready = [key.fd for key, _ in selector.select(_TICK if pending else None)]
                    if self.fileno in ready:
                        sent = self._read()
                        if not sent:
                            self._app.call_later(self._app.exit)  # the terminal is gone
                            break
                        for event in parser.feed(decode(sent)):
                            self.process_message(event)
                    for event in parser.tick():
                        self.process_message(event)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""
