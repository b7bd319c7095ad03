"""An answer of AWS, taken apart: whether it is whole, what it says, and by what clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from profiles.insight.refusal import Refusal
from profiles.sources import unreached

if TYPE_CHECKING:
    from collections.abc import Mapping

# What callers take out of answers. An answer without it, whole as its XML or JSON may be, is of
# somebody else.
_PROMISED = {
    "assume_role": ("Credentials",),
    "assume_role_with_saml": ("Credentials",),
    "assume_role_with_web_identity": ("Credentials",),
    "get_session_token": ("Credentials",),
    "get_federation_token": ("Credentials",),
    "get_caller_identity": ("Arn", "Account", "UserId"),
    "get_role_credentials": ("roleCredentials",),
    "register_client": ("clientId", "clientSecret", "clientSecretExpiresAt"),
    "start_device_authorization": ("deviceCode", "userCode", "verificationUri", "expiresIn"),
    "create_token": ("accessToken", "expiresIn"),
}
_A_DAY = 86_400.0


class Answer(NamedTuple):
    """What AWS said, and how far its clock is ahead of this machine's, in seconds."""

    data: dict[str, Any]
    offset: float | None

    def __repr__(self) -> str:
        """Without values: they may be keys."""
        return f"Answer({sorted(self.data)})"


class Said(dict[str, Any]):
    """An answer's object; to miss a member of it is no defect, but somebody else's answer."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        super().__init__({key: _said(value) for key, value in said.items()})

    def __missing__(self, member: str) -> NoReturn:
        del member
        raise unreached.unread(0)


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return Said(value)
    return [_said(each) for each in value] if isinstance(value, list) else value


def is_whole(client: Any, operation: str, found: Mapping[str, Any]) -> bool:
    """Whether an answer has what it must have, by the operation and by botocore's model."""
    promised = _PROMISED.get(operation)
    if promised is None:
        return True
    if any(found.get(name) is None for name in promised):
        return False
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).output_shape
    members = shape.members if shape is not None else {}
    return all(
        found[member].get(name) is not None
        for member in promised
        if members[member].type_name == "structure"
        for name in members[member].required_members
    )


def refusal_of(response: Mapping[str, Any], operation: str, now: float) -> Refusal:
    """AWS's error answer, as botocore's `ClientError` has it, without those clothes."""
    meta = response.get("ResponseMetadata", {})
    detail = response.get("Error", {})
    code = str(detail.get("Code", "Unknown"))
    said = detail.get("Message") or response.get("error_description") or ""
    if code.isdigit():
        # AWS gives no code like that: botocore could not read the answer, and hands on all of it,
        # keys and tokens included.
        said = "what answered is not AWS"
    return Refusal(
        code=code,
        # OAuth's errors, as those of sso-oidc, say it under another name (RFC 6749).
        message=one_line(str(said)),
        status=int(meta.get("HTTPStatusCode", 0)),
        operation=operation,
        offset=offset_of(meta, now),
        reason=str(response.get("error") or ""),
        retry_after=seconds_of(meta.get("HTTPHeaders", {}).get("retry-after")),
    )


def seconds_of(said: str | None) -> float | None:
    """A Retry-After that is a number; as a date it means little to a clock that may be off.

    A day at most: nobody waits longer, and a number of hundreds of digits is no time at all.
    """
    return min(float(said), _A_DAY) if said and said.isascii() and said.isdigit() else None


def offset_of(meta: Mapping[str, Any], now: float) -> float | None:
    """How far AWS's clock is ahead, by the answer's Date header (whole seconds, RFC 9110)."""
    from email.utils import parsedate_to_datetime

    said = meta.get("HTTPHeaders", {}).get("date")
    if not said:
        return None
    try:
        return float(parsedate_to_datetime(said).timestamp() - now)
    except (ValueError, TypeError):
        return None


def one_line(text: str) -> str:
    """A text of however many lines in one."""
    return " ".join(text.split())
