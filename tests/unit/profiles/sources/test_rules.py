"""What is told while a role is typed is what botocore's own service model says of AssumeRole."""

import unicodedata

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import times
from profiles.sources import rules
from profiles.sources.rules import RULES, policy_arn_problem, problem, role_arn_problem

MODEL = botocore.session.get_session().get_service_model("sts")
CALL = MODEL.operation_model("AssumeRole").input_shape.members
SHAPES = {
    **{name: CALL[name] for name in RULES if name in CALL},
    **CALL["Tags"].member.members,
    **CALL["PolicyArns"].member.members,
}


@pytest.mark.parametrize("name", RULES)
def test_lengths_and_letters_are_those_of_the_model(name):
    said = SHAPES[name].metadata
    rule = RULES[name]
    assert (rule.least, rule.most, rule.letters) == (said["min"], said["max"], said["pattern"])


def test_the_rest_of_the_model_is_kept_too():
    assert CALL["Tags"].metadata["max"] == rules.MOST_TAGS
    assert CALL["DurationSeconds"].metadata == {
        "min": times.MINIMUM,
        "max": times.ROLE_MAXIMUM,
    }
    partitions = botocore.session.get_session().get_available_partitions()
    assert set(partitions) == set(rules.PARTITIONS)


@given(st.characters())
def test_a_tag_has_letters_digits_and_separators_of_every_script(letter):
    category = unicodedata.category(letter)
    taken = category[0] in "LNZ" or letter in "_.:/=+-@"
    assert (problem("Key", letter) is None) == taken


@given(st.characters())
def test_an_external_id_has_those_of_ascii_alone(letter):
    taken = letter.isascii() and (letter.isalnum() or letter in "_+=,.@:/-")
    assert (problem("ExternalId", letter * 2) is None) == taken


def test_too_short_and_too_long_are_counted():
    assert problem("ExternalId", "x") == "1 character; AWS wants 2 at least"
    assert problem("ExternalId", "x" * 1225) == "1,225 characters; AWS takes 1,224"
    assert problem("ExternalId", "x" * 1224) is None
    assert problem("SourceIdentity", "ana smith").startswith("' ' is not among letters")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("arn:aws:iam::123456789012:role/Admin", None),
        ("arn:aws-cn:iam::123456789012:role/a/path/Admin", None),
        ("Admin", "looks like"),
        ("arn:aws:iam::123456789012", "looks like"),
        ("arn:aws-ch:iam::123456789012:role/Admin", "did you mean aws-cn?"),
        ("arn:aws:iam::123456789012:user/ana", "no role's"),
        ("arn:aws:s3:::bucket", "no role's"),
        ("arn:aws:iam:eu-west-1:123456789012:role/Admin", "has no region"),
        ("arn:aws:iam::1234:role/Admin", "12 digits"),
        ("arn:aws:iam::123456789012:role/", "name is missing"),
        ("arn:aws:iam::123456789012:role/" + "x" * 65, "64"),
        ("arn:aws:iam::123456789012:role/Ad min", "letters"),
        (
            "arn:aws:sts::123456789012:assumed-role/Admin/ana",
            "the role's is arn:aws:iam::123456789012:role/Admin",
        ),
    ],
)
def test_an_arn_says_what_is_wrong_with_it(text, why):
    found = role_arn_problem(text)
    assert found is None if why is None else why in found


def test_the_arn_of_a_policy():
    assert policy_arn_problem("arn:aws:iam::aws:policy/ReadOnlyAccess") is None
    assert policy_arn_problem("arn:aws:iam::123456789012:policy/team/own") is None
    assert "not the ARN of a policy" in policy_arn_problem("arn:aws:iam::aws:role/x")
