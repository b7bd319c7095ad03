"""What tries to break rolecall: all of it by `python -m tests.storm`, a share in `scripts/test`.

Each `of_*.py` has its `STORMS`; a new one is a line here.
"""

from tests.storm import of_calls, of_changes, of_disks, of_keys, of_kills, of_writers

STORMS = [
    *of_keys.STORMS,
    *of_kills.STORMS,
    *of_calls.STORMS,
    *of_disks.STORMS,
    *of_changes.STORMS,
    *of_writers.STORMS,
]
