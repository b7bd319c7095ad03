"""What others say to rolecall, made wrong: AWS, identity providers, a person's own programs."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import time
from typing import TYPE_CHECKING
from unittest.mock import patch

from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from profiles.errors import RolecallError
from profiles.insight.trust import principal
from profiles.sources import web
from profiles.sources.oidc_provider import Provider, Refused
from profiles.sources.saml_response import read_response
from tests.storm.mangled import mangled
from tests.storm.odd_values import odd_value
from tests.storm.real_files import NOW
from tests.world.saml import encoded, signed, xml

if TYPE_CHECKING:
    import random

    from tests.storm.house import House

_ROLE = """\
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROA:ana</AssumedRoleId>
<Arn>arn:aws:sts::111122223333:assumed-role/role-0/ana</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
<SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>2026-11-24T23:31:07Z</Expiration></Credentials>
<PackedPolicySize>6</PackedPolicySize></AssumeRoleResult>
<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>"""
_REFUSED = """\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/ana is not authorized to
perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/role-0</Message></Error>
<RequestId>1</RequestId></ErrorResponse>"""
_PORTAL = {
    "roleCredentials": {
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "sessionToken": "token",
        "expiration": int(NOW + 3600) * 1000,
    }
}
_PROGRAM = {
    "Version": 1,
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "SessionToken": "token",
    "Expiration": "2026-11-24T23:31:07Z",
    "AccountId": "123456789012",
}
_ISSUER = "https://issuer.test"
_DATES = ("Tue, 24 Nov 2026 22:31:07 GMT", "Tue, 99 Foo 2026 22:31:07", "", "9" * 5000, "\x00")


def _odd_json(said, chance: random.Random) -> bytes:
    """JSON made wrong as text, or as values."""
    if chance.random() < 0.5:
        return mangled(json.dumps(said).encode(), chance)
    return json.dumps(odd_value(said, chance)).encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def _aws_says(body: bytes, chance: random.Random):
    """Whatever is asked of AWS, this is its answer."""
    headers = {"Content-Type": "text/xml", "Date": chance.choice(_DATES)}
    status = chance.choice((200, 200, 200, 200, 400, 403, 302, 503))

    def send(_, request):
        return AWSResponse(request.url, status, headers, _Raw(body))

    with patch.object(URLLib3Session, "send", send), patch.object(time, "sleep", lambda _: None):
        yield


class _Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def _aws(house: House, chance: random.Random):
    body = chance.choice((_ROLE, _ROLE, _REFUSED)).encode()
    with _aws_says(mangled(body, chance), chance):
        house.tried("with space")


def _portal(house: House, chance: random.Random):
    with _aws_says(_odd_json(_PORTAL, chance), chance):
        house.tried("portal")


def _program(house: House, chance: random.Random):
    house.said = _odd_json(_PROGRAM, chance).decode("utf-8", "replace")
    house.tried("outside")


def _token_program(house: House, chance: random.Random):
    house.said = _odd_json({"id_token": "e30.e30.e30"}, chance).decode("utf-8", "replace")
    with _aws_says(_REFUSED.encode(), chance):
        house.tried("by-token")


@functools.cache
def _assertions() -> tuple[bytes, ...]:
    pair = "arn:aws:iam::123456789012:role/Dev,arn:aws:iam::123456789012:saml-provider/idp"
    later = NOW - time.time()
    plain = xml(pair, duration=3600, start=later - 60, end=later + 300)
    return plain.encode(), signed(plain).encode(), encoded(plain).encode()


def _assertion(house: House, chance: random.Random):
    data = mangled(chance.choice(_assertions()), chance)
    if chance.random() < 0.5:
        data = base64.b64encode(data)
    house.said = data.decode("utf-8", "replace")
    with contextlib.suppress(RolecallError):
        found = read_response(house.said, NOW)
        assert all(principal(pair.role_arn) for pair in found.pairs)
    with _aws_says(_ROLE.encode(), chance):
        house.tried("by-saml")


@functools.cache
def _issuer_key():
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256", {"kid": "1"}, private=True)


def _id_token(house: House, chance: random.Random):
    from joserfc import jwt

    claims = {"iss": _ISSUER, "aud": "client", "sub": "ana", "iat": int(NOW), "exp": int(NOW) + 600}
    key = _issuer_key()
    if chance.random() < 0.5:
        claims = odd_value(claims, chance)
    try:
        token = jwt.encode({"alg": "ES256", "kid": "1"}, claims, key, algorithms=["ES256"])
    except (TypeError, ValueError, AttributeError):
        token = "e30.e30.e30"  # claims that the library does not sign
    keys = {"keys": [key.as_dict(private=False)]}
    says = {"issuer": _ISSUER, "jwks_uri": f"{_ISSUER}/keys", "token_endpoint": f"{_ISSUER}/token"}
    said = {"id_token": token, "refresh_token": "r", "error_description": "x"}
    parts = [json.dumps(says).encode(), json.dumps(keys).encode(), json.dumps(said).encode()]
    at = chance.randrange(4)
    if at < 3:
        parts[at] = _odd_json((says, keys, said)[at], chance)

    def ask(url, *_):
        body = parts[1 if url.endswith("keys") else 2 if url.endswith("token") else 0]
        return web.Answer(chance.choice((200, 200, 200, 400)), web._object(body), 0.0)

    with patch.object(web, "ask", ask), contextlib.suppress(RolecallError, Refused):
        provider = Provider(_ISSUER, house.machine)
        repr(provider.signed_in(provider.post("token_endpoint", {}), "client"))


ANSWERS = {
    "AWS": _aws,
    "the portal": _portal,
    "a program": _program,
    "a token": _token_program,
    "SAML": _assertion,
    "OpenID Connect": _id_token,
}
"""By what speaks: hears one answer of it."""
