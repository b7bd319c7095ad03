"""What the panes show: roles, sessions, favourites, and what is being tried at the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.behind import hops_of, layers
from profiles.model import Phase
from profiles.times import countdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiles.catalogue.behind import Layer
    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.chain import Hop
    from profiles.catalogue.query import States
    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.model import SessionStatus, Stage
    from tui.widgets.role_rows import Heading

    Overruled = Callable[[Role, Sequence[str]], tuple[str, ...]]


class About(NamedTuple):
    """What is read of a role once it is on screen.

    Attributes:
        chain: the names of its hops, the origin first.
        stage: None where no pattern matches.
        problem: why it cannot be used, or None.
    """

    chain: tuple[str, ...]
    stage: Stage | None
    problem: str | None


class Facts:
    """The one place the panes read from; the picker keeps it up to date.

    Attributes:
        catalogue: every role.
        overruled: what wins over a role's session in profiles, a sentence each.
        skew: seconds that AWS's clock is ahead of this machine's.
        statuses: every session on this machine.
        sessions: the one that counts for each role, by its name.
        favourites: names, in the order in which they were made.
        recents: names, the latest first.
        frequent: names, those used often and lately first.
        filters: what was looked for, the latest first.
        trying: names of roles being switched to.
        renewing: those of them whose session renews itself.
        failures: by role name, why the last try failed; until the next one.
        done: the command line for what was done last; empty before that.
    """

    def __init__(
        self, catalogue: Catalogue, now: Callable[[], float], overruled: Overruled
    ) -> None:
        self.catalogue = catalogue
        self.overruled = overruled
        self.skew = 0.0
        self._clock = now
        self.statuses: Sequence[SessionStatus] = ()
        self.sessions: dict[str, SessionStatus] = {}
        self.favourites: list[str] = []
        self.recents: list[str] = []
        self.frequent: list[str] = []
        self.filters: list[str] = []
        self.trying: set[str] = set()
        self.renewing: set[str] = set()
        self.failures: dict[str, RolecallError] = {}
        self.done = ""
        self._about: dict[int, About] = {}
        self._hops: dict[int, tuple[Hop, ...]] = {}

    def now(self) -> float:
        """The time by AWS's clock, which is the one that sessions end by; seconds since 1970."""
        return self._clock() + self.skew

    def use(self, catalogue: Catalogue) -> None:
        """Replace the roles; what was read of the old ones is forgotten."""
        self.catalogue = catalogue
        self._about.clear()
        self._hops.clear()

    def know(self, statuses: Sequence[SessionStatus]) -> None:
        """Replace the sessions; those that end first come first, those that are over last."""
        now = self.now()

        def place(status: SessionStatus) -> tuple[bool, float, str]:
            ends = status.expires_at
            return (
                status.phase(now) is Phase.EXPIRED,
                float("inf") if ends is None else ends,
                status.name,
            )

        self.statuses = sorted(statuses, key=place)
        self.rank()

    def rank(self) -> None:
        """Find anew which session counts for each role: one that has ended leaves it to another."""
        from profiles.catalogue.sessions import by_role

        self.sessions = by_role(self.statuses, self.now())

    def about(self, role: Role) -> About:
        """What a row says of a role, read once."""
        found = self._about.get(id(role))
        if found is None:
            catalogue = self.catalogue
            found = About(catalogue.chain(role), catalogue.stage(role), catalogue.problem(role))
            self._about[id(role)] = found
        return found

    def hops(self, role: Role) -> tuple[Hop, ...]:
        """The hops to a role, read once; none where they cannot be told."""
        found = self._hops.get(id(role))
        if found is None:
            found = self._hops[id(role)] = hops_of(self.catalogue, role)
        return found

    def layers(self, role: Role) -> list[Layer]:
        """The sessions that a role's comes from."""
        return layers(self.hops(role), self.statuses, self.sessions)

    def account_stage(self, account: Heading) -> Stage | None:
        """The stage of an account: the one that its first roles share."""
        stages = {self.about(self.catalogue.roles[place]).stage for place in account.roles[:4]}
        return stages.pop() if len(stages) == 1 else None

    def status(self, role: Role) -> SessionStatus | None:
        """The role's session; None where it has none."""
        return self.sessions.get(role.name)

    @property
    def states(self) -> States:
        """The names of the roles that are live, expiring, expired or favourites now."""
        from profiles.catalogue.sessions import states

        return states(self.sessions, self.favourites, self.now())

    def phase(self, status: SessionStatus | None) -> Phase | None:
        """A session's phase now; None is no session."""
        return None if status is None else status.phase(self.now())

    def left(self, status: SessionStatus | None) -> str:
        """A session's countdown; empty where it has no end, or is over."""
        if status is None:
            return ""
        seconds = status.seconds_left(self.now())
        return countdown(seconds) if seconds else ""

    def shown(self, status: SessionStatus | None) -> str:
        """What a row shows of a session now; it is drawn again when this changes."""
        if status is None or status.expires_at is None:
            return ""
        return f"{self.phase(status)} {self.left(status)}"

    @property
    def counting(self) -> bool:
        """Whether any countdown runs."""
        now = self.now()
        return any(s.expires_at is not None and s.expires_at > now for s in self.statuses)
