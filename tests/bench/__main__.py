"""Print the speed table: `python -m tests.bench`, with the interpreter of the project's venv."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import of_commands, of_sessions, of_the_picker
from tests.bench.commands import Failed
from tests.bench.sts_stand_in import sts_stand_in
from tests.bench.table import table

if TYPE_CHECKING:
    from tests.bench.contest import Contest
    from tests.bench.sts_stand_in import StsStandIn


def parser(names: list[str]) -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="rolecall's speed, as ratios of medians to a baseline that runs in turn with "
        "it. A row over a bound that is held gets up to four times as many runs, and all count; "
        "the exit status is 1 where it stays over, 2 where something did not run.",
    )
    made.add_argument("--runs", type=_at_least_one, default=5, metavar="N", help="of each side (5)")
    made.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    made.add_argument("--json", action="store_true", help="print JSON, with every run's figures")
    return made


def contests(folder: Path, sts: StsStandIn) -> list[Contest]:
    """All of them; their homes are in the folder."""
    return [
        *of_commands.contests(folder),
        *of_the_picker.contests(folder, sts),
        *of_sessions.contests(folder, sts),
    ]


def main() -> int:
    """Measure what was asked for."""
    with tempfile.TemporaryDirectory(prefix="rolecall-bench-") as folder, sts_stand_in() as sts:
        found = contests(Path(folder), sts)
        names = [row.name for contest in found for row in contest.rows]
        args = parser(names).parse_args()
        wanted = set(args.only)
        results, ran = [], True
        for contest in found:
            asked = [row.what for row in contest.rows if row.name in wanted]
            if not asked:
                continue
            print(f"measuring: {', '.join(asked)}", file=sys.stderr)
            try:
                results += contest.results(args.runs, wanted)
            except Failed as error:
                print(error, file=sys.stderr)
                ran = False
    if args.json:
        print(json.dumps([result.as_json() for result in results], indent=1))
    else:
        print(table(results))
    if not ran:
        return 2
    return 1 if any(result.fails for result in results) else 0


def _at_least_one(said: str) -> int:
    runs = int(said)
    if runs < 1:
        raise argparse.ArgumentTypeError("at least one run")
    return runs


if __name__ == "__main__":
    sys.exit(main())
