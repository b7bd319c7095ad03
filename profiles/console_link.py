"""The console of a role: through its access portal, or with its own session."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiles.browser import has_browser, open_url
from profiles.catalogue.portal import portal_of
from profiles.challenges import Confirmation
from profiles.destinations.console import CANNOT, Console, NotTaken
from profiles.destinations.console_page import page, partition_of, portal_url
from profiles.errors import SourceUnsupported, UsageError
from profiles.guard import guard
from profiles.request import Request
from profiles.sources.protocol import Way, never
from profiles.sources.sso import check_wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.challenges import Ask, Challenge
    from profiles.machine import Machine
    from profiles.switcher import Switcher

CHANGE = "open the console with it"
# Sessions that a direct call of AssumeRole* gave: AWS lets their consoles last longer than them.
_ASSUMED = ("role", "saml", "web-identity")


class NoBrowser(UsageError):
    """There is nothing here to open an address with."""


@dataclass(frozen=True, slots=True)
class Link:
    """What leads into the console.

    Attributes:
        url: the link.
        secret: whether it signs in whoever has it; a portal's only those who are signed in there.
        notes: sentences for the person.
    """

    url: str = field(repr=False)
    secret: bool
    notes: tuple[str, ...] = ()


def console_link(
    switcher: Switcher,
    role: Role,
    request: Request | None = None,
    *,
    service: str | None = None,
    logout_first: bool = False,
    ask: Ask,
    cancelled: Callable[[], bool] = never,
) -> Link:
    """A link to the console of a role.

    A permission set's leads through the access portal, where the person's browser is signed in:
    it asks AWS for nothing. Any other is made with the role's session, and a cached one that AWS
    does not take is replaced once.

    Args:
        service: a name of `console_services.SERVICES`; None for the first page.
        logout_first: end the console session of before.

    Raises:
        SourceUnsupported: AWS opens no console for it; said before anything is asked.
        RolecallError: anything else that stood in the way.
    """
    request = request or Request()
    catalogue, machine = switcher.catalogue, switcher.machine
    rooted = switcher.rooted(role, request)
    hops = catalogue.hops(rooted)
    region = switcher.region(rooted, request)
    partition = partition_of(rooted, region)
    destination = page(partition, region, service, asked=request.region is not None)
    last = hops[-1]
    if last.kind == "sso" and rooted.account_id and rooted.role_name:
        check_wishes(rooted, request)
        portal = portal_of(rooted, catalogue.files.sso_sessions)
        guard(catalogue, rooted, request, ask, CHANGE)
        url = portal_url(portal.start_url, rooted.account_id, rooted.role_name, destination)
        notes = ("the access portal ends the console session of before itself",)
        return Link(url, secret=False, notes=notes if logout_first else ())
    _check(last, rooted, machine)
    way = Way(machine=machine, catalogue=catalogue, target=rooted, hops=hops)
    lasting = last.kind in _ASSUMED and not way.chained(last)
    console = Console(
        machine,
        partition,
        destination,
        duration=request.duration if lasting else None,
        logout_first=logout_first,
    )
    session = switcher.session(role, request, ask=ask, cancelled=cancelled, change=CHANGE)
    try:
        return Link(console.deliver(session).text, secret=True, notes=session.notes)
    except NotTaken as error:
        if not session.from_cache:
            raise
        machine.log(f"{error.summary}; asking for a new one")
    session = switcher.session(
        role,
        request,
        ask=_past_the_guard(ask),
        cancelled=cancelled,
        change=CHANGE,
        fresh=frozenset({rooted.name}),
    )
    return Link(console.deliver(session).text, secret=True, notes=session.notes)


def check_browser(switcher: Switcher, role: Role) -> None:
    """See that there is a browser, before anything is asked of AWS or a person.

    Raises:
        NoBrowser: there is none.
    """
    _opened(has_browser(switcher.machine, switcher.catalogue.settings), role)


def open_console(
    switcher: Switcher, role: Role, link: Link, cancelled: Callable[[], bool] = never
) -> None:
    """Open a link in the browser, by the setting `browser` or the system's own.

    A secret link is handed over by a redirect of this machine: what a program is started with
    shows in the list of processes.

    Raises:
        NoBrowser: there is none.
        NetworkUnavailable: it did not come for the link.
    """
    catalogue = switcher.catalogue
    settings = catalogue.settings
    names = {
        "account": catalogue.heading(role) or role.account_id or role.name,
        "account_id": role.account_id or "",
        "role": role.role_name or role.name,
    }
    if not link.secret:
        _opened(open_url(switcher.machine, settings, link.url, names), role)
        return
    from profiles.handover import Handover

    with Handover(link.url) as handover:
        _opened(open_url(switcher.machine, settings, handover.url, names), role)
        handover.wait(cancelled)


def _opened(opened: bool, role: Role) -> None:  # noqa: FBT001  # an answer, passed on
    if not opened:
        raise NoBrowser(
            "there is no browser to open it with",
            f"rolecall console {shlex.quote(role.name)} --print",
        )


def _past_the_guard(ask: Ask) -> Ask:
    """Asks all but what the guard has been answered a moment ago."""

    def asked(challenge: Challenge) -> str:
        if isinstance(challenge, Confirmation):
            return challenge.typed or "yes"
        return ask(challenge)

    return asked


def _check(hop: Hop, role: Role, machine: Machine) -> None:
    """Say what cannot be before anything is asked of AWS or a person.

    Raises:
        SourceUnsupported: see `console_link`.
    """
    if hop.kind == "session-token":
        raise SourceUnsupported(
            f"{role.name}: {CANNOT.format(what='a session token of a user')}",
            "open the console of a role that it may assume",
        )
    own = hop.kind == "keys" and not (hop.role and hop.role.has_session)
    from_env = hop.kind == "Environment" and not machine.env.get("AWS_SESSION_TOKEN")
    if own or from_env or hop.kind == "keyring":
        raise SourceUnsupported(
            f"{role.name}: {CANNOT.format(what='a long-lived key')}",
            "open the console of a role that it may assume",
        )
