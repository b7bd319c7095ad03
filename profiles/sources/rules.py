"""What AWS takes of each parameter of AssumeRole, told while it is typed: lengths and letters.

They are those of the service model that botocore has for `sts.AssumeRole`, which is too slow to be
read here; a test compares. What the model leaves out is from the API reference.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from profiles.model import Arn

MOST_TAGS = 50
MOST_POLICY_ARNS = 10
"""API reference, AssumeRole, PolicyArns."""
PARTITIONS = (
    *("aws", "aws-cn", "aws-us-gov", "aws-eusc"),
    *("aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"),
)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}")
_LIKE = "it looks like arn:aws:iam::123456789012:role/NAME"


class Rule(NamedTuple):
    """What AWS takes of one text.

    Attributes:
        least: letters that it has at least.
        most: letters that it has at most.
        letters: which, as the service model writes them.
        said: the same in words.
    """

    least: int
    most: int
    letters: str
    said: str


_NAME_LETTERS = "letters, digits and _+=,.@-"
_ARN = Rule(
    20,
    2048,
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    "what can be printed",
)
_TAG_LETTERS = "letters, digits, spaces and _.:/=+-@"
RULES = {
    "RoleArn": _ARN,
    "RoleSessionName": Rule(2, 64, r"[\w+=,.@-]*", _NAME_LETTERS),
    "ExternalId": Rule(2, 1224, r"[\w+=,.@:\/-]*", "letters, digits and _+=,.@:/-"),
    "SerialNumber": Rule(9, 256, r"[\w+=/:,.@-]*", "letters, digits and _+=/:,.@-"),
    "SourceIdentity": Rule(2, 64, r"[\w+=,.@-]*", _NAME_LETTERS),
    "Key": Rule(1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", _TAG_LETTERS),
    "Value": Rule(0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _TAG_LETTERS),
    "arn": _ARN,
}
"""By the parameter's name in the service model."""

# Letters and digits of every script, and what Unicode calls separators.
_EVERY_SCRIPT = r"\w\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def problem(parameter: str, text: str) -> str | None:
    """Why AWS would refuse a text for a parameter, by its form; None where it would not."""
    rule = RULES[parameter]
    if len(text) < rule.least:
        return f"{_characters(len(text))}; AWS wants {rule.least} at least"
    if len(text) > rule.most:
        return f"{_characters(len(text))}; AWS takes {rule.most:,}"
    letter = _odd(rule.letters, text)
    return None if letter is None else f"{letter!r} is not among {rule.said}"


def role_arn_problem(text: str) -> str | None:
    """Why a text is not the ARN of a role; None where it is one."""
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return _LIKE
    _, partition, service, region, account, resource = parts
    if partition not in PARTITIONS:
        return f"there is no partition {partition!r}{_nearest(partition)}"
    if service == "sts" and resource.startswith("assumed-role/"):
        name = resource.split("/")[1]
        return f"that is a session's: the role's is arn:{partition}:iam::{account}:role/{name}"
    if service != "iam" or not resource.startswith("role/"):
        return f"that is no role's: {_LIKE}"
    if region:
        return f"the ARN of a role has no region: {region!r} has to go"
    if not re.fullmatch(r"\d{12}", account, re.ASCII):
        return f"an account's id has 12 digits, not {account!r}"
    found = Arn.of_role(text)
    if found is None:
        return "the role's name is missing"
    if not _ROLE_NAME.fullmatch(found.role_name):
        return f"a role's name has 64 {_NAME_LETTERS} at most"
    return problem("RoleArn", text)


def policy_arn_problem(text: str) -> str | None:
    """Why a text is not the ARN of a managed policy; None where it is one."""
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[2] != "iam" or parts[5][:7] != "policy/":
        return f"not the ARN of a policy: {text!r}"
    return problem("arn", text)


def region_problem(text: str) -> str | None:
    """Why a text is no region's name, by its form; None where it is one."""
    return None if _REGION.fullmatch(text) else "it looks like eu-west-1"


def _odd(letters: str, text: str) -> str | None:
    """The first letter that is not among those of a pattern; None where all are."""
    ours = letters.rstrip("+*").replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
    ours = ours.replace(r"\p{L}\p{Z}\p{N}", _EVERY_SCRIPT)
    flags = re.NOFLAG if r"\p{L}" in letters else re.ASCII
    if re.fullmatch(f"{ours}*", text, flags):
        return None
    return next(letter for letter in text if not re.fullmatch(ours, letter, flags))


def _characters(count: int) -> str:
    return f"{count:,} character" if count == 1 else f"{count:,} characters"


def _nearest(partition: str) -> str:
    import difflib

    near = difflib.get_close_matches(partition, PARTITIONS, n=1)
    return f"; did you mean {near[0]}?" if near else ""
