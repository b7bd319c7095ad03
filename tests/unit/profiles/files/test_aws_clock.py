"""The clock that sessions end by, on a machine whose own may be off, set, asleep or new."""

import json
import os

import pytest

from profiles.files import aws_clock
from profiles.files.aws_clock import aws_now, clock_file, clock_offset, saw_offset
from profiles.machine import Machine

NOW = 1_900_000_000.0


class World:
    """A machine whose clock and time since its start are set by hand."""

    def __init__(self, path):
        self.time = NOW
        self.up = 5000.0
        self.machine = Machine({}, str(path), now=lambda: self.time)

    def passes(self, seconds):
        self.time += seconds
        self.up += seconds


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    monkeypatch.setattr(aws_clock, "_up", lambda: made.up)
    return made


def test_nothing_is_kept_of_a_clock_that_is_right(world):
    saw_offset(world.machine, 29.0)
    assert aws_now(world.machine) == NOW
    assert not os.path.exists(clock_file(world.machine))


@pytest.mark.parametrize("offset", [1800.0, -1800.0, 31.0])
def test_an_offset_is_applied_for_a_day(world, offset):
    saw_offset(world.machine, offset)
    assert aws_now(world.machine) == NOW + offset
    assert os.stat(clock_file(world.machine)).st_mode & 0o777 == 0o600
    world.passes(24 * 3600 - 1)
    assert clock_offset(world.machine) == offset
    world.passes(2)
    assert clock_offset(world.machine) == 0.0


def test_a_clock_that_was_set_since_is_believed(world):
    saw_offset(world.machine, 1800.0)
    world.passes(60)
    world.time += 1800
    assert clock_offset(world.machine) == 0.0


def test_a_machine_that_was_started_anew_is_believed(world):
    saw_offset(world.machine, 1800.0)
    world.time += 600
    world.up = 40.0
    assert clock_offset(world.machine) == 0.0
    world.passes(100_000)
    assert clock_offset(world.machine) == 0.0


def test_the_next_answer_counts(world):
    saw_offset(world.machine, 1800.0)
    saw_offset(world.machine, 900.0)
    assert clock_offset(world.machine) == 900.0
    saw_offset(world.machine, 1.0)
    assert clock_offset(world.machine) == 0.0
    assert not os.path.exists(clock_file(world.machine))


def test_the_same_again_writes_nothing(world):
    saw_offset(world.machine, 1800.0)
    before = os.stat(clock_file(world.machine)).st_ino
    saw_offset(world.machine, 1801.0)
    assert os.stat(clock_file(world.machine)).st_ino == before


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"at": NOW},
        {"at": NOW, "up": "5000", "offset": 60},
        {"at": 1, "up": 1, "offset": True},
    ],
)
def test_a_broken_file_is_none(world, said):
    os.makedirs(world.machine.state_folder)
    with open(clock_file(world.machine), "w") as file:
        json.dump(said, file)
    assert clock_offset(world.machine) == 0.0


def test_a_folder_that_cannot_be_written_is_no_error(world):
    os.makedirs(os.path.dirname(world.machine.state_folder))
    with open(world.machine.state_folder, "w"):
        pass
    saw_offset(world.machine, 1800.0)
    assert aws_now(world.machine) == NOW


def test_without_a_time_since_the_start_nothing_is_kept(world, monkeypatch):
    monkeypatch.setattr(aws_clock, "_up", lambda: None)
    saw_offset(world.machine, 1800.0)
    assert clock_offset(world.machine) == 0.0
