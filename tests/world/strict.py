"""A gateway that keeps AWS's limits, remembers every STS call, and fails on request."""

from __future__ import annotations

import re
import threading
import time
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.world.proofs import Proofs
from tests.world.saml import asked_of_role
from tui.demo.gateway import Gateway, call_of, error
from tui.demo.messages import Request, Response
from tui.demo.rules import Call, Refusal

_MADE = re.compile(
    r"<AccessKeyId>([^<]+)</AccessKeyId>\s*(?:<[^>]*>[^<]*</[^>]*>\s*)*?"
    r"<SecretAccessKey>([^<]+)</SecretAccessKey>"
)
_TOKEN = re.compile(r"<SessionToken>([^<]+)</SessionToken>")
_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/sts/")
_KEY = re.compile(r"Credential=([^/]+)/")
_NO_DEVICES = b"<MFADevices></MFADevices>"
_SIGNED_AT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_CLOCK_TOLERANCE = 15 * 60


class _Failure(NamedTuple):
    refusal: Refusal
    action: str | None


class Strict(Gateway):
    """`Gateway` with test doors.

    Attributes:
        calls: every STS call in the order of arrival, with its parameters as received.
        proofs: which tokens and assertions are checked.
    """

    def __init__(self, upstream):
        self.calls: list[Call] = []
        self.proofs = Proofs()
        self._secrets: dict[str, tuple[str, str | None]] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._shut_doors()
        super().__init__(upstream)

    def count(self, action: str) -> int:
        """How many calls of an action arrived."""
        return sum(call.action == action for call in list(self.calls))

    def last(self, action: str = "AssumeRole") -> dict[str, str]:
        """The parameters of the last call of an action."""
        return next(c.params for c in reversed(list(self.calls)) if c.action == action)

    def knows(self, access_key: str, secret: str, arn: str):
        """A user's keys: the caller's name in refusals, and what `shorten` signs with."""
        self.rules.callers[access_key] = arn
        self._secrets[access_key] = (secret, None)

    # -- doors ------------------------------------------------------------------------------

    def shorten(self, seconds: int | None):
        """From now on, sessions really last that many seconds; None ends it.

        What the caller asked for is still judged by the rules. The request is signed anew,
        with a secret seen here (`knows`, or in an answer that passed).
        """
        self._seconds = seconds

    def delay(self, seconds: float):
        """Every answer of STS takes that much longer."""
        self._delay = seconds

    def fail(self, code: str, status: int, message: str, times: int = 1, action=None):
        """The next calls (of one action, or any) are answered with an error."""
        refusal = Refusal(status, code, message)
        with self._lock:
            self._failures += [_Failure(refusal, action)] * times

    def hang(self):
        """STS takes requests and never answers, until `release` or the end of the test."""
        self._released.clear()
        self._hangs = True

    def release(self):
        """Let go whoever hangs."""
        self._hangs = False
        self._released.set()

    def skew(self, seconds: float):
        """AWS's clock is that far ahead of this machine's."""
        self._skew = seconds

    def close(self):
        """Connections are refused from now on; `open` ends it."""
        self.release()
        super().close()

    # ---------------------------------------------------------------------------------------

    def date(self):
        return formatdate(time.time() + self._skew, usegmt=True)

    def answer(self, request: Request) -> Response:
        call = call_of(request)
        if call is None:
            return self._learned(self._with_devices(request, super().answer(request)))
        self.calls.append(call)
        time.sleep(self._delay)
        if self._hangs:
            self._released.wait()
            raise ConnectionError
        refusal = self._due(call) or self._too_skewed(request) or self.proofs.refusal(call)
        return error(refusal) if refusal else self._learned(super().answer(request))

    def forward(self, request: Request) -> Response:
        call = call_of(request)
        if call and call.action == "AssumeRole" and self._seconds is not None:
            request = self._shortened(request)
        response = super().forward(request)
        if call and call.action == "AssumeRoleWithSAML" and b"InvalidAction" in response.body:
            return self._by_root(request, call)
        return response

    def _shut_doors(self):
        self._seconds = None
        self._delay = 0.0
        self._failures: list[_Failure] = []
        self._hangs = False
        self._skew = 0.0

    def _due(self, call: Call) -> Refusal | None:
        with self._lock:
            for failure in self._failures:
                if failure.action in (None, call.action):
                    self._failures.remove(failure)
                    return failure.refusal
        return None

    def _too_skewed(self, request: Request) -> Refusal | None:
        signed_at = _SIGNED_AT.fullmatch(request.header("x-amz-date"))
        if abs(self._skew) <= _CLOCK_TOLERANCE or not signed_at:
            return None
        now = time.time() + self._skew
        edge = now - _CLOCK_TOLERANCE if self._skew > 0 else now + _CLOCK_TOLERANCE
        text = (
            f"Signature expired: {signed_at[0]} is now earlier than {_stamp(edge)} "
            f"({_stamp(now)} - 15 min.)"
            if self._skew > 0
            else f"Signature not yet current: {signed_at[0]} is still later than {_stamp(edge)} "
            f"({_stamp(now)} + 15 min.)"
        )
        return Refusal(403, "SignatureDoesNotMatch", text)

    def _with_devices(self, request: Request, response: Response) -> Response:
        """The devices that the rules know, in the emulator's empty list of them."""
        if _NO_DEVICES not in response.body:
            return response
        owner = self.rules.callers.get(_KEY.search(request.header("authorization"))[1])
        members = "".join(
            f"<member><UserName>{owner.rpartition('/')[2]}</UserName>"
            f"<SerialNumber>{serial}</SerialNumber>"
            "<EnableDate>2026-01-02T03:04:05Z</EnableDate></member>"
            for serial, device in self.rules.devices.items()
            if device.owner == owner
        )
        filled = f"<MFADevices>{members}</MFADevices>".encode()
        return response._replace(body=response.body.replace(_NO_DEVICES, filled))

    def _learned(self, response: Response) -> Response:
        if b"<SecretAccessKey>" in response.body:
            text = response.body.decode()
            token = _TOKEN.search(text)
            for key, secret in _MADE.findall(text):
                self._secrets[key] = (secret, token[1] if token else None)
        return response

    def _shortened(self, request: Request) -> Request:
        key, region = _SCOPE.search(request.header("authorization")).groups()
        if key not in self._secrets:
            raise LookupError(f"no secret known for {key}: strict.knows(key, secret, arn)")
        params = dict(parse_qsl(request.body.decode())) | {"DurationSeconds": str(self._seconds)}
        secret, token = self._secrets[key]
        return self._signed(request, params, Credentials(key, secret, token), region)

    def _by_root(self, request: Request, call: Call) -> Response:
        """AssumeRoleWithSAML where the emulator lacks it: the account's root assumes the role.

        So the role's trust policy has to name root; who the response is of is checked by `proofs`.
        """
        params = asked_of_role(call.params) | {"Action": "AssumeRole", "Version": "2011-06-15"}
        root = Credentials(call.params["RoleArn"].split(":")[4], "test")
        response = super().forward(self._signed(request, params, root, "us-east-1"))
        body = re.sub(rb"AssumeRole(?=Response|Result)", b"AssumeRoleWithSAML", response.body)
        return response._replace(body=body)

    def _signed(self, request: Request, params, credentials: Credentials, region) -> Request:
        again = AWSRequest(
            "POST",
            self.url + request.target,
            {
                "Host": request.header("host"),
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            },
            urlencode(params),
        )
        SigV4Auth(credentials, "sts", region).add_auth(again)
        body = again.data.encode()
        headers = [*again.headers.items(), ("Content-Length", str(len(body)))]
        return Request("POST", request.target, headers, body)


def _stamp(instant: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(instant))
