from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import times
from profiles.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("1h", 3600), ("1h30m", 5400), ("3600", 3600), ("36h", 129600), (" 2H ", 7200)],
)
def test_a_duration_is_read(text, seconds):
    assert times.duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "-1h", "1.5h", "14m", "37h", "1h 30m", "h", "１h", "1e9", "9" * 30]
)
def test_what_is_no_duration_or_out_of_range_is_a_usage_error(text):
    with pytest.raises(UsageError):
        times.duration(text)


@pytest.mark.parametrize(
    ("seconds", "words", "clock"),
    [
        (3598, "59m 58s", "59:58"),
        (0, "0s", "0:00"),
        (-5, "0s", "0:00"),
        (7900, "2h 11m", "2:11:40"),
        (3600, "1h", "1:00:00"),
        (43200, "12h", "12:00:00"),
        (3601, "1h", "1:00:01"),
        (129600, "36h", "36:00:00"),
        (200000, "2d 7h", "55:33:20"),
    ],
)
def test_time_left_is_said_in_words_and_as_a_clock(seconds, words, clock):
    assert times.words(seconds) == words
    assert times.countdown(seconds) == clock


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T22:31:07Z",
        "2026-11-23T22:31:07UTC",
        "2026-11-23T22:31:07+00:00",
        "2026-11-23T23:31:07+01:00",
        "2026-11-23T17:31:07-0500",
        "2026-11-23 22:31:07",
        "2026-11-23T22:31:07.123456Z",
    ],
)
def test_every_way_of_writing_an_instant_is_read(text):
    assert times.instant(text) == datetime(2026, 11, 23, 22, 31, 7, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-11-23T22:31", "x" * 1000])
def test_what_is_no_instant_is_none(text):
    assert times.instant(text) is None


@given(st.integers(0, 4_000_000_000))
def test_an_instant_written_is_read_again(seconds):
    assert times.instant(times.rfc3339(seconds)) == seconds
