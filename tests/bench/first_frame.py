"""What the first frame's time goes into: `python -m tests.bench.first_frame`.

The picker runs in a pseudo-terminal, with a clock at each step; the same steps of Textual's hello
stand beside. Times are medians, in ms since the process was started.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.contest import MANY
from tests.bench.home import BASELINES, PYTHON, Home
from tests.bench.terminal import Terminal

STEPS = {
    "python": "Python is up",
    "textual": "Textual is imported",
    "ours": "our modules are imported",
    "files": "the files are read and split",
    "app": "the app is made: accounts, rows",
    "mounted": "Textual runs, style sheets are read, widgets are mounted",
    "frame": "the first frame is written",
}
# Set around the program's own start; `start` is when the parent started it, by the same clock.
_CLOCK = """
import json, os, sys, time
start = float(os.environ.pop("BENCH_START"))
at = {"python": time.perf_counter() - start}
def mark(name):
    at.setdefault(name, time.perf_counter() - start)
def marked(owner, method, name):
    whole = getattr(owner, method)
    def call(*args, **options):
        try:
            return whole(*args, **options)
        finally:
            mark(name)
    setattr(owner, method, call)
import textual.app, textual.widgets
from textual.drivers.linux_driver import LinuxDriver
mark("textual")
marked(textual.app.App, "_on_mount", "mounted") if hasattr(textual.app.App, "_on_mount") else None
written = LinuxDriver.write
def write(self, data):
    written(self, data)
    if FRAME in data:
        mark("frame")
        with open(os.environ["BENCH_OUT"], "w") as file:
            json.dump(at, file)
LinuxDriver.write = write
"""
_OURS = """
FRAME = "filter"
import tui.app, tui.commands.run, profiles.catalogue.catalogue as catalogue
mark("ours")
load = catalogue.read_aws_files
def read(*args, **options):
    found = load(*args, **options)
    mark("files")
    return found
catalogue.read_aws_files = read
from textual.screen import Screen
marked(tui.app.RolecallApp, "__init__", "app")
marked(Screen, "_on_mount", "mounted") if hasattr(Screen, "_on_mount") else None
sys.argv = ["rolecall"]
import tui.__main__
sys.exit(tui.__main__.main())
"""
_HELLO = """
FRAME = "hello"
import runpy
from textual.screen import Screen
runpy.run_path({hello!r}, run_name="__main__")
"""


def main() -> int:
    """Measure, and print the steps."""
    said = argparse.ArgumentParser(prog="python -m tests.bench.first_frame", description=__doc__)
    said.add_argument("--runs", type=int, default=9, metavar="N", help="of each (9)")
    args = said.parse_args()
    hello = _CLOCK + _HELLO.format(hello=str(BASELINES / "hello.py"))
    with tempfile.TemporaryDirectory(prefix="rolecall-bench-") as folder:
        home = Home(Path(folder) / "home", MANY)
        found = {"hello": [], "ours": []}
        for turn in range(args.runs + 1):
            both = (("hello", hello), ("ours", _CLOCK + _OURS))
            for name, code in both if turn % 2 else reversed(both):
                steps = _run(home, code, "hello" if name == "hello" else "filter")
                if turn:
                    found[name].append(steps)
    print(f"| until | hello | {MANY:,} roles | of it, this step |")
    print("|---|---|---|---|")
    before = 0.0
    for step, what in STEPS.items():
        theirs, ours = (_median(found[name], step) for name in ("hello", "ours"))
        step_took = "" if ours is None else f"{ours - before:.0f} ms"
        before = before if ours is None else ours
        print(f"| {what} | {_ms(theirs)} | {_ms(ours)} | {step_took} |")
    return 0


def _run(home: Home, code: str, wanted: str) -> dict[str, float]:
    import time

    out = home.path / "steps.json"
    out.unlink(missing_ok=True)
    env = home.env | {"BENCH_OUT": str(out), "BENCH_START": str(time.perf_counter())}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    with Terminal([PYTHON, "-c", code], env, str(home.path)) as terminal:
        terminal.until(wanted)
        terminal.rest()
        terminal.quit("q")
    return json.loads(out.read_text())


def _median(runs: list[dict[str, float]], step: str) -> float | None:
    values = [1000 * run[step] for run in runs if step in run]
    return median(values) if values else None


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
