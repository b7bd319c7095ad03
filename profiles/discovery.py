"""Finding the accounts and roles that one has: at the access portal, or in an organization."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import UsageError
from profiles.files import config_profiles
from profiles.files.config_profiles import ConfigProfile
from profiles.files.discovered import Place, keep_discovered, name_of
from profiles.files.section import MARK
from profiles.insight.portal_refusal import sign_in_refused
from profiles.insight.refusal import Refusal, explained
from profiles.sources.sso_token import access_token
from profiles.sources.sso_visit import Visit
from profiles.sources.surroundings import surroundings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.portal import Portal
    from profiles.challenges import Ask
    from profiles.machine import Machine
    from profiles.request import Request
    from profiles.switcher import Switcher

ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
"""The role that AWS Organizations makes in each account it creates."""
_AT_ONCE = 8
_PAGE = 100


class Found(NamedTuple):
    """What was found at one place.

    Attributes:
        origin: `sso SESSION`, or `organizations SOURCE`.
        places: each role in each account, by account and role.
        partition: of the accounts.
    """

    origin: str
    places: tuple[Place, ...]
    partition: str = "aws"

    @property
    def mark(self) -> str:
        """What the profiles that are written of it are marked with."""
        return f"discovered: {self.origin}"


class Written(NamedTuple):
    """What became of the config file: names of profiles."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


def discover_sso(
    switcher: Switcher, portal: Portal, *, ask: Ask, cancelled: Callable[[], bool]
) -> Found:
    """All permission sets of the person who is signed in, or signs in now; kept.

    Raises:
        UsageError: the portal has no `sso-session` section, which profiles could name.
        PersonNeeded: somebody has to sign in, and nobody is there.
        RolecallError: AWS was not reached, or said no.
    """
    if portal.legacy:
        raise UsageError(
            f"{portal.start_url} has no [sso-session] section that profiles could name",
            "aws configure sso-session adds one",
        )
    visit = _visit(switcher.machine, switcher.catalogue, portal, ask, cancelled)
    try:
        places = _permission_sets(visit, access_token(visit))
    except Refusal as refusal:
        if refusal.code != "UnauthorizedException":
            raise sign_in_refused(refusal, portal) from refusal
        switcher.machine.log(f"{portal.name} does not take its token: {refusal.message}")
        try:
            places = _permission_sets(visit, access_token(visit, refused=_kept_token(visit)))
        except Refusal as again:
            raise sign_in_refused(again, portal) from again
    return _kept(switcher.machine, Found(f"sso {portal.name}", places))


def discover_organizations(switcher: Switcher, target: str, request: Request, *, ask: Ask) -> Found:
    """All active accounts of the organization, by the session of a role or profile; kept.

    Raises:
        UnknownTarget, AmbiguousTarget: nothing goes by the target, or too much.
        RolecallError: there is no session of it, or AWS said no.
    """
    from profiles.sources import sts

    catalogue = switcher.catalogue
    role = catalogue.resolve(target)
    session = switcher.session(
        role, request, ask=ask, change="list the organization's accounts", needs=0
    )
    place = surroundings_of(catalogue, role, switcher.region(role, request))
    accounts: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        try:
            data = sts.call(
                "list_accounts",
                token,
                session.credentials,
                place,
                switcher.machine,
                service="organizations",
            ).data
        except Refusal as refusal:
            raise explained(
                refusal, role=role.name, role_arn=None, source=role.name, temporary=True
            ) from refusal
        accounts += data.get("Accounts", ())
        if not data.get("NextToken"):
            break
        token = {"NextToken": data["NextToken"]}
    # arn:PARTITION:organizations::MANAGEMENT:account/…: nobody assumes a role of that account.
    arns = [each["Arn"].split(":") for each in accounts]
    places = sorted(
        Place(each["Id"], each.get("Name", ""), ORGANIZATION_ROLE)
        for each, arn in zip(accounts, arns, strict=True)
        if each.get("Status", "ACTIVE") == "ACTIVE" and each["Id"] != arn[4]
    )
    partition = arns[0][1] if arns else "aws"
    found = Found(f"organizations {role.name}", tuple(places), partition)
    return _kept(switcher.machine, found)


def write(switcher: Switcher, found: Found, *, prune: bool) -> Written:
    """Add a profile for each role that has none, and with `prune` take out those that are gone.

    Raises:
        RolecallError: the config file cannot be written; nothing was changed.
    """
    machine, catalogue = switcher.machine, switcher.catalogue
    owned = {
        section.name: section.own_settings
        for section in catalogue.files.config.holding(MARK)
        if section.kind == "profile" and section.own_settings.get(MARK) == found.mark
    }

    def is_ours(settings: Mapping[str, str]) -> bool:
        return settings.get(MARK) == found.mark

    known = _covered(catalogue, found)
    # A role that was only found gives its name to the profile that takes its place.
    taken = set(catalogue.files.profiles) | {each["name"] for each in catalogue.settings.roles}
    new: list[ConfigProfile] = []
    for place in found.places:
        if (place.account_id, place.role_name) not in known:
            name = name_of(place, taken)
            taken.add(name)
            new.append(ConfigProfile(name, _settings(found, place)))
    if new:
        config_profiles.write(machine, new, is_ours)
    places = {(place.account_id, place.role_name) for place in found.places}
    gone = [name for name, said in owned.items() if _place_of(said) not in places] if prune else []
    removed = config_profiles.remove(machine, gone, is_ours) if gone else ()
    return Written(tuple(each.name for each in new), removed)


def _permission_sets(visit: Visit, token: str) -> tuple[Place, ...]:
    accounts = _pages(visit, "list_accounts", "accountList", {"accessToken": token})

    def roles_of(account: Mapping[str, Any]) -> list[Place]:
        said = {"accessToken": token, "accountId": account["accountId"]}
        return [
            Place(account["accountId"], account.get("accountName", ""), each["roleName"])
            for each in _pages(visit, "list_account_roles", "roleList", said)
        ]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = [place for places in pool.map(roles_of, accounts) for place in places]
    return tuple(sorted(found))


def _pages(visit: Visit, operation: str, member: str, said: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    said = said | {"maxResults": _PAGE}
    while True:
        data = visit.call(operation, said, {}, service="sso")
        found += data.get(member) or ()
        if not data.get("nextToken"):
            return found
        said = said | {"nextToken": data["nextToken"]}


def _kept_token(visit: Visit) -> str | None:
    """The access token that is kept for a portal."""
    from profiles.files import sso_cache

    kept = sso_cache.read_token(visit.machine, sso_cache.token_key(visit.portal.name))
    return str(kept["accessToken"]) if kept else None


def _visit(
    machine: Machine,
    catalogue: Catalogue,
    portal: Portal,
    ask: Ask,
    cancelled: Callable[[], bool],
) -> Visit:
    from profiles.portal_login import place_of

    return Visit(
        portal=portal,
        place=place_of(machine, catalogue, portal.region),
        machine=machine,
        settings=catalogue.settings,
        role=portal.name,
        ask=ask,
        cancelled=cancelled,
        clock=lambda _: None,
    )


def _kept(machine: Machine, found: Found) -> Found:
    try:
        keep_discovered(machine, found.origin, found.places)
    except OSError as error:
        machine.log(f"what was found is not kept: {error.strerror or error}")
    return found


def _covered(catalogue: Catalogue, found: Found) -> set[tuple[str | None, str | None]]:
    """The roles in accounts that profiles lead to already."""
    kind = "sso" if found.origin.startswith("sso ") else "role"
    accounts = {place.account_id for place in found.places}
    return {
        (role.account_id, role.role_name)
        for role in catalogue.roles.passing(accounts)
        if role.kind == kind and role.profile is not None
    }


def _settings(found: Found, place: Place) -> dict[str, str]:
    kind, _, origin = found.origin.partition(" ")
    if kind == "sso":
        settings = {
            "sso_session": origin,
            "sso_account_id": place.account_id,
            "sso_role_name": place.role_name,
        }
    else:
        arn = f"arn:{found.partition}:iam::{place.account_id}:role/{place.role_name}"
        settings = {"role_arn": arn, "source_profile": origin}
    return settings | {MARK: found.mark}


def _place_of(said: Mapping[str, object]) -> tuple[str, str]:
    if "sso_account_id" in said:
        return str(said["sso_account_id"]), str(said.get("sso_role_name"))
    _, _, _, _, account, role = (str(said.get("role_arn")) + ":::::").split(":")[:6]
    return account, role.rpartition("/")[2]


def new_places(catalogue: Catalogue, found: Found) -> Iterable[Place]:
    """Those that no profile leads to yet."""
    known = _covered(catalogue, found)
    return [place for place in found.places if (place.account_id, place.role_name) not in known]
