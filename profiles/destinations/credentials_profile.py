"""A section of the AWS credentials file: what every client reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.catalogue.role import Role
from profiles.destinations.protocol import Delivery
from profiles.errors import UsageError
from profiles.files import credentials

if TYPE_CHECKING:
    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine
    from profiles.session import Session


class CredentialsProfile:
    """One credentials profile.

    Args:
        name: of the profile.
        force: a section that is not rolecall's is overwritten, and an undo copy kept.
    """

    def __init__(
        self, machine: Machine, catalogue: Catalogue, name: str, *, force: bool = False
    ) -> None:
        self.machine = machine
        self.catalogue = catalogue
        self.name = name
        self.force = force

    def check(self) -> None:
        """See that clients would really use what is written there; asks nothing and writes nothing.

        Raises:
            UsageError: the config file's section of that name would win over the keys.
            ProfileNotOurs: the section is somebody else's.
        """
        key = self.catalogue.shadowing(self.name)
        if key is not None:
            raise UsageError(
                f"profile {self.name} has {key} in the config file: clients would ignore keys "
                "written to it",
                "write to another profile with --as, or set write_to",
            )
        credentials.check(self.machine, self._stand_in(Role(self.name), None), force=self.force)

    def preview(self, role: Role, region: str | None) -> str:
        """The change that a delivery would make, as a diff with masked secrets.

        Raises:
            ProfileNotOurs: the section is somebody else's.
        """
        return credentials.preview(self.machine, self._stand_in(role, region), force=self.force)

    def _stand_in(self, role: Role, region: str | None) -> credentials.SessionSection:
        """The section before there is a session."""
        return credentials.SessionSection(
            profile=self.name,
            role=role.name,
            access_key_id="ASIA****************",
            secret_access_key="(new)",  # noqa: S106 — stands for a secret
            session_token="(new)",  # noqa: S106 — the same
            region=region,
            account_id=role.account_id,
            expires_at=self.machine.now() + 3600,
        )

    def deliver(self, session: Session) -> Delivery:
        """Write the session.

        Raises:
            ProfileNotOurs, CredentialsFileBusy, CredentialsFileUnwritable, ConfigUnreadable: the
                file is as it was.
        """
        keys = session.credentials
        if keys.session_token is None or session.expires_at is None:
            raise UsageError(
                f"the keys of {session.role} are no session that ends, so none is written",
                f"use them as they are: AWS_PROFILE={session.role}",
            )
        section = credentials.SessionSection(
            profile=self.name,
            role=session.role,
            access_key_id=keys.access_key_id,
            secret_access_key=keys.secret_access_key,
            session_token=keys.session_token,
            region=session.region,
            account_id=session.account_id,
            expires_at=session.expires_at,
        )
        credentials.write(self.machine, section, force=self.force)
        return Delivery(f"[{self.name}]", notes=self.overruled())

    def overruled(self) -> tuple[str, ...]:
        """What in this environment wins over the profile, one sentence each.

        Keys in the environment win even over `AWS_PROFILE`, in botocore and the AWS CLI alike.
        """
        if self.machine.env.get("AWS_ACCESS_KEY_ID"):
            return (
                f"AWS_ACCESS_KEY_ID is set here and wins over AWS_PROFILE={self.name}; "
                'eval "$(rolecall unset)" clears it',
            )
        return ()
