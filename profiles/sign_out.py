"""Signing out: of IAM Identity Center, and of the providers that rolecall itself signs in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import oidc_logout, portal_login
from profiles.portal_login import SignedOut

if TYPE_CHECKING:
    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine


def sign_out(machine: Machine, catalogue: Catalogue, said: str | None) -> SignedOut:
    """Remove sign-ins and the cached sessions that came from them.

    Args:
        said: an SSO session, a role that starts from a sign-in, or a start URL; None for all.

    Raises:
        UnknownTarget: nothing goes by it.
        CredentialsFileUnwritable: the folders cannot be written.
    """
    by_oidc = oidc_logout.logout(machine, catalogue, said)
    if by_oidc is not None and said is not None:
        return by_oidc
    done = portal_login.logout(machine, catalogue, said)
    if by_oidc is None:
        return done
    return SignedOut(
        (*done.sign_ins, *by_oidc.sign_ins), done.sessions + by_oidc.sessions, done.notes
    )
