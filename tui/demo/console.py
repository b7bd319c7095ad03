"""The demo's end of the AWS console: tokens for sessions, and a page in the console's place.

It speaks AWS's federation endpoint (IAM User Guide, "Enable custom identity broker access to the
AWS console"), so that no session of the demo, and no browser, goes to AWS itself.
"""

from __future__ import annotations

import json
import secrets
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tui.demo.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

FEDERATION = "/_console/federation"
_LOGOUT = "/_console/oauth"
_PAGE = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>rolecall demo</title>
<body style="font: 1.1em/1.6 sans-serif; max-width: 40em; margin: 4em auto">
<h1>Here the AWS console would be</h1>
<p>You would be <code>{arn}</code><br>at <code>{destination}</code></p>
<p>The demo's AWS is emulated, and has no console. Nothing went to AWS.</p>
"""


class DemoConsole:
    """Answers what comes to its addresses.

    Args:
        callers: ARNs by access key, as the gateway learns them.
    """

    def __init__(self, callers: Mapping[str, str]) -> None:
        self._callers = callers
        self._tokens: dict[str, str] = {}

    def answer(self, request: Request) -> Response | None:
        """The answer to a request; None where it is for AWS."""
        at = urlsplit(request.target)
        if at.path not in (FEDERATION, _LOGOUT):
            return None
        query = at.query or request.body.decode("utf-8", "replace")
        said = dict(parse_qsl(query))
        action = (at.path, said.get("Action"))
        if action == (FEDERATION, "getSigninToken"):
            return self._token(said.get("Session", ""))
        if action == (FEDERATION, "login"):
            return self._login(said)
        to = said.get("redirect_uri", "")
        if action == (_LOGOUT, "logout") and to.startswith(
            f"http://{request.header('host')}{FEDERATION}?"
        ):
            return Response(302, [("Location", to)], b"")
        return _refused("this is no request of a sign-in")

    def _token(self, session: str) -> Response:
        try:
            arn = self._callers[json.loads(session)["sessionId"]]
        except (ValueError, KeyError, TypeError):
            return _refused("this is no session of the demo")
        token = secrets.token_urlsafe(32)
        self._tokens[token] = arn
        body = json.dumps({"SigninToken": token}).encode()
        return Response(200, [("Content-Type", "application/json")], body)

    def _login(self, said: Mapping[str, str]) -> Response:
        arn = self._tokens.get(said.get("SigninToken", ""))
        if arn is None:
            return _refused("the sign-in token is not known")
        page = _PAGE.format(arn=escape(arn), destination=escape(said.get("Destination", "")))
        return Response(200, [("Content-Type", "text/html; charset=utf-8")], page.encode())


def _refused(why: str) -> Response:
    return Response(400, [("Content-Type", "text/plain")], f"{why}\n".encode())
