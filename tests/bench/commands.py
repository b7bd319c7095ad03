"""How long a command takes from its start to its end."""

from __future__ import annotations

import subprocess
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.home import Home


class Failed(Exception):
    """What was measured did not do what it was to do."""


def milliseconds(home: Home, *argv: str, lines: int = 0) -> float:
    """Run a command to its end.

    Args:
        home: where.
        argv: the command.
        lines: how many it has to print at least; less means that something else was measured.
    """
    printed = home.path.with_suffix(".out")
    with printed.open("wb") as out:
        start = perf_counter()
        done = subprocess.Popen(
            argv,
            env=home.env,
            cwd=home.path,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        status = done.wait()
        end = perf_counter()
    text = printed.read_text(errors="replace")
    if status or text.count("\n") < lines:
        tail = "\n".join(text.splitlines()[-5:])
        raise Failed(f"{' '.join(argv)}: status {status}, {text.count(chr(10))} lines\n{tail}")
    return 1000 * (end - start)
