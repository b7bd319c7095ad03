"""AWS's federation endpoint and the console behind it, as strict as AWS is documented to be.

A session is worth a sign-in token where it is live (STS is asked), is a session of a role or a
federated user, and no duration is asked for where AWS allows none. The token opens one page.
"""

from __future__ import annotations

import http.server
import json
import secrets
import threading
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

FIELDS = {"sessionId", "sessionKey", "sessionToken"}


class AwsConsole:
    """A running one.

    Args:
        sts_url: the STS that knows the sessions; None to take every one for ana's of `Admin`.

    Attributes:
        url: the federation endpoint.
        asked: the parameters of every request for a token, with the `method` of each.
        visits: of the console: identity and destination.
        logouts: how many console sessions were ended.
        refusals: how many requests for a token are refused next, whatever they are.
        posts: whether it takes tokens' requests by POST.
        chained: names of roles whose sessions no duration may be asked for.
        answer: a status and body to give instead, to every request for a token.
    """

    def __init__(self, sts_url=None):
        self.sts_url = sts_url
        self.asked = []
        self.visits = []
        self.logouts = 0
        self.refusals = 0
        self.posts = True
        self.answer = None
        self.chained = set()
        self._tokens = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.console = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/federation"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def token(self, said, method):
        """The answer to a request for a token."""
        self.asked.append(said | {"method": method})
        if self.answer:
            return self.answer
        if self.refusals:
            self.refusals -= 1
            return 400, "<html>Bad request</html>"
        try:
            session = json.loads(said["Session"])
        except (KeyError, ValueError):
            return 400, "no session"
        if set(session) != FIELDS or not all(session.values()):
            return 400, "not a session"
        arn = self._identity(session)
        federated = arn and ":federated-user/" in arn
        if not arn or not (federated or ":assumed-role/" in arn):
            return 400, "not a session of a role"
        if "SessionDuration" in said:
            seconds = int(said["SessionDuration"])
            role = arn.split("/")[1] if "/" in arn else ""
            if federated or role in self.chained or not 900 <= seconds <= 43200:
                return 400, "no duration here"
        token = secrets.token_urlsafe(24)
        self._tokens[token] = arn
        return 200, json.dumps({"SigninToken": token})

    def login(self, said):
        """Where a browser with a sign-in link is led."""
        arn = self._tokens.get(said.get("SigninToken"))
        if not arn or not said.get("Destination"):
            return None
        self.visits.append((arn, said["Destination"]))
        return said["Destination"]

    def _identity(self, session):
        if self.sts_url is None:
            return "arn:aws:sts::210987654321:assumed-role/Admin/ana"
        client = boto3.client(
            "sts",
            "us-east-1",
            endpoint_url=self.sts_url,
            aws_access_key_id=session["sessionId"],
            aws_secret_access_key=session["sessionKey"],
            aws_session_token=session["sessionToken"],
        )
        try:
            return client.get_caller_identity()["Arn"]
        except ClientError:
            return None


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        console, at = self.server.console, urlsplit(self.path)
        said = dict(parse_qsl(at.query))
        if at.path == "/oauth" and said.get("Action") == "logout":
            console.logouts += 1
            self._led(said["redirect_uri"])
        elif at.path == "/federation" and said.get("Action") == "login":
            to = console.login(said)
            # The console itself is outside; what would be seen there is told by `visits`.
            self._said(200 if to else 400, to or "Amazon Web Services Sign-In: your token is bad")
        elif at.path == "/federation" and said.get("Action") == "getSigninToken":
            self._said(*console.token(said, "GET"))
        else:
            self._said(400, "?")

    def do_POST(self):
        console = self.server.console
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if not console.posts:
            self._said(405, "")
            return
        said = dict(parse_qsl(body))
        if urlsplit(self.path).query or said.get("Action") != "getSigninToken":
            self._said(400, "?")
            return
        self._said(*console.token(said, "POST"))

    def _led(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _said(self, status, body):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def aws_console(strict, home):
    """The console of the home's AWS."""
    made = AwsConsole(strict.url)
    home.env["ROLECALL_FEDERATION_ENDPOINT"] = made.url
    yield made
    made.close()
