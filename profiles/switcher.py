"""The one way through: target, role, source, session, destination; app and commands alike."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.catalogue.catalogue import Catalogue
from profiles.errors import RolecallError, SessionTooLong, UnknownTarget, UsageError
from profiles.files.aws_clock import aws_now, saw_offset
from profiles.guard import guard
from profiles.unattended import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.destinations.credentials_profile import CredentialsProfile
    from profiles.files.credentials import Change
    from profiles.machine import Machine
    from profiles.model import SessionStatus
    from profiles.request import Request
    from profiles.session import Session
    from profiles.sources.protocol import Way

DEFAULT_WRITE_TO = "{name}-session"


class Assumed(NamedTuple):
    """A session that was written.

    Attributes:
        profiles: the credentials profiles that hold it.
        notes: sentences for the person: what was lowered, what wins over a profile.
    """

    session: Session
    profiles: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def profile(self) -> str:
        """The first of its profiles."""
        return self.profiles[0]


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
        self._machine_sources: tuple[str, ...] = ()

    def reload(self) -> Catalogue:
        """Read all files again.

        Raises:
            ConfigUnreadable: a file cannot be read; the roles of before stay.
        """
        self.catalogue = self.catalogue.read_again(self.machine, self._machine_sources)
        return self.catalogue

    def ask_machine(self) -> bool:
        """Look whether the machine itself has credentials; whether the roles changed by it.

        It takes half a second for each request that nobody answers.

        Raises:
            ConfigUnreadable: see `reload`.
        """
        from profiles.sources.metadata import answering

        found = answering(self.machine)
        if found == self._machine_sources:
            return False
        self._machine_sources = found
        self.reload()
        return True

    def session(
        self,
        role: Role,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        cancelled: Callable[[], bool] | None = None,
        change: str = "hand out a session of it",
        fresh: frozenset[str] = frozenset(),
        needs: int | None = None,
    ) -> Session:
        """A session of a role, from the cache or from AWS.

        Args:
            role: whose; a bare ARN's starts from the default credentials.
            ask: answers what a source or the guard needs from a person.
            cancelled: asked between steps.
            change: what the guard says will happen.
            fresh: names of the roles on the way whose cached sessions do not count.
            needs: seconds that it has to last; a cached one that ends before is replaced. None
                takes what the settings say.

        Raises:
            SessionTooLong: not even a new one lasts as long as is needed.
            RolecallError: it cannot be had, and why.
        """
        request = _asked(request)
        wished = needs is None
        needs = (self.catalogue.settings.seconds("needs") or 0) if needs is None else needs
        guarded = self.usable(role, request)
        guard(self.catalogue, guarded, request, ask, change)
        lasts = self._lasts(guarded, request) if needs else None
        if lasts is not None and lasts < needs:
            # What the settings wish for all roles is no reason to do without one that lasts less.
            if not wished:
                raise _too_short(role, lasts, needs)
            needs = 0
        session = self._got(guarded, request, ask, cancelled, change, fresh)
        if session.from_cache and _short_of(session, needs, self.machine):
            again = fresh | {role.name}
            session = self._got(guarded, request, ask, cancelled, change, again)
        if _short_of(session, needs, self.machine):
            raise _too_short(role, session.seconds_left(aws_now(self.machine)) or 0, needs)
        return self._with_reason_kept(session, request)

    def _with_reason_kept(self, session: Session, request: Request | None) -> Session:
        """The session; a note says where a reason was given that no entry of the history has."""
        reason = request.reason if request else None
        in_cache = session.from_cache and session.cache_key is not None
        if not in_cache or not reason or self.catalogue.settings.values.get("history") is False:
            return session
        from dataclasses import replace

        note = "the session of before is used; its reason stays"
        return replace(session, notes=(*session.notes, note))

    def _lasts(self, role: Role, request: Request) -> int | None:
        """How long a new session of a role lasts, in seconds; None where only AWS knows.

        Raises:
            SessionTooLong: see `duration_of`.
        """
        from profiles.catalogue.behind import ASSUMED
        from profiles.sources.arguments import duration_of

        kinds = {"role": times.ROLE_MAXIMUM, "session-token": times.TOKEN_MAXIMUM}
        maximum = kinds.get(role.kind)
        if maximum is None:
            return None
        before = self.catalogue.hops(role)[:-1]
        chained = role.kind == "role" and any(hop.kind in ASSUMED for hop in before)
        stage = self.catalogue.stage(role)
        seconds, _ = duration_of(
            role, self.catalogue.settings, request, stage, maximum=maximum, chained=chained
        )
        # Unset, AWS gives a role's session an hour, and a user's token twelve.
        return seconds or (times.CHAIN_MAXIMUM if role.kind == "role" else times.ROLE_MAXIMUM)

    def assume(
        self,
        role: Role,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        profiles: Sequence[str] = (),
        default: bool = False,
        force: bool = False,
        cancelled: Callable[[], bool] | None = None,
    ) -> Assumed:
        """Get a session and write it to credentials profiles, in one step.

        Args:
            profiles: their names; without any, the `write_to` template's.
            default: write to `[default]`, besides those of the names.
            force: overwrite a section that is not rolecall's.

        Raises:
            ProfileNotOurs: a section is somebody else's.
            RolecallError: anything else that stood in the way.
        """
        from profiles.files.state import record_use

        place = self._places(role, profiles, default=default, force=force)
        place.check()
        change = f"write a session to {listed(place.names)}"
        session = self.session(role, request, ask=ask, cancelled=cancelled, change=change)
        delivery = place.deliver(session)
        record_use(self.machine, role.name)
        notes = self.remember(role, _asked(request), session, place.names)
        return Assumed(session, place.names, (*session.notes, *delivery.notes, *notes))

    def preview(
        self,
        role: Role,
        request: Request | None = None,
        *,
        profiles: Sequence[str] = (),
        default: bool = False,
        force: bool = False,
    ) -> str:
        """The change that `assume` would make to the credentials file, its secrets masked.

        Nothing is asked of AWS and nothing is written.
        """
        request = _asked(request)
        place = self._places(role, profiles, default=default, force=force)
        place.check()
        return place.preview(role, self.region(self.rooted(role, request), request))

    def _places(
        self, role: Role, profiles: Sequence[str], *, default: bool, force: bool
    ) -> CredentialsProfile:
        names = [*profiles, *(["default"] if default else [])] or [self.profile_for(role)]
        from profiles.destinations.credentials_profile import CredentialsProfile

        return CredentialsProfile(self.machine, self.catalogue, *names, force=force)

    def profile_for(self, role: Role) -> str:
        """The credentials profile for a role's sessions, by the `write_to` template.

        Raises:
            UsageError: the template has a placeholder that is none.
        """
        settings = self.catalogue.settings
        template = (
            settings.variable("write_to")
            or role.get("write_to")
            or settings.text("write_to")
            or DEFAULT_WRITE_TO
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
            why = f"there is no {error}" if isinstance(error, KeyError) else "it is no template"
            raise UsageError(
                f"write_to = {template!r}: {why}",
                "it may use {name} {account} {account_id} {role} {stage}",
            ) from error

    def region(self, role: Role, request: Request | None = None) -> str | None:
        """The region of a role's sessions: flag, environment, role entry, settings, AWS files."""
        own, settings = role.region, self.catalogue.settings
        return (
            (request.region if request else None)
            or settings.variable("region")
            or self.machine.region()
            or (own if role.entry is not None else None)
            or settings.text("region")
            or own
        )

    def overruled(self, role: Role, profiles: Sequence[str]) -> tuple[str, ...]:
        """What in the environment wins over a role's session in profiles, a sentence each."""
        from profiles.destinations.credentials_profile import CredentialsProfile

        place = CredentialsProfile(self.machine, self.catalogue, *profiles)
        return place.overruled(self.region(role))

    def statuses(self) -> list[SessionStatus]:
        """Every session on this machine, whoever made it, by the files alone."""
        from profiles.catalogue.sessions import session_statuses

        return session_statuses(self.machine, self.catalogue)

    def new_session(
        self,
        role: Role,
        request: Request,
        *,
        ask: Ask = nobody,
        cancelled: Callable[[], bool] | None = None,
        change: str,
        since: float | None = None,
    ) -> Session:
        """A session of a role that is not its cached one; no guard is asked.

        Args:
            change: what it is for, as an infinitive.
            since: the end of the session of before, where a cached one that ends later, got
                meanwhile on the way to another role, is as good as a new one.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        from profiles.sources.walk import session_of

        rooted = self.usable(role, request)
        for fresh in self._renewed_from(role, since):
            session = session_of(self._way(rooted, request, ask, cancelled, fresh, change))
            if since is None or (session.expires_at or 0) > since:
                break
        return session

    def _renewed_from(self, role: Role, since: float | None) -> Iterator[frozenset[str]]:
        """Whose cached sessions do not count in a renewal: none's first, where there is a later."""
        if since is not None and any(
            status.name == role.name and (status.expires_at or 0) > since
            for status in self.statuses()
        ):
            yield frozenset()
        yield frozenset({role.name})

    def undo(self) -> Change:
        """Put the credentials file back as it was before rolecall's last write.

        Raises:
            FileChanged: others changed it since.
            UsageError: there is nothing to undo.
        """
        from profiles.files import credentials

        return credentials.undo(self.machine)

    def session_before(self, role: Role, request: Request, *, ask: Ask = nobody) -> Session:
        """The session that a role is assumed with.

        Raises:
            UsageError: the role is assumed with none.
            RolecallError: it cannot be had, and why.
        """
        hops = self.catalogue.hops(self.rooted(role, request))
        if len(hops) < 2:
            raise UsageError(f"{role.name} is assumed by nobody")
        return self.session_of_hop(role, len(hops) - 2, request, ask=ask, change="ask about it")

    def session_of_hop(
        self,
        role: Role,
        at: int,
        request: Request | None = None,
        *,
        ask: Ask = nobody,
        change: str = "see whether that works",
    ) -> Session:
        """The session of one hop of the way to a role; no guard is asked.

        Args:
            role: where the way leads.
            at: the hop's place, the origin's is 0.
            change: what the session is for, as an infinitive.

        Raises:
            RolecallError: it cannot be had, and why.
        """
        from profiles.sources.walk import session_at

        request = _asked(request)
        way = self._way(self.rooted(role, request), request, ask, None, frozenset(), change)
        return session_at(way, at)

    def _way(
        self,
        role: Role,
        request: Request,
        ask: Ask,
        cancelled: Callable[[], bool] | None,
        fresh: frozenset[str],
        purpose: str,
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
            clock=self.saw_offset,
            given=partial(self._write_down, role, request, purpose),
        )

    def _got(
        self,
        role: Role,
        request: Request,
        ask: Ask,
        cancelled: Callable[[], bool] | None,
        change: str,
        fresh: frozenset[str],
    ) -> Session:
        from profiles.sources.walk import session_of

        return session_of(self._way(role, request, ask, cancelled, fresh, change))

    def usable(self, role: Role, request: Request) -> Role:
        """The role as it really starts.

        Raises:
            UsageError: its settings are broken, or see `rooted`.
        """
        from profiles.sources.wishes import check_wishes

        role = self.rooted(role, request)
        if role.problem:
            raise UsageError(
                f"{role.name} cannot be used: {role.problem}",
                f"mend {role.name} in {self._file_of(role)}",
            )
        check_wishes(role, request)
        return role

    def known(self, name: str) -> Role:
        """A role by its name; one that was assumed by its ARN alone is remembered.

        Raises:
            UnknownTarget, AmbiguousTarget: see `Catalogue.resolve`.
        """
        from profiles.files.state import load_state

        try:
            return self.catalogue.resolve(name)
        except UnknownTarget:
            known = load_state(self.machine).arns.get(name, {})
            if "role_arn" not in known:
                raise
            role = self.catalogue.resolve(known["role_arn"])
            if known.get("kind") == "saml":
                return self.catalogue.proven_by_saml(role)
            source = known.get("source")
            return self.catalogue.sourced(role, source) if source else role

    def rooted(self, role: Role, request: Request) -> Role:
        """The role with the source that it will really start from.

        Raises:
            UsageError: a bare ARN, and no credentials that it could be assumed with.
        """
        if request.source is not None:
            federated = role.entry is not None and role.kind in ("saml", "web-identity")
            if federated or request.saml_assertion is not None:
                raise UsageError(f"{role.name} has no source: others prove who you are")
            if role.entry is None and role.role_arn is None:
                raise UsageError(
                    f"{role.name} is no role that another source could assume",
                    f"leave out --source, or assume a role with --source {role.name}",
                )
            return self.catalogue.sourced(role, request.source)
        if request.saml_assertion is not None:
            return self._by_assertion(role)
        if role.entry is None or role.source or role.kind not in ("role", "session-token"):
            return role
        env = self.machine.env
        if env.get("AWS_ACCESS_KEY_ID"):
            return self.catalogue.sourced(role, "env")
        name = self.machine.profile() or "default"
        if name not in self.catalogue.files.profiles:
            raise UsageError(
                f"{role.name} has no source, and there are no default credentials",
                "say what to assume it with: --source PROFILE",
            )
        return self.catalogue.sourced(role, name)

    def _by_assertion(self, role: Role) -> Role:
        """The role that a SAML response was given for: its way leads over one, or it is one itself.

        Raises:
            UsageError: no SAML response leads to it.
        """
        try:
            hops = self.catalogue.hops(role)
        except RolecallError:
            hops = ()  # what it started from does not matter any more
        if any(hop.kind == "saml" for hop in hops):
            return role
        if role.role_arn is None:
            raise UsageError(f"{role.name}: a SAML response leads to a role, and it is none")
        return self.catalogue.proven_by_saml(role)

    def _file_of(self, role: Role) -> str:
        """The file that a role comes from."""
        files = {"config": self.machine.config_file, "credentials": self.machine.credentials_file}
        return files.get(role.origin, self.machine.settings_file)

    def saw_offset(self, offset: float) -> None:
        """Count by AWS's clock from now on, this run and those after it."""
        self.clock_offset = offset
        saw_offset(self.machine, offset)

    def _write_down(
        self, role: Role, request: Request, purpose: str, session: Session
    ) -> tuple[str, ...]:
        """Add a session that AWS gave to the history; what a person has to know of it.

        Args:
            role: where the way leads; the session may be one of a step before.
        """
        if self.catalogue.settings.values.get("history") is False:
            return ()
        from profiles.files.history import Entry, remember
        from profiles.sources.arguments import reason_of

        _, _, name = (session.identity or "").partition(":assumed-role/")
        on_the_way = "" if session.role == role.name else f"assume {role.name}, to "
        entry = Entry(
            at=self.machine.now(),
            role=session.role,
            role_arn=session.role_arn,
            account_id=session.account_id,
            identity=session.identity,
            session_name=name.rpartition("/")[2] or None,
            access_key_id=session.credentials.access_key_id,
            source=session.source,
            host=self.machine.host,
            purpose=on_the_way + purpose,
            reason=reason_of(self.catalogue.settings, request.reason),
            expires_at=session.expires_at,
        )
        why = remember(self.machine, entry)
        return () if why is None else (f"the history cannot be kept: {why}",)

    def remember(
        self, role: Role, request: Request, session: Session, profiles: Sequence[str]
    ) -> tuple[str, ...]:
        """Note what a written session was asked with, for renewing; what could not be noted."""
        from profiles.files.asked import remember_asked
        from profiles.files.state import record_arn
        from profiles.sources.arguments import policies

        if role.role_arn and self.catalogue.get(role.name) is None:
            rooted = self.rooted(role, request)
            record_arn(self.machine, role.name, role.role_arn, rooted.source, rooted.kind)
        options = request.lasting()
        if request.policy:
            # Its text: the file may be another one by then, or lie in another folder.
            with contextlib.suppress(RolecallError):  # a kind of session that takes none
                options["policy"] = policies(role, self.catalogue.settings, request)["Policy"]
        key = session.credentials.access_key_id
        if remember_asked(self.machine, role.name, profiles, key, options):
            return ()
        return (f"what {role.name} was asked with cannot be remembered: give it to renew again",)


def listed(profiles: Sequence[str]) -> str:
    """Profiles as people read them."""
    return ", ".join(f"[{profile}]" for profile in profiles)


def _too_short(role: Role, lasts: int, needs: int) -> SessionTooLong:
    return SessionTooLong(
        f"a session of {role.name} lasts {times.words(lasts)}, and {times.words(needs)} are needed",
        "ask for more with --duration, where the role and its stage allow it, or have it renewed "
        "with --renewing",
    )


def _short_of(session: Session, needs: int, machine: Machine) -> bool:
    """Whether a session ends before what is needed."""
    left = session.seconds_left(aws_now(machine))
    # A second goes by between AWS's answer and here.
    return left is not None and left < needs - 2


def _asked(request: Request | None) -> Request:
    """The request, or the one that asks for nothing."""
    from profiles.request import Request

    return Request() if request is None else request
