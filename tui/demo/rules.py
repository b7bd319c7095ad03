"""What STS refuses and no emulator does: lengths of sessions, and MFA codes.

Texts and codes are AWS's own, as its clients report them; see
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import NamedTuple

_ACCESS_KEY = re.compile(r"<AccessKeyId>([^<]+)</AccessKeyId>")
_IDENTITY = re.compile(r"<Arn>([^<]+)</Arn>")

CHAIN_LIMIT = 3600
DEFAULT_LIMIT = 3600

Accepts = Callable[[str, float], bool]
"""Whether a device shows that code at that instant (seconds since 1970)."""


class Call(NamedTuple):
    """One STS call as it arrived.

    Attributes:
        action: `AssumeRole` …
        params: by the names of the query protocol: `Tags.member.1.Key` …
        access_key: who signed it, an empty string where nobody did.
    """

    action: str
    params: dict[str, str]
    access_key: str


class Refusal(NamedTuple):
    """An error as AWS gives it."""

    status: int
    code: str
    message: str


class Device(NamedTuple):
    """An MFA device: whose it is, and which codes it shows."""

    owner: str
    accepts: Accepts


class Rules:
    """The limits of roles and the MFA devices of one emulated AWS.

    Attributes:
        limits: MaxSessionDuration by role ARN, seconds; an hour where there is none.
        mfa: ARNs of the roles whose trust policy wants `aws:MultiFactorAuthPresent`.
        mfa_age: by role ARN, the `aws:MultiFactorAuthAge` that its trust policy wants at most,
            seconds; a call that brings a code of its own is 0 old.
        devices: by serial number.
        callers: ARNs by access key; sessions are learned from the answers.
        once: whether a code that was good is good only once, as with AWS.
    """

    def __init__(self, *, once: bool = True) -> None:
        self.limits: dict[str, int] = {}
        self.mfa: set[str] = set()
        self.mfa_age: dict[str, float] = {}
        self.devices: dict[str, Device] = {}
        self.callers: dict[str, str] = {}
        self.once = once
        self._used: set[tuple[str, str]] = set()
        self._with_mfa: dict[str, float] = {}

    def forget(self) -> None:
        """As on the first day."""
        for known in (self.limits, self.mfa, self.mfa_age, self.devices, self.callers):
            known.clear()
        self._used.clear()
        self._with_mfa.clear()

    def before(self, call: Call) -> Refusal | None:
        """Why a call is refused before anybody looks at policies."""
        if call.action not in ("AssumeRole", "GetSessionToken", "GetFederationToken"):
            return None
        highest = 43200 if call.action == "AssumeRole" else 129600
        refusal = _malformed(call.params, highest) or self._code(call)
        if refusal or call.action != "AssumeRole":
            return refusal
        role = call.params.get("RoleArn", "")
        if not self._is_proven_for(role, call):
            who = self.callers.get(call.access_key, "anonymous")
            return _denied(
                f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"
            )
        return None

    def after(self, call: Call, answer: str) -> Refusal | None:
        """Why a call is refused although policies allow it; else, remember whom it made."""
        if call.action not in ("AssumeRole", "GetSessionToken", "GetFederationToken"):
            return None
        asked = int(call.params.get("DurationSeconds") or 0)
        if call.action == "AssumeRole":
            # GetSessionToken's credentials count as a link of the chain, too.
            if asked > CHAIN_LIMIT and call.access_key.startswith("ASIA"):
                return _invalid(
                    "The requested DurationSeconds exceeds the 1 hour session limit "
                    "for roles assumed by role chaining."
                )
            if asked > self.limits.get(call.params.get("RoleArn", ""), DEFAULT_LIMIT):
                return _invalid(
                    "The requested DurationSeconds exceeds the MaxSessionDuration "
                    "set for this role."
                )
        made = _ACCESS_KEY.search(answer)
        if made:
            identity = _IDENTITY.search(answer)
            own = self.callers.get(call.access_key, "anonymous")
            self.callers[made[1]] = identity[1] if identity else own
            # A role's session has forgotten how its caller proved himself (IAM User Guide).
            if call.action == "GetSessionToken" and call.params.get("TokenCode"):
                self._with_mfa[made[1]] = time.time()
        return None

    def _is_proven_for(self, role: str, call: Call) -> bool:
        """Whether a call has the MFA that a role's trust policy wants."""
        if role not in self.mfa:
            return True
        if call.params.get("TokenCode"):
            return True
        proven = self._with_mfa.get(call.access_key)
        age = self.mfa_age.get(role)
        return proven is not None and (age is None or time.time() - proven <= age)

    def _code(self, call: Call) -> Refusal | None:
        serial, code = call.params.get("SerialNumber"), call.params.get("TokenCode")
        if not serial and not code:
            return None
        if not serial or not code:
            return _denied(
                "MultiFactorAuthentication failed, must provide both "
                "MFA serial number and one time pass code. "
            )
        device = self.devices.get(serial)
        if device is None or device.owner != self.callers.get(call.access_key):
            return _denied(
                "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify "
                "your MFA serial number is valid and associated with this user."
            )
        if (serial, code) in self._used or not device.accepts(code, time.time()):
            return _denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
        if self.once:
            self._used.add((serial, code))
        return None


def _malformed(params: dict[str, str], highest: int) -> Refusal | None:
    asked = params.get("DurationSeconds")
    if asked is not None and not 900 <= int(asked) <= highest:
        bound = "greater than or equal to 900"
        if int(asked) > highest:
            bound = f"less than or equal to {highest}"
        return _invalid(
            f"1 validation error detected: Value '{asked}' at 'durationSeconds' "
            f"failed to satisfy constraint: Member must have value {bound}"
        )
    code = params.get("TokenCode")
    if code is not None and len(code) != 6:
        bound = "greater" if len(code) < 6 else "less"
        return _invalid(
            f"1 validation error detected: Value '{code}' at 'tokenCode' failed to satisfy "
            f"constraint: Member must have length {bound} than or equal to 6"
        )
    return None


def _invalid(message: str) -> Refusal:
    return Refusal(400, "ValidationError", message)


def _denied(message: str) -> Refusal:
    return Refusal(403, "AccessDenied", message)
