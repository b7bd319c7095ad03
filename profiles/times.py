"""Durations and instants: the one place that reads and writes them.

Instants are seconds since 1970 (float or int), durations are whole seconds.
"""

from __future__ import annotations

import re
import time

from profiles.errors import UsageError

MINIMUM = 15 * 60
ROLE_MAXIMUM = 12 * 3600
TOKEN_MAXIMUM = 36 * 3600
CHAIN_MAXIMUM = 3600

_LAST = 253_402_300_799
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d+[dhms])+|\d+", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)


def duration(text: str, maximum: int = TOKEN_MAXIMUM, minimum: int = MINIMUM) -> int:
    """Seconds of a duration such as `1h`, `90m`, `1h30m` or `3600`.

    Raises:
        UsageError: not a duration, or outside `minimum` (15 minutes) to `maximum`.
    """
    said = text.strip().lower()
    if not _DURATION.fullmatch(said):
        raise UsageError(f"not a duration: {text!r}", "say it like 1h, 90m, 1h30m or 3600")
    if said.isdigit():
        seconds = int(said)
    else:
        seconds = sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([dhms])", said))
    if not minimum <= seconds <= maximum:
        raise UsageError(
            f"a session lasts from 15m to {words(maximum)}, not {text}",
            f"--duration takes 15m to {words(maximum)}",
        )
    return seconds


def words(seconds: float) -> str:
    """A duration for people, its two largest units: `59m 58s`, `2h 11m`, `12h`."""
    left = max(int(seconds), 0)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if size == 86400 and left < 2 * size:
            continue
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0s"


def typed(seconds: int) -> str:
    """A duration as a person types it, to the second: `1h30m`, `5405`."""
    text = words(seconds).replace(" ", "")
    return text if text[-1] != "s" and duration(text, seconds) == seconds else str(seconds)


def countdown(seconds: float) -> str:
    """What is left, as a clock: `41:07` under an hour, `2:11:40` over."""
    minutes, second = divmod(max(int(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def known(said: object) -> float | None:
    """A number of somebody else's as an instant; None where it is none between 1970 and 9999."""
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return None
    return float(said) if 0 <= said <= _LAST else None


def rfc3339(instant: float) -> str:
    """An instant in UTC and whole seconds: `2026-11-23T22:31:07Z` (RFC 3339)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_kept(instant)))


def _kept(instant: float) -> int:
    """Whole seconds that a clock can show, whatever a number from elsewhere was added to."""
    return int(max(0, min(instant, _LAST)))


def local_clock(instant: float) -> str:
    """The local wall clock at an instant: `22:31:07`."""
    return time.strftime("%H:%M:%S", time.localtime(_kept(instant)))


def instant(text: str) -> float | None:
    """The instant of an RFC 3339 or botocore time; None where it is none.

    botocore writes `2026-11-23T22:31:07UTC` into its caches; others write `+00:00` or `Z`.
    """
    found = _INSTANT.fullmatch(text.strip())
    if not found:
        return None
    import calendar

    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        seconds = calendar.timegm((year, month, day, hour, minute, second))
    except (ValueError, OverflowError):
        return None
    zone = found[7]
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        seconds += offset if zone[0] == "-" else -offset
    return float(seconds)
