"""Signing out of OpenID Connect providers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.files.cache import drop_sessions
from profiles.files.sign_ins import forget
from profiles.portal_login import SignedOut
from profiles.sources.oidc_sign_in import Client

if TYPE_CHECKING:
    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine


def logout(machine: Machine, catalogue: Catalogue, said: str | None) -> SignedOut | None:
    """Forget sign-ins and the cached sessions that came from them. Providers are not told.

    Args:
        machine: whose.
        catalogue: has the roles that are signed in for.
        said: the name of one of them; None for all there are.

    Returns:
        What was removed; None where nobody signs in for a role of that name.

    Raises:
        CredentialsFileUnwritable: the folders cannot be written.
    """
    clients = {role.name: Client.of(role) for role in catalogue.roles if role.entry is not None}
    wanted = {name: client for name, client in clients.items() if client and said in (None, name)}
    if said is not None and not wanted:
        return None
    meant = {client.where for client in wanted.values()}
    removed = {client.issuer for client in wanted.values() if forget(machine, client.where)}
    roles = [name for name, client in clients.items() if client and client.where in meant]
    sessions = drop_sessions(machine, roles) if roles else 0
    return SignedOut(tuple(sorted(removed)), sessions, ())
