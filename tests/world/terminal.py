"""A command in a real pty, with a screen that can be read."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import time

import pexpect
import pyte

# pyte would print the tails of these: they ask a terminal what it can do.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*u|\x1b\[\?[0-9;]*\$p|\x1b\[>[0-9;]*[mq]|\x1b\[=[0-9;]*c")
_ALTERNATE = re.compile(rb"(\x1b\[\?1049[hl])")
_NAMED = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "backspace": "\x7f",
    **{f"ctrl+{letter}": chr(ord(letter) & 31) for letter in "abcdefghijklmnopqrstuvwxyz"},
}


class Terminal:
    """A running command; what it draws is kept as a screen of characters."""

    def __init__(self, argv, *, env, cwd, columns=120, rows=30):
        # pexpect splits a command that comes without arguments.
        command = argv[0] if argv[1:] else shlex.quote(argv[0])
        self._process = pexpect.spawn(
            command, argv[1:], env=env, cwd=str(cwd), dimensions=(rows, columns), timeout=10
        )
        self._process.delaybeforesend = None
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._behind: pyte.Screen | None = None
        self._rest = b""
        self.raw = b""
        self.pid = self._process.pid

    def keys(self, *keys: str):
        """Type: each a key's name (`enter`, `ctrl+c`) or text."""
        for key in keys:
            self._process.send(_NAMED.get(key, key))
            if key == "escape":
                time.sleep(0.3)  # else it and the next are alt and that key

    def line(self, text: str):
        """Type a line."""
        self.keys(text, "enter")

    def screen(self) -> str:
        """What is seen now, line by line."""
        self._read(0.01)
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def text(self) -> str:
        """Everything it ever wrote."""
        return self.raw.decode("utf-8", "replace").replace("\r\n", "\n")

    def until(self, wanted: str, timeout: float = 20) -> str:
        """Wait until a text, or a pattern given as `/…/`, is seen; the screen then."""
        found = _finder(wanted)
        return self._wait(found, timeout, f"{wanted!r} to appear")

    def until_gone(self, unwanted: str, timeout: float = 20) -> str:
        """Wait until a text is seen no more; the screen then."""
        found = _finder(unwanted)
        return self._wait(lambda screen: not found(screen), timeout, f"{unwanted!r} to go")

    def wait(self, timeout: float = 20) -> int:
        """Wait for its end: its exit status, 128+N where a signal ended it."""
        end = time.monotonic() + timeout
        while self._read(0.05) and time.monotonic() < end:
            pass
        if time.monotonic() >= end:
            raise AssertionError(f"it still runs after {timeout} s:\n{self.screen()}")
        self._process.close(force=True)
        if self._process.signalstatus:
            return 128 + self._process.signalstatus
        return self._process.exitstatus

    def resize(self, columns: int, rows: int):
        """Make the terminal another size."""
        self._process.setwinsize(rows, columns)
        for screen in filter(None, (self._screen, self._behind)):
            screen.resize(rows, columns)

    def signal(self, number: signal.Signals):
        """Send it a signal."""
        self._process.kill(number)

    def hang_up(self):
        """Take the terminal away, as a closed window does."""
        self._process.ptyproc.fileobj.close()
        self._process.ptyproc.closed = self._process.closed = True

    def ended(self, timeout: float) -> bool:
        """Whether it ends, without a look at its terminal."""
        end = time.monotonic() + timeout
        while os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def until_stopped(self, timeout: float = 20):
        """Wait until it stands still, as a shell does before it has it go on."""
        end = time.monotonic() + timeout
        while os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is None:
            self._read(0.05)
            assert time.monotonic() < end, f"it still runs after {timeout} s:\n{self.screen()}"

    def close(self):
        """End it, kindly first."""
        if self._process.closed:  # or at once, where no terminal is left to say it by
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            return
        self._process.close(force=True)

    def _wait(self, holds, timeout, what):
        end = time.monotonic() + timeout
        while True:
            screen = self.screen()
            if holds(screen):
                return screen
            alive = self._read(0.05)
            if time.monotonic() > end or not alive:
                screen = self.screen()
                if holds(screen):
                    return screen
                why = f"after {timeout} s" if alive else "and it ended"
                raise AssertionError(f"waited for {what}, {why}; seen:\n{screen}")

    def _read(self, seconds: float) -> bool:
        """Take in what it wrote; False once it ended."""
        try:
            while data := self._process.read_nonblocking(65536, timeout=seconds):
                self.raw += data
                self._feed(data)
                seconds = 0.005
        except pexpect.TIMEOUT:
            return True
        except (pexpect.EOF, ValueError):
            return False
        return True

    def _feed(self, data: bytes):
        data = self._rest + data
        # A sequence cut in two by the read waits for its other half.
        start = data.rfind(b"\x1b")
        whole = start < 0 or re.match(rb"\x1b(\[[0-9;:?<>=$]*[@-~]|[^\[])", data[start:])
        data, self._rest = (data, b"") if whole else (data[:start], data[start:])
        for part in _ALTERNATE.split(_UNKNOWN.sub(b"", data)):
            if _ALTERNATE.fullmatch(part):
                self._show(alternate=part.endswith(b"h"))
            else:
                self._stream.feed(part)

    def _show(self, *, alternate: bool):
        """The screen of full-screen programs, which pyte does not know, or the one behind it."""
        if alternate and self._behind is None:
            self._behind = self._screen
            self._screen = pyte.Screen(self._screen.columns, self._screen.lines)
        elif not alternate and self._behind is not None:
            self._screen, self._behind = self._behind, None
        self._stream = pyte.ByteStream(self._screen)


def _finder(wanted: str):
    if len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/"):
        pattern = re.compile(wanted[1:-1], re.MULTILINE)
        return lambda screen: pattern.search(screen) is not None
    return lambda screen: wanted in screen
