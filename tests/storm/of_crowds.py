"""The endpoint of `serve` kept busy: others are served all the same."""

from __future__ import annotations

import contextlib
import random
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.storm.endpoint import served
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from pathlib import Path

_SERVED_WITHIN = 3.0
"""Seconds in which the right client has its answer while others attack: one, and a busy machine."""


def slow(folder: Path, count: int, seed: str) -> str:
    """So many connections that never come to an end, a byte now and then; others are served."""
    chance = random.Random(seed)
    with served(folder) as endpoint, contextlib.ExitStack() as held:
        head = endpoint.head(more=["X: " + "y" * 200])
        over = threading.Event()
        waiting = []
        for _ in range(count):
            connection = held.enter_context(endpoint.connection())
            connection.sendall(head[: chance.randrange(len(head) - 10)])
            waiting.append(connection)

        def drip():
            while not over.wait(0.3):
                for connection in waiting:
                    with contextlib.suppress(OSError):
                        connection.sendall(b"y")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            took = [endpoint.serves() for _ in range(20)]
        finally:
            over.set()
            dripping.join()
    assert max(took) < _SERVED_WITHIN, took
    return f"{count} slow ones held; 20 others served, the slowest in {max(took):.2f} s"


def crowds(folder: Path, count: int, seed: str) -> str:
    """So many connections at once, more than it may have files, silent or asking."""
    del seed
    _more_files()
    some = _crowd(folder / "some", count, files=256)
    return f"{some}; {_crowd(folder / 'few', count // 4, files=64)}"


def _crowd(folder: Path, count: int, *, files: int) -> str:
    folder.mkdir()
    with served(folder, files=files) as endpoint, contextlib.ExitStack() as held:
        for number in range(count):
            try:
                connection = endpoint.connection(2)
            except (TimeoutError, ConnectionError):
                continue  # its queue is full: whoever comes next is served all the same
            held.enter_context(connection)
            if number % 3 == 0:
                with contextlib.suppress(OSError):
                    connection.sendall(endpoint.head()[:30])
        took = [endpoint.serves() for _ in range(10)]
        with ThreadPoolExecutor(50) as pool:
            at_once = list(pool.map(lambda _: endpoint.serves(), range(count // 4)))
    assert max(took) < _SERVED_WITHIN, took
    return (
        f"{count} held at once before {files} files; 10 served, the slowest in {max(took):.2f} s, "
        f"then {len(at_once)} at once, the slowest in {max(at_once):.2f} s"
    )


def _more_files():
    """Let this process hold the connections of a crowd."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


STORMS = [
    Storm("slow", "connections at the endpoint that never end", 500, 150, slow),
    Storm("crowds", "connections at once at the endpoint, more than its files", 1_000, 300, crowds),
]
