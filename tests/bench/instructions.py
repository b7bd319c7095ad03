"""Processor instructions of the commands, as ratios to `python -c pass`: a noisy machine's measure.

`python -m tests.bench.instructions` counts them with valgrind and fails where one takes a tenth
more than `instructions.json` has for this Python; `--record` writes that file.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.commands import Failed
from tests.bench.home import PYTHON, ROLECALL, Home
from tests.bench.of_commands import bare, cached_session

RECORD = Path(__file__).with_suffix(".json")
THIS_PYTHON = platform.python_version()
MORE = 1.10
"""What a ratio may be to the one on record."""
ROLES = 2000
_COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")


def available() -> bool:
    """Whether valgrind is there."""
    return shutil.which("valgrind") is not None


def ratios(folder: Path) -> dict[str, float]:
    """How many instructions each command takes, to Python's start and end.

    Raises:
        Failed: a command did not do what it was to do.
    """
    home = Home(folder / "home", ROLES, live=1)
    name = cached_session(home)
    commands = {
        "help": (ROLECALL, "--help"),
        "version": (ROLECALL, "--version"),
        "list": (ROLECALL, "list"),
        "list-json": (ROLECALL, "list", "--json"),
        "status": (ROLECALL, "status"),
        "complete": (ROLECALL, "__complete", "bash", "rolecall assume ", ""),
        "credential-process": (ROLECALL, "credential-process", name),
        "credential-process-bare": (*bare(), "credential-process", name),
    }
    nothing = _count(home, PYTHON, "-c", "pass")
    return {name: round(_count(home, *argv) / nothing, 3) for name, argv in commands.items()}


def recorded() -> dict[str, float]:
    """The ratios on record for this Python; empty where there are none."""
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return dict(known.get(THIS_PYTHON, {}))


def grown(now: dict[str, float], before: dict[str, float]) -> list[str]:
    """Those that take a tenth more than before, or that nothing is on record for."""
    return [name for name, ratio in now.items() if ratio > before.get(name, 0) * MORE]


def main() -> int:
    """Count, and compare or record."""
    said = argparse.ArgumentParser(prog="python -m tests.bench.instructions", description=__doc__)
    said.add_argument("--record", action="store_true", help="what is counted now is the measure")
    args = said.parse_args()
    if not available():
        print("valgrind is not there", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="rolecall-bench-") as folder:
        try:
            now = ratios(Path(folder))
        except Failed as error:
            print(error, file=sys.stderr)
            return 2
    before = recorded()
    if args.record:
        known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        RECORD.write_text(json.dumps(known | {THIS_PYTHON: now}, indent=1) + "\n")
        return 0
    over = grown(now, before)
    print(f"instructions, to python -c pass; {ROLES} roles")
    for name, ratio in now.items():
        was = before.get(name)
        change = f"{100 * (ratio / was - 1):+.1f} %" if was else "not on record"
        print(f"{name:24}  {ratio:6.2f}  {change:>13}  {'over' if name in over else 'ok'}")
    return 1 if over else 0


def _count(home: Home, *argv: str) -> int:
    """Instructions of a command's second run: the first one compiles and keeps."""
    watched = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    env = home.env | {"PYTHONHASHSEED": "0"}
    for command in (argv, (*watched, *argv)):
        done = subprocess.run(
            command, env=env, cwd=home.path, stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode:
            raise Failed(f"{' '.join(argv)}: {done.stderr.decode()[-300:]}")
    found = _COUNTED.search(done.stderr.decode())
    if found is None:
        raise Failed(f"valgrind counted nothing of {' '.join(argv)}")
    return int(found[1].replace(",", ""))


if __name__ == "__main__":
    sys.exit(main())
