"""A profile whose clients run `rolecall credential-process`: set up once, never out of date."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from profiles.errors import UsageError
from profiles.files import config_profiles, process_profiles
from profiles.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.switcher import Switcher


def add_process_profile(
    switcher: Switcher, target: str, program: Sequence[str], profile: str | None = None
) -> process_profiles.ProcessProfile:
    """Add a profile to the config file that gives a role's session; what was written.

    Args:
        switcher: knows the roles.
        target: whose session, as `credential-process` takes it.
        program: rolecall's own command, with its whole path.
        profile: the profile's name; None for the role's with `-process` behind it.

    Raises:
        UnknownTarget, AmbiguousTarget: nothing goes by the target, or too much.
        UsageError: the profile would start from itself, or its name is none.
        ProfileNotOurs: there is a profile of that name already.
        RolecallError: the file cannot be written, and why.
    """
    catalogue, machine = switcher.catalogue, switcher.machine
    role = catalogue.resolve(target)
    name = profile or f"{role.name}-process"
    rooted = switcher.rooted(role, Request())
    if any(hop.name == name for hop in catalogue.hops(rooted)):
        raise UsageError(
            f"profile {name} is on the way to {role.name}: it would start from itself",
            "name another one with --as NAME",
        )
    found = catalogue.files.profiles.get(name)
    if found is not None and found.credentials is not None:
        # Keys there would win over what the program gives.
        raise config_profiles.not_ours(name, machine.credentials_file)
    if found is not None and name not in process_profiles.owned(catalogue.files):
        raise config_profiles.not_ours(name, machine.config_file)
    # Both a shell (JavaScript, Go) and shlex (botocore) split it; both know these quotes.
    command = shlex.join([*program, "credential-process", target])
    written = process_profiles.ProcessProfile(name, target, command, switcher.region(role))
    process_profiles.write(machine, written)
    return written
