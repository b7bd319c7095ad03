"""Where a client finds AWS: by the settings of the profile that rules a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import RolecallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role


class Surroundings(NamedTuple):
    """Where a client finds AWS.

    Attributes:
        settings: those of the profile that rules regions and endpoints.
        services: the `[services …]` sections by name.
        region: the region to call, None where nothing names one.
        partition: of the role's ARN.
    """

    settings: Mapping[str, Any]
    services: Mapping[str, Any]
    region: str | None
    partition: str = "aws"

    def __repr__(self) -> str:
        """Without the profile's settings: keys may be among them."""
        return f"Surroundings({self.region}, {self.partition})"


def surroundings_of(catalogue: Catalogue, role: Role, region: str | None) -> Surroundings:
    """Where the calls for a role go: by its own profile, else by the nearest in its chain."""
    settings: Mapping[str, Any] = {}
    found = role.profile
    if found is None:
        try:
            hops = catalogue.hops(role)
        except RolecallError:
            hops = ()
        for hop in reversed(hops):
            if hop.role is not None and hop.role.profile is not None:
                found = hop.role.profile
                break
    if found is not None:
        settings = found.settings
    services = {name: section.settings for name, section in catalogue.files.services.items()}
    arn = role.role_arn or ""
    partition = arn.split(":")[1] if arn.startswith("arn:") and arn.count(":") > 4 else "aws"
    said = settings.get("region")
    return Surroundings(
        settings, services, region or (said if isinstance(said, str) else None), partition
    )
