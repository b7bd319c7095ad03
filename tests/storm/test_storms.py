"""A share of each storm; the whole is `python -m tests.storm`."""

import pytest

from tests.storm import STORMS


@pytest.mark.timeout(170)
@pytest.mark.parametrize("storm", STORMS, ids=[storm.name for storm in STORMS])
def test_a_share_of_the_storm_breaks_nothing(storm, tmp_path):
    assert storm.run(tmp_path, storm.few, "test")
