"""The list of roles in numbered lines, and what is known of each and of the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times
from profiles.catalogue.behind import kinds_of, layers, limits, origin_of
from profiles.catalogue.sessions import by_role, states
from profiles.errors import UsageError
from profiles.files.aws_clock import aws_now
from profiles.files.state import load_state, record_filter
from profiles.insight.explanation import of_target
from profiles.switcher import Switcher
from tui.explained import explained
from tui.plain.asking import say
from tui.same_command import same_command
from tui.widgets.role_rows import ORDERS, Heading, Known, role_lines

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus

PAGE = 20


class Listing:
    """The list as it stands.

    Args:
        query: the filter to begin with.

    Attributes:
        order: one of `ORDERS`.
        roles: what is in the list, in its order.
    """

    def __init__(self, machine: Machine, query: str) -> None:
        self.machine = machine
        self.switcher = Switcher(machine)
        self.query = query
        self.order = ORDERS[0]
        self.first = 0
        self.roles: list[Role] = []

    def filter(self, query: str) -> None:
        """Show what holds every word."""
        self.query, self.first = query.strip(), 0
        self.show()
        if self.query and self.roles:
            record_filter(self.machine, self.query)

    def reorder(self, order: str) -> None:
        """Show the list in another order: the one named, else the next.

        Raises:
            UsageError: there is none of that name.
        """
        if order and order not in ORDERS:
            raise UsageError(f"not an order: {order!r}", f"one of {', '.join(ORDERS)}")
        self.order = order or ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.first = 0
        say(f"ordered by {self.order}")
        self.show()

    def next_page(self) -> None:
        """The next page, or the first one after the last."""
        self.first = self.first + PAGE if self.first + PAGE < len(self.roles) else 0
        self.show()

    def lay_out(self) -> tuple[dict[str, SessionStatus], tuple[str, ...]]:
        """Lay the list out anew; the sessions that count, and the favourites."""
        catalogue, now = self.switcher.catalogue, aws_now(self.machine)
        sessions = by_role(self.switcher.statuses(), now)
        state = load_state(self.machine)
        known = Known(sessions, state.frequent(now), states(sessions, set(state.favourites), now))
        found, _ = role_lines(catalogue, self.query, self.order, set(), known)
        if self.order == "account" and self.query:
            found = list(catalogue.found(self.query, known.states))  # the best first
        self.roles = [catalogue.roles[at] for at in found if not isinstance(at, Heading)]
        if self.query and not self.roles:
            why = catalogue.index.why_none(self.query, known.states)
            say(f"no role matches {self.query!r}: {why}\n/ shows all")
        return sessions, state.favourites

    def show(self) -> None:
        """One page of the list."""
        sessions, favourites = self.lay_out()
        if not self.switcher.catalogue.roles:
            say("no AWS file has a role yet; rolecall demo shows what it would be like")
            return
        if not self.roles:
            return
        page = self.roles[self.first : self.first + PAGE]
        for number, role in enumerate(page, self.first + 1):
            say(self._line(number, role, sessions.get(role.name), role.name in favourites))
        last = self.first + len(page)
        more = "; n for more" if last < len(self.roles) else ""
        say(f"{self.first + 1} to {last} of {len(self.roles)}{more}; ? for help")

    def _line(
        self,
        number: int,
        role: Role,
        session: SessionStatus | None,
        favourite: bool,  # noqa: FBT001  # what the line says
    ) -> str:
        catalogue, now = self.switcher.catalogue, aws_now(self.machine)
        stage = catalogue.stage(role)
        parts = [f"{number}. {role.name}"]
        if role.account_id is not None:
            parts.append(f"account {catalogue.heading(role) or role.account_id}")
        if favourite:
            parts.append("favourite")
        if stage is not None:
            parts.append(stage.name)
        if session is not None:
            left = session.seconds_left(now)
            parts.append(f"{session.phase(now)}{f', {times.words(left)} left' if left else ''}")
        elif problem := catalogue.problem(role):
            parts.append(f"cannot be used: {problem}")
        return ", ".join(parts)

    def role(self, number: str) -> Role:
        """The role of a number in the list.

        Raises:
            UsageError: it is none.
        """
        if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= len(self.roles):
            raise UsageError(f"not a number of the list: {number!r}", "? for help")
        return self.roles[int(number) - 1]

    def previous(self) -> None:
        """Say the number of the role that was switched to before."""
        recents = load_state(self.machine).recents
        name = max(recents, key=lambda name: recents[name][0], default=None)
        if name is None or self.switcher.catalogue.get(name) is None:
            raise UsageError("no role was switched to before")
        places = [role.name for role in self.roles]
        if name not in places:
            self.query = ""
            self.lay_out()
            places = [role.name for role in self.roles]
        number = places.index(name) + 1
        say(f"the role of before is {number}. {name}; {number} switches to it")

    # What is known -----------------------------------------------------------------------

    def details(self, role: Role) -> None:
        """What is known of a role, a line each, then the way to it."""
        catalogue, now = self.switcher.catalogue, aws_now(self.machine)
        statuses = self.switcher.statuses()
        hops = catalogue.hops(role) if catalogue.problem(role) is None else ()
        stage = catalogue.stage(role)
        say(f"name: {role.name}")
        for name, value in (
            ("account", " ".join(filter(None, (catalogue.heading(role), role.account_id)))),
            ("stage", stage.name if stage else None),
            ("role", role.role_arn),
            ("chain", " to ".join(catalogue.chain(role))),
            ("kinds", ", then ".join(kinds_of(hops))),
            ("region", self.switcher.region(role)),
            ("written to", f"[{self.switcher.profile_for(role)}]"),
            ("lasts", "; ".join(limits(catalogue, role, hops))),
            ("from", origin_of(role)),
            ("problem", catalogue.problem(role)),
            ("same as", same_command("switch", role.name)),
        ):
            if value:
                say(f"{name}: {value}")
        for layer in layers(hops, statuses, by_role(statuses, now)):
            say(f"behind it: {layer.kind} {layer.name}, {_left(layer.status, now)}")
        say("the way to it:")
        said = of_target(self.switcher, role, statuses=statuses)
        say("\n".join(line.text for line in explained(said, self.machine.home)))

    def sessions(self) -> None:
        """Every session and its time left."""
        now = aws_now(self.machine)
        found = self.switcher.statuses()
        for status in found:
            where = f", in {', '.join(status.destinations)}" if status.destinations else ""
            more = ", renews itself" if status.refreshed_until else ""
            say(f"{status.name}: {_left(status, now)}, by {status.origin}{where}{more}")
        if not found:
            say("no session")


def _left(status: SessionStatus, now: float) -> str:
    left = status.seconds_left(now)
    time_left = "end not known" if left is None else f"{times.words(left)} left"
    return f"{status.phase(now)}, {time_left}"
