"""A full-screen program in a pseudo-terminal, timed by the arrival of what it draws.

Output is stamped when it arrives and made a screen of only when no more comes, so that the
cost of that is in no figure. Linux only: memory and processor time are read from there.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import pyte

from tests.bench.commands import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

ROWS, COLUMNS = 30, 120
_PAUSE = 0.1
"""Seconds without output after which a screen is looked at."""
_TIMEOUT = 30.0
_AT_REST = 60.0
"""Milliseconds of processor time a second: a countdown takes less, work of any kind more."""
# Private sequences: pyte knows few of them, and none changes the text of a screen.
_PRIVATE = re.compile(rb"\x1b\[[<=>?][\d;:]*[ -/]*[@-~]")
_UNFINISHED = re.compile(rb"\x1b(\[[0-?]*[ -/]*|\][^\x07\x1b]*)?\Z")
# Textual asks whether the terminal can draw a frame in one go; nearly all can.
_ASKED, _ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


class Output(NamedTuple):
    """Something that was drawn.

    Attributes:
        at: when it arrived.
        data: the bytes.
        memory: the process's peak so far, in MB.
    """

    at: float
    data: bytes
    memory: float


class Terminal:
    """A running program.

    Attributes:
        started: the instant just before it was.
        drawn: bytes that it has written so far.
    """

    def __init__(self, argv: list[str], env: Mapping[str, str], folder: str):
        self._argv = argv
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._unseen: list[Output] = []
        self.drawn = 0
        self._rest = b""
        self.started = perf_counter()
        self._pid, self._fd = pty.fork()
        if not self._pid:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
                os.chdir(folder)
                os.execve(argv[0], argv, dict(env))
            finally:
                os._exit(127)
        self._clock = _cpu_clock(self._pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)

    def until(self, *wanted: str) -> Output:
        """Wait until all patterns are on the screen: the output that completed them."""
        patterns = [re.compile(each, re.MULTILINE) for each in wanted]
        deadline = perf_counter() + _TIMEOUT
        while True:
            alive = self._read(_PAUSE)
            text = ""
            while self._unseen:
                output = self._unseen.pop(0)
                self._draw(output.data)
                text = self.text()
                if all(pattern.search(text) for pattern in patterns):
                    return output
            if not alive or perf_counter() > deadline:
                raise Failed(f"{' '.join(self._argv)}: no {wanted} on\n{self.text()}")

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def type(self, keys: str) -> float:
        """Type; the instant just before."""
        now = perf_counter()
        os.write(self._fd, keys.encode())
        return now

    def rest(self):
        """Wait until it has nothing more to do."""
        deadline, quiet = perf_counter() + _TIMEOUT, 0
        while quiet < 3 and perf_counter() < deadline:
            quiet = quiet + 1 if self.cpu(0.25) < _AT_REST else 0
        for output in self._unseen:
            self._draw(output.data)
        self._unseen.clear()

    def cpu(self, seconds: float) -> float:
        """Leave it alone: the processor time it takes, in ms a second."""
        before, start = time.clock_gettime(self._clock), perf_counter()
        while (left := start + seconds - perf_counter()) > 0:
            self._read(left, longest=left)
        used, passed = time.clock_gettime(self._clock) - before, perf_counter() - start
        return 1000 * used / passed

    def memory(self) -> float:
        """Its peak memory so far, in MB."""
        with open(f"/proc/{self._pid}/status", encoding="ascii") as status:
            found = re.search(r"VmHWM:\s*(\d+) kB", status.read())
        return int(found[1]) / 1024 if found else 0.0

    def quit(self, keys: str) -> float:
        """Type what ends it: how long it took to be gone, in ms."""
        start = self.type(keys)
        while self._read(_TIMEOUT):
            if perf_counter() - start > _TIMEOUT:
                raise Failed(f"{' '.join(self._argv)}: still there after {keys!r}\n{self.text()}")
        _, status = os.waitpid(self._pid, 0)
        end = perf_counter()
        self._pid = 0
        if status:
            raise Failed(f"{' '.join(self._argv)}: ended with status {status}")
        return 1000 * (end - start)

    def _read(self, pause: float, longest: float = _TIMEOUT) -> bool:
        """Take in output until none comes for a while; False where the program has ended."""
        deadline = perf_counter() + longest
        while select.select([self._fd], [], [], min(pause, max(deadline - perf_counter(), 0)))[0]:
            try:
                data = os.read(self._fd, 65536)
            except OSError:  # nobody holds the other end any more
                return False
            at = perf_counter()
            if not data:
                return False
            self.drawn += len(data)
            if _ASKED in data:
                os.write(self._fd, _ANSWER)
            memory = 0.0
            with suppress(OSError):
                memory = self.memory()
            self._unseen.append(Output(at, data, memory))
        return True

    def _draw(self, data: bytes):
        data = self._rest + data
        cut = found.start() if (found := _UNFINISHED.search(data)) else len(data)
        self._rest = data[cut:]
        self._stream.feed(_PRIVATE.sub(b"", data[:cut]))


def _cpu_clock(pid: int) -> int:
    """The clock of all processor time that a process takes, to the nanosecond."""
    clock = ctypes.c_int()
    if failed := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(failed, os.strerror(failed))
    return clock.value
