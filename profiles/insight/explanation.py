"""Why a target works as it does: its hops, what each client would take, what is passed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.catalogue.behind import layers, limits
from profiles.catalogue.sessions import by_role
from profiles.errors import RolecallError
from profiles.files.aws_clock import aws_now
from profiles.guard import guard
from profiles.insight.provider_chain import CLIENTS, Chain, chain_of, line_of
from profiles.model import Phase
from profiles.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.challenges import Ask
    from profiles.model import SessionStatus
    from profiles.switcher import Switcher

_SIGN_IN = "sso-session"
_KEYS = ("keys", "keyring")


class HopFound(NamedTuple):
    """One hop of a way.

    Attributes:
        name: of the profile, role or session.
        kind: `keys`, `role`, `sso`, …
        where: the file and line that it comes from; None for what no file has.
        role_arn: what is assumed; None where no role is.
        wants: what its settings send along: the MFA device that gives a code, an external id.
        lasts: how long its sessions last and what bounds that, in words; None for keys.
        cached: how much is left of a session of it, in words; None where there is none.
        session: what there is of a session of it, in words; None for keys.
        failure: why it could not be had, where it was tried, or cannot, as far as the files tell.
        tried: whether it was.
    """

    name: str
    kind: str
    where: str | None
    role_arn: str | None = None
    wants: tuple[str, ...] = ()
    lasts: str | None = None
    cached: str | None = None
    session: str | None = None
    failure: str | None = None
    tried: bool = False


class Explanation(NamedTuple):
    """What there is to say of a target, or of the environment.

    Attributes:
        target: its name; None for the environment.
        hops: the way to it, from who proves an identity; empty for the environment.
        chains: what each client would do.
        problem: why it cannot be used, as far as the files tell.
        region: where calls go, and what says so.
        wins: where its sessions go and what wins over them, a sentence each.
        hint: what to do about a failed hop.
        causes: why it failed, as far as IAM tells, a sentence each.
    """

    target: str | None
    hops: tuple[HopFound, ...]
    chains: tuple[Chain, ...]
    problem: str | None
    region: tuple[str, str] | None
    wins: tuple[str, ...] = ()
    hint: str | None = None
    causes: tuple[str, ...] = ()

    @property
    def failing(self) -> int | None:
        """The place of the hop that hint and causes are about: one that was tried comes first."""
        failed = [(hop.tried, at) for at, hop in enumerate(self.hops) if hop.failure]
        return max(failed)[1] if failed else None

    def refused(self, error: RolecallError, catalogue: Catalogue) -> Explanation:
        """The same, with the hop marked that an error is about; the last one, where none is named.

        Its sentence tells: of a role it has the ARN, else the name of a hop.
        """
        if not self.hops:
            return self
        arns = [role.role_arn if (role := catalogue.get(hop.name)) else None for hop in self.hops]
        at = len(self.hops) - 1
        for words in (arns, [hop.name for hop in self.hops]):
            named = [at for at, word in enumerate(words) if word and _says(error.summary, word)]
            if named:
                at = named[-1]
                break
        hop = self.hops[at]._replace(failure=error.summary, tried=True)
        hops = (*self.hops[:at], hop, *self.hops[at + 1 :])
        return self._replace(hops=hops, hint=error.hint)


def _says(text: str, word: str) -> bool:
    """Whether a word is in a text, and not as a part of a longer name or ARN."""
    found = rf"(?<![\w+=,.@/:-]){re.escape(word)}(?![\w+=,@/-]|[.:]\w)"
    return re.search(found, text) is not None


def of_environment(switcher: Switcher) -> Explanation:
    """What clients would take in this environment."""
    machine, files = switcher.machine, switcher.catalogue.files
    chains = tuple(chain_of(client, machine.env, files) for client in CLIENTS)
    named = machine.profile() or "default"
    missing = named != "default" and named not in files.profiles
    problem = f"no file has a profile {named}" if missing else None
    return Explanation(None, (), chains, problem, _region(switcher, None, named))


def of_target(
    switcher: Switcher,
    role: Role,
    request: Request | None = None,
    *,
    ask: Ask | None = None,
    statuses: Sequence[SessionStatus] | None = None,
) -> Explanation:
    """What there is to say of a role.

    Args:
        switcher: knows the roles.
        role: which.
        request: what is asked of its session.
        ask: answers what a hop needs of a person; None tries none of them.
        statuses: every session on this machine, where they are known.
    """
    catalogue, machine = switcher.catalogue, switcher.machine
    statuses = switcher.statuses() if statuses is None else statuses
    request = Request() if request is None else request
    problem = catalogue.problem(role)
    chains: tuple[Chain, ...] = ()
    if role.profile is not None and role.entry is None:
        chains = tuple(
            chain_of(client, machine.env, catalogue.files, role.name) for client in CLIENTS
        )
    try:
        rooted = switcher.rooted(role, request)
        hops = catalogue.hops(rooted)
    except RolecallError as error:
        problem, hops = problem or error.summary, ()
    found = tuple(_hops(switcher, hops, statuses, problem))
    said = Explanation(
        role.name,
        found,
        chains,
        problem,
        _region(switcher, role, role.name),
        _wins(switcher, role, statuses),
    )
    if ask is not None and hops and problem is None:
        return _tried(switcher, role, request, said, ask)
    return said


def _hops(
    switcher: Switcher,
    hops: tuple[Hop, ...],
    statuses: Sequence[SessionStatus],
    problem: str | None,
) -> Iterator[HopFound]:
    now = aws_now(switcher.machine)
    sessions = by_role(statuses, now)
    sign_ins = [each.status for each in layers(hops, statuses, sessions) if each.kind == "SSO"]
    for at, (name, kind, role) in enumerate(hops):
        status = sessions.get(name)
        if kind == _SIGN_IN:
            status = next(iter(sign_ins), None)
        live = status is not None and status.phase(now) is not Phase.EXPIRED
        left = status.seconds_left(now) if status is not None and live else None
        yield HopFound(
            name,
            kind,
            _where(switcher, name, kind, role),
            role.role_arn if role is not None and kind == "role" else None,
            () if role is None or kind == _SIGN_IN else tuple(_wants(role)),
            _lasts(switcher, hops[: at + 1]),
            None if left is None else f"{times.words(left)} left",
            None if role is None or kind in _KEYS else _session(kind, status, now),
            (role.problem if role is not None else None)
            or (problem if at == len(hops) - 1 else None),
        )


def _wants(role: Role) -> Iterator[str]:
    if serial := role.get("mfa_serial"):
        yield f"a code of {serial}"
    if role.get("external_id"):
        yield "an external id"


def _session(kind: str, status: SessionStatus | None, now: float) -> str:
    """What there is of a session, in words."""
    if status is None:
        return "nobody is signed in" if kind == _SIGN_IN else "no session is kept"
    if status.expires_at is None:
        return "a session whose end is not known"
    if status.phase(now) is Phase.EXPIRED:
        return f"its session ended at {times.local_clock(status.expires_at)}"
    more = ", then it is refreshed" if status.refreshed_until else ""
    return f"its session lasts another {times.words(status.expires_at - now)}{more}"


def _wins(switcher: Switcher, role: Role, statuses: Sequence[SessionStatus]) -> tuple[str, ...]:
    written = [each.profile for each in statuses if each.name == role.name and each.profile]
    try:
        names = written or [switcher.profile_for(role)]
    except RolecallError as error:
        return (error.summary,)
    found = [f"clients use it with AWS_PROFILE={name}" for name in names if name != "default"]
    for name in names:
        if key := switcher.catalogue.shadowing(name):
            found.append(f"{key} in the config file wins over keys written to [{name}]")
    notes = switcher.overruled(role, names) or ("nothing in the environment wins over it",)
    return (*found, *notes)


def _where(switcher: Switcher, name: str, kind: str, role: Role | None) -> str | None:
    files = switcher.catalogue.files
    if role is not None and role.entry is not None:
        return f"{switcher.machine.settings_file} [[roles]]"
    session = files.sso_sessions.get(name)
    if session is not None and (role is None or role.name != name):
        return f"{session.path} line {session.line}"
    profile = files.profiles.get(name)
    sections = (profile.credentials, profile.config) if profile is not None else ()
    if kind == "keys":
        for each in sections:
            if each is not None and "aws_access_key_id" in each.settings:
                return line_of(each, "aws_access_key_id")
    section = next(filter(None, reversed(sections)), None)
    return f"{section.path} line {section.line}" if section is not None else None


def _lasts(switcher: Switcher, hops: tuple[Hop, ...]) -> str | None:
    """How long the sessions of the last of some hops last."""
    _, kind, role = hops[-1]
    if role is None or kind in (*_KEYS, _SIGN_IN):
        return None
    return "; ".join(limits(switcher.catalogue, role, hops)) or None


def _region(switcher: Switcher, role: Role | None, name: str) -> tuple[str, str] | None:
    """Where calls go, and the variable, setting or line that says so."""
    env, settings = switcher.machine.env, switcher.catalogue.settings
    for variable in ("ROLECALL_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"):
        if env.get(variable) and (role is not None or variable != "ROLECALL_REGION"):
            return env[variable], variable
    if role is not None and role.entry is not None and role.region:
        return role.region, f"{switcher.machine.settings_file} [[roles]]"
    said = settings.text("region")
    if role is not None and said:
        return said, switcher.machine.settings_file
    profile = switcher.catalogue.files.profiles.get(name)
    for section in (profile.credentials, profile.config) if profile is not None else ():
        region = section.settings.get("region") if section is not None else None
        if section is not None and isinstance(region, str):
            return region, line_of(section, "region")
    return None


def _tried(
    switcher: Switcher, role: Role, request: Request, said: Explanation, ask: Ask
) -> Explanation:
    """Make the hops one by one, up to the first that fails; and what helps against that."""
    from profiles.insight.denial import causes_of
    from profiles.insight.trust_check import longest_session

    guard(switcher.catalogue, role, request, ask, "try its hops")
    done: list[HopFound] = []
    for at, hop in enumerate(said.hops):
        if hop.kind == _SIGN_IN:  # it is no session: the permission set after it signs in
            done.append(hop)
            continue
        try:
            switcher.session_of_hop(role, at, request, ask=ask)
        except RolecallError as error:
            failed = hop._replace(tried=True, failure=error.summary)
            return said._replace(
                hops=(*done, failed, *said.hops[at + 1 :]),
                hint=error.hint,
                causes=causes_of(switcher, hop.name, error, request, ask=ask),
            )
        done.append(hop._replace(tried=True))
    last = done[-1]
    if last.kind == "role" and (longest := longest_session(switcher, role, request, ask=ask)):
        allows = f"the role allows {times.words(longest)} at most"
        done[-1] = last._replace(lasts="; ".join(filter(None, (last.lasts, allows))))
    return said._replace(hops=tuple(done))
