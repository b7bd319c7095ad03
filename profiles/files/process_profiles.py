"""Profiles of the config file whose `credential_process` is rolecall."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.files import config_profiles
from profiles.files.config_profiles import ConfigProfile
from profiles.files.marked import LOCK_WAIT
from profiles.files.section import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from profiles.files.reader import AwsFiles
    from profiles.machine import Machine


class ProcessProfile(NamedTuple):
    """A profile to be written.

    Attributes:
        name: the profile's.
        target: whose session it gives, the value of the mark.
        command: the `credential_process`.
        region: None for none.
    """

    name: str
    target: str
    command: str
    region: str | None


def write(machine: Machine, profile: ProcessProfile, *, wait: float = LOCK_WAIT) -> bool:
    """Write a profile to the config file; whether the file is another one now.

    Raises:
        RolecallError: see `config_profiles.write`.
    """
    said = {"credential_process": profile.command, "region": profile.region, MARK: profile.target}
    settings = {key: value for key, value in said.items() if value is not None}
    own = ConfigProfile(profile.name, settings)
    return config_profiles.write(machine, [own], _is_ours, optional=("region",), wait=wait)


def remove(machine: Machine, names: Iterable[str], *, wait: float = LOCK_WAIT) -> tuple[str, ...]:
    """Remove those of these profiles that are rolecall's; others stay. Which were removed.

    Raises:
        RolecallError: see `config_profiles.remove`.
    """
    return config_profiles.remove(machine, names, _is_ours, wait=wait)


def owned(files: AwsFiles) -> dict[str, str]:
    """The profiles that rolecall wrote, and whose session each gives, in file order."""
    return {
        section.name: str(section.own_settings[MARK])
        for section in files.config.holding(MARK)
        if section.kind == "profile" and _is_ours(section.own_settings)
    }


def _is_ours(settings: Mapping[str, object]) -> bool:
    return MARK in settings and "credential_process" in settings
