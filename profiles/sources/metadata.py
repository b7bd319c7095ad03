"""The role of the machine itself: EC2 instance metadata, ECS and EKS container credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import ConfigUnreadable, RolecallError
from profiles.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.machine import Machine
    from profiles.session import Credentials
    from profiles.sources.protocol import Way


PATIENCE = 0.5
"""Seconds that each request is given where nobody asked for the machine's own credentials."""


def answering(machine: Machine) -> tuple[str, ...]:
    """The credential sources of this machine that give credentials now."""
    from profiles.sources import sts

    found = []
    for name, ask in (
        ("Ec2InstanceMetadata", sts.instance_credentials),
        ("EcsContainer", sts.container_credentials),
    ):
        try:
            if ask(machine, patience=PATIENCE) is not None:
                found.append(name)
        except RolecallError as error:
            machine.log(f"{name}: {error.summary}")
    return tuple(found)


class InstanceMetadata:
    """What EC2's metadata service gives (IMDSv2; version 1 only where botocore allows it)."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The instance profile's session.

        Raises:
            ConfigUnreadable: no metadata service answers, or it has no role.
        """
        del before
        from profiles.sources import sts

        way.check()
        return _given(
            sts.instance_credentials(way.machine),
            hop,
            "no EC2 metadata service answers here with a role",
            "it is there on EC2 instances that have an instance profile",
        )


class Container:
    """What the endpoint of an ECS task or EKS pod gives."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The task's or pod's session.

        Raises:
            ConfigUnreadable: no endpoint is named.
        """
        del before
        from profiles.sources import sts

        way.check()
        return _given(
            sts.container_credentials(way.machine),
            hop,
            "no container credentials are to be had here",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI names their endpoint in ECS tasks and EKS pods",
        )


def _given(credentials: Credentials | None, hop: Hop, why: str, hint: str) -> Session:
    if credentials is None:
        raise ConfigUnreadable(why, hint)
    return Session.in_hand(hop.name, credentials)
