"""SAML responses for AWS, really signed, and AWS's own look at them."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import time
from typing import NamedTuple
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import XMLSigner, XMLVerifier
from signxml.exceptions import SignXMLException

from tui.demo.rules import Refusal

ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"
AUDIENCE = "urn:amazon:webservices"
ACS = "https://signin.aws.amazon.com/saml"
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_ISSUANCE = 300


class Signer(NamedTuple):
    """An identity provider's key and its certificate, PEM."""

    key: str
    certificate: str


@functools.cache
def signer(name: str = "idp") -> Signer:
    """A key made once, with a certificate of ten years."""
    key = rsa.generate_private_key(65537, 2048)
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return Signer(private.decode(), public.decode())


def stamp(instant: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(instant))


def attribute(name: str, *values: str) -> str:
    inner = "".join(f"<saml:AttributeValue>{escape(v)}</saml:AttributeValue>" for v in values)
    return f'<saml:Attribute Name="{name}">{inner}</saml:Attribute>'


def xml(
    *roles: str,
    start: float = -60,
    end: float = 300,
    audience: str | None = AUDIENCE,
    status: str = "Success",
    name: str | None = "ana",
    duration: int | None = None,
    prefix: str = ATTRIBUTES,
    more: str = "",
    confirmed_until: float | None = None,
) -> str:
    """A response, unsigned; `roles` are the values of the Role attribute.

    `start`, `end` and `confirmed_until` are seconds from now.
    """
    now = time.time()
    said = attribute(f"{prefix}/Role", *roles) if roles else ""
    said += attribute(f"{prefix}/RoleSessionName", name) if name else ""
    said += attribute(f"{prefix}/SessionDuration", str(duration)) if duration else ""
    restriction = (
        f"<saml:AudienceRestriction><saml:Audience>{escape(audience)}</saml:Audience>"
        "</saml:AudienceRestriction>"
        if audience
        else ""
    )
    confirmed = stamp(now + (end if confirmed_until is None else confirmed_until))
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" '
        f'IssueInstant="{stamp(now)}" Destination="{ACS}">'
        '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.test'
        "</saml:Issuer><samlp:Status><samlp:StatusCode "
        f'Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>'
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" '
        f'IssueInstant="{stamp(now)}"><saml:Issuer>https://idp.test</saml:Issuer>'
        f"<saml:Subject><saml:NameID>ana</saml:NameID>"
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<saml:SubjectConfirmationData NotOnOrAfter="{confirmed}" Recipient="{ACS}"/>'
        "</saml:SubjectConfirmation></saml:Subject><saml:Conditions "
        f'NotBefore="{stamp(now + start)}" NotOnOrAfter="{stamp(now + end)}">{restriction}'
        "</saml:Conditions>"
        f"<saml:AttributeStatement>{said}</saml:AttributeStatement>{more}"
        "</saml:Assertion></samlp:Response>"
    )


def signed(text: str, by: Signer | None = None) -> str:
    """The same with its assertion signed."""
    by = by or signer()
    root = etree.fromstring(text)
    assertion = root.find(f"{_SAML}Assertion")
    made = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#").sign(
        assertion, key=by.key, cert=by.certificate, reference_uri="_a", id_attribute="ID"
    )
    root.replace(assertion, made)
    return etree.tostring(root).decode()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def unproven(params: dict[str, str], certificate: str) -> Refusal | None:
    """Why AWS would not take a call's assertion."""
    data = base64.b64decode(params["SAMLAssertion"])
    try:
        found = XMLVerifier().verify(data, x509_cert=certificate).signed_xml
    except (SignXMLException, ValueError, etree.XMLSyntaxError):
        return _invalid("Response signature invalid")
    assertion = found if found.tag == f"{_SAML}Assertion" else found.find(f"{_SAML}Assertion")
    if AUDIENCE not in [each.text for each in assertion.iter(f"{_SAML}Audience")]:
        return _invalid("Response does not contain the required audience.")
    now, late = time.time(), "Token must be redeemed within 5 minutes of issuance"
    ends = [each.get("NotOnOrAfter") for each in assertion.iter() if each.get("NotOnOrAfter")]
    if _instant(assertion.get("IssueInstant")) < now - _ISSUANCE:
        return Refusal(400, "ExpiredTokenException", late)
    if any(_instant(end) <= now for end in ends):
        return Refusal(400, "ExpiredTokenException", late)
    values = _attributes(assertion)
    if not values.get(f"{ATTRIBUTES}/RoleSessionName"):
        return _invalid("RoleSessionName is required in AuthnResponse")
    pair = {params["RoleArn"], params["PrincipalArn"]}
    offered = [
        {part.strip() for part in v.split(",")} for v in values.get(f"{ATTRIBUTES}/Role", [])
    ]
    if pair not in offered:
        return Refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
    return None


def asked_of_role(params: dict[str, str]) -> dict[str, str]:
    """The parameters of the AssumeRole that a call with a response comes to."""
    values = _attributes(etree.fromstring(base64.b64decode(params["SAMLAssertion"])))
    said = values.get(f"{ATTRIBUTES}/SessionDuration")
    seconds = {"DurationSeconds": said[0]} if said else {}
    own = {name: value for name, value in params.items() if name != "SAMLAssertion"}
    del own["PrincipalArn"]
    return seconds | own | {"RoleSessionName": values[f"{ATTRIBUTES}/RoleSessionName"][0]}


def _attributes(within: etree._Element) -> dict[str, list[str]]:
    return {
        each.get("Name"): ["".join(value.itertext()) for value in each]
        for each in within.iter(f"{_SAML}Attribute")
    }


def _invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidIdentityToken", message)


def _instant(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()
