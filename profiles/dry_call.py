"""What a switch would send to AWS, without sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import UsageError
from profiles.sources.arguments import role_arguments
from profiles.sources.protocol import Way

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.request import Request
    from profiles.switcher import Switcher


class DryCall(NamedTuple):
    """One call of AssumeRole.

    Attributes:
        parameters: by AWS's names, in the order of the API reference.
        chain: the names of what stands before it, and the role's.
        region: where STS is called, None where nothing names one.
        longest: seconds that the session lasts at most, as far as the files tell.
        limit: the same in words, with the reason.
        notes: what would be said besides.
    """

    parameters: dict[str, Any]
    chain: tuple[str, ...]
    region: str | None
    longest: int
    limit: str
    notes: tuple[str, ...]


def dry_call(switcher: Switcher, role: Role, request: Request) -> DryCall:
    """The call that a switch would end with.

    Raises:
        UsageError: the role is not assumed, or a parameter is one that AWS would refuse.
        RolecallError: its way cannot be told, or the duration cannot be had.
    """
    catalogue = switcher.catalogue
    rooted = switcher.rooted(role, request)
    if rooted.kind != "role":
        raise UsageError(f"{role.name} is not assumed with other credentials")
    hops = catalogue.hops(rooted)
    way = Way(switcher.machine, catalogue, rooted, hops)
    chained = way.chained(hops[-1])
    stage = catalogue.stage(rooted)
    limits = [(times.ROLE_MAXIMUM, "no role's session lasts longer")]
    if chained:
        limits.append((times.CHAIN_MAXIMUM, f"{hops[-2].name} is a session itself"))
    if stage is not None and stage.max_duration is not None:
        limits.append((stage.max_duration, f"sessions of {stage.name} last no longer"))
    longest, why = min(limits)
    arguments = role_arguments(
        rooted,
        catalogue.settings,
        request,
        stage,
        chained=chained,
        user=switcher.machine.user,
    )
    return DryCall(
        {"RoleArn": rooted.role_arn, "RoleSessionName": arguments.session_name} | arguments.given,
        tuple(dict.fromkeys(hop.name for hop in hops)),
        switcher.region(rooted, request),
        longest,
        f"{times.words(longest)} at most: {why}",
        arguments.notes,
    )
