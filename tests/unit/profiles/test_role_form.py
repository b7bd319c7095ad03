"""A role as it is typed: what is wrong with it, what is asked for, what is saved."""

import json

import pytest

from profiles.dry_call import dry_call
from profiles.errors import UsageError
from profiles.role_form import RoleForm, Tag, policy_state
from profiles.switcher import Switcher
from tests.terminal.picker_world import CONFIG, machine

ARN = "arn:aws:iam::999988887777:role/Auditor"
CHINA = """
[profile beijing]
role_arn = arn:aws-cn:iam::123456789012:role/Admin
source_profile = base

[profile beijing-twice]
role_arn = arn:aws-cn:iam::123456789012:role/Admin
source_profile = base

[profile round]
role_arn = arn:aws:iam::123456789012:role/Round
source_profile = round
"""


@pytest.fixture
def switcher(tmp_path):
    return Switcher(machine(tmp_path, config=CONFIG + CHINA))


def wrong(switcher, **said):
    return RoleForm(**({"role_arn": ARN, "source": "base"} | said)).wrong(switcher)


def test_a_whole_form_is_right_and_asks_for_all_of_it(switcher):
    form = RoleForm(
        role_arn=ARN,
        source="base",
        session_name="{user}@work",
        duration="2h",
        external_id="dev:4711",
        mfa_serial="arn:aws:iam::111122223333:mfa/ana",
        source_identity="ana",
        region="eu-west-1",
        tags=(Tag("team", "payments", transitive=True), Tag("cost centre", "")),
        policy='{"Statement": []}',
        policy_arns="arn:aws:iam::aws:policy/A\narn:aws:iam::aws:policy/B",
    )
    assert form.wrong(switcher) == {}
    call = dry_call(switcher, switcher.catalogue.resolve(ARN), form.request())
    assert call.parameters == {
        "RoleArn": ARN,
        "RoleSessionName": "ana@work",
        "ExternalId": "dev:4711",
        "SerialNumber": "arn:aws:iam::111122223333:mfa/ana",
        "DurationSeconds": 7200,
        "SourceIdentity": "ana",
        "Tags": [{"Key": "team", "Value": "payments"}, {"Key": "cost centre", "Value": ""}],
        "TransitiveTagKeys": ["team"],
        "Policy": '{"Statement":[]}',
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/A"}, {"arn": "arn:aws:iam::aws:policy/B"}],
    }
    assert call.region == "eu-west-1"
    assert call.chain == ("base", "Auditor@999988887777")


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"role_arn": ""}, "role_arn", "what is assumed"),
        ({"role_arn": "arn:aws:iam::1:role/x"}, "role_arn", "12 digits"),
        (
            {"role_arn": "arn:aws-cn:iam::123456789012:role/Admin"},
            "role_arn",
            "could be 2 roles: beijing, beijing-twice",
        ),
        ({"source": "bse"}, "source", "no profile or role is called 'bse'; did you mean base?"),
        ({"source": "round"}, "source", "circle"),
        ({"source": "beijing"}, "source", "of aws-cn, and can assume no role of aws"),
        ({"session_name": "a b"}, "session_name", "' ' is not among"),
        ({"session_name": "{host}"}, "session_name", "'{' is not among"),
        ({"external_id": "x"}, "external_id", "2 at least"),
        ({"mfa_serial": "ana"}, "mfa_serial", "9 at least"),
        ({"source_identity": "ä1"}, "source_identity", "'ä'"),
        ({"region": "Europe"}, "region", "eu-west-1"),
        ({"region": "cn-north-1"}, "region", "it is of aws-cn, and the role of aws"),
        ({"duration": "soon"}, "duration", "not a duration"),
        ({"duration": "13h"}, "duration", "15m to 12h"),
        ({"duration": "14m"}, "duration", "15m to 12h"),
        ({"duration": "0.5h"}, "duration", "not a duration"),
        (
            {"source": "payments-dev-admin", "duration": "2h"},
            "duration",
            "1h at most: payments-dev-admin is a session itself",
        ),
        ({"policy": "{"}, "policy", "line 1, column 2"),
        ({"policy": '{\n "a": 1\n "b": 2\n}'}, "policy", "line 3, column 2"),
        ({"policy": "[]"}, "policy", "an object"),
        ({"policy": json.dumps({"a": "x" * 2041})}, "policy", "2,049 characters; AWS takes 2,048"),
        ({"policy_arns": "nothing"}, "policy_arns", "not the ARN of a policy"),
        (
            {"policy_arns": " ".join(f"arn:aws:iam::aws:policy/P{n}" for n in range(11))},
            "policy_arns",
            "11 policies; AWS takes 10",
        ),
        ({"policy_arns": "arn:aws:iam::aws:policy/P " * 2}, "policy_arns", "there twice"),
        ({"tags": (Tag("Team", "a"), Tag("team", "b"))}, "tags", "team is there twice"),
        ({"tags": (Tag("", "a"),)}, "tags", "has no key"),
        ({"tags": (Tag("aws:x", "a"),)}, "tags", "for itself"),
        ({"tags": (Tag("a", "b*"),)}, "tags", "'*'"),
        ({"tags": tuple(Tag(f"k{n}", "") for n in range(51))}, "tags", "51 tags; AWS takes 50"),
    ],
)
def test_what_would_be_refused_is_told_at_its_field(switcher, said, field, why):
    found = wrong(switcher, **said)
    assert list(found) == [field], found
    assert why in found[field]


def test_without_a_source_there_have_to_be_default_credentials(tmp_path, switcher):
    assert wrong(switcher, source="") == {}
    without = Switcher(machine(tmp_path, config="[profile x]\nregion = eu-west-1\n"))
    assert "no default credentials" in wrong(without, source="")["source"]


def test_all_that_is_wrong_is_told_at_once(switcher):
    found = wrong(switcher, source="bse", duration="13h", policy="{", region="Europe")
    assert list(found) == ["source", "duration", "region", "policy"]


def test_a_policy_is_counted_as_it_is_sent():
    assert policy_state(json.dumps({"a": "x" * 2040}, indent=4)) == (2048, None)
    assert policy_state("{").characters is None
    assert policy_state("[" * 100_000).problem is not None


def test_what_is_saved_reads_as_a_role(switcher):
    form = RoleForm(
        role_arn=ARN,
        source="base",
        name="auditor",
        duration="30m",
        tags=(Tag("ticket", "{ask}", transitive=True),),
    )
    assert form.wrong(switcher) == {}
    assert form.name_problem(switcher) is None
    assert form.entry() == {
        "name": "auditor",
        "role_arn": ARN,
        "source": "base",
        "duration": "30m",
        "transitive_tags": ["ticket"],
        "tags": {"ticket": "{ask}"},
    }


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "a\x1bb"}, "can be printed"),
        ({"name": "payments-dev-admin"}, "already"),
        ({"name": ARN}, "looks like an ARN"),
        ({"name": "new", "source": ""}, "names its source"),
    ],
)
def test_a_name_that_cannot_be_saved_says_why(switcher, said, why):
    form = RoleForm(**({"role_arn": ARN, "source": "base"} | said))
    assert why in form.name_problem(switcher)


def test_a_call_that_cannot_be_made_is_an_error(switcher):
    form = RoleForm(role_arn=ARN, policy="{", source="base")
    with pytest.raises(UsageError, match="no JSON"):
        dry_call(switcher, switcher.catalogue.resolve(ARN), form.request())
