"""The lock: a dead process's, another's, one that is no lock, a disk without locks, a set clock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import threading
import time

import filelock
import pytest

from profiles.errors import CredentialsFileBusy, CredentialsFileUnwritable
from profiles.files import credentials as writer
from profiles.files import process_profiles, state
from profiles.files.lock import locked
from profiles.files.process_profiles import ProcessProfile
from tests.storm import scene

OLD = b"[default]\naws_access_key_id = AKIAOLD\n"


@pytest.fixture
def lock(machine, credentials):
    credentials(OLD)
    return f"{machine.credentials_file}.lock"


def refused(machine, session, match):
    with pytest.raises(CredentialsFileUnwritable, match=match) as caught:
        writer.write(machine, session, wait=1)
    assert scene.bytes_of(machine.credentials_file) == OLD
    assert not scene.temporary_files(machine.home)
    return caught.value.hint


def test_what_a_killed_process_had_is_free(machine, session, lock):
    has, says = os.pipe()

    def holds():
        with locked(lock):
            os.write(says, b"!")
            time.sleep(60)

    process = scene.forked(holds)
    assert os.read(has, 1) == b"!"
    with pytest.raises(CredentialsFileBusy, match="another process is writing"):
        writer.write(machine, session, wait=0.05)
    os.kill(process, signal.SIGKILL)
    scene.status_of(process)
    assert writer.write(machine, session, wait=5).changed
    os.close(has)
    os.close(says)


@pytest.mark.parametrize("code", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_a_disk_without_locks_is_told_and_nothing_written(
    machine, session, lock, monkeypatch, code
):
    number = getattr(errno, code)

    def without(_handle, _how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", without)
    assert "no locks" in refused(machine, session, "cannot lock")
    with pytest.raises(CredentialsFileUnwritable, match="cannot lock"):
        process_profiles.write(machine, ProcessProfile("own", "r", "c", None))
    # What is remembered is worth no failure, and no file that stands for a lock is left.
    assert state.save_favourite(machine, "a", favourite=True).favourites == ("a",)
    monkeypatch.undo()
    assert writer.write(machine, session, wait=0).changed


def test_a_folder_in_the_locks_place_is_told(machine, session, lock):
    os.mkdir(lock)
    assert "remove it" in refused(machine, session, f"cannot lock {lock}: is a directory")


def test_a_link_in_the_locks_place_is_told_and_not_followed(machine, session, lock, tmp_path):
    os.symlink(tmp_path / "victim", lock)
    assert "remove it" in refused(machine, session, f"cannot lock {lock}")
    assert not (tmp_path / "victim").exists()


def test_a_lock_with_something_in_it_is_one_and_keeps_it(machine, session, lock):
    scene.put(lock, b"mine\n")
    assert writer.write(machine, session, wait=1).changed
    assert scene.bytes_of(lock) == b"mine\n"


@pytest.mark.skipif(os.getuid() == 0, reason="root opens everything")
def test_a_lock_that_may_not_be_opened_is_told(machine, session, lock):
    scene.put(lock, b"", 0o400)
    assert "remove it" in refused(machine, session, f"cannot lock {lock}: permission denied")


def test_a_lock_of_another_user_is_told(machine, session, lock, monkeypatch):
    real = os.open

    def of_another(path, flags, *args, **kwargs):
        if path == lock:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, flags, *args, **kwargs)

    scene.put(lock, b"")
    monkeypatch.setattr(os, "open", of_another)
    assert "another user's" in refused(machine, session, f"cannot lock {lock}: permission denied")


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_is_set_meanwhile_makes_no_wait_longer_or_shorter(
    machine, session, lock, monkeypatch, hours
):
    real = time.time
    begun = time.monotonic()
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600 * (time.monotonic() > begun))
    set_later = machine._replace(now=time.time)
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CredentialsFileBusy):
            writer.write(set_later, session, wait=0.3)
        assert 0.3 <= time.monotonic() - begun < 20
    assert writer.write(set_later, session, wait=0.3).changed


def test_a_lock_that_is_not_taken_back_hides_nothing_and_hangs_nobody(
    machine, session, lock, monkeypatch
):
    real = fcntl.flock

    def stuck(handle, how):
        if how == fcntl.LOCK_UN:
            raise OSError(errno.EIO, "Input/output error")
        return real(handle, how)

    monkeypatch.setattr(fcntl, "flock", stuck)
    assert writer.write(machine, session, wait=1).changed
    ended = []

    def again():
        with contextlib.suppress(CredentialsFileBusy):
            writer.write(machine, session._replace(profile="b"), wait=0.2)
        ended.append(True)

    thread = threading.Thread(target=again)
    thread.start()
    thread.join(20)
    assert ended


def test_threads_that_wait_for_each_other_wait_once(machine, session, lock):
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = []

        def tries():
            with pytest.raises(CredentialsFileBusy):
                writer.write(machine, session, wait=1)
            ended.append(time.monotonic())

        begun = time.monotonic()
        threads = [threading.Thread(target=tries) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(ended) == 4
    assert max(ended) - begun < 3.5  # four times the wait would be four seconds


def test_who_waits_looks_ever_more_seldom(lock, monkeypatch):
    looks = []
    real = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", lambda *args: looks.append(1) or real(*args))
    with open(lock, "w") as held:
        real(held, fcntl.LOCK_EX)
        with pytest.raises(filelock.Timeout), locked(lock, 1):
            pass
    assert 3 <= len(looks) < 40


def test_who_gives_up_is_asked_at_each_look(lock):
    answers = iter([False, False, True])
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(filelock.Timeout), locked(lock, given_up=lambda: next(answers)):
            pass
    with locked(lock, 0):
        assert os.path.getsize(lock) == 0
