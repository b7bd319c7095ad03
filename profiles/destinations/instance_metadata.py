"""EC2's instance metadata, version 2, for tools that know no other endpoint.

Source: EC2 user guide, Use IMDSv2. It knows no secret: whoever reaches the port has the session.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TYPE_CHECKING

from profiles import times
from profiles.destinations.endpoint import keys, refused
from profiles.destinations.endpoint_server import Answer
from profiles.errors import RolecallError

if TYPE_CHECKING:
    from profiles.destinations.endpoint_server import Question
    from profiles.destinations.renewing import Renewing
    from profiles.machine import Machine
    from profiles.session import Session

_TOKEN = "/latest/api/token"  # noqa: S105  # a path
_ROLES = "/latest/meta-data/iam/security-credentials"
_REGION = "/latest/meta-data/placement/region"
_ZONE = "/latest/meta-data/placement/availability-zone"
_DOCUMENT = "/latest/dynamic/instance-identity/document"
_TTL = "x-aws-ec2-metadata-token-ttl-seconds"
_LONGEST = 21600
_NOT_IN_A_PATH = re.compile(r"[^\w+=,.@-]", re.ASCII)


class InstanceMetadata:
    """Tokens, the role's name, its credentials, the region and the identity document."""

    token: str | None = None

    def __init__(self, renewing: Renewing, machine: Machine) -> None:
        self._renewing = renewing
        self._now = machine.now
        self._secret = secrets.token_bytes(32)

    def url(self, base: str) -> str:
        """The address of the whole service."""
        return base

    def variables(self, base: str) -> dict[str, str]:
        """Where SDKs look for the service."""
        return {
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url(base),
            "AWS_EC2_METADATA_DISABLED": "false",
        }

    def answer(self, question: Question) -> Answer:
        """The answer to one request; without a token of ours there is none (IMDSv1)."""
        if "x-forwarded-for" in question.headers:
            return _refusal(403)
        if question.path == _TOKEN:
            return self._new_token(question)
        if not self._is_ours(question.headers.get("x-aws-ec2-metadata-token", "")):
            return _refusal(401)
        if question.method != "GET":
            return _refusal(405)
        return self._data(question.path)

    def _new_token(self, question: Question) -> Answer:
        if question.method != "PUT":
            return _refusal(405)
        said = question.headers.get(_TTL, "")
        seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
        if not 1 <= seconds <= _LONGEST:
            return _refusal(400)
        end = f"{int(self._now()) + seconds}"
        return Answer(
            200, f"{end}.{self._signed(end)}".encode(), "text/plain", ((_TTL, f"{seconds}"),)
        )

    def _is_ours(self, token: str) -> bool:
        end, _, signature = token.partition(".")
        known = hmac.compare_digest(signature.encode("latin-1"), self._signed(end).encode())
        return known and self._now() < int(end)

    def _signed(self, end: str) -> str:
        return hmac.digest(self._secret, end.encode("latin-1"), "sha256").hex()

    def _data(self, path: str) -> Answer:
        try:
            session = self._renewing.session()
        except RolecallError as error:
            return refused(error)
        role = _role_name(session)
        if path in (_ROLES, f"{_ROLES}/"):
            return Answer(200, role.encode(), "text/plain")
        if path == f"{_ROLES}/{role}":
            now = times.rfc3339(self._now())
            kind = {"Code": "Success", "LastUpdated": now, "Type": "AWS-HMAC"}
            return Answer.of(kind | keys(session))
        if path == _REGION and session.region:
            return Answer(200, session.region.encode(), "text/plain")
        # botocore finds its region by the zone, with a slash behind it.
        if path in (_ZONE, f"{_ZONE}/") and session.region:
            return Answer(200, _zone(session.region).encode(), "text/plain")
        if path == _DOCUMENT:
            return Answer.of(_document(session))
        return _refusal(404)


def _zone(region: str) -> str:
    """A zone of the region; which, nobody knows who is on no instance."""
    return f"{region}a"


def _document(session: Session) -> dict[str, object]:
    region = session.region
    zone = _zone(region) if region else None
    return {
        "version": "2017-09-30",
        "region": region,
        "availabilityZone": zone,
        "accountId": session.account_id,
    }


def _role_name(session: Session) -> str:
    """The role's name as the path of its credentials can hold it."""
    name = (session.role_arn or session.role).rpartition("/")[2]
    return _NOT_IN_A_PATH.sub("-", name)


def _refusal(status: int) -> Answer:
    words = {400: "BadTTL", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound"}
    return Answer.refusal(status, words.get(status, "MethodNotAllowed"), "refused")
