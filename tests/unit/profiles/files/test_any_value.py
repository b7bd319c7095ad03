"""Any JSON in the place of a cache or of what rolecall remembers; any text in that of SAML."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.errors import RolecallError
from profiles.sources.saml_response import read_response
from tests.storm.house import House
from tests.storm.real_files import JSON_FILES, LOGIN_FILE, NOW, ROLES

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["2026-11-24T23:31:07Z", "arn:aws:iam::123456789012:role/x", "role-0"]),
)
_KEYS = sorted({key for said in JSON_FILES.values() for key in said} | {"Arn", "AccessKeyId"})
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(_KEYS), inner, max_size=5),
    ),
    max_leaves=12,
)
often = settings(
    max_examples=120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("house"))


@often
@given(st.sampled_from(list(JSON_FILES)), _JSON, st.booleans())
def test_any_json_costs_no_role_and_no_other_session(house, place, said, within):
    if within and isinstance(said, dict):
        said = JSON_FILES[place] | said
    with house.having(place, json.dumps(said).encode("utf-8", "surrogatepass")):
        assert set(ROLES) <= house.look().keys()
        assert "Beside@123456789012" in house.sessions()
        house.remembered()
        if place == LOGIN_FILE:
            house.tried("signed-in")


@often
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["<saml:", "<", "/>", "</a>", "<!DOCTYPE", "<?xml", "SAMLResponse="]),
            st.sampled_from(["PHNhbWw", "%3D", "&#x2b;", "=", "&", "Role", 'Value="']),
        ),
        max_size=12,
    ).map("".join)
)
def test_any_text_is_a_response_or_one_clear_line(text):
    with pytest.raises(RolecallError) as refused:
        read_response(text, NOW)
    assert "\n" not in refused.value.summary
