"""Killed at any instant, the credentials file is the old one or the new one, whole."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

import pytest

from profiles.files import credentials as writer

KILLS = 200
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(writer.__file__)))

# Writes for as long as it lives, two sessions by turns, and says so before each write.
CHILD = """
import os, sys
import filelock
from profiles.files import credentials, transaction
from profiles.machine import Machine

machine = Machine(env={}, home=sys.argv[1])
sections = [
    credentials.SessionSection(
        "prod-session", "prod", f"ASIA{letter * 16}", letter * 40, letter * 400, "eu-west-1",
        "123456789012", 1795000000.0,
    )
    for letter in "AB"
]
os.write(1, b"ready\\n")
sys.stdin.readline()
while True:
    for section in sections:
        os.write(1, b".")
        credentials.write(machine, section)
"""

OTHERS = b"".join(b"[p%d]\naws_access_key_id = AKIA%d\n\n" % (n, n) for n in range(300))


def start(machine):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, machine.home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        cwd=ROOT,
    )


def stop(child):
    child.stdin.close()
    child.stdout.close()
    child.wait()


@pytest.mark.timeout(170)
def test_two_hundred_kills_leave_a_whole_file_and_a_free_lock(machine, session, credentials):
    credentials(OTHERS)
    a = session._replace(
        access_key_id="ASIA" + "A" * 16,
        secret_access_key="A" * 40,
        session_token="A" * 400,
        expires_at=1795000000.0,
    )
    b = a._replace(
        access_key_id="ASIA" + "B" * 16, secret_access_key="B" * 40, session_token="B" * 400
    )
    writer.write(machine, a)
    with_a = credentials()
    writer.write(machine, b)
    with_b = credentials()
    started = time.perf_counter()
    writer.write(machine, a)
    one_write = time.perf_counter() - started
    seen, left_over = set(), 0
    folder = os.path.dirname(machine.credentials_file)
    child = start(machine)
    for kill in range(KILLS):
        # The next one starts meanwhile, and waits for its word.
        following = start(machine) if kill + 1 < KILLS else None
        assert child.stdout.read(6) == b"ready\n"
        child.stdin.write(b"go\n")
        select.select([child.stdout], [], [])
        # From the first instant of a write to beyond the end of one.
        time.sleep(one_write * 3 * kill / KILLS)
        child.send_signal(signal.SIGKILL)
        stop(child)
        found = credentials()
        assert found in {with_a, with_b}
        seen.add(found)
        left_over += any(name.endswith(".tmp") for name in os.listdir(folder))
        child = following
    # Else no kill hit a write, and this test has shown nothing.
    assert left_over
    assert seen == {with_a, with_b}
    writer.write(machine, session, wait=1)
    assert credentials().startswith(OTHERS)
    assert sorted(os.listdir(folder)) == ["credentials", "credentials.lock"]
    writer.remove(machine, [session.profile], wait=1)
    assert credentials() == OTHERS
