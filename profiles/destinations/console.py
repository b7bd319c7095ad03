"""A sign-in link to the AWS console, that AWS's federation endpoint gives for a session.

Source: IAM User Guide, "Enable custom identity broker access to the AWS console".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from profiles.destinations.console_page import after_logout, federation_endpoint, login_url
from profiles.destinations.protocol import Delivery
from profiles.errors import AccessDenied, NetworkUnavailable, SourceUnsupported, Throttled
from profiles.quoted import quoted

if TYPE_CHECKING:
    from profiles.machine import Machine
    from profiles.session import Session
    from profiles.sources.web import Answer

_LONGEST = 12 * 3600
_REFUSED = (400, 401, 403)
# How an endpoint answers that takes the request in its address alone.
_NO_POST = (405, 501)
CANNOT = (
    "AWS opens the console for sessions of roles and of federated users alone, and this is {what}"
)


class NotTaken(AccessDenied):
    """The federation endpoint did not take a session."""


class Console:
    """The console in a browser, as a link.

    Args:
        machine: its environment may name another federation endpoint.
        partition: of the role.
        destination: the page.
        duration: seconds that the console lasts; None for as long as the session.
        logout_first: whether the link ends the console session of before.
    """

    def __init__(
        self,
        machine: Machine,
        partition: str,
        destination: str,
        *,
        duration: int | None = None,
        logout_first: bool = False,
    ) -> None:
        self.machine = machine
        self.partition = partition
        self.destination = destination
        self.duration = duration
        self.logout_first = logout_first

    def deliver(self, session: Session) -> Delivery:
        """Make the link; it is the delivery's text, good for 15 minutes, and a secret.

        Raises:
            SourceUnsupported: AWS opens no console for such credentials.
            NotTaken: it did not take the session.
            RolecallError: it was not reached, or answered with something else.
        """
        if not session.credentials.session_token:
            raise SourceUnsupported(
                f"{session.role}: {CANNOT.format(what='a long-lived key')}",
                "open the console of a role that it may assume",
            )
        endpoint = federation_endpoint(self.partition, self.machine.env)
        link = login_url(endpoint, self.destination, self._token(endpoint, session))
        if self.logout_first:
            link = after_logout(link, self.partition, self.machine.env)
        return Delivery("the console", text=link)

    def _token(self, endpoint: str, session: Session) -> str:
        keys = session.credentials
        whole = {
            "sessionId": keys.access_key_id,
            "sessionKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
        }
        fields = {
            "Action": "getSigninToken",
            "SessionType": "json",
            "Session": json.dumps(whole, separators=(",", ":")),
        }
        answer: Answer | None = None
        if self.duration is not None:
            longer = fields | {"SessionDuration": str(min(self.duration, _LONGEST))}
            answer = self._asked(endpoint, longer)
            if answer.status in _REFUSED:
                # AWS refuses a duration where the session came by another one, which shows
                # nowhere in it: such a console ends with its session.
                self.machine.log(f"{session.role}: no duration for this console session")
                answer = None
        answer = answer or self._asked(endpoint, fields)
        return _token_in(answer, session)

    def _asked(self, endpoint: str, fields: dict[str, str]) -> Answer:
        from profiles.sources import web

        # Posted, not in the address: addresses are kept in logs on the way.
        answer = web.ask(endpoint, self.machine, fields)
        if answer.status in _NO_POST:
            answer = web.ask(f"{endpoint}?{urlencode(fields)}", self.machine)
        return answer


def _token_in(answer: Answer, session: Session) -> str:
    token = (answer.said or {}).get("SigninToken")
    if answer.status == 200 and isinstance(token, str) and token:
        return token
    if answer.status in _REFUSED:
        raise NotTaken(
            f"AWS does not open the console with the session of {session.role}",
            f"rolecall whoami {quoted(session.role)} tells whether the session works at all",
        )
    if answer.status == 429:
        raise Throttled("AWS's sign-in asks to slow down", "try again in a moment")
    raise NetworkUnavailable(
        f"AWS's sign-in gives no token (status {answer.status})",
        "a proxy or captive portal may stand between; try again",
    )
