"""A port for what has to be told its port before it listens."""

from __future__ import annotations

import itertools
import os
import socket

import pytest

# Below what the kernel gives away by itself; far from those of other workers and runs.
_FIRST, _LAST = 12_000, 30_000
_next = itertools.count(os.getpid() * 37)


@pytest.fixture
def port():
    """Nobody listens there now, and nobody else is told of it."""
    for number in _next:
        tried = _FIRST + number % (_LAST - _FIRST)
        with socket.socket() as listening:
            try:
                listening.bind(("127.0.0.1", tried))
            except OSError:
                continue
            return tried
    raise AssertionError
