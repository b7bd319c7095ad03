"""Which MFA device a user has, where no file and no flag says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from profiles.errors import RolecallError, UsageError
from profiles.insight.refusal import Refusal, explained

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.session import Session
    from profiles.sources.protocol import Way

_USER = re.compile(r"(arn:[\w-]+:iam::\d{12}:)user/(?:.*/)?([^/]+)")
_SECURITY_KEY = ":u2f/"


def device_for_code(way: Way, role: Role, source: Session) -> str:
    """The serial number of the device that a code must be of.

    Who may not list devices has, as far as can be told, the one that bears the user's name: IAM
    calls a virtual device so where nobody chooses another name.

    Raises:
        UsageError: it cannot be told; the devices are named where there are several.
        RolecallError: AWS was not reached.
    """
    try:
        serials = _listed(way, source)
    except Refusal:
        return _named_like_the_user(way, role, source)
    if len(serials) == 1:
        return serials[0]
    if not serials:
        raise UsageError(
            f"there is a code for {role.name}, and {source.role} has no device that shows codes",
            "security keys and passkeys show none: add an authenticator app in IAM",
        )
    raise UsageError(
        f"{source.role} has {len(serials)} MFA devices: {', '.join(serials)}",
        "say whose code it is: --mfa-serial, or mfa_serial in the profile",
    )


def only_device(way: Way, source: Session) -> str | None:
    """The serial number of the user's device, where AWS says that there is one and no other."""
    try:
        serials = _listed(way, source)
    except (Refusal, RolecallError):
        return None
    return serials[0] if len(serials) == 1 else None


def _listed(way: Way, source: Session) -> list[str]:
    """The devices that show codes: AWS's API takes none of a security key (IAM User Guide)."""
    devices = _call("list_mfa_devices", "iam", way, source)["MFADevices"]
    serials = [str(device["SerialNumber"]) for device in devices]
    return [serial for serial in serials if _SECURITY_KEY not in serial]


def _named_like_the_user(way: Way, role: Role, source: Session) -> str:
    try:
        arn = _call("get_caller_identity", "sts", way, source)["Arn"]
    except Refusal as refusal:
        raise explained(refusal, role=role.name, role_arn=None, source=source.role) from refusal
    found = _USER.fullmatch(arn)
    if not found:
        raise UsageError(
            f"there is a code for {role.name}, and nothing tells the MFA device of {arn}",
            "say whose code it is: --mfa-serial",
        )
    return f"{found[1]}mfa/{found[2]}"


def _call(operation: str, service: str, way: Way, source: Session) -> dict[str, Any]:
    from profiles.sources import sts

    way.check()
    place = way.place
    answer = sts.call(operation, {}, source.credentials, place, way.machine, service=service)
    way.check()
    return answer.data
