"""Sessions that are over and still lie in the credentials file; sign-ins that have ended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from profiles import times
from profiles.catalogue.portal import portals
from profiles.dropping import drop_all
from profiles.files import credentials, sso_cache
from profiles.files.aws_clock import aws_now
from profiles.files.edit import remove as removed_from
from profiles.files.expiry import expiry_of
from profiles.files.marked import remove_marked
from profiles.insight.finding import Finding, Fix
from profiles.quoted import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.files.edit import Span
    from profiles.machine import Machine


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Look for sessions whose end is past."""
    now = aws_now(machine)
    owned = credentials.owned(machine, catalogue.files)
    over = [at for at, held in owned.items() if held.expires_at and held.expires_at <= now]
    if over:
        yield Finding(
            "expired-session",
            machine.credentials_file,
            f"rolecall's own sessions are over: {', '.join(over)}",
            "rolecall drop --expired",
            broken=False,
            fix=Fix("rolecall drop --expired", partial(drop_all, machine, expired=True)),
        )
    for name, profile in catalogue.files.profiles.items():
        if profile.credentials is None or name in owned:
            continue
        # Its own section alone: that is what would be taken out.
        settings = profile.credentials.settings
        token = settings.get("aws_session_token") or settings.get("aws_security_token")
        end = expiry_of(settings) if token else None
        if end is None or end > now:
            continue
        fix = Fix(f"take [{name}] out (undo brings it back)", partial(_take_out, machine, name))
        yield Finding(
            "expired-leftover",
            f"{machine.credentials_file} [{name}]",
            f"another program's session there is over since {times.rfc3339(end)}",
            f"have that program renew it, or {fix.says}",
            fix=fix,
        )
    yield from _sign_ins(machine, catalogue)


def _take_out(machine: Machine, name: str) -> tuple[str, ...]:
    """Remove a section whose session is over; one that was renewed meanwhile stays."""

    def is_over(settings: Mapping[str, str]) -> bool:
        end = expiry_of(settings)
        return end is not None and end <= aws_now(machine)

    def without(text: str, span: Span, _header: str) -> str:
        return removed_from(text, span)

    return remove_marked(machine, machine.credentials_file, [name], is_over, without=without)


def _sign_ins(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """A portal that profiles use, and whose sign-in has ended."""
    for portal in portals(catalogue):
        token = sso_cache.read_token(machine, sso_cache.token_key(portal.name))
        if token is None:
            continue
        end = sso_cache.end_of(token) or 0
        if end <= machine.now() and not sso_cache.is_refreshable(token, machine.now()):
            yield Finding(
                "expired-sign-in",
                f"sso-session {portal.name}",
                f"the sign-in has ended at {times.rfc3339(end)}",
                f"rolecall login {quoted(portal.name)}",
                broken=False,
            )
