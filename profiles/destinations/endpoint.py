"""An endpoint on this machine that hands out a session, renewed for as long as it is open.

Source: SDKs and Tools guide, Container credential provider.
"""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING, Protocol, Self

from profiles import times
from profiles.destinations.endpoint_server import Answer, LoopbackServer
from profiles.destinations.environment import variables
from profiles.destinations.export import lines_of
from profiles.destinations.protocol import Delivery
from profiles.destinations.renewing import Renewing, renewal, unheard
from profiles.errors import NetworkUnavailable, RolecallError, Throttled, UsageError
from profiles.files.reader import SHADOWING_KEYS
from profiles.files.running import Announcement

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.destinations.endpoint_server import Question
    from profiles.destinations.renewing import Again, Told
    from profiles.machine import Machine
    from profiles.request import Request
    from profiles.session import Session

PATH = "/credentials"
BARE = "rolecall"
"""The profile that holds nothing, for who has keys in `[default]`."""
_TOKEN_BYTES = 32
_CREDENTIALS = ("aws_access_key_id", *SHADOWING_KEYS)


class Service(Protocol):
    """What an endpoint speaks.

    Attributes:
        token: what its clients show; None where nothing has to be shown.
    """

    token: str | None

    def url(self, base: str) -> str:
        """The address that clients are told."""
        ...

    def variables(self, base: str) -> dict[str, str]:
        """What tells clients of it."""
        ...

    def answer(self, question: Question) -> Answer:
        """The answer to one request."""
        ...


class ContainerCredentials:
    """The protocol that ECS, EKS and Greengrass have for containers."""

    def __init__(self, renewing: Renewing, machine: Machine) -> None:
        del machine
        self._renewing = renewing
        self.token: str | None = secrets.token_urlsafe(_TOKEN_BYTES)
        self._expected = self.token.encode()

    def url(self, base: str) -> str:
        """Where the credentials are."""
        return base + PATH

    def variables(self, base: str) -> dict[str, str]:
        """The two variables that every SDK reads."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.url(base),
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.token or "",
        }

    def answer(self, question: Question) -> Answer:
        """The credentials, to who shows the token."""
        shown = question.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(shown, self._expected):
            return Answer.refusal(401, "WrongToken", "the authorization token is not this one's")
        if question.path != PATH:
            return Answer.refusal(404, "NotFound", "there is nothing here")
        if question.method != "GET":
            return Answer.refusal(405, "MethodNotAllowed", "only GET")
        try:
            session = self._renewing.session()
        except RolecallError as error:
            return refused(error)
        more = {"AccountId": session.account_id, "RoleArn": session.role_arn}
        return Answer.of(keys(session) | {name: text for name, text in more.items() if text})


class Endpoint:
    """A server on loopback with one session in it, open until `close` or the end of a `with`.

    Args:
        again: gets later sessions; see `renewal`.
        service: what it speaks.
        form: the shell that its variables are written for.
        port: the one to listen on, 0 for any.
        told: hears why the session cannot be renewed, and None as soon as it is after all.
        profile: named beside it; see `for_child`.

    Attributes:
        url: where clients ask, once it is open.
        token: what they show there; None where nothing has to be shown.
        variables: what tells clients of it.
    """

    def __init__(
        self,
        machine: Machine,
        again: Again,
        *,
        service: Callable[[Renewing, Machine], Service] = ContainerCredentials,
        form: str = "bash",
        port: int = 0,
        told: Told = unheard,
        profile: str | None = None,
    ) -> None:
        self.machine = machine
        self.again = again
        self.form = form
        self.port = port
        self.told = told
        self.url = ""
        self.token: str | None = None
        self.variables: dict[str, str] = {}
        self._service = service
        self._profile = {"AWS_PROFILE": profile} if profile else {}
        self._server: LoopbackServer | None = None
        self._renewing: Renewing | None = None
        self._announcement: Announcement | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def deliver(self, session: Session) -> Delivery:
        """Serve the session, and those that follow it.

        Raises:
            UsageError: the keys are none that end, or a value holds a control character.
            NetworkUnavailable: the port cannot be had.
        """
        if session.credentials.session_token is None or session.expires_at is None:
            raise UsageError(
                f"the keys of {session.role} are no session that ends, so none is served",
                f"use them as they are: AWS_PROFILE={session.role}",
            )
        variables(session)
        renewing = Renewing(self.machine, session, self._later, self.told)
        service = self._service(renewing, self.machine)
        self._server = LoopbackServer(service.answer, self.port)
        self._renewing = renewing
        renewing.watch()
        base = self._server.url
        where = f"endpoint {base.partition('//')[2]}"
        self._announcement = Announcement(self.machine, where, os.getpid())
        self._announcement.holds(session)
        self.url, self.token = service.url(base), service.token
        self.variables = service.variables(base) | self._profile
        return Delivery(self.url, text=lines_of(self.variables, self.form))

    def _later(self, before: Session) -> Session:
        found = self.again(before)
        if self._announcement is not None:
            self._announcement.holds(found)
        return found

    def close(self) -> None:
        """Serve no more."""
        if self._announcement is not None:
            self._announcement.withdraw()
            self._announcement = None
        if self._renewing is not None:
            self._renewing.close()
        if self._server is not None:
            self._server.close()
            self._server = None


def refused(error: RolecallError) -> Answer:
    """Why there is no session; an SDK asks again where that passes by itself."""
    passes = isinstance(error, (NetworkUnavailable, Throttled))
    hint = f" ({error.hint})" if error.hint else ""
    return Answer.refusal(503 if passes else 403, error.code, f"{error.summary}{hint}")


def keys(session: Session) -> dict[str, object]:
    """What every protocol of AWS's calls the parts of a session."""
    return {
        "AccessKeyId": session.credentials.access_key_id,
        "SecretAccessKey": session.credentials.secret_access_key,
        "Token": session.credentials.session_token,
        "Expiration": times.rfc3339(session.expires_at or 0),
    }


def for_child(
    machine: Machine, catalogue: Catalogue, role: Role, request: Request | None, told: Told
) -> Endpoint:
    """The endpoint of one shell or command, whose environment makes clients go to it.

    Raises:
        UsageError: they would not; see `bare_profile`.
    """
    profile = bare_profile(machine, catalogue)
    return Endpoint(machine, renewal(machine, role, request), told=told, profile=profile)


def bare_profile(machine: Machine, catalogue: Catalogue) -> str | None:
    """The profile that has to be named for clients to go to an endpoint; None for none.

    SDKs ask a container's endpoint last: credentials of the profile in use win, and where none is
    named that is `[default]`. A profile without any leaves the endpoint its turn.

    Raises:
        UsageError: `[default]` has credentials, and there is no profile without.
    """
    default = catalogue.files.profiles.get("default")
    if default is None or not any(default.get(key) for key in _CREDENTIALS):
        return None
    bare = catalogue.files.profiles.get(BARE)
    if bare is None or bare.config is None or any(bare.get(key) for key in _CREDENTIALS):
        raise UsageError(
            "[default] has credentials, and clients would take them before they ask an endpoint",
            f"add an empty profile to {machine.config_file}, and rolecall names it: "
            f"[profile {BARE}]",
        )
    return BARE
