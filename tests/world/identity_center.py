"""An IAM Identity Center that refuses what the real one refuses, and whose credentials work.

`sso-oidc` and `sso` by botocore's models (modelled.py), sign-ins by the RFCs (grants.py), roles
of an emulated AWS. AWS CLI v2, botocore and the JavaScript SDK take it for the real one.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
import urllib.parse
from contextlib import contextmanager
from typing import NamedTuple

from tests.world.cloud import MAIN
from tests.world.grants import DEVICE, GRANTS, Grants
from tests.world.modelled import Modelled, Refused
from tui.demo.account import trust
from tui.demo.messages import Response

START_URL = "https://corp.awsapps.com/start"
BROWSER = [
    sys.executable,
    "-c",
    "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60).read()",
    "{url}",
]
"""The browser of a person who is signed in already and says yes: it goes where it is sent."""


class Assignment(NamedTuple):
    """A permission set of the person's in an account, and the role behind it."""

    account_id: str
    account_name: str
    role_name: str
    role_arn: str


class IdentityCenter(Modelled):
    """The portal, its OIDC service and its pages, at one address, with test doors.

    Attributes:
        grants: clients, codes and tokens, and how long they last.
        start_urls: the portals that there are.
        knows_pkce: whether it registers clients for the authorization code.
        approves: whether who opens a sign-in page says yes (True), no (False), or nothing (None).
        preapproved: whether device codes need no page at all.
        seconds: how long role credentials last.
    """

    services = ("sso", "sso-oidc")

    def __init__(self, company, strict, now=time.time):
        self._account = lambda account_id: company.cloud.account(account_id, via=strict.url)
        self._held = threading.Event()
        self._held.set()
        self._assignments: list[Assignment] = []
        self._number = itertools.count(1)
        self.grants = Grants(now)
        self.start_urls = {START_URL}
        self.knows_pkce = True
        self.approves: bool | None = True
        self.preapproved = False
        self.seconds = 3600
        super().__init__(strict.url)

    # -- doors ------------------------------------------------------------------------------

    @property
    def env(self) -> dict[str, str]:
        """The variables that lead clients here."""
        return {"AWS_ENDPOINT_URL_SSO": self.url, "AWS_ENDPOINT_URL_SSO_OIDC": self.url}

    def assign(self, role_name, *may, account=MAIN, account_name="payments-prod") -> str:
        """Give the person a permission set in an account; the ARN of the role behind it."""
        iam = self._account(account).client("iam")
        made = f"AWSReservedSSO_{role_name}_{next(self._number):016x}"
        arn = iam.create_role(
            RoleName=made,
            Path="/aws-reserved/sso.amazonaws.com/",
            AssumeRolePolicyDocument=_policy(trust(f"arn:aws:iam::{account}:root")),
        )["Role"]["Arn"]
        if may:
            iam.put_role_policy(RoleName=made, PolicyName="own", PolicyDocument=_policy(*may))
        self._assignments.append(Assignment(account, account_name, role_name, arn))
        return arn

    def unassign(self, role_name):
        """Take a permission set away."""
        self._assignments = [each for each in self._assignments if each.role_name != role_name]

    def answer_codes(self, answer: str = "approved"):
        """Say yes (`approved`) or no (`denied`) to every device code that waits."""
        with self.lock:
            for code in self.grants.codes.values():
                if code.answer == "pending":
                    code.answer = answer

    def end_codes(self):
        """Every code is over."""
        with self.lock:
            for code in self.grants.codes.values():
                code.expires_at = 0

    def expire(self):
        """The portal takes no access token any more that it gave until now."""
        for token in self.grants.access.values():
            token.gone = True

    def revoke(self):
        """An administrator ends the person's sign-in: refresh tokens are over, too."""
        self.expire()
        for token in self.grants.refresh.values():
            token.gone = True

    @contextmanager
    def holding(self):
        """Who opens a sign-in page waits until the block ends."""
        self._held.clear()
        try:
            yield
        finally:
            self._held.set()

    def close(self):
        """Refuse connections from now on; `open` ends it."""
        self._held.set()
        super().close()

    # -- sso-oidc ---------------------------------------------------------------------------

    def register_client(
        self,
        client_name,
        client_type,
        scopes=(),
        redirect_uris=(),
        grant_types=(),
        issuer_url=None,
    ):
        if client_type != "public":
            raise Refused("InvalidClientMetadataException", f"no public client: {client_name}")
        if not self.knows_pkce and (redirect_uris or grant_types or issuer_url):
            raise Refused("InvalidRequestException", "Invalid request provided")
        if "authorization_code" in grant_types and not (redirect_uris and issuer_url):
            raise Refused("InvalidRequestException", "redirectUris and issuerUrl are required")
        if issuer_url is not None and issuer_url not in self.start_urls:
            raise Refused("InvalidRequestException", "Invalid issuer url provided")
        return self.grants.register(scopes, redirect_uris, grant_types)

    def start_device_authorization(self, client_id, client_secret, start_url):
        self.grants.client(client_id, client_secret, DEVICE)
        if start_url not in self.start_urls:
            raise Refused("InvalidRequestException", "Invalid start url provided")
        answer = "approved" if self.preapproved else "pending"
        device_code, user_code = self.grants.device_code(client_id, answer)
        return {
            "deviceCode": device_code,
            "userCode": user_code,
            "verificationUri": f"{self.url}/device",
            "verificationUriComplete": f"{self.url}/device?user_code={user_code}",
            "expiresIn": self.grants.code_lifetime,
            "interval": self.grants.interval,
        }

    def create_token(
        self,
        client_id,
        client_secret,
        grant_type,
        device_code=None,
        code=None,
        refresh_token=None,
        scope=(),
        redirect_uri=None,
        code_verifier=None,
    ):
        if grant_type not in GRANTS:
            raise Refused("UnsupportedGrantTypeException", "Invalid grant type provided")
        client = self.grants.client(client_id, client_secret, grant_type)
        if set(scope) - set(client.scopes):
            raise Refused("InvalidScopeException", "Invalid scopes requested")
        if grant_type == "refresh_token":
            return self.grants.refreshed(client_id, refresh_token)
        if grant_type == DEVICE:
            granted = self.grants.for_device(client_id, device_code)
        else:
            granted = self.grants.for_verifier(client_id, code, redirect_uri, code_verifier)
        refreshable = "sso:account:access" in client.scopes
        return self.grants.tokens(client_id, refreshable=refreshable, code=granted)

    # -- pages ------------------------------------------------------------------------------

    def page(self, path, query):
        if path == "/authorize":
            return self._authorize(query)
        if path != "/device":
            return Response(404, [], b"")
        self._held.wait(60)
        with self.lock:
            for code in self.grants.codes.values():
                mine = code.user_code and code.user_code == query.get("user_code")
                if mine and code.answer == "pending" and self.approves is not None:
                    code.answer = "approved" if self.approves else "denied"
        return _html(200, "Request approved")

    def _authorize(self, query):
        client = self.grants.clients.get(query.get("client_id"))
        redirect = query.get("redirect_uri", "")
        if (
            client is None
            or not client.redirects_to(redirect)
            or "authorization_code" not in client.grants
            or query.get("response_type") != "code"
            or query.get("code_challenge_method") != "S256"
            or len(query.get("code_challenge", "")) != 43
            or not query.get("state")
            or not set(query.get("scopes", "").split()) <= set(client.scopes)
        ):
            return _html(400, "invalid_request")
        self.note("Authorize", query)
        self._held.wait(60)
        answer = {"state": query["state"]}
        if self.approves is None:
            return _html(200, "Allow access?")
        if self.approves:
            challenge = query["code_challenge"]
            with self.lock:
                answer["code"] = self.grants.authorization_code(
                    query["client_id"], redirect, challenge
                )
        else:
            answer |= {"error": "access_denied", "error_description": "User denied the request"}
        return Response(302, [("Location", f"{redirect}?{urllib.parse.urlencode(answer)}")], b"")

    # -- sso --------------------------------------------------------------------------------

    def get_role_credentials(self, role_name, account_id, access_token):
        self.grants.bearer(access_token)
        mine = (each for each in self._assignments if each.role_name == role_name)
        found = next((each for each in mine if each.account_id == account_id), None)
        if found is None:
            raise Refused("ForbiddenException", "No access")
        sts = self._account(account_id).client("sts")
        keys = sts.assume_role(
            RoleArn=found.role_arn, RoleSessionName="ana", DurationSeconds=self.seconds
        )["Credentials"]
        return {
            "roleCredentials": {
                "accessKeyId": keys["AccessKeyId"],
                "secretAccessKey": keys["SecretAccessKey"],
                "sessionToken": keys["SessionToken"],
                "expiration": int(keys["Expiration"].timestamp() * 1000),
            }
        }

    def list_accounts(self, access_token, next_token=None, max_results=100):
        self.grants.bearer(access_token)
        names = {each.account_id: each.account_name for each in self._assignments}
        accounts = [
            {"accountId": each, "accountName": name, "emailAddress": f"aws+{each}@example.com"}
            for each, name in names.items()
        ]
        return _listed("accountList", accounts, next_token, max_results)

    def list_account_roles(self, access_token, account_id, next_token=None, max_results=100):
        self.grants.bearer(access_token)
        roles = [
            {"roleName": each.role_name, "accountId": account_id}
            for each in self._assignments
            if each.account_id == account_id
        ]
        if not roles:
            raise Refused("ForbiddenException", "No access")
        return _listed("roleList", roles, next_token, max_results)

    def logout(self, access_token):
        self.grants.bearer(access_token).gone = True
        return {}


def _listed(name, found, token, size):
    if token is not None and not token.isdigit():
        raise Refused("InvalidRequestException", "Invalid next token")
    first = int(token or 0)
    said = {name: found[first : first + size]}
    if first + size < len(found):
        said["nextToken"] = str(first + size)
    return said


def _policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _html(status, title) -> Response:
    return Response(status, [("Content-Type", "text/html")], f"<h1>{title}</h1>".encode())
