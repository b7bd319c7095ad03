"""The log that the picker keeps, and the report that a defect leaves."""

import os
import stat
from pathlib import Path

import pytest

from profiles.machine import Machine
from tui.log import MOST, Log
from tui.report import keep_report, place_of

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def test_lines_are_kept_with_their_time_and_without_secrets_or_escapes():
    log = Log(lambda: 7.0)
    log(f"key AKIAIOSFODNN7EXAMPLE and {SECRET} \x1b[31mred")
    (entry,) = log.entries
    assert entry == (7.0, "key AKIA…MPLE and … ?[31mred")


def test_old_lines_make_room_for_new_ones():
    log = Log(lambda: 0.0)
    for number in range(MOST + 5):
        log(str(number))
    assert (len(log.entries), log.entries[0].text, log.count) == (MOST, "5", MOST + 5)


def _defect():
    def inner(secret):
        raise KeyError(secret)

    try:
        try:
            inner(SECRET)
        except KeyError as error:
            raise ExceptionGroup(SECRET, [ValueError(SECRET)]) from error
    except ExceptionGroup as error:
        return error


def test_a_report_has_places_and_kinds_and_is_private(tmp_path):
    machine = Machine({}, str(tmp_path), now=lambda: 0.0)
    path = keep_report(machine, _defect())
    text = Path(path).read_text()
    assert path.startswith(machine.state_folder)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert SECRET not in text
    assert str(tmp_path) not in text
    assert os.path.expanduser("~") + "/" not in text
    kinds = [line for line in text.splitlines()[3:] if not line.startswith(" ")]
    assert kinds == ["KeyError", "which led to", "ExceptionGroup", "of which", "ValueError"]
    assert text.count("tests/unit/tui/test_log.py:") == 3


def test_a_report_that_cannot_be_kept_is_none(tmp_path):
    (tmp_path / ".local").write_text("no folder")
    assert keep_report(Machine({}, str(tmp_path)), _defect()) is None


def test_the_place_of_an_error_is_the_innermost_of_ours():
    with pytest.raises(TypeError) as raised:
        Log(None)("x")
    assert place_of(raised.value).startswith("tui/log.py:")
