"""Signing in to IAM Identity Center and out of it, as `aws sso login` and `aws sso logout` do."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.catalogue.portal import find_portal, permission_sets, portals, same_url
from profiles.errors import RolecallError
from profiles.files import sso_cache
from profiles.files.turn import turn
from profiles.insight.refusal import Refusal
from profiles.sources.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.portal import Portal
    from profiles.challenges import Ask
    from profiles.files.sso_cache import SsoToken
    from profiles.machine import Machine
    from profiles.sources.surroundings import Surroundings


class SignedIn(NamedTuple):
    """A sign-in that came about.

    Attributes:
        portal: to what.
        expires_at: of its token, seconds since 1970.
        refreshable: whether clients renew the token without a person.
    """

    portal: Portal
    expires_at: float
    refreshable: bool


class SignedOut(NamedTuple):
    """What a sign-out removed.

    Attributes:
        sign_ins: names or start URLs.
        sessions: how many cached sessions of roles.
        notes: sentences for the person: AWS that could not be told.
    """

    sign_ins: tuple[str, ...]
    sessions: int
    notes: tuple[str, ...]


def login(
    machine: Machine,
    catalogue: Catalogue,
    portal: Portal,
    *,
    ask: Ask,
    cancelled: Callable[[], bool] | None = None,
    device_code: bool = False,
    browser: bool = True,
) -> SignedIn:
    """Sign in anew, whatever sign-in there is.

    Args:
        device_code: by a code, which works in a browser on any machine.
        browser: open one, where there is one.

    Raises:
        PersonNeeded: nobody is there who could.
        RolecallError: it did not come about, and why.
    """
    from profiles.sources.protocol import never
    from profiles.sources.sso_token import sign_in
    from profiles.sources.sso_visit import Visit

    token = sign_in(
        Visit(
            portal=portal,
            place=place_of(machine, catalogue, portal.region),
            machine=machine,
            settings=catalogue.settings,
            role=portal.name,
            ask=ask,
            cancelled=cancelled or never,
            clock=lambda _: None,
            device_code=device_code,
            browser=browser,
        )
    )
    refreshable = not portal.legacy and sso_cache.is_refreshable(token, machine.now())
    return SignedIn(portal, sso_cache.end_of(token) or 0, refreshable)


def logout(machine: Machine, catalogue: Catalogue, said: str | None) -> SignedOut:
    """Remove sign-ins and the cached sessions that came from them, and tell AWS.

    The files go first: with AWS out of reach, one is signed out here all the same.

    Args:
        said: an SSO session, a role that starts from one, or a start URL; None for all there are.

    Raises:
        UnknownTarget: nothing goes by it.
        CredentialsFileUnwritable: the folders cannot be written.
    """
    tokens = sso_cache.sso_tokens(machine, catalogue.files.sso_sessions)
    keys = None
    if said is not None:
        names = _names(catalogue, tokens, said)
        own = {sso_cache.token_key(name) for name in names}
        tokens = [each for each in tokens if each.key in own or same_url(each.start_url, said)]
        sets = permission_sets(catalogue.roles, catalogue.files.sso_sessions)
        keys = {key for _, portal, key in sets if portal.name in names}
    removed, notes = [], []
    for token in tokens:
        with contextlib.ExitStack() as held:
            # A refresh would put back what is removed here; a sign-in is not waited for.
            with contextlib.suppress(TimeoutError):
                held.enter_context(turn(machine, token.key, None))
            access = sso_cache.remove_token(machine, token.key)
        if access is None:
            continue
        removed.append(token.session or token.start_url)
        if note := _told(machine, catalogue, token, access):
            notes.append(note)
    return SignedOut(tuple(removed), sso_cache.remove_role_sessions(machine, keys), tuple(notes))


def _names(catalogue: Catalogue, tokens: list[SsoToken], said: str) -> set[str]:
    """The names of the portals that are meant."""
    names = {each.name for each in portals(catalogue) if same_url(each.start_url, said)}
    if names or any(same_url(token.start_url, said) for token in tokens):
        return names
    return {find_portal(catalogue, said).name}


def _told(machine: Machine, catalogue: Catalogue, token: SsoToken, access: str) -> str | None:
    """End a sign-in at AWS; a sentence where that could not be done."""
    from profiles.sources import sts

    if token.region is None:
        return None
    place = place_of(machine, catalogue, token.region)
    try:
        sts.call("logout", {"accessToken": access}, None, place, machine, service="sso")
    except Refusal as refusal:
        # It is over, or was never good: that is what was wanted.
        machine.log(f"{token.start_url}: {refusal}")
    except RolecallError as error:
        end = times.local_clock(token.expires_at)
        return f"AWS was not told ({error.summary}); there the sign-in ends by itself at {end}"
    return None


def place_of(machine: Machine, catalogue: Catalogue, region: str) -> Surroundings:
    """Where a portal's services are for who uses the AWS CLI now: its profile's settings count."""
    from profiles.catalogue.role import Role

    name = machine.profile() or "default"
    now = Role(name, profile=catalogue.files.profiles.get(name), entry={"name": name})
    return surroundings_of(catalogue, now, region)
