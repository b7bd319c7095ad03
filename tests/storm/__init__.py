"""What tries to break rolecall: all of it by `python -m tests.storm`, a share in `scripts/test`.

Each `of_*.py` has its `STORMS`; a new one is a line here.
"""

from tests.storm import (
    of_calls,
    of_changes,
    of_clocks,
    of_crowds,
    of_days,
    of_disks,
    of_endpoint,
    of_input,
    of_keys,
    of_kills,
    of_names,
    of_network,
    of_proxies,
    of_screens,
    of_secrets,
    of_writers,
)

# Files first: they fork, and a process that has read ten thousand odd files is slow to.
STORMS = [
    *of_kills.STORMS,
    *of_calls.STORMS,
    *of_disks.STORMS,
    *of_writers.STORMS,
    *of_changes.STORMS,
    *of_network.STORMS,
    *of_proxies.STORMS,
    *of_clocks.STORMS,
    *of_days.STORMS,
    *of_endpoint.STORMS,
    *of_crowds.STORMS,
    *of_secrets.STORMS,
    *of_screens.STORMS,
    *of_names.STORMS,
    *of_keys.STORMS,
    *of_input.STORMS,
]
