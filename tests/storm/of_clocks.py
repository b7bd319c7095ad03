"""Machines whose clock is off: refusals explained, sessions counted by AWS's clock."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING

from tests.storm import bad_network as bad
from tests.storm.bad_network import BadNetwork
from tests.storm.of_network import error_of, files_of, home_with
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world.home import Home

_NEAR = 20
"""Seconds that a count may be off, on a machine that is busy."""


def clocks(folder: Path, count: int, seed: str) -> str:
    """So many machines, each with a clock off by chance, minutes or hours, either way."""
    chance = random.Random(seed)
    for number in range(count):
        side = chance.choice([-1, 1])
        _little(folder / f"little{number}", side * chance.randrange(60, 290))
        _much(folder / f"much{number}", side * chance.choice([1800, chance.randrange(400, 3000)]))
    return f"{2 * count} clocks off by 1 to 50 minutes"


def _little(folder: Path, skew: int):
    """What AWS still takes: sessions are had, and counted right from the first on."""
    with BadNetwork(bad.well) as aws:
        aws.skew = skew
        home = home_with(folder, aws.url)
        done = home.rolecall("assume", "reader", "--json")
        assert done.status == 0, done
        assert _is_near(json.loads(done.stdout)["seconds_left"], 3600), (skew, done)
        _counts(home, 3600)
        done = home.rolecall("credential-process", "reader")
        assert done.status == 0, done
        assert len(aws.calls) == 1
        # As soon as the clock is right again nothing of it is left.
        aws.skew = 0.0
        home.rolecall("renew", "reader")
        _counts(home, 3600)
        assert not list(folder.rglob("clock.json"))


def _much(folder: Path, skew: int):
    """What AWS refuses: it says why, and what is in the cache is used for as long as it lasts."""
    with BadNetwork(bad.well) as aws:
        home = home_with(folder, aws.url)
        assert home.rolecall("assume", "reader").status == 0
        before = files_of(home)
        aws.skew = skew
        error = error_of(home.rolecall("renew", "reader", "--json"))
        assert error["code"] == "clock-skew", error
        assert ("behind" if skew > 0 else "ahead of") in error["summary"], error
        said = re.search(r"it is (?:(\d+)m)?\s?(?:(\d+)s)? ", error["summary"])
        assert said, error
        assert _is_near(int(said[1] or 0) * 60 + int(said[2] or 0), abs(skew)), error
        assert "set it" in error["hint"]
        assert files_of(home) == before
        _counts(home, 3600 - skew)
        done = home.rolecall("exec", "reader", "--", "true")
        assert done.status == 0, done
        # By AWS's clock it is over now, whatever this machine's says.
        aws.skew = 3600 + 60
        error_of(home.rolecall("renew", "reader", "--json"))
        done = home.rolecall("exec", "reader", "--json", "--", "true")
        assert error_of(done)["code"] == "clock-skew", done


def _counts(home: Home, seconds: int):
    """Have what asks nothing of AWS count so many seconds."""
    (status,) = json.loads(home.rolecall("status", "--json").stdout)
    assert _is_near(status["seconds_left"], seconds), (status, seconds)
    rows = json.loads(home.rolecall("list", "--json").stdout)
    (session,) = [row["session"] for row in rows if row["session"]]
    assert _is_near(session["seconds_left"], seconds), (session, seconds)


def _is_near(found: int, wanted: int) -> bool:
    return abs(found - wanted) <= _NEAR


STORMS = [
    Storm("clocks", "clocks off by minutes and hours: explained, and counted right", 12, 1, clocks),
]
