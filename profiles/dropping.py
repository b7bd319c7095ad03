"""Taking back what rolecall wrote: its profiles in both files, and the sessions that it cached."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import UnknownTarget
from profiles.files import cache, credentials, process_profiles
from profiles.files.asked import forget_asked
from profiles.files.aws_clock import aws_now
from profiles.files.reader import read_aws_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine


class Dropped(NamedTuple):
    """What was removed: profiles, and how many cached sessions."""

    profiles: tuple[str, ...]
    sessions: int


def drop(machine: Machine, catalogue: Catalogue, names: Iterable[str]) -> Dropped:
    """Remove what rolecall wrote of some roles.

    Args:
        machine: says where the files are.
        catalogue: the roles; one that nothing was written of is no error.
        names: of roles, or of profiles that rolecall wrote.

    Raises:
        UnknownTarget: a name that neither is.
    """
    owned = credentials.owned(machine)
    made = {role for role, _ in cache.made_by_rolecall(machine).values()}
    processes = process_profiles.owned(catalogue.files)
    roles: set[str] = set()
    profiles: set[str] = set()
    of_config: set[str] = set()
    for name in names:
        if name in owned:
            profiles.add(name)
            # The cached session goes when no other profile of the role is left.
            role = owned[name].role
            if all(at == name or held.role != role for at, held in owned.items()):
                roles.add(role)
        if name in processes:
            of_config.add(name)
        holders = {at for at, held in owned.items() if held.role == name}
        if holders or name in made or catalogue.get(name):
            profiles |= holders
            roles.add(name)
        elif name not in owned and name not in processes:
            raise UnknownTarget(
                f"nothing that rolecall wrote is called {name!r}",
                "rolecall status shows what there is",
            )
    removed = _removed(machine, sorted(profiles), sorted(of_config))
    forget_asked(machine, roles, profiles)
    sessions = cache.drop_sessions(machine, roles) if roles else 0
    return Dropped(removed, sessions)


def drop_all(machine: Machine, *, expired: bool = False) -> Dropped:
    """Remove everything that rolecall wrote, or only what has expired."""
    if expired:
        removed = drop_ended(machine, aws_now(machine))
        forget_asked(machine, (), removed)
    else:
        processes = list(process_profiles.owned(read_aws_files(machine)))
        removed = _removed(machine, list(credentials.owned(machine)), processes)
        forget_asked(machine, None)
    sessions = cache.drop_sessions(machine, None, expired_only=expired)
    return Dropped(removed, sessions)


def drop_ended(machine: Machine, by: float, keeping: Iterable[str] = ()) -> tuple[str, ...]:
    """Remove the credentials profiles whose session has ended; their names.

    The profiles of credential-process hold no session, so that none of them ends.

    Args:
        machine: says where the file is.
        by: when it has, seconds since 1970.
        keeping: roles whose profiles stay: somebody renews them now.
    """
    kept = set(keeping)
    ended = [
        profile
        for profile, held in credentials.owned(machine).items()
        if held.expires_at is not None and held.expires_at <= by and held.role not in kept
    ]
    return credentials.remove(machine, ended, ended_by=by).profiles if ended else ()


def _removed(machine: Machine, profiles: list[str], of_config: list[str]) -> tuple[str, ...]:
    """The names of what was removed from the credentials file, then from the config file."""
    written = credentials.remove(machine, profiles).profiles if profiles else ()
    return written + (process_profiles.remove(machine, of_config) if of_config else ())
