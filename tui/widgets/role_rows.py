"""Which lines the list of roles has: headings of accounts and the roles under them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.query import States
    from profiles.model import SessionStatus

ORDERS = ("account", "use", "name", "expiry")
_NEVER = float("inf")
_SEPARATORS = "-_./: "


class Heading(NamedTuple):
    """An account, above its roles; its name is looked up when it is drawn.

    Attributes:
        account_id: None for roles whose account nothing tells.
        roles: their places among the catalogue's, in the order in which they are listed.
    """

    account_id: str | None
    roles: list[int]


RoleLine = Heading | int
"""A heading, or a role by its place: fifty thousand are laid out, and thirty of them made."""


class Known(NamedTuple):
    """What finds and orders roles beside their files.

    Attributes:
        sessions: by role name.
        frequent: names, those used often and lately first.
        states: the names of the roles in each state.
    """

    sessions: Mapping[str, SessionStatus]
    frequent: Sequence[str]
    states: States


def role_lines(
    catalogue: Catalogue, query: str, order: str, folded: set[str | None], known: Known
) -> tuple[list[RoleLine], int]:
    """The lines for a filter, an order and what is folded; and how many roles they stand for.

    A filter opens what is folded: what was looked for is to be seen.
    """
    roles = catalogue.found(query, known.states)
    if order != "account":
        return list(_ordered(roles, catalogue.roles.names, order, known)), len(roles)
    lines: list[RoleLine] = []
    for heading in _headings(catalogue, roles, filtered=bool(query)):
        lines.append(heading)
        if query or heading.account_id not in folded or len(heading.roles) < 2:
            lines.extend(heading.roles)
    return lines, len(roles)


def short_name(name: str, heading: str | None) -> str:
    """A role's name without its account's part, as it stands under the account's heading."""
    if heading and len(name) > len(heading) + 1 and name.startswith(heading):
        rest = name[len(heading) :]
        if rest[0] in _SEPARATORS:
            return rest[1:]
    return name


def _headings(catalogue: Catalogue, found: Sequence[int], *, filtered: bool) -> list[Heading]:
    """Roles under their accounts, accounts in the order in which they first appear.

    What belongs to no account comes last, unless it was looked for and may be the best match.
    """
    if not filtered:
        groups = dict(catalogue.by_account)
        if None in groups:
            groups[None] = groups.pop(None)
        return [Heading(account, group) for account, group in groups.items()]
    below: defaultdict[str | None, list[int]] = defaultdict(list)
    accounts = catalogue.roles.accounts
    for role in found:
        below[accounts[role]].append(role)
    return [Heading(account, group) for account, group in below.items()]


def _ordered(roles: Sequence[int], names: Sequence[str], order: str, known: Known) -> Sequence[int]:
    if order == "name":
        return sorted(roles, key=lambda role: names[role].casefold())
    if order == "use":
        place = {name: at for at, name in enumerate(known.frequent)}
        return sorted(roles, key=lambda role: place.get(names[role], len(place)))

    def end(name: str) -> float:
        status = known.sessions.get(name)
        if status is None:
            return _NEVER
        return _NEVER if status.expires_at is None else status.expires_at

    return sorted(roles, key=lambda role: (names[role] not in known.sessions, end(names[role])))
