"""A SAML response as an identity provider gives it for AWS: what it says, and whether it is of use.

Whether it is signed rightly is AWS's to check: rolecall reads it only to choose a role.

Sources: "Configure SAML assertions for the authentication response" (IAM User Guide), SAML 2.0
Core, and AssumeRoleWithSAML (STS API reference).
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from profiles import times
from profiles.errors import AccessDenied, ClockSkew, LoginRequired, UsageError
from profiles.model import Arn

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST = 100_000
"""Characters of base64 that AWS takes."""
CLOCK_TOLERANCE = 180.0
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_ATTRIBUTE = re.compile(
    r"https?://(?:aws\.amazon\.com|www\.amazonaws\.cn|aws\.amazon\.eu)/SAML/Attributes/(\w+)"
)
_AUDIENCE = re.compile(
    r"(?:urn:amazon:webservices(?::[\w-]+)*"
    r"|https://(?:[\w-]+\.)*signin\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com"
    r"|aws\.amazon\.eu|amazonaws-eusc\.eu|aws-us-gov\.com)/saml/?(?:acs/[\w-]+)?)"
    r"(?:#\w+)?"  # Entra tells several applications for AWS apart by it
)
_PROVIDER = re.compile(r"arn:[\w-]+:iam::\d{12}:saml-provider/[\w.@+=,/-]+", re.ASCII)
_LONGEST_PAIR = 2 * 2048 + 16
"""Letters: two ARNs, which IAM keeps below 2,048 each, and what is around them."""
_WHOLE = re.compile(r"\d{1,6}", re.ASCII).fullmatch
_BLANKS = re.compile(r"\s+")


class Pair(NamedTuple):
    """A role of the response, and the identity provider in IAM that it is reached by."""

    role_arn: str
    principal_arn: str


@dataclass(frozen=True, slots=True)
class SamlResponse:
    """What a response says.

    Attributes:
        encoded: as AWS takes it: base64, without line breaks.
        pairs: the roles, each once, in its order; empty where it is encrypted.
        encrypted: only AWS can read it.
        session_duration: seconds that AWS gives where the call asks for none; None where the
            response leaves it to AWS.
    """

    encoded: str = field(repr=False)
    pairs: tuple[Pair, ...]
    encrypted: bool
    session_duration: int | None = None


def read_response(text: str, now: float) -> SamlResponse:
    """A response from what somebody copied, saved, printed or posted.

    Args:
        text: XML, or base64 of it: on one line or many, of the URL-safe kind, percent-encoded.
        now: seconds since 1970.

    Raises:
        UsageError: it is no SAML response, is larger than AWS takes, or holds what is dangerous.
        LoginRequired: it is over.
        ClockSkew: it is not good yet.
        AccessDenied: the identity provider said no, or it is not for AWS.
    """
    data = _decoded(text)
    encoded = base64.b64encode(data).decode()
    if len(encoded) > LARGEST:
        raise _too_large(len(encoded))
    root = _parsed(data)
    if root.tag == f"{_SAML}Assertion":
        raise UsageError(
            "it is a SAML assertion without its response",
            "AWS takes the whole response: the form field SAMLResponse that the provider posts",
        )
    if root.tag != f"{_PROTOCOL}Response":
        raise UsageError("it is XML, but no SAML response", _HOW)
    _check_status(root)
    assertions = root.findall(f"{_SAML}Assertion")
    encrypted = root.find(f"{_SAML}EncryptedAssertion") is not None
    if not assertions and not encrypted:
        raise UsageError("the SAML response holds no assertion", _HOW)
    for assertion in assertions:
        _check_time(assertion, now)
        _check_audience(assertion)
    pairs = filter(None, map(_pair, _values(assertions, "Role")))
    seconds = [int(each) for each in _values(assertions, "SessionDuration") if _WHOLE(each)]
    return SamlResponse(
        encoded, tuple(dict.fromkeys(pairs)), encrypted, seconds[0] if seconds else None
    )


_HOW = "copy the form field SAMLResponse that the identity provider posts, whole"


def _decoded(text: str) -> bytes:
    """The XML's bytes."""
    text = text.strip().removeprefix("\ufeff").strip()
    if len(text) > 3 * LARGEST:  # room for line breaks and percent signs, and no more
        raise _too_large(len(text))
    if text.startswith("<"):
        return text.encode("utf-8", "surrogatepass")
    if "&#" in text:  # from the source of a page: Okta writes + and = so
        text = html.unescape(text)
    text = text.removeprefix("SAMLResponse=").split("&", 1)[0]
    if "%" in text:
        text = unquote(text)
    text = _BLANKS.sub("", text).translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("it is neither XML nor base64 of it", _HOW) from None
    if not data:
        raise UsageError("there is no SAML response: it is empty", _HOW)
    return data


def _parsed(data: bytes) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UsageError(
            "the SAML response holds a document type or entities, which no real one does",
            "it may be an attack: look at where it came from",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        # Base64 of anything decodes; the parser's words would say nothing of that.
        raise UsageError("it is no XML, or cut off", _HOW) from error
    return root


def _check_status(root: Element) -> None:
    code = root.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusCode")
    value = code.get("Value", "") if code is not None else ""
    if value == _SUCCESS:
        return
    inner = code.find(f"{_PROTOCOL}StatusCode") if code is not None else None
    codes = [value, inner.get("Value", "") if inner is not None else ""]
    said = [each.rpartition(":")[2] for each in codes if each]
    message = _text(root.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusMessage"))[:300]
    raise AccessDenied(
        f"the identity provider refused the sign-in: {', '.join(filter(None, [*said, message]))}"
        if said or message
        else "the SAML response does not say that the sign-in succeeded",
        "sign in there again, or ask who keeps it",
    )


def _check_time(assertion: Element, now: float) -> None:
    bearer = f"{_SAML}Subject/{_SAML}SubjectConfirmation/{_SAML}SubjectConfirmationData"
    for bounds in (*assertion.findall(f"{_SAML}Conditions"), *assertion.findall(bearer)):
        start, end = _instant(bounds, "NotBefore"), _instant(bounds, "NotOnOrAfter")
        if end is not None and now - CLOCK_TOLERANCE >= end:
            raise LoginRequired(
                f"the SAML response was good until {times.rfc3339(end)}: it is over",
                "sign in at the identity provider for another; it is good for some minutes",
            )
        if start is not None and now + CLOCK_TOLERANCE < start:
            raise ClockSkew(
                f"the SAML response is good from {times.rfc3339(start)} on, which is yet to come",
                "this machine's clock or the identity provider's is off",
            )


def _instant(bounds: Element, name: str) -> float | None:
    said = bounds.get(name)
    if said is None:
        return None
    found = times.instant(said.strip())
    if found is None:
        raise UsageError(f"the SAML response's {name} is no time", _HOW)
    return found


def _check_audience(assertion: Element) -> None:
    """Each restriction has to hold an address of AWS's (SAML Core, section 2.5.1.4)."""
    for restriction in assertion.findall(f"{_SAML}Conditions/{_SAML}AudienceRestriction"):
        named = [_text(audience) for audience in restriction.findall(f"{_SAML}Audience")]
        if not any(_AUDIENCE.fullmatch(each) for each in named):
            raise AccessDenied(
                f"the SAML response is for {', '.join(named)[:300] or 'nobody'}, not for AWS",
                "its audience (entity id) has to be urn:amazon:webservices",
            )


def _values(assertions: list[Element], name: str) -> list[str]:
    """The values of one of AWS's attributes."""
    return [
        _text(value)
        for assertion in assertions
        for attribute in assertion.findall(f"{_SAML}AttributeStatement/{_SAML}Attribute")
        if (named := _ATTRIBUTE.fullmatch(attribute.get("Name", ""))) and named[1] == name
        for value in attribute.findall(f"{_SAML}AttributeValue")
    ]


def _pair(value: str) -> Pair | None:
    """Role and provider in either order; None for what is none (AWS passes over it, too)."""
    if len(value) > _LONGEST_PAIR:
        return None
    # Commas may be in both names: every place to cut is tried, before what could be an ARN.
    for comma in (found.start() for found in re.finditer(r",(?=\s*arn:)", value)):
        one, other = value[:comma].strip(), value[comma + 1 :].strip()
        for role, provider in ((one, other), (other, one)):
            if Arn.of_role(role) and _PROVIDER.fullmatch(provider):
                return Pair(role, provider)
    return None


def _text(element: Element | None) -> str:
    """An element's text, whole: comments in it cut nothing off."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _too_large(characters: int) -> UsageError:
    return UsageError(
        f"the SAML response has {characters:,} characters; AWS takes {LARGEST:,} of base64",
        "the identity provider has to send fewer groups or roles in it",
    )
