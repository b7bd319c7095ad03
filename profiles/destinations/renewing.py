"""One session for many who ask, renewed before it ends for as long as it is served."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from profiles.challenges import Challenge, Confirmation, TagValue
from profiles.errors import (
    CredentialsExpired,
    Internal,
    NetworkUnavailable,
    RolecallError,
    Throttled,
)
from profiles.files.aws_clock import aws_now
from profiles.quoted import quoted
from profiles.request import Request
from profiles.switcher import Switcher
from profiles.unattended import nobody

if TYPE_CHECKING:
    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.session import Session

EARLY = 15 * 60
"""Seconds before its end that a session is renewed, or a quarter of what it lasts: botocore asks
again for its own from fifteen minutes before their end (`RefreshableCredentials`)."""
PAUSE = 15
"""Seconds after a renewal that failed before the next is tried."""
LONGEST_PAUSE = 300
"""Seconds that grow to this where nobody asks and the network stays away."""
_LOOK = 5.0

Again = Callable[["Session"], "Session"]
Told = Callable[[RolecallError | None], None]


def unheard(trouble: RolecallError | None) -> None:
    """The `told` of who does not want to know."""
    del trouble


class _Held(NamedTuple):
    """A session, when it is to be renewed, and when it is over."""

    session: Session
    due: float
    end: float


class Renewing:
    """A session that others take the place of, one after another.

    Args:
        again: gets a later one than the one it is given, without a person.
        told: hears why it cannot be renewed, once, and None as soon as it is after all.
    """

    def __init__(
        self, machine: Machine, session: Session, again: Again, told: Told = unheard
    ) -> None:
        self._machine = machine
        self._again = again
        self._told = told
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._trouble: RolecallError | None = None
        self._failures = 0
        self._tried = aws_now(machine) - PAUSE
        self._held = self._kept(session)

    def session(self) -> Session:
        """The session, renewed where its end is near; never one that is over.

        Of many who ask at once one renews: the others have the one of before, or wait where it
        is over.

        Raises:
            RolecallError: it is over, and why there is no other.
        """
        now, held = aws_now(self._machine), self._held
        if now >= held.due:
            self._renew(wait=now >= held.end)
            held = self._held
        if now >= held.end:
            trouble = self._trouble or CredentialsExpired(f"{held.session.role}: it is over")
            raise trouble.with_traceback(None)  # many raise the same one, and each would add to it
        return held.session

    def watch(self) -> None:
        """Renew it in good time even where nobody asks, until `close`."""
        threading.Thread(target=self._watched, name="rolecall-renewing", daemon=True).start()

    def close(self) -> None:
        """Watch no more."""
        self._closed.set()

    def look(self) -> None:
        """Renew it if it is time to: what `watch` does again and again.

        What is over is tried once more, then again when somebody asks: AWS is not to be asked for
        ever for what it refuses. A network that is away, as it is when a machine wakes up, is no
        refusal, and looked for at ever longer pauses.
        """
        now, held = aws_now(self._machine), self._held
        if now < held.due:
            return
        passes = isinstance(self._trouble, (NetworkUnavailable, Throttled))
        if passes:
            pause = min(PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
            is_due = not 0 <= now - self._tried < pause
        else:
            is_due = now < held.end or self._tried < held.end
        if is_due:
            self._renew(wait=False)

    def _watched(self) -> None:
        while not self._closed.wait(_LOOK):
            self.look()

    def _renew(self, *, wait: bool) -> None:
        if not self._turn.acquire(blocking=wait):
            return
        try:
            now = aws_now(self._machine)
            if now >= self._held.due and not 0 <= now - self._tried < PAUSE:
                self._tried = now
                self._try()
        finally:
            self._turn.release()

    def _try(self) -> None:
        try:
            self._held = self._kept(self._again(self._held.session))
        except RolecallError as error:
            trouble: RolecallError | None = error
        except Exception as error:  # noqa: BLE001  # a defect must not end the shell's session
            # Without the error's own words: what a library says may hold secrets.
            trouble = Internal(f"something went wrong inside rolecall ({type(error).__name__})")
        else:
            trouble = None
        self._failures = 0 if trouble is None else self._failures + 1
        said, self._trouble = self._trouble, trouble
        if (said is None) != (trouble is None):
            self._told(trouble)

    def _kept(self, session: Session) -> _Held:
        now = aws_now(self._machine)
        end = session.expires_at or now
        return _Held(session, end - min(EARLY, (end - now) / 4), end)


def renewal(machine: Machine, role: Role, request: Request | None = None) -> Again:
    """What gets later sessions of a role, asking nobody.

    The files are read again each time: keys change in the days that an endpoint may live.
    """
    asked = replace(request or Request(), mfa_code=None, fresh=False)

    def again(before: Session) -> Session:
        switcher = Switcher(machine)
        now = switcher.catalogue.get(role.name) or role
        stage = switcher.catalogue.stage(now)
        if stage is not None and stage.renew == "never":
            raise CredentialsExpired(
                f"{now.name} is {stage.name}, whose sessions are not renewed",
                f"open another when it is over: rolecall assume {quoted(now.name)}",
            )
        for fresh in (frozenset[str](), frozenset({now.name})):
            found = switcher.session(now, asked, ask=as_before, fresh=fresh, needs=0)
            if (found.expires_at or 0) > (before.expires_at or 0):
                return found
        raise CredentialsExpired(f"what {now.name} comes from gives no later session")

    return again


def as_before(challenge: Challenge) -> str:
    """Answer what a person answered when the first session was opened; ask nothing else.

    Raises:
        PersonNeeded, UsageError: it was something else.
    """
    match challenge:
        case Confirmation(typed=typed):
            return typed or "yes"
        case TagValue(suggestion=known) if known:
            return known
    return nobody(challenge)
