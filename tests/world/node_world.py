"""Real identity providers and the AWS SDK for JavaScript, in a Node of the tests' own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"
NODE = Path(sys.executable).parent / "node"


class NodeWorld:
    """Runs scripts of `tests/world/node`."""

    def __init__(self, logs: Path):
        self._logs = logs
        self._running: list[subprocess.Popen] = []

    def run(self, script: str, *args: str, env, timeout=60) -> subprocess.CompletedProcess:
        """Run a script to its end."""
        return subprocess.run(
            [NODE, FOLDER / script, *args],
            env=dict(env),
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def start(self, script: str, *args: str, env) -> str:
        """Start a server; the first line it prints, once it does."""
        log = (self._logs / f"{Path(script).stem}.log").open("w")
        process = subprocess.Popen(
            [NODE, FOLDER / script, *args],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        self._running.append(process)
        line = process.stdout.readline().strip()
        assert line, f"{script} did not start: {Path(log.name).read_text()}"
        return line

    def close(self):
        for process in self._running:
            process.terminate()
            process.wait(10)
            process.stdout.close()


@pytest.fixture
def node(tmp_path):
    """Node, and what `scripts/setup` installed for it."""
    if not NODE.exists() or not (FOLDER / "node_modules").is_dir():
        pytest.skip("npm could not install tests/world/node")
    world = NodeWorld(tmp_path)
    yield world
    world.close()
