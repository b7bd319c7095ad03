"""Every role there is: from config and credentials profiles and from the settings' `[[roles]]`."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.catalogue.chain import Hop, hops_to
from profiles.catalogue.portal import portal_problem
from profiles.catalogue.query import searched
from profiles.catalogue.role import (
    MACHINE_SOURCES,
    Role,
    of_machine,
    of_place,
    of_profile,
    of_stored_keys,
)
from profiles.catalogue.roles import Roles
from profiles.catalogue.search import SearchIndex
from profiles.catalogue.stages import Stages
from profiles.errors import AmbiguousTarget, RolecallError, UnknownTarget
from profiles.files.discovered import NOTHING, load_discovered, name_of
from profiles.files.key_names import key_names
from profiles.files.reader import read_aws_files
from profiles.model import Arn
from profiles.settings import load_settings
from profiles.sources.kinds import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from profiles.catalogue.query import States
    from profiles.files.discovered import Discovered
    from profiles.files.reader import AwsFiles
    from profiles.machine import Machine
    from profiles.model import Stage
    from profiles.settings import Settings


class _Trace(NamedTuple):
    """The names of some hops, each once in a row, and what is wrong with one of them."""

    names: tuple[str, ...]
    problem: str | None


class Catalogue:
    """Every role, in file order: the config file's, the credentials file's, the settings'.

    Args:
        files: the AWS files.
        settings: rolecall's own.
        machine_sources: the machine's own credentials that are known to answer.
        stored_keys: names of keys in the system's store.
        discovered: what was found at AWS.

    Attributes:
        roles: all of them, broken ones included.
        files: the AWS files they were read from.
        settings: rolecall's own.
    """

    def __init__(
        self,
        files: AwsFiles,
        settings: Settings,
        machine_sources: Sequence[str] = (),
        stored_keys: Sequence[str] = (),
        discovered: Discovered = NOTHING,
    ) -> None:
        self.files = files
        self.settings = settings
        self._from = (tuple(machine_sources), tuple(stored_keys), discovered)
        self._discovered = discovered
        entries = {
            entry["name"]: Role(entry["name"], entry=entry, origin="settings")
            for entry in settings.roles
        }
        self.roles = Roles(files.profiles, entries)
        # Profiles that an entry of their name stands before; it may start from its own.
        self._hidden = {
            name: role
            for name in entries
            if name in files.profiles and (role := of_profile(files.profiles[name])) is not None
        }
        for name in stored_keys:
            if name in self._hidden or self.roles.place(name) is not None:
                continue
            stored = of_stored_keys(name, files.profiles.get(name))
            if name in entries:
                self._hidden[name] = stored
            else:
                self.roles.add(stored)
        for role in (*entries.values(), *map(of_machine, machine_sources)):
            self.roles.add(role)
        for role in list(self._found_only()):
            self.roles.add(role)
        self._entries = entries
        self._stages = Stages(settings)
        self._index: SearchIndex | None = None
        self._by_account: dict[str | None, list[int]] = {}
        self._shared: dict[str, str | None] = {}
        self._traces: dict[str, _Trace] = {}

    @classmethod
    def load(cls, machine: Machine, machine_sources: Sequence[str] = ()) -> Catalogue:
        """Read the files of a machine.

        Raises:
            ConfigUnreadable: a file is there and cannot be read.
        """
        return cls(
            read_aws_files(machine),
            load_settings(machine),
            machine_sources,
            key_names(machine),
            load_discovered(machine),
        )

    def read_again(self, machine: Machine, machine_sources: Sequence[str] = ()) -> Catalogue:
        """Read the files of a machine again.

        Where nothing but sections of rolecall's own changed, the roles are these, not new ones:
        each switch writes such a section.

        Raises:
            ConfigUnreadable: a file is there and cannot be read.
        """
        files = read_aws_files(machine, self.files)
        settings = load_settings(machine)
        origins = (tuple(machine_sources), key_names(machine), load_discovered(machine))
        same = files.same_but_ours(self.files) and settings == self.settings
        if not same or origins != self._from:
            return Catalogue(files, settings, *origins)
        again = copy.copy(self)
        again.files = files
        return again

    def get(self, name: str) -> Role | None:
        """The role of that name; a `[[roles]]` entry comes before a profile."""
        place = self.roles.place(name)
        return None if place is None else self.roles[place]

    def profile_role(self, name: str) -> Role | None:
        """The role of a profile, whatever it holds; None where no file has it."""
        profile = self.files.profiles.get(name)
        return Role(name, profile=profile, origin=profile.origin) if profile else None

    def resolve(self, target: str) -> Role:
        """The role that a target names: a name, an ARN, or `ACCOUNT/ROLE`.

        A bare ARN that no entry has is a role of its own, named `ROLE@ACCOUNT_ID`, without source.

        Raises:
            UnknownTarget: none goes by it; the nearest names are in the hint.
            AmbiguousTarget: more than one does.
        """
        found = self.get(target)
        if found is not None:
            return found
        if target.startswith("arn:"):
            return self._by_arn(target)
        if target in MACHINE_SOURCES:
            return of_machine(target)
        account, slash, name = target.rpartition("/")
        if slash:
            matches = [
                role
                for role in self.roles
                if role.role_name == name and account in (role.account_id, self.heading(role))
            ]
            if len(matches) == 1:
                return matches[0]
            if matches:
                raise _ambiguous(target, matches)
        raise UnknownTarget(f"no role is called {target!r}", self._near(target))

    def hops(self, role: Role, source: str | None = None) -> tuple[Hop, ...]:
        """The hops to a role, the origin first.

        Args:
            role: where they lead.
            source: what it starts from instead of its own source.

        Raises:
            SourceLoop, UnknownTarget: see `hops_to`.
        """
        if source is not None:
            role = self.sourced(role, source)
        return hops_to(role, self._find)

    def chain(self, role: Role) -> tuple[str, ...]:
        """The names of the hops, each once in a row; the role's alone where they cannot be told."""
        if self._is_plain(role):
            return (*self._behind(role).names, role.name)
        return self._trace(role).names

    def problem(self, role: Role) -> str | None:
        """Why a role cannot be used: its own settings, or those it leads to."""
        if own := self._own_problem(role):
            return own
        if self._is_plain(role):
            return self._behind(role).problem
        if role.entry is None and role.kind != "role":
            return unsupported(role.kind)  # nothing stands behind it
        return self._trace(role).problem

    def _own_problem(self, role: Role) -> str | None:
        return role.problem or portal_problem(role, self.files.sso_sessions)

    def _is_plain(self, role: Role) -> bool:
        """Whether all that stands behind a role is another profile, the same for many roles."""
        return (
            role.kind == "role"
            and role.entry is None
            and role.source is not None
            and role.source != role.name
        )

    def _behind(self, role: Role) -> _Trace:
        """What stands behind a role: traced once for all the roles of one source."""
        source = str(role.source)
        found = self._traces.get(source)
        if found is None:
            found = self._traces[source] = self._trace(role, without_itself=True)
        return found

    def _trace(self, role: Role, *, without_itself: bool = False) -> _Trace:
        try:
            hops = self.hops(role)
        except RolecallError as error:
            return _Trace(() if without_itself else (role.name,), error.summary)
        if without_itself:
            hops = hops[:-1]
        names = [hop.name for hop in hops]
        once = tuple(name for at, name in enumerate(names) if at == 0 or names[at - 1] != name)
        for hop in hops:
            if hop.role is None or hop.role is role:
                continue
            if problem := self._own_problem(hop.role):
                return _Trace(once, f"{hop.name}: {problem}")
        return _Trace(once, next(filter(None, (unsupported(hop.kind) for hop in hops)), None))

    def sourced(self, role: Role, source: str) -> Role:
        """The same role with another source; the way to give a bare ARN one."""
        entry: dict[str, Any] = dict(role.entry or {})
        if role.entry is None:
            for theirs, ours in (
                ("role_arn", "role_arn"),
                ("external_id", "external_id"),
                ("mfa_serial", "mfa_serial"),
                ("role_session_name", "session_name"),
                ("region", "region"),
                ("duration_seconds", "duration"),
            ):
                if (value := role.get(theirs)) is not None:
                    entry[ours] = value
        entry |= {"name": role.name, "source": source}
        return Role(role.name, profile=role.profile, entry=entry, origin=role.origin)

    def proven_by_saml(self, role: Role) -> Role:
        """The same role with a SAML response as its source; what such a call takes is kept."""
        entry = self.sourced(role, "").entry or {}
        kept = {key: value for key, value in entry.items() if key in _KEPT_WITH_SAML}
        return Role(role.name, entry={**kept, "kind": "saml"}, origin=role.origin)

    def account_name(self, role: Role) -> str | None:
        """The account's name, where the settings give it one, or AWS told it."""
        account = role.account_id
        if account is None:
            return None
        own = self.settings.accounts.get(account, {}).get("name")
        return own or self._discovered.names.get(account)

    def heading(self, role: Role) -> str | None:
        """What to call the account: its name, else what its profiles' names have in common."""
        account = role.account_id
        if account is None:
            return None
        return self.account_name(role) or self._shared_name(account)

    def stage(self, role: Role) -> Stage | None:
        """The role's stage; None where no pattern matches."""
        return self._stages.of(role, self.account_name(role))

    def search(self, query: str, states: States | None = None) -> list[Role]:
        """The roles that hold every word, best first; all of them for an empty query."""
        return [self.roles[place] for place in self.found(query, states)]

    def found(self, query: str, states: States | None = None) -> Sequence[int]:
        """The places in `roles` of those that hold every word, best first; all for no word.

        Args:
            query: words, `key:value` and states, see `Query`.
            states: the names of the roles in each state: `live`, `expired`, `favourite` …
        """
        if not query.strip():
            return range(len(self.roles))
        return self.index.search(query, states)

    @property
    def index(self) -> SearchIndex:
        """What is searched, prepared on first use."""
        if self._index is None:
            self._index = SearchIndex(
                self.roles.names, list(map(self._searched, self.roles.passing()))
            )
        return self._index

    def shadowing(self, profile: str) -> str | None:
        """The key by which clients would pass over keys written to a profile, or None."""
        from profiles.files.reader import shadowing_key

        found = self.files.profiles.get(profile)
        return shadowing_key(found) if found else None

    def _found_only(self) -> Iterator[Role]:
        """The permission sets that were found at AWS, and that no profile leads to."""
        for session, places in self._discovered.permission_sets.items():
            if session not in self.files.sso_sessions:
                continue
            accounts = {place.account_id for place in places}
            known = {
                (role.account_id, role.role_name)
                for role in self.roles.passing(accounts)
                if role.kind == "sso" and role.source == session
            }
            taken = set(self.roles.names)
            for place in places:
                if (place.account_id, place.role_name) in known:
                    continue
                name = name_of(place, taken)
                taken.add(name)
                yield of_place(name, session, place)

    def _searched(self, role: Role) -> str:
        """What a role is found by."""
        stage = self.stage(role)
        return searched(
            role.name,
            (
                ("account", self.account_name(role)),
                ("account", role.account_id),
                ("role", role.role_name),
                ("stage", stage.name if stage else None),
                ("source", role.source),
                ("kind", role.kind),
            ),
        )

    def _find(self, name: str, asking: Role | None) -> Role | None:
        """A source by its name; an entry that names itself means the profile of its name."""
        entry = self._entries.get(name)
        if entry is None:
            return self.get(name) or self.profile_role(name)
        if asking is None or asking.name != name:
            return entry
        return self._hidden.get(name) or self.profile_role(name) or entry

    def _by_arn(self, target: str) -> Role:
        matches = [role for role in self.roles if role.role_arn == target]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise _ambiguous(target, matches)
        arn = Arn.of_role(target)
        if arn is None:
            raise UnknownTarget(
                f"not the ARN of a role: {target!r}",
                "it looks like arn:aws:iam::123456789012:role/NAME",
            )
        return Role(
            f"{arn.role_name}@{arn.account_id}",
            entry={"name": f"{arn.role_name}@{arn.account_id}", "role_arn": target},
        )

    def _near(self, target: str) -> str:
        import difflib

        names = self.roles.names
        near = difflib.get_close_matches(target, names, n=3, cutoff=0.6)
        if not near:
            near = [names[place] for place in self.found(target)[:3]]
        if near:
            return "did you mean " + ", ".join(near) + "?"
        return "rolecall list shows them all" if names else "no AWS file has a role yet"

    @property
    def by_account(self) -> Mapping[str | None, list[int]]:
        """The places of the roles by account, in the order of first appearance; not to be changed.

        What belongs to no account is under None.
        """
        if not self._by_account:
            groups = defaultdict(list)
            for place, account in enumerate(self.roles.accounts):
                groups[account].append(place)
            self._by_account = dict(groups)
        return self._by_account

    def _shared_name(self, account: str) -> str | None:
        """What the names of an account's profiles share, cut at a separator; told on demand."""
        if account not in self._shared:
            names = [self.roles.names[place] for place in self.by_account.get(account, ())]
            # What the first and the last in order share, all share.
            shared = _common(min(names), max(names)) if len(names) > 1 else ""
            places = [found.start() for found in _SEPARATOR.finditer(shared)]
            self._shared[account] = (shared[: places[-1]] or None) if places else None
        return self._shared[account]


def _common(one: str, other: str) -> str:
    """What two texts share from their start."""
    at = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        at += 1
    return one[:at]


_KEPT_WITH_SAML = {"name", "role_arn", "region", "duration", "policy", "policy_arns", "write_to"}
_SEPARATOR = re.compile(r"[-_./: ]")


def _ambiguous(target: str, matches: list[Role]) -> AmbiguousTarget:
    names = ", ".join(role.name for role in matches[:5])
    return AmbiguousTarget(f"{target!r} could be {len(matches)} roles: {names}", "use a name")
