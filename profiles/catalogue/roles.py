"""All roles in order, each made when it is first asked for: what is not seen costs little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from profiles.catalogue.role import ACCOUNT, Role, is_plain, of_profile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from profiles.files.reader import Profile, Profiles


class Roles(Sequence[Role]):
    """The roles of profiles in file order, then others.

    Args:
        profiles: those that lead to no credentials are left out, and those that rolecall wrote.
        others: names that are not a profile's role.

    Attributes:
        names: by place.
        accounts: their accounts' ids, by place; None where nothing tells one.
    """

    __slots__ = ("_made", "_places", "_profiles", "accounts", "names")

    def __init__(self, profiles: Profiles, others: Collection[str] = ()) -> None:
        self.names: list[str] = []
        self.accounts: list[str | None] = []
        self._profiles = profiles
        self._made: dict[int, Role] = {}
        self._places: dict[str, int | None] = {}
        names, accounts, look = self.names, self.accounts, ACCOUNT.search
        known: dict[str, str] = {}  # many roles, few accounts: each id is kept once
        for name, text in profiles.texts():
            if name in others:
                continue
            found = None if text is None else look(text)
            if found is not None:
                names.append(name)
                account = found[1] or found[2]
                accounts.append(known.setdefault(account, account))
            elif text is not None and is_plain(text):
                names.append(name)
                accounts.append(None)
            elif (role := of_profile(profiles.fresh(name))) is not None:
                names.append(name)
                accounts.append(role.account_id)

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

    def add(self, role: Role) -> None:
        """Put a role behind the others; one of its name before it is found by its name no more."""
        self._made[len(self.names)] = role
        self.names.append(role.name)
        self.accounts.append(role.account_id)
        self._places.clear()

    def place(self, name: str) -> int | None:
        """Where the role of a name is; None where there is none.

        Few are asked for: a table of all would take a megabyte for ten thousand.
        """
        if name not in self._places:
            try:
                self._places[name] = self.names.index(name)
            except ValueError:
                self._places[name] = None
        return self._places[name]

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
