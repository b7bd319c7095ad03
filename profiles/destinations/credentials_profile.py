"""Sections of the AWS credentials file: what every client reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.catalogue.role import Role
from profiles.destinations.protocol import Delivery
from profiles.errors import UsageError
from profiles.files import credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine
    from profiles.session import Session


class CredentialsProfile:
    """One credentials profile, or several that get the same session, in one step.

    Args:
        names: of the profiles.
        force: a section that is not rolecall's is overwritten, and an undo copy kept.
    """

    def __init__(
        self,
        machine: Machine,
        catalogue: Catalogue,
        *names: str,
        force: bool = False,
    ) -> None:
        self.machine = machine
        self.catalogue = catalogue
        self.names = tuple(dict.fromkeys(names))
        self.force = force

    def check(self) -> None:
        """See that clients would really use what is written there; asks nothing and writes nothing.

        Raises:
            UsageError: the config file's section of that name would win over the keys.
            ProfileNotOurs: the section is somebody else's.
        """
        for name in self.names:
            key = self.catalogue.shadowing(name)
            if key is not None:
                raise UsageError(
                    f"profile {name} has {key} in the config file: clients would ignore keys "
                    "written to it",
                    "write to another profile with --as, or set write_to",
                )
        credentials.check(self.machine, *self._stand_ins(Role(""), None), force=self.force)

    def preview(self, role: Role, region: str | None) -> str:
        """The change that a delivery would make, as a diff with masked secrets.

        Raises:
            ProfileNotOurs: the section is somebody else's.
        """
        return credentials.preview(
            self.machine,
            *self._stand_ins(role, region),
            force=self.force,
            ended_by=self._ended_by(),
        )

    def _stand_ins(self, role: Role, region: str | None) -> Iterator[credentials.SessionSection]:
        """The sections before there is a session."""
        for name in self.names:
            yield credentials.SessionSection(
                profile=name,
                role=role.name or name,
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
            UsageError: see `sections`.
            ProfileNotOurs, CredentialsFileBusy, CredentialsFileUnwritable, ConfigUnreadable: the
                file is as it was.
        """
        change = credentials.write(
            self.machine, *self.sections(session), force=self.force, ended_by=self._ended_by()
        )
        ended = [
            f"[{name}] had ended and was taken out" for name in change.profiles[len(self.names) :]
        ]
        where = " ".join(f"[{name}]" for name in self.names)
        return Delivery(where, notes=(*self.overruled(session.region), *ended))

    def sections(self, session: Session) -> list[credentials.SessionSection]:
        """What the profiles say with a session.

        Raises:
            UsageError: it is none that ends.
        """
        keys = session.credentials
        if keys.session_token is None or session.expires_at is None:
            raise UsageError(
                f"the keys of {session.role} are no session that ends, so none is written",
                f"use them as they are: AWS_PROFILE={session.role}",
            )
        return [
            credentials.SessionSection(
                profile=name,
                role=session.role,
                access_key_id=keys.access_key_id,
                secret_access_key=keys.secret_access_key,
                session_token=keys.session_token,
                region=session.region,
                account_id=session.account_id,
                expires_at=session.expires_at,
            )
            for name in self.names
        ]

    def _ended_by(self) -> float | None:
        """By when a session of ours has ended that goes with this write; None where it stays."""
        cleaned = self.catalogue.settings.values.get("clean_up") is True
        return self.machine.now() if cleaned else None

    def overruled(self, region: str | None = None) -> tuple[str, ...]:
        """What in this environment wins over the profiles, one sentence each.

        Keys and web identities in the environment win even over `AWS_PROFILE`, in botocore and the
        AWS CLI alike; a region there wins over that of a profile.
        """
        env, found = self.machine.env, []
        places = [
            "[default]" if name == "default" else f"AWS_PROFILE={name}" for name in self.names
        ]
        over = f"wins over {' and '.join(places)}"
        if env.get("AWS_ACCESS_KEY_ID"):
            cleared = 'eval "$(rolecall unset)" clears it'
            found.append(f"AWS_ACCESS_KEY_ID is set here and {over}; {cleared}")
        elif env.get("AWS_WEB_IDENTITY_TOKEN_FILE") and env.get("AWS_ROLE_ARN"):
            found.append(f"AWS_WEB_IDENTITY_TOKEN_FILE is set here and {over}")
        named = self.machine.profile()
        if named not in (None, "default") and "default" in self.names:
            variable = "AWS_PROFILE" if env.get("AWS_PROFILE") else "AWS_DEFAULT_PROFILE"
            found.append(f"{variable}={named} is set here and wins over [default]")
        if region and self.machine.region() not in (None, region):
            variable = "AWS_REGION" if env.get("AWS_REGION") else "AWS_DEFAULT_REGION"
            found.append(
                f"{variable}={self.machine.region()} is set here and wins over the session's "
                f"region, {region}"
            )
        return tuple(found)
