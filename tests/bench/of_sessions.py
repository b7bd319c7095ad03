"""Commands that get sessions, against the bare calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.commands import Failed, milliseconds
from tests.bench.contest import MANY, Contest, Figures
from tests.bench.home import BASELINES, PYTHON, ROLECALL, Home
from tests.bench.table import Row

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.sts_stand_in import StsStandIn

_RENEWED, _ROUND_TRIP = 50, 0.05


def contests(folder: Path, sts: StsStandIn) -> list[Contest]:
    """Measured among 10,000 roles, 50 of which have a session."""
    sessions = _Sessions(Home(folder / "sessions", MANY, sts=sts.url, live=_RENEWED), sts)
    what = "50 renewals, 50 ms away"
    return [
        Contest(
            "signed request",
            sessions.bare,
            sessions.assumed,
            (Row("assume", "assume among 10,000", bound=12, held=True),),
        ),
        Contest(
            "a renewal",
            lambda: sessions.renewed(1),
            lambda: sessions.renewed(_RENEWED),
            (Row("renew", what, bound=0.2, held=True, times=_RENEWED),),
        ),
        Contest(
            f"{_RENEWED} requests in turn",
            lambda: sessions.bare(_RENEWED, _ROUND_TRIP),
            lambda: sessions.renewed(_RENEWED),
            (Row("renew-in-turn", what, bound=0.2, held=True),),
        ),
    ]


class _Sessions:
    def __init__(self, home: Home, sts: StsStandIn):
        self._home = home
        self._sts = sts

    def bare(self, times: int = 1, round_trip: float = 0) -> Figures:
        """Calls in turn, without rolecall and the SDK."""
        role_arn = next(iter(self._home.folder.plain.values()))
        script = str(BASELINES / "signed_request.py")
        argv = [PYTHON, script, self._sts.url, role_arn, *self._home.folder.keys, str(times)]
        return self._calling(times, round_trip, *argv)

    def assumed(self) -> Figures:
        """A role in the middle of the file."""
        names = list(self._home.folder.plain)
        self._home.restore()
        return self._calling(1, 0, ROLECALL, "assume", names[len(names) // 2], "--fresh")

    def renewed(self, times: int) -> Figures:
        """One session, or all of them, by one command."""
        self._home.restore()
        which = "--all" if times > 1 else next(iter(self._home.folder.plain))
        return self._calling(times, _ROUND_TRIP, ROLECALL, "renew", which, "--fresh")

    def _calling(self, calls: int, round_trip: float, *argv: str) -> Figures:
        """Run what has to call STS so many times."""
        before, self._sts.round_trip = self._sts.calls, round_trip
        took = milliseconds(self._home, *argv)
        if (made := self._sts.calls - before) != calls:
            raise Failed(f"{' '.join(argv)}: {made} calls, not {calls}")
        return {"ms": took}
