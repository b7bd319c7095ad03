"""IAM Identity Center's no, and what it means: its portal's and its sign-in service's errors."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from profiles import errors
from profiles.insight.refusal import explained

if TYPE_CHECKING:
    from profiles.catalogue.portal import Portal
    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.insight.refusal import Refusal

# The client that rolecall registered is unknown, over, or not for this kind of sign-in.
NOT_THIS_CLIENT = ("InvalidClientException", "UnauthorizedClientException")
_OVER = ("InvalidGrantException", "UnauthorizedException", *NOT_THIS_CLIENT)


def login_command(portal: Portal) -> str:
    """The command that signs in to a portal."""
    return f"rolecall login {shlex.quote(portal.name)}"


def sign_in_refused(refusal: Refusal, portal: Portal) -> RolecallError:
    """What a refusal means for a sign-in, or for using one."""
    code, said = refusal.code, refusal.message or refusal.code
    again = login_command(portal)
    if code in _OVER:
        return errors.LoginRequired(
            f"{portal.name} does not take the sign-in (any more): {said}", f"sign in anew: {again}"
        )
    if code == "ExpiredTokenException":
        return errors.LoginRequired(f"nobody signed in to {portal.name} in time", again)
    if code == "AccessDeniedException":
        return errors.AccessDenied(
            f"the sign-in to {portal.name} was turned down in the browser", f"once more: {again}"
        )
    if code == "InvalidScopeException":
        return errors.ConfigUnreadable(
            f"AWS does not know all of sso_registration_scopes of {portal.name}: "
            f"{', '.join(portal.scopes)}",
            "sso:account:access is the one that roles need",
        )
    if code in ("InvalidRequestException", "InvalidClientMetadataException"):
        return errors.ConfigUnreadable(
            f"AWS in {portal.region} does not take {portal.start_url} ({said})",
            f"check sso_start_url and sso_region of {portal.name}",
        )
    if code == "SlowDownException":
        return errors.Throttled("AWS asks to slow down: too many calls", "wait a minute")
    return explained(refusal, role=portal.name, role_arn=None, source=portal.name)


def role_refused(refusal: Refusal, role: Role, portal: Portal) -> RolecallError:
    """What a refusal means for the credentials of a permission set."""
    if refusal.code in ("ForbiddenException", "ResourceNotFoundException"):
        return errors.AccessDenied(
            f"{portal.name} gives you no permission set {role.role_name} in account "
            f"{role.account_id}",
            "who keeps Identity Center assigns it to you; else sso_role_name, sso_account_id or "
            "the person signed in is another",
        )
    if refusal.code == "InvalidRequestException":
        return errors.ConfigUnreadable(
            f"{role.name}: AWS takes {role.role_name} in account {role.account_id} for no "
            f"permission set: {refusal.message or refusal.code}",
            "check sso_role_name and sso_account_id",
        )
    return sign_in_refused(refusal, portal)
