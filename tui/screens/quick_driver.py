"""Textual's drivers for Linux and macOS, that stop reading keys the moment they are told to.

Textual's own reader looks every tenth of a second whether it should end, and then waits for
another tenth: a fifth of a second for every quit and every subshell. These are woken, and sleep
while nothing is typed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import sys
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.drivers.linux_inline_driver import LinuxInlineDriver
from textual.events import CursorPosition, Resize
from textual.geometry import Offset, Size

if TYPE_CHECKING:
    from textual.message import Message

_TICK = 0.1
"""Seconds after which a lone escape is a key, as in Textual's own reader."""


class _Woken:
    """A pipe that wakes the thread that reads keys."""

    def __init__(self) -> None:
        # As long-lived as the driver: a pipe of the thread's own could be gone when it is written.
        self.fileno, self._waker = os.pipe()

    def stop(self, driver: Any) -> None:
        """Have a driver's thread end, and wait for it."""
        thread = getattr(driver, "_key_thread", None)
        if thread is None or driver.exit_event.is_set():
            return
        driver.exit_event.set()
        os.write(self._waker, b"x")
        thread.join()
        os.read(self.fileno, 1)  # the next thread is not to be woken by it
        driver.exit_event.clear()
        driver._key_thread = None  # noqa: SLF001  # Textual has no other way to say so

    def read(self, driver: Any) -> None:
        """Turn what a driver's terminal sends into events, until told to stop."""
        parser = XTermParser(driver._debug)  # noqa: SLF001
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        try:
            with selectors.SelectSelector() as selector:
                selector.register(driver.fileno, selectors.EVENT_READ)
                selector.register(self.fileno, selectors.EVENT_READ)
                while not driver.exit_event.is_set():
                    # Only where an escape may still become a longer key is there a time to wait.
                    pending = getattr(parser, "_timeout_time", 0) is not None
                    ready = [key.fd for key, _ in selector.select(_TICK if pending else None)]
                    if driver.fileno in ready:
                        sent = _sent(driver.fileno)
                        if not sent:
                            driver._app.call_later(driver._app.exit)  # noqa: SLF001  # it is gone
                            break
                        for event in parser.feed(decode(sent)):
                            driver.process_message(event)
                    for event in parser.tick():
                        driver.process_message(event)
        finally:
            with contextlib.suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass


def _sent(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def _size(terminal: int) -> tuple[int, int] | None:
    """The size of the terminal that keys come from, where standard output is a shell's pipe."""
    if sys.__stdout__ is not None and not sys.__stdout__.isatty():
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(terminal)
            if size.columns and size.lines:
                return size.columns, size.lines
    return None


class QuickDriver(LinuxDriver):
    """Reads keys until it is woken, and gives the window a title; all else is Textual's."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._woken = _Woken()

    def _get_terminal_size(self) -> tuple[int, int]:
        return _size(self.fileno) or super()._get_terminal_size()

    def start_application_mode(self) -> None:
        """Take the terminal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is not None:
            self.write(getattr(self._app, "title_taken", ""))

    def stop_application_mode(self) -> None:
        """Give it back."""
        # Where there is no other screen (consoles, GNU screen as it comes), ours must not stay.
        self.write(getattr(self._app, "title_given_back", "") + "\x1b[2J\x1b[H")
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Stop reading keys."""
        self._woken.stop(self)
        super().disable_input()

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events."""
        self._woken.read(self)


class InlineDriver(LinuxInlineDriver):
    """The same for a picker of some lines under the prompt, which leaves the title alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._woken = _Woken()

    def _get_terminal_size(self) -> tuple[int, int]:
        return _size(self.fileno) or super()._get_terminal_size()

    def start_application_mode(self) -> None:
        """Take some lines of the terminal."""
        super().start_application_mode()
        self.write("\x1b[?7l")  # a line of the size before is cut, not wrapped
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGWINCH, lambda *_: loop.call_soon_threadsafe(self._resized))

    def stop_application_mode(self) -> None:
        """Give them back."""
        self.write("\x1b[?7h")
        super().stop_application_mode()

    def _resized(self) -> None:
        """Draw anew in another size; Textual itself would take away what the shell has printed."""
        down = self._app._previous_cursor_position.y  # noqa: SLF001
        self.write("\r" + (f"\x1b[{down}A" if down else "") + "\x1b[J")
        self._app._previous_cursor_position = Offset(0, 0)  # noqa: SLF001
        size = Size(*self._get_terminal_size())
        self._app.post_message(Resize(size, size))

    def process_message(self, message: Message) -> None:
        """Hand an event on; where the cursor is, is the driver's own to know."""
        if isinstance(message, CursorPosition):
            self.cursor_origin = (message.x, message.y)
        else:
            super().process_message(message)

    def disable_input(self) -> None:
        """Stop reading keys."""
        self._woken.stop(self)
        super().disable_input()

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events."""
        self._woken.read(self)
