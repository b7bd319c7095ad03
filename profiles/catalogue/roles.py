"""All roles in order, each made when it is first asked for: what is not seen costs little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from profiles.catalogue.role import ACCOUNT, Role, is_plain, of_profile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from profiles.files.reader import Profile, Profiles


_FEW = 256
"""Lookups from which a table of all names pays."""


def _places_of_none(accounts: Sequence[str | None]) -> list[int]:
    found: list[int] = []
    at = -1
    for _ in range(accounts.count(None)):
        at = accounts.index(None, at + 1)
        found.append(at)
    return found


class Roles(Sequence[Role]):
    """The roles of profiles in file order, then others.

    Args:
        profiles: those that lead to no credentials are left out, and those that rolecall wrote.
        others: names that are not a profile's role.

    Attributes:
        names: by place.
        accounts: their accounts' ids, by place; None where nothing tells one.
    """

    __slots__ = ("_asked", "_made", "_profiles", "_table", "accounts", "names")

    def __init__(self, profiles: Profiles, others: Collection[str] = ()) -> None:
        self._profiles = profiles
        self._made: dict[int, Role] = {}
        self._asked: dict[str, int | None] = {}
        self._table: dict[str, int] | None = None
        names, texts = profiles.texts()
        known: dict[str | None, str | None] = {}  # many roles, few accounts: each id is kept once
        told = [found and (found[1] or found[2]) for found in map(ACCOUNT.search, texts)]
        accounts = list(map(known.setdefault, told, told))
        none = {at for at, name in enumerate(names) if name in others} if others else set()
        for at in _places_of_none(accounts):
            if at in none or (texts[at] and is_plain(texts[at])):
                continue
            role = of_profile(profiles.fresh(names[at]))
            if role is None:
                none.add(at)
            else:
                accounts[at] = role.account_id
        if none:
            names = [name for at, name in enumerate(names) if at not in none]
            accounts = [account for at, account in enumerate(accounts) if at not in none]
        self.names: list[str] = names
        self.accounts: list[str | None] = accounts

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, place: int) -> Role: ...

    @overload
    def __getitem__(self, place: slice) -> list[Role]: ...

    def __getitem__(self, place: int | slice) -> Role | list[Role]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self._role(place, self._profiles[self.names[place]])
        return made

    def __iter__(self) -> Iterator[Role]:
        made, profiles = self._made, self._profiles
        for place, name in enumerate(self.names):
            role = made.get(place)
            if role is None:
                role = made[place] = self._role(place, profiles[name])
            yield role

    def add(self, role: Role) -> None:
        """Put a role behind the others."""
        self._made[len(self.names)] = role
        self.names.append(role.name)
        self.accounts.append(role.account_id)
        self._asked.clear()
        self._table = None

    def place(self, name: str) -> int | None:
        """Where the role of a name is, the first of that name; None where there is none.

        A table of all would take a megabyte for ten thousand, and in the picker few are asked for.
        """
        if self._table is None and len(self._asked) < _FEW:
            if name not in self._asked:
                self._asked[name] = self.names.index(name) if name in self.names else None
            return self._asked[name]
        if self._table is None:
            last = len(self.names) - 1
            self._table = dict(zip(reversed(self.names), range(last, -1, -1), strict=True))
        return self._table.get(name)

    def passing(self, accounts: Collection[str | None] | None = None) -> Iterator[Role]:
        """Each role for a moment: one that was not made yet is not kept, nor is its section.

        Args:
            accounts: only the roles of these; None for all.
        """
        for place, name in enumerate(self.names):
            if accounts is None or self.accounts[place] in accounts:
                yield self._made.get(place) or self._role(place, self._profiles.fresh(name))

    def _role(self, place: int, profile: Profile) -> Role:
        return Role(profile.name, profile, None, profile.origin, self.accounts[place])
