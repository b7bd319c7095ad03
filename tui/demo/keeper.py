"""The process that is the emulated AWS; it ends with the one that started it.

Run as `python -m tui.demo.keeper SOCKET FOLDER`. Its standard input is a pipe from the starter,
which closes when the starter ends, however it ends. Then the keeper hangs up on the children it
was told of (`watch PID`, taken back with `leave PID`), removes FOLDER and is gone: so even a
starter that was killed leaves neither a process nor a file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
from typing import TextIO


def main() -> None:
    """Serve until standard input ends."""
    listening, folder = int(sys.argv[1]), sys.argv[2]
    # A terminal's ctrl+c is for the starter, which ends this process by the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _end(folder, ()))
    threading.Thread(target=_watch, args=(sys.stdin, folder), daemon=True).start()
    _serve(listening)


def _watch(starter: TextIO, folder: str) -> None:
    children: set[int] = set()
    for line in starter:
        word, _, pid = line.strip().partition(" ")
        if word == "watch":
            children.add(int(pid))
        elif word == "leave":
            children.discard(int(pid))
    _end(folder, children)


def _end(folder: str, children: set[int] | tuple[()]) -> None:
    for pid in children:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGHUP)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _serve(listening: int) -> None:
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    config = Config()
    config.bind = [f"fd://{listening}"]
    config.loglevel = "CRITICAL"
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
