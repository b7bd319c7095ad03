"""The one way through: target, role, source, session, destination; app and commands alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.role import Role
from profiles.catalogue.sessions import session_statuses
from profiles.challenges import Confirmation, nobody
from profiles.errors import (
    ConfirmationNeeded,
    CredentialsExpired,
    UnknownTarget,
    UsageError,
)
from profiles.request import Request, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from profiles.challenges import Ask
    from profiles.destinations.credentials_profile import CredentialsProfile
    from profiles.files.credentials import Change
    from profiles.machine import Machine
    from profiles.model import SessionStatus
    from profiles.session import Credentials, Session
    from profiles.sources.protocol import Way

DEFAULT_WRITE_TO = "{name}-session"


class Assumed(NamedTuple):
    """A session that was written.

    Attributes:
        profile: the credentials profile that holds it.
        notes: sentences for the person: what was lowered, what wins over the profile.
    """

    session: Session
    profile: str
    notes: tuple[str, ...] = ()


class Dropped(NamedTuple):
    """What was removed: credentials profiles, and how many cached sessions."""

    profiles: tuple[str, ...]
    sessions: int


class Identity(NamedTuple):
    """Who one is to AWS.

    Attributes:
        arn: the caller's.
        account_id: twelve digits.
        user_id: AWS's id of the caller.
        method: where the credentials came from, in botocore's words.
        source: the profile, role or variable that gave them.
    """

    arn: str
    account_id: str
    user_id: str
    method: str
    source: str


class Switcher:
    """Switches roles on one machine.

    Attributes:
        machine: its surroundings.
        catalogue: the roles, as last read.
        clock_offset: seconds that AWS's clock is ahead, by its last answer; None before one.
    """

    def __init__(self, machine: Machine, catalogue: Catalogue | None = None) -> None:
        self.machine = machine
        self.catalogue = catalogue or Catalogue.load(machine)
        self.clock_offset: float | None = None

    def reload(self) -> Catalogue:
        """Read all files again.

        Raises:
            ConfigUnreadable: a file cannot be read; the roles of before stay.
        """
        self.catalogue = Catalogue.load(self.machine)
        return self.catalogue

    def session(
        self,
        role: Role,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        cancelled: Callable[[], bool] | None = None,
        change: str = "hand out a session of it",
    ) -> Session:
        """A session of a role, from the cache or from AWS.

        Args:
            role: whose; a bare ARN's starts from the default credentials.
            ask: answers what a source or the guard needs from a person.
            cancelled: asked between steps.
            change: what the guard says will happen.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        request = request or Request()
        role = self._rooted(role, request)
        if role.problem:
            raise UsageError(f"{role.name} cannot be used: {role.problem}")
        self.guard(role, request, ask, change)
        return self._through(role, request, ask, cancelled)

    def assume(
        self,
        role: Role,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        profile: str | None = None,
        default: bool = False,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
    ) -> Assumed:
        """Get a session and write it to a credentials profile.

        Args:
            profile: its name; None for the `write_to` template's.
            default: write to `[default]`.
            force: overwrite a section that is not rolecall's.

        Raises:
            ProfileNotOurs: the section is somebody else's.
            RolecallError: anything else that stood in the way.
        """
        name = "default" if default else profile or self.profile_for(role)
        place = self._profile(name, force=force)
        place.check()
        session = self.session(
            role, request, ask=ask, cancelled=cancelled, change=f"write a session to [{name}]"
        )
        delivery = place.deliver(session)
        self._remember(role)
        return Assumed(session, name, (*session.notes, *delivery.notes))

    def preview(
        self,
        role: Role,
        request: Request | None = None,
        *,
        profile: str | None = None,
        default: bool = False,
        force: bool = False,
    ) -> str:
        """The change that `assume` would make to the credentials file, its secrets masked.

        Nothing is asked of AWS and nothing is written.
        """
        request = request or Request()
        place = self._profile(
            "default" if default else profile or self.profile_for(role), force=force
        )
        place.check()
        return place.preview(role, self.region(self._rooted(role, request), request))

    def profile_for(self, role: Role) -> str:
        """The credentials profile for a role's sessions, by the `write_to` template.

        Raises:
            UsageError: the template has a placeholder that is none.
        """
        template = (
            role.get("write_to") or self.catalogue.settings.text("write_to") or DEFAULT_WRITE_TO
        )
        stage = self.catalogue.stage(role)
        values = {
            "name": role.name,
            "account": self.catalogue.heading(role) or role.account_id or "",
            "account_id": role.account_id or "",
            "role": role.role_name or role.name,
            "stage": stage.name if stage else "",
        }
        try:
            return template.format_map(values)
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise UsageError(
                f"write_to = {template!r}: there is no {error}",
                "it may use {name} {account} {account_id} {role} {stage}",
            ) from error

    def region(self, role: Role, request: Request | None = None) -> str | None:
        """The region of a role's sessions: flag, environment, role entry, settings, AWS files."""
        own, settings = role.region, self.catalogue.settings
        by_variable = (
            settings.text("region") if settings.origins.get("region") == "environment" else None
        )
        return (
            (request.region if request else None)
            or by_variable
            or self.machine.region()
            or (own if role.entry is not None else None)
            or settings.text("region")
            or own
        )

    def guard(self, role: Role, request: Request, ask: Ask, change: str) -> None:
        """Let a stage's guard ask, unless the request answers it.

        Raises:
            ConfirmationNeeded: nobody answered, or with another name.
            Cancelled: the answer was no.
        """
        stage = self.catalogue.stage(role)
        if stage is None or stage.confirm == "none":
            return
        account = self.catalogue.heading(role) or role.account_id or role.name
        if stage.confirm == "ask":
            if not request.yes:
                ask(Confirmation(role.name, stage.name, account, None, change))
            return
        said = request.confirm
        if said is None:
            said = ask(Confirmation(role.name, stage.name, account, account, change))
        if said != account:
            raise ConfirmationNeeded(
                f"{role.name} is {stage.name}: {said!r} is not the account's name",
                f"add --confirm {account}",
            )

    def statuses(self) -> list[SessionStatus]:
        """Every session on this machine, whoever made it, by the files alone."""
        return session_statuses(self.machine, self.catalogue)

    def renew(
        self,
        name: str,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        cancelled: Callable[[], bool] | None = None,
    ) -> Assumed:
        """A new session of a role, into the profiles that hold its session of before.

        Raises:
            UnknownTarget: nothing of that name is written or known.
            RolecallError: anything else that stood in the way.
        """
        from profiles.files import credentials

        owned = credentials.owned(self.machine)
        holders = [profile for profile, held in owned.items() if held.role == name]
        if not holders and name in owned:
            name, holders = owned[name].role, [name]
        role = self.catalogue.resolve(name)
        if not holders:
            holders = [self.profile_for(role)]
        places = [self._profile(holder) for holder in holders]
        for place in places:
            place.check()
        session = self._renewed(role, request or Request(), ask, cancelled, holders)
        notes = {note for place in places for note in place.deliver(session).notes}
        self._remember(role)
        return Assumed(session, holders[0], (*session.notes, *sorted(notes)))

    def drop(self, names: Iterable[str]) -> Dropped:
        """Remove what rolecall wrote of some roles: their profiles and its cached sessions.

        Args:
            names: of roles, or of profiles that rolecall wrote.

        Raises:
            UnknownTarget: a name that neither is.
        """
        from profiles.files import cache, credentials

        owned = credentials.owned(self.machine)
        made = {role for role, _ in cache.made_by_rolecall(self.machine).values()}
        roles: set[str] = set()
        profiles: set[str] = set()
        for name in names:
            if name in owned:
                profiles.add(name)
                # The cached session goes when no other profile of the role is left.
                role = owned[name].role
                if all(at == name or held.role != role for at, held in owned.items()):
                    roles.add(role)
            holders = {at for at, held in owned.items() if held.role == name}
            if holders or name in made or self.catalogue.get(name):
                profiles |= holders
                roles.add(name)
            elif name not in owned:
                raise UnknownTarget(
                    f"nothing that rolecall wrote is called {name!r}",
                    "rolecall status shows what there is",
                )
        return self._removed(profiles, roles)

    def drop_all(self, *, expired: bool = False) -> Dropped:
        """Remove everything that rolecall wrote, or only what has expired."""
        from profiles.files import cache, credentials

        now = self.machine.now()
        owned = credentials.owned(self.machine)
        profiles = [
            at
            for at, held in owned.items()
            if not expired or (held.expires_at is not None and held.expires_at <= now)
        ]
        change = credentials.remove(self.machine, profiles) if profiles else None
        sessions = cache.drop_sessions(self.machine, None, expired_only=expired)
        return Dropped(change.profiles if change else (), sessions)

    def undo(self) -> Change:
        """Put the credentials file back as it was before rolecall's last write.

        Raises:
            FileChanged: others changed it since.
            UsageError: there is nothing to undo.
        """
        from profiles.files import credentials

        return credentials.undo(self.machine)

    def whoami(
        self, target: str | None = None, request: Request | None = None, *, ask: Ask = nobody
    ) -> Identity:
        """GetCallerIdentity with a target's session, or with what a client would use now.

        Raises:
            RolecallError: there are no credentials, or AWS does not know them.
        """
        from profiles.sources import sts

        if target is None:
            return self._default_identity()
        request = request or Request()
        profile = self.catalogue.files.profiles.get(target)
        role = self.catalogue.get(target)
        if profile is not None and (role is None or role.kind == "session-token"):
            if profile.get("aws_access_key_id"):
                from profiles.sources.keys import profile_keys

                place = sts.surroundings_of(
                    self.catalogue,
                    Role(target, profile=profile),
                    request.region or self.machine.region(),
                )
                return self._identified(profile_keys(profile), place, target)
        role = self.catalogue.resolve(target)
        session = self.session(role, request, ask=ask, change="ask AWS who it is")
        place = sts.surroundings_of(
            self.catalogue, self._rooted(role, request), self.region(role, request)
        )
        return self._identified(session.credentials, place, role.name)

    def caller(self, role: Role, request: Request | None = None, *, ask: Ask = nobody) -> Identity:
        """Who would assume a role: the identity of the hop before it.

        Raises:
            RolecallError: that cannot be told.
        """
        from profiles.sources import sts

        request = request or Request()
        role = self._rooted(role, request)
        way = self._way(role, request, ask, None, frozenset())
        if len(way.hops) < 2:
            raise UsageError(f"{role.name} is assumed by nobody")
        session = self._walk(way, len(way.hops) - 2)
        place = sts.surroundings_of(self.catalogue, role, way.region)
        return self._identified(session.credentials, place, session.role)

    def _profile(self, name: str, *, force: bool = False) -> CredentialsProfile:
        from profiles.destinations.credentials_profile import CredentialsProfile

        return CredentialsProfile(self.machine, self.catalogue, name, force=force)

    def _through(
        self,
        role: Role,
        request: Request,
        ask: Ask,
        cancelled: Callable[[], bool] | None,
        fresh: frozenset[str] = frozenset(),
    ) -> Session:
        """Go through the hops; a session between them that AWS calls expired is renewed once."""
        way = self._way(role, request, ask, cancelled, fresh)
        last = len(way.hops) - 1
        try:
            session = self._walk(way, last)
        except CredentialsExpired:
            own = ("keys", "Environment")
            between = frozenset(hop.name for hop in way.hops[:-1] if hop.kind not in own)
            if between <= way.fresh:
                raise
            self.machine.log(f"{role.name}: AWS calls a session on the way expired; asking anew")
            session = self._walk(replace(way, fresh=way.fresh | between), last)
        return replace(session, role=role.name, region=way.region)

    def _way(
        self,
        role: Role,
        request: Request,
        ask: Ask,
        cancelled: Callable[[], bool] | None,
        fresh: frozenset[str],
    ) -> Way:
        from profiles.sources.protocol import Way, never

        hops = self.catalogue.hops(role)
        return Way(
            machine=self.machine,
            catalogue=self.catalogue,
            target=role,
            hops=hops,
            region=self.region(role, request),
            request=request,
            ask=ask,
            cancelled=cancelled or never,
            fresh=frozenset(hop.name for hop in hops) if request.fresh else fresh,
            clock=self._saw_offset,
        )

    def _walk(self, way: Way, at: int) -> Session:
        from profiles.sources.protocol import source_of

        way.check()
        hop = way.hops[at]
        self.machine.log(f"{way.target.name}: {hop.kind} {hop.name}")
        before = (lambda: self._walk(way, at - 1)) if at else None
        return source_of(hop.kind).session(hop, before, way)

    def _renewed(
        self,
        role: Role,
        request: Request,
        ask: Ask,
        cancelled: Callable[[], bool] | None,
        holders: list[str],
    ) -> Session:
        where = ", ".join(f"[{holder}]" for holder in holders)
        role = self._rooted(role, request)
        if role.problem:
            raise UsageError(f"{role.name} cannot be used: {role.problem}")
        self.guard(role, request, ask, f"renew the session in {where}")
        return self._through(role, request, ask, cancelled, fresh=frozenset({role.name}))

    def _rooted(self, role: Role, request: Request) -> Role:
        """The role with the source that it will really start from.

        Raises:
            UsageError: a bare ARN, and no credentials that it could be assumed with.
        """
        if request.source is not None:
            return self.catalogue.sourced(role, request.source)
        if role.entry is None or role.source or role.kind not in ("role", "session-token"):
            return role
        env = self.machine.env
        if env.get("AWS_ACCESS_KEY_ID"):
            return self.catalogue.sourced(role, "env")
        name = env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or "default"
        if name not in self.catalogue.files.profiles:
            raise UsageError(
                f"{role.name} has no source, and there are no default credentials",
                "say what to assume it with: --source PROFILE",
            )
        return self.catalogue.sourced(role, name)

    def _removed(self, profiles: set[str], roles: set[str]) -> Dropped:
        from profiles.files import cache, credentials

        change = credentials.remove(self.machine, sorted(profiles)) if profiles else None
        sessions = cache.drop_sessions(self.machine, roles) if roles else 0
        return Dropped(change.profiles if change else (), sessions)

    def _default_identity(self) -> Identity:
        from profiles.sources import sts

        found = sts.default_credentials(self.machine)
        if found is None:
            raise UsageError(
                "a client would find no credentials now",
                "set AWS_PROFILE, or name a role: rolecall whoami ROLE",
            )
        keys, region = found
        env = self.machine.env
        profile = env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or "default"
        source = "the environment" if keys.method == "env" else f"profile {profile}"
        known = self.catalogue.files.profiles.get(profile)
        settings: Mapping[str, object] = known.settings if known and keys.method != "env" else {}
        place = sts.Surroundings(
            settings,
            {name: section.settings for name, section in self.catalogue.files.services.items()},
            region,
        )
        return self._identified(keys, place, source)

    def _identified(self, keys: Credentials, place: object, source: str) -> Identity:
        from profiles.insight.refusal import Refusal, explained
        from profiles.sources import sts

        try:
            answer = sts.call("get_caller_identity", {}, keys, place, self.machine)  # type: ignore[arg-type]
        except Refusal as refusal:
            raise explained(
                refusal,
                role=source,
                role_arn=None,
                source=source,
                temporary=keys.session_token is not None,
            ) from refusal
        data = answer.data
        return Identity(data["Arn"], data["Account"], data["UserId"], keys.method, source)

    def _saw_offset(self, offset: float) -> None:
        self.clock_offset = offset

    def _remember(self, role: Role) -> None:
        """Note the use, for the order of recents; state that cannot be written is no failure."""
        from profiles.files.state import record_use

        record_use(self.machine, role.name)
