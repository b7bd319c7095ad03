"""Favourites, recents and answers: remembered, private, and never worth an error."""

from __future__ import annotations

import json
import os
import stat
import threading

import pytest

from profiles.files import state
from profiles.files.state import (
    State,
    load_state,
    private_write,
    record_answer,
    record_filter,
    record_use,
    save_favourite,
    toggle_favourite,
)


def test_nothing_is_remembered_at_first(machine):
    assert load_state(machine) == State()
    assert os.listdir(machine.home) == []


def test_a_favourite_is_made_and_unmade(machine):
    assert toggle_favourite(machine, "b")
    assert toggle_favourite(machine, "a")
    assert load_state(machine).favourites == ("b", "a")
    assert not toggle_favourite(machine, "b")
    assert load_state(machine).favourites == ("a",)


def test_a_favourite_is_said_to_be_one_however_often(machine):
    assert save_favourite(machine, "a", favourite=True).favourites == ("a",)
    assert save_favourite(machine, "a", favourite=True).favourites == ("a",)
    assert save_favourite(machine, "a", favourite=False).favourites == ()
    assert load_state(machine).favourites == ()


def test_uses_are_remembered_the_latest_first_and_capped(machine):
    for second in range(30):
        record_use(machine._replace(now=lambda second=second: float(second)), "a")
    assert load_state(machine).recents == {"a": [float(n) for n in range(29, 9, -1)]}


def test_the_role_used_last_comes_first_and_old_ones_are_forgotten(machine, monkeypatch):
    monkeypatch.setattr(state, "ROLES_KEPT", 3)
    for second, role in enumerate("abcad"):
        record_use(machine._replace(now=lambda second=second: float(second)), role)
    assert list(load_state(machine).recents) == ["d", "a", "c"]


def test_answers_are_suggested_again(machine):
    record_answer(machine, "prod", "ticket", "A-1")
    record_answer(machine, "prod", "team", "x")
    record_answer(machine, "prod", "ticket", "A-2")
    found = load_state(machine)
    assert found.suggestion("prod", "ticket") == "A-2"
    assert found.suggestion("prod", "team") == "x"
    assert found.suggestion("prod", "other") == found.suggestion("dev", "ticket") == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"\xff",
        b'{"favourites": 1, "recents": [], "answers": "x"}',
        b'{"favourites": [1, null], "recents": {"a": [true, "x"]}, "answers": {"a": {"b": 1}}}',
    ],
)
def test_a_broken_file_is_an_empty_one(machine, data):
    private_write(os.path.join(machine.state_folder, "state.json"), data)
    assert load_state(machine) == State()
    assert toggle_favourite(machine, "a")
    assert load_state(machine).favourites == ("a",)


def test_what_is_still_good_in_a_broken_file_is_kept(machine):
    said = {"favourites": ["a", 1], "recents": {"a": [1, "x", 3], "b": 1}}
    private_write(os.path.join(machine.state_folder, "state.json"), json.dumps(said).encode())
    assert load_state(machine) == State(("a",), {"a": [3.0, 1.0]}, {})


def test_a_folder_that_cannot_be_written_is_no_error(machine):
    os.makedirs(os.path.dirname(machine.state_folder))
    open(machine.state_folder, "w").close()
    assert toggle_favourite(machine, "a")
    record_use(machine, "a")
    assert load_state(machine) == State()


def test_it_is_private_whatever_the_umask(machine):
    before = os.umask(0)
    try:
        toggle_favourite(machine, "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(machine.state_folder).st_mode) == 0o700
    for name in os.listdir(machine.state_folder):
        mode = os.stat(os.path.join(machine.state_folder, name)).st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_changes_at_once_are_all_kept(machine):
    threads = [
        threading.Thread(target=toggle_favourite, args=(machine, f"r{n}")) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(load_state(machine).favourites) == {f"r{n}" for n in range(20)}


def test_a_private_write_replaces_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = str(tmp_path / "new" / "file")
    private_write(path, b"one")
    private_write(path, b"two")
    with open(path, "rb") as file:
        assert file.read() == b"two"

    def fails(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fails)
        with pytest.raises(OSError, match="No space"):
            private_write(path, b"three")
    assert os.listdir(tmp_path / "new") == ["file"]
    with open(path, "rb") as file:
        assert file.read() == b"two"


def test_what_is_used_often_and_lately_comes_first(machine):
    day = 24 * 3600.0
    for role, days in (("often", [20, 19, 18, 17]), ("lately", [29, 29.5]), ("once", [30])):
        for at in days:
            record_use(machine._replace(now=lambda at=at: at * day), role)
    known = load_state(machine)
    assert known.frequent(30 * day) == ["lately", "once", "often"]
    assert list(known.recents) == ["once", "lately", "often"]


def test_filters_are_remembered_once_each_the_latest_first(machine):
    for text in ("a", "b", "a", *map(str, range(40))):
        found = record_filter(machine, text)
    assert load_state(machine).filters == found.filters == tuple(map(str, range(39, 9, -1)))
    assert record_filter(machine, "20").filters[:2] == ("20", "39")
