"""What the tests of sources share."""

import pytest

from tests.unit.profiles.sources.mfa_world import MfaWorld


@pytest.fixture
def mfa(company, home, strict, monkeypatch):
    """A user behind an MFA device."""
    made = MfaWorld(company, home, strict)
    for key, value in home.env.items():
        if key.startswith("AWS_"):
            monkeypatch.setenv(key, value)  # the SDK reads this process's own environment
    return made
