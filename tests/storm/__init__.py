"""What tries to break rolecall: all of it by `python -m tests.storm`, a share in `scripts/test`.

Each `of_*.py` has its `STORMS`; a new one is a line here.
"""

from tests.storm import of_clocks, of_crowds, of_days, of_endpoint, of_keys, of_network, of_proxies

STORMS = [
    *of_keys.STORMS,
    *of_network.STORMS,
    *of_proxies.STORMS,
    *of_clocks.STORMS,
    *of_days.STORMS,
    *of_endpoint.STORMS,
    *of_crowds.STORMS,
]
