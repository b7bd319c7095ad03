"""The whole storm: `python -m tests.storm`, with the interpreter of the project's venv.

Its exit status is 1 where something broke. A seed makes the same chances again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.storm import STORMS


def main() -> int:
    """Run what was asked for."""
    names = [storm.name for storm in STORMS]
    said = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    said.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    said.add_argument("--few", action="store_true", help="as often as `scripts/test` does")
    said.add_argument("--seed", default="storm", metavar="TEXT", help="what chance starts from")
    args = said.parse_args()
    broke = []
    begun = time.monotonic()
    for storm in STORMS:
        if storm.name not in args.only:
            continue
        print(f"{storm.name}: {storm.what}", flush=True)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="rolecall-storm-") as folder:
            try:
                figures = storm.run(Path(folder), storm.few if args.few else storm.many, args.seed)
            except Exception:  # noqa: BLE001 - whatever broke, the others are still told
                traceback.print_exc()
                broke.append(storm.name)
                figures = "BROKE"
        print(f"    {figures} ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(args.only)} storms in {time.monotonic() - begun:.0f} s")
    if broke:
        print(f"broke: {', '.join(broke)}")
        return 1
    print("all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
