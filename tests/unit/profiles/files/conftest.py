"""A machine whose home is a folder of the test's own."""

from __future__ import annotations

import os

import pytest

from profiles.files.credentials import SessionSection
from profiles.machine import Machine

NOW = 1_795_000_000.0


@pytest.fixture
def machine(tmp_path):
    return Machine(env={}, home=str(tmp_path), now=lambda: NOW)


def bytes_of(path):
    """Writes a file, and reads it without an argument."""
    os.makedirs(os.path.dirname(path), mode=0o700)

    def file(data=None):
        if data is not None:
            with open(path, "wb") as out:
                out.write(data)
        with open(path, "rb") as found:
            return found.read()

    return file


@pytest.fixture
def credentials(machine):
    """Writes the credentials file, and reads it with `credentials()`."""
    return bytes_of(machine.credentials_file)


@pytest.fixture
def config(machine):
    """Writes the config file, and reads it with `config()`."""
    return bytes_of(machine.config_file)


@pytest.fixture
def session():
    return SessionSection(
        profile="prod-session",
        role="prod",
        access_key_id="ASIAEXAMPLEEXAMPLE12",
        secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token="IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMQ==",
        region="eu-west-1",
        account_id="123456789012",
        expires_at=NOW + 3600,
    )
