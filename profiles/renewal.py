"""New sessions for the profiles that hold those of before: planned, asked for, written.

planned   reads what is there, once for all of them    ┐
asked     gets the new sessions of one, in any thread  ├ what `rolecall renew --all` does
written   writes those of several in one step          ┘
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.role import Role
from profiles.destinations.credentials_profile import CredentialsProfile
from profiles.errors import CredentialsFileBusy, RolecallError
from profiles.guard import guard
from profiles.switcher import Assumed, listed
from profiles.unattended import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from profiles.challenges import Ask
    from profiles.files.credentials import Owned
    from profiles.request import Request
    from profiles.session import Session
    from profiles.switcher import Switcher


@dataclass
class Renewal:
    """The sessions of one role on their way.

    Attributes:
        name: what was asked for: a role's name, or a profile's.
        role: whose they are; one of that name alone until it is known.
        groups: the profiles that get them, by what their sessions are asked with.
        got: the new sessions, as far as they could be had.
        error: what stood in the way.
        is_written: whether those that could be had are in their profiles.
    """

    name: str
    role: Role
    groups: dict[Request, list[str]] = field(default_factory=dict)
    got: dict[Request, Session] = field(default_factory=dict)
    error: RolecallError | None = None
    is_written: bool = False

    @property
    def profiles(self) -> tuple[str, ...]:
        """All that get a session."""
        return tuple(profile for group in self.groups.values() for profile in group)


def renew(
    switcher: Switcher,
    name: str,
    request: Request | None = None,
    *,
    ask: Ask = nobody,
    cancelled: Callable[[], bool] | None = None,
    since: float | None = None,
) -> Assumed:
    """A new session of a role, into the profiles that hold its session of before.

    What the one of before was asked with is asked for again, but for what `request` says
    otherwise. Where the profiles' sessions were asked with different things, each is renewed
    as it was, and the first one is returned.

    Args:
        since: the end of the session of before, where a cached one that ends later, got meanwhile
            on the way to another role, is as good as a new one.

    Raises:
        UnknownTarget: nothing of that name is written or known.
        RolecallError: anything else that stood in the way.
    """
    (found,) = planned(switcher, [name], request)
    asked(switcher, found, request, ask=ask, cancelled=cancelled, since=since)
    (done,) = written(switcher, [found])
    if done.error is not None:
        raise done.error
    assert done.assumed is not None  # noqa: S101 - one of the two is there
    return done.assumed


def planned(
    switcher: Switcher, names: Iterable[str], request: Request | None = None
) -> list[Renewal]:
    """What is to be renewed, seen to be writable; nothing is asked of AWS.

    Raises:
        ConfigUnreadable: the credentials file cannot be read.
    """
    from profiles.files import credentials

    owned = credentials.owned(switcher.machine)
    found = [Renewal(name, Role(name)) for name in names]
    for each in found:
        _tried(each, _plan, switcher, owned, request)
    # A role's profile that is named besides the role gets one new session, not two.
    seen: set[str] = set()
    once = []
    for each in found:
        if each.error is not None or not seen.issuperset(each.profiles):
            once.append(each)
        seen.update(each.profiles)
    _together(switcher, [each for each in once if each.error is None], _check)
    return once


def asked(
    switcher: Switcher,
    renewal: Renewal,
    request: Request | None = None,
    *,
    ask: Ask = nobody,
    cancelled: Callable[[], bool] | None = None,
    since: float | None = None,
) -> None:
    """Get the new sessions of one; what stands in the way of it is its `error`."""
    if renewal.error is None:
        _tried(renewal, _ask, switcher, request, ask, cancelled, since)


class Renewed(NamedTuple):
    """What became of a renewal.

    Attributes:
        assumed: the sessions that were written; None where none was.
        error: what stood in the way of them, or of some of them.
    """

    assumed: Assumed | None
    error: RolecallError | None


def written(switcher: Switcher, renewals: Sequence[Renewal]) -> list[Renewed]:
    """Write the new sessions of all in one step; what became of each, in order."""
    from profiles.files.state import record_use

    _together(switcher, [each for each in renewals if each.got], _write)
    done = [each.role.name for each in renewals if each.is_written]
    if done:
        record_use(switcher.machine, *done)
    return [
        Renewed(_assumed(switcher, each) if each.is_written else None, each.error)
        for each in renewals
    ]


def _plan(
    renewal: Renewal, switcher: Switcher, owned: Mapping[str, Owned], request: Request | None
) -> None:
    from profiles.files.asked import asked_with
    from profiles.request import Request

    name, request = renewal.name, request or Request()
    holders = [profile for profile, held in owned.items() if held.role == name]
    if not holders and name in owned:
        name, holders = owned[name].role, [name]
    renewal.role = role = switcher.known(name)
    for holder in holders or [switcher.profile_for(role)]:
        key = owned[holder].access_key_id if holder in owned else None
        before = asked_with(switcher.machine, role.name, holder, key)
        renewal.groups.setdefault(request.over(before), []).append(holder)


def _check(switcher: Switcher, renewals: Sequence[Renewal]) -> None:
    names = [profile for each in renewals for profile in each.profiles]
    CredentialsProfile(switcher.machine, switcher.catalogue, *names).check()


def _ask(
    renewal: Renewal,
    switcher: Switcher,
    request: Request | None,
    ask: Ask,
    cancelled: Callable[[], bool] | None,
    since: float | None,
) -> None:
    from profiles.request import Request

    first = switcher.usable(renewal.role, next(iter(renewal.groups)))
    change = f"renew the session in {listed(renewal.profiles)}"
    guard(switcher.catalogue, first, request or Request(), ask, change)
    for wanted in renewal.groups:
        renewal.got[wanted] = switcher.new_session(
            renewal.role, wanted, ask=ask, cancelled=cancelled, change=change, since=since
        )


def _write(switcher: Switcher, renewals: Sequence[Renewal]) -> None:
    from profiles.files import credentials

    sections = [
        section
        for each in renewals
        for wanted, session in each.got.items()
        for section in _place(switcher, each.groups[wanted]).sections(session)
    ]
    # Others that have ended stay, whatever `clean_up` says: they may be renewed next.
    credentials.write(switcher.machine, *sections)
    for each in renewals:
        each.is_written = True


def _assumed(switcher: Switcher, renewal: Renewal) -> Assumed:
    notes: dict[str, None] = {}
    for wanted, session in renewal.got.items():
        place = _place(switcher, renewal.groups[wanted])
        remembered = switcher.remember(renewal.role, wanted, session, place.names)
        notes |= dict.fromkeys([*session.notes, *place.overruled(session.region), *remembered])
    profiles = tuple(profile for wanted in renewal.got for profile in renewal.groups[wanted])
    return Assumed(next(iter(renewal.got.values())), profiles, tuple(notes))


def _place(switcher: Switcher, names: Sequence[str]) -> CredentialsProfile:
    return CredentialsProfile(switcher.machine, switcher.catalogue, *names)


def _tried(renewal: Renewal, step: Callable[..., None], *given: object) -> None:
    """Take a step with one; what stands in its way is its `error`, unless it has one."""
    try:
        step(renewal, *given)
    except RolecallError as error:
        renewal.error = renewal.error or error


def _together(
    switcher: Switcher,
    renewals: Sequence[Renewal],
    step: Callable[[Switcher, Sequence[Renewal]], None],
) -> None:
    """Take a step with all at once; where that is refused, with each, so that one alone fails."""
    try:
        if renewals:
            step(switcher, renewals)
    except CredentialsFileBusy as busy:
        # Each would wait as long for the same.
        for each in renewals:
            each.error = each.error or busy
    except RolecallError:
        for each in renewals:
            _tried(each, lambda one: step(switcher, [one]))
