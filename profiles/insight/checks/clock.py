"""Whether AWS is reached, and how far this machine's clock is from AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import RolecallError
from profiles.files.aws_clock import SKEW, saw_offset
from profiles.insight.finding import Finding
from profiles.insight.refusal import Refusal
from profiles.sources.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine

REFUSED = 5 * 60.0
"""Seconds from which AWS refuses signatures (SigV4, "Request signature expired")."""


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Ask AWS something that needs no keys, for the time in its answer."""
    from profiles.catalogue.role import Role
    from profiles.sources import sts

    default = catalogue.files.profiles.get("default")
    place = surroundings_of(catalogue, Role("default", profile=default), machine.region())
    try:
        offset = sts.call("get_caller_identity", {}, None, place, machine).offset
    except Refusal as refusal:  # as it has to be: nothing signed the call
        offset = refusal.offset
    except RolecallError as error:
        yield Finding("network", "AWS", error.summary, error.hint or "try again")
        return
    if offset is None:
        return
    saw_offset(machine, offset)
    if abs(offset) > SKEW:
        ahead = "behind" if offset > 0 else "ahead"
        broken = abs(offset) >= REFUSED
        also = ": AWS refuses signatures that far off" if broken else ""
        yield Finding(
            "clock",
            "this machine's clock",
            f"it is {abs(offset):.0f} s {ahead} of AWS's{also}",
            "have it set by NTP: timedatectl set-ntp true, or the system's settings",
            broken=broken,
        )
