"""Fifty writers at once lose nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from profiles.files import credentials as writer
from profiles.files.credentials import owned

WRITERS = 50
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(writer.__file__)))

CHILD = """
import sys
import filelock
from profiles.files import credentials
from profiles.machine import Machine

number = int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
section = credentials.SessionSection(
    f"p{number}", f"r{number}", f"ASIA{number:016}", "s", "t", None, None, 1795000000.0
)
credentials.write(Machine(env={}, home=sys.argv[1]), section, wait=60)
"""


def test_fifty_processes_lose_nothing(machine, credentials):
    before = b"[default]\r\naws_access_key_id = AKIA\r\n# end"
    credentials(before)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, machine.home, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        for number in range(WRITERS)
    ]
    for child in children:
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        child.stdin.write(b"go\n")
        child.stdin.close()
    for child in children:
        assert child.wait(timeout=100) == 0
        child.stdout.close()
    assert set(owned(machine)) == {f"p{number}" for number in range(WRITERS)}
    assert credentials().startswith(before)
    names = [f"p{number}" for number in range(WRITERS)]
    assert set(writer.remove(machine, names).profiles) == set(names)
    assert credentials() == before


def test_fifty_threads_lose_nothing(machine, session, credentials):
    before = b"[default]\naws_access_key_id = AKIA\n"
    credentials(before)
    sections = [session._replace(profile=f"p{number}") for number in range(WRITERS)]
    threads = [
        threading.Thread(target=writer.write, args=(machine, section), kwargs={"wait": 60})
        for section in sections
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owned(machine)) == WRITERS
    writer.remove(machine, [section.profile for section in sections])
    assert credentials() == before


def test_writers_and_removers_at_once_lose_nothing(machine, session, credentials):
    before = b"[default]\naws_access_key_id = AKIA"
    credentials(before)
    for number in range(0, 20, 2):
        writer.write(machine, session._replace(profile=f"p{number}"))

    def act(number):
        if number % 2:
            writer.write(machine, session._replace(profile=f"p{number}"), wait=60)
        else:
            writer.remove(machine, [f"p{number}"], wait=60)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(owned(machine)) == {f"p{number}" for number in range(1, 20, 2)}
    writer.remove(machine, [f"p{number}" for number in range(20)])
    assert credentials() == before
