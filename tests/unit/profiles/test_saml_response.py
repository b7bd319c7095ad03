"""What rolecall reads in a SAML response, and what it refuses to read."""

import base64
import itertools
import random
import time
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles import errors
from profiles.sources.saml_response import LARGEST, Pair, read_response
from tests.world.saml import ATTRIBUTES, attribute, encoded, signed, signer, xml

ROLE = "arn:aws:iam::123456789012:role/Dev"
IDP = "arn:aws:iam::123456789012:saml-provider/idp"
BOTH = f"{ROLE},{IDP}"
PAIR = Pair(ROLE, IDP)


def read(text, now=None):
    return read_response(text, now or time.time())


def refused(text, now=None):
    with pytest.raises(errors.RolecallError) as failed:
        read(text, now)
    assert "\n" not in failed.value.summary
    assert len(failed.value.summary) < 500
    assert failed.value.hint
    return failed.value


# ---- how it is written ---------------------------------------------------------------------


def lines(text):
    return "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76)) + "\n"


# Made when the tests are gathered, and still good when this one comes last.
DAY = 86400
SAID = encoded(xml(BOTH, name="ana>>>?", end=DAY))


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        f"  {SAID}\n\n",
        lines(SAID),
        SAID.rstrip("="),
        base64.urlsafe_b64encode(base64.b64decode(SAID)).decode(),
        urllib.parse.quote(SAID, safe=""),
        SAID.replace("+", "&#x2b;").replace("=", "&#x3d;"),
        f"SAMLResponse={urllib.parse.quote(SAID, safe='')}&RelayState=x%3D",
        base64.b64decode(SAID).decode(),
        "\ufeff" + base64.b64decode(SAID).decode(),
        '<?xml version="1.0" encoding="UTF-8"?>\n' + base64.b64decode(SAID).decode(),
    ],
    ids=[str(number) for number in range(11)],
)
def test_it_is_read_however_it_was_copied(text):
    found = read(text)
    assert found.pairs == (PAIR,)
    assert "\n" not in found.encoded
    assert base64.b64decode(found.encoded).endswith(b"</samlp:Response>")


def test_what_is_signed_goes_on_byte_for_byte():
    text = signed(xml(BOTH))
    assert base64.b64decode(read(encoded(text)).encoded) == text.encode()


def test_it_is_not_shown_by_accident():
    found = read(SAID)
    assert found.encoded[:40] not in repr(found)


# ---- the roles -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [BOTH, f"{IDP},{ROLE}", f" {ROLE} ,\n {IDP}\t"])
def test_either_order_and_spaces(value):
    assert read(xml(value)).pairs == (PAIR,)


@pytest.mark.parametrize(
    ("partition", "prefix"),
    [
        ("aws-cn", "https://www.amazonaws.cn/SAML/Attributes"),
        ("aws-us-gov", ATTRIBUTES),
        ("aws-iso-b", ATTRIBUTES),
    ],
)
def test_all_partitions(partition, prefix):
    role, provider = (each.replace("arn:aws:", f"arn:{partition}:") for each in PAIR)
    assert read(xml(f"{role},{provider}", prefix=prefix)).pairs == (Pair(role, provider),)


def test_paths_and_commas_in_names():
    role = "arn:aws:iam::123456789012:role/team/a,b=c"
    provider = "arn:aws:iam::123456789012:saml-provider/x,y"
    assert read(xml(f"{provider},{role}")).pairs == (Pair(role, provider),)


def test_roles_of_several_values_attributes_and_statements_each_once():
    role = ROLE.replace("Dev", "{}").format
    more = "".join(
        f"<saml:AttributeStatement>{attribute(ATTRIBUTES + '/Role', f'{role(name)},{IDP}')}"
        f"{attribute('groups', 'x')}</saml:AttributeStatement>"
        for name in ("C", "A")
    )
    text = xml(f"{role('A')},{IDP}", f"{role('B')},{IDP}", more=more)
    assert [pair.role_arn for pair in read(text).pairs] == [role("A"), role("B"), role("C")]


@pytest.mark.parametrize("value", ["", ",", ROLE, IDP, f"{ROLE},{ROLE}", "arn:x,arn:y", "a,b,c,d"])
def test_what_is_no_pair_is_passed_over(value):
    assert read(xml(value, BOTH)).pairs == (PAIR,)


def test_attributes_that_only_look_like_awss_do_not_count():
    more = attribute("https://evil.test/SAML/Attributes/Role", BOTH)
    text = xml(more=f"<saml:AttributeStatement>{more}</saml:AttributeStatement>")
    assert read(text).pairs == ()


def test_the_length_of_the_session_is_read():
    assert read(xml(BOTH, duration=28800)).session_duration == 28800
    assert read(xml(BOTH)).session_duration is None


# ---- when and for whom ---------------------------------------------------------------------


def test_one_that_is_over_is_refused_after_some_minutes_of_grace():
    assert read(xml(BOTH, end=-100)).pairs
    assert isinstance(refused(xml(BOTH, end=-200)), errors.LoginRequired)
    assert isinstance(refused(xml(BOTH, confirmed_until=-200)), errors.LoginRequired)


def test_one_that_is_yet_to_come_is_a_matter_of_clocks():
    assert read(xml(BOTH, start=100)).pairs
    assert isinstance(refused(xml(BOTH, start=200)), errors.ClockSkew)


@pytest.mark.parametrize(
    "audience",
    [
        "urn:amazon:webservices",
        "urn:amazon:webservices:govcloud",
        "https://signin.aws.amazon.com/saml#2",
        "urn:amazon:webservices:cn-north-1",
        "https://signin.aws.amazon.com/saml",
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://signin.amazonaws.cn/saml",
        "https://signin.amazonaws-us-gov.com/saml",
    ],
)
def test_awss_audiences(audience):
    assert read(xml(BOTH, audience=audience)).pairs


@pytest.mark.parametrize(
    "audience",
    [
        "https://evil.test/saml",
        "urn:amazon:webservicesx",
        "https://signin.aws.amazon.com.evil/saml",
    ],
)
def test_another_audience_is_refused_by_name(audience):
    error = refused(xml(BOTH, audience=audience))
    assert isinstance(error, errors.AccessDenied)
    assert audience in error.summary


def test_a_sign_in_that_failed_is_told_with_its_status():
    error = refused(xml(BOTH, status="Requester"))
    assert isinstance(error, errors.AccessDenied)
    assert "Requester" in error.summary
    nested = xml(BOTH, status="Responder").replace(
        'status:Responder"/>',
        'status:Responder"><samlp:StatusCode '
        'Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode>'
        "<samlp:StatusMessage>no\nMFA</samlp:StatusMessage>",
    )
    assert "Responder, AuthnFailed, no MFA" in refused(nested).summary


def test_an_encrypted_one_is_known_as_such():
    text = xml(BOTH)
    start, end = text.index("<saml:Assertion"), text.index("</samlp:Response>")
    hidden = (
        '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><x/>'
        "</saml:EncryptedAssertion>"
    )
    found = read(text[:start] + hidden + text[end:])
    assert found.encrypted
    assert found.pairs == ()


# ---- attacks and accidents -----------------------------------------------------------------

BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{("&" + a + ";") * 10}">' for a, b in itertools.pairwise("abcdefghi"))
    + "]>"
)


@pytest.mark.parametrize(
    "doctype",
    [
        BOMB,
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>',
        "<!DOCTYPE r>",
    ],
    ids=["bomb", "dtd", "external", "parameter", "doctype"],
)
@pytest.mark.parametrize("as_base64", [False, True])
def test_document_types_and_entities_are_refused_at_once(doctype, as_base64):
    text = doctype + xml(BOTH).replace("ana", "&i;" if "ENTITY i" in doctype else "ana")
    began = time.monotonic()
    error = refused(encoded(text) if as_base64 else text)
    assert time.monotonic() - began < 2
    assert "document type or entities" in error.summary


def test_a_comment_cuts_nothing_off():
    """`admin<!---->.evil` is one name, and not `admin`."""
    text = xml(f"{ROLE}XX,{IDP}").replace("DevXX", "Dev<!-- -->XX")
    assert read(text).pairs == (Pair(f"{ROLE}XX", IDP),)
    inside = xml(BOTH).replace("Dev,", "D<x xmlns=''>ev</x>,")
    assert read(inside).pairs == (PAIR,)


def test_only_assertions_of_the_response_itself_count():
    """One hidden in an extension or in another assertion is not looked at."""
    other = ROLE.replace("Dev", "Admin")
    inner = xml(f"{other},{IDP}")
    hidden = inner[inner.index("<saml:Assertion") : inner.index("</samlp:Response>")]
    text = xml(BOTH).replace(
        "<samlp:Status>", f"<samlp:Extensions>{hidden}</samlp:Extensions><samlp:Status>"
    )
    assert read(text).pairs == (PAIR,)
    assert read(xml(BOTH, more=f"<saml:Advice>{hidden}</saml:Advice>")).pairs == (PAIR,)


@pytest.mark.parametrize("as_base64", [False, True])
def test_one_larger_than_aws_takes_is_refused(as_base64):
    fits = xml(BOTH, more=f"<!--{'x' * 60_000}-->")
    assert len(read(fits).encoded) <= LARGEST
    big = xml(BOTH, more=f"<!--{'x' * 80_000}-->")
    assert "100,000" in refused(encoded(big) if as_base64 else big).summary
    assert "100,000" in refused("A" * 50_000_000).summary


def test_deep_nesting_harms_nothing():
    deep = "<a>" * 9000 + "</a>" * 9000
    assert read(xml(BOTH, more=deep)).pairs == (PAIR,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("SAMLResponse=", "empty"),
        ("hell", "no XML"),
        ("not base64!", "neither XML nor base64"),
        ("ümläut", "neither XML nor base64"),
        (encoded("hello"), "no XML"),
        (SAID[: len(SAID) // 2], "no XML, or cut off"),
        ("<html><body>Sign in</body></html>", "no SAML response"),
        ('<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"/>', "without its response"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "no XML"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>', "no XML"),
        (xml(BOTH).replace('NotBefore="2', 'NotBefore="soon'), "no time"),
        (xml(BOTH).split("<saml:Assertion")[0] + "</samlp:Response>", "no assertion"),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_what_is_no_response_is_a_usage_error(text, said):
    error = refused(text)
    assert isinstance(error, errors.UsageError)
    assert said in error.summary


GOOD = signed(xml(BOTH, duration=3600, end=DAY), signer())


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.binary().map(lambda data: base64.b64encode(data).decode())))
def test_whatever_is_said_nothing_but_rolecalls_own_error_comes(text):
    try:
        read(text)
    except errors.RolecallError as error:
        said = error.summary
    else:
        said = ""
    assert "\n" not in said


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12), st.booleans())
def test_a_response_changed_anywhere_is_read_or_refused(seed, times, as_base64):
    chance = random.Random(seed)
    text = list(GOOD)
    for _ in range(times):
        at = chance.randrange(len(text))
        kind = chance.randrange(3)
        if kind == 0:
            text[at] = chr(chance.choice([*range(0x250), 0xFFFE, 0x1F600]))
        elif kind == 1:
            del text[at : at + chance.randrange(1, 60)]
        else:
            text[at:at] = text[chance.randrange(len(text)) :][:80]
    said = "".join(text)
    try:
        found = read(encoded(said) if as_base64 else said)
    except errors.RolecallError:
        return
    for pair in found.pairs:
        assert pair.role_arn.startswith("arn:")
        assert ":saml-provider/" in pair.principal_arn
