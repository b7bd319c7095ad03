"""What is known of the way to a role, and of what wins over it: by files and caches, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.catalogue.behind import KINDS, hops_of, layers, limits, origin_of
from profiles.errors import RolecallError
from profiles.insight.provider_chain import CLIENTS, chain_of
from profiles.model import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.model import SessionStatus
    from profiles.switcher import Switcher


class Step(NamedTuple):
    """A hop on the way.

    Attributes:
        name: of the profile, role, SSO session or source.
        kind: in words: `key`, `role`, `sign-in` …
        said: what is known of it, a sentence each.
        problem: why it fails here, or None.
    """

    name: str
    kind: str
    said: tuple[str, ...]
    problem: str | None = None


class Explained(NamedTuple):
    """What is known of a role.

    Attributes:
        steps: the way, the origin first; none where the sources lead nowhere.
        problem: why it cannot be used, or None.
        wins: what wins where: a sentence each.
    """

    steps: tuple[Step, ...]
    problem: str | None
    wins: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """It as text, a line each; what belongs to a step is set in."""
        found = []
        for number, step in enumerate(self.steps, 1):
            found.append(f"{number}. {step.name} ({step.kind})")
            found += [f"   {text}" for text in step.said]
            if step.problem:
                found.append(f"   fails: {step.problem}")
        if self.problem and not any(step.problem for step in self.steps):
            found.append(f"fails: {self.problem}")
        return [*found, "", *self.wins]


def explained(
    switcher: Switcher, role: Role, statuses: Sequence[SessionStatus], now: float
) -> Explained:
    """Explain a role.

    Args:
        statuses: every session on this machine.
        now: seconds since 1970.
    """
    catalogue = switcher.catalogue
    problem = catalogue.problem(role)
    hops = hops_of(catalogue, role)
    steps = tuple(_step(switcher, hops, place, statuses, now) for place in range(len(hops)))
    return Explained(steps, problem, (*_wins(switcher, role, statuses), *_taken(switcher, role)))


def _step(
    switcher: Switcher,
    hops: Sequence[Hop],
    place: int,
    statuses: Sequence[SessionStatus],
    now: float,
) -> Step:
    hop, catalogue = hops[place], switcher.catalogue
    kind = KINDS.get(hop.kind, hop.kind)
    if hop.role is None:
        return Step(hop.name, kind, ())
    said = []
    if hop.kind == "sso-session":
        own = [each.status for each in layers(hops, statuses, now) if each.kind == "SSO"]
        said.append(_alive(own[0], now) if own else "nobody is signed in")
        return Step(hop.name, kind, tuple(said))
    said.append(f"named in {origin_of(hop.role)}")
    if hop.kind == "role" and hop.role.role_arn:
        said.append(f"assumes {hop.role.role_arn}")
    for key, words in (("mfa_serial", "wants a code of"), ("external_id", "with an external id")):
        if value := hop.role.get(key):
            said.append(f"{words} {value}" if key == "mfa_serial" else words)
    if hop.kind not in ("keys", "keyring"):
        from profiles.catalogue.sessions import by_role

        status = by_role(statuses, now).get(hop.name)
        said.append("no session is kept" if status is None else _alive(status, now))
    if place == len(hops) - 1:
        said += limits(catalogue, hop.role, hops)
    problem = hop.role.problem or (catalogue.problem(hop.role) if place == len(hops) - 1 else None)
    return Step(hop.name, kind, tuple(said), problem)


def _alive(status: SessionStatus, now: float) -> str:
    if status.expires_at is None:
        return "a session whose end is not known"
    if status.phase(now) is Phase.EXPIRED:
        return f"its session ended at {times.local_clock(status.expires_at)}"
    left = times.words(status.expires_at - now)
    more = ", then it is refreshed" if status.refreshed_until else ""
    return f"its session lasts another {left}{more}"


def _taken(switcher: Switcher, role: Role) -> tuple[str, ...]:
    """What the AWS clients take that are given the role's own profile."""
    if role.profile is None or role.entry is not None:
        return ()
    clients: dict[str, list[str]] = {}
    for client in CLIENTS:
        chain = chain_of(client, switcher.machine.env, switcher.catalogue.files, role.name)
        taken = chain.winner.words if chain.winner else "nothing from files"
        clients.setdefault(taken, []).append(chain.client)
    with_it = f"with {role.name} as their profile"
    if len(clients) == 1:
        return (f"{with_it}, all clients take {next(iter(clients))}",)
    said = [f"{taken} ({', '.join(names)})" for taken, names in clients.items()]
    return (f"{with_it}, clients take {'; '.join(said)}",)


def _wins(switcher: Switcher, role: Role, statuses: Sequence[SessionStatus]) -> tuple[str, ...]:
    """Where its sessions go, and what wins over them."""
    written = [s.profile for s in statuses if s.name == role.name and s.profile]
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
