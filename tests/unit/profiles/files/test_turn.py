"""Turns at a sign-in: one at a time, the others know what is shown and until when."""

import json
import os
import threading
import time

import pytest

from profiles.errors import Cancelled
from profiles.files.turn import WITHOUT_NOTICE, turn
from profiles.machine import Machine


@pytest.fixture
def here(tmp_path):
    return Machine(env={}, home=str(tmp_path))


def has_turn(machine, go, waiting=lambda _: None):
    """Starts a thread that has the turn until `go`; what the next one has missed."""
    has = threading.Event()

    def run():
        with turn(machine, "k", waiting) as mine:
            mine.announce("https://page", "CODE", machine.now() + 600)
            has.set()
            go.wait(20)

    thread = threading.Thread(target=run)
    thread.start()
    assert has.wait(20)
    return thread


def test_it_is_one_at_a_time_and_who_waits_sees_what_is_shown(here):
    go, seen = threading.Event(), []
    thread = has_turn(here, go)

    def waiting(notice):
        seen.append(notice)
        go.set()

    with turn(here, "k", waiting) as mine:
        assert not thread.is_alive() or thread.join(20) is None
        assert mine.missed == seen[0]
    url, code, until, ours = seen[0]
    assert (url, code, ours) == ("https://page", "CODE", True)
    assert until > time.time() + 500


def test_who_comes_after_missed_nothing(here):
    go = threading.Event()
    go.set()
    has_turn(here, go).join(20)
    with turn(here, "k", lambda _: None) as mine:
        assert mine.missed is None


def test_other_names_are_other_turns(here):
    with turn(here, "k", None), turn(here, "l", None):
        pass


def test_who_gives_up_waiting_leaves_the_turn_alone(here):
    go = threading.Event()
    thread = has_turn(here, go)
    with pytest.raises(Cancelled), turn(here, "k", fails):
        pass
    with pytest.raises(TimeoutError), turn(here, "k", None):  # a sign-in is not waited for
        pass
    go.set()
    thread.join(20)


def fails(notice):
    raise Cancelled("stopped")


def test_a_turn_that_shows_nothing_is_waited_for_a_minute(here):
    ahead = here._replace(now=lambda: time.time() + (WITHOUT_NOTICE + 1) * jumped.is_set())
    jumped, go, has = threading.Event(), threading.Event(), threading.Event()

    def silent():
        with turn(here, "k", None):
            has.set()
            go.wait(20)

    thread = threading.Thread(target=silent)
    thread.start()
    has.wait(20)
    with pytest.raises(TimeoutError), turn(ahead, "k", lambda _: jumped.set()):
        pass
    go.set()
    thread.join(20)


def test_what_a_killed_one_left_is_nobodys_notice(here):
    folder = os.path.join(here.state_folder, "turns")
    os.makedirs(folder)
    with open(os.path.join(folder, "k.json"), "w") as file:
        json.dump({"url": "u", "code": None, "until": here.now() + 600, "process": 1}, file)
    with turn(here, "k", None) as mine:
        assert mine.seen() is None
        assert mine.missed is None


def test_without_a_place_for_it_all_have_the_turn(here):
    os.makedirs(os.path.dirname(here.state_folder))
    with open(here.state_folder, "w"):
        pass
    with turn(here, "k", None) as one, turn(here, "k", None):
        one.announce("u", None, here.now())
