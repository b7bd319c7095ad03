"""An explanation's lines: which hop fails, and the home folder's short name."""

from typing import NamedTuple

import pytest

from profiles.errors import AccessDenied
from profiles.insight.explanation import Explanation, HopFound
from tui.explained import explained


class Role(NamedTuple):
    role_arn: str | None


ARN = "arn:aws:iam::123456789012:role"
WAY = {"base": Role(None), "dev": Role(f"{ARN}/dev"), "dev-admin": Role(f"{ARN}/dev-admin")}
HOPS = tuple(HopFound(name, "role", None) for name in WAY)


def way(hops=HOPS, **more):
    return Explanation("dev-admin", hops, (), None, None, **more)


@pytest.mark.parametrize(
    ("summary", "failing"),
    [
        (f"arn:aws:iam::123456789012:user/dev-admin may not assume {ARN}/dev: a policy", 1),
        (f"arn:aws:sts::123456789012:assumed-role/dev/ana lacks it on {ARN}/dev-admin.", 2),
        ("the secret key of base does not belong to its access key id", 0),
        ("AWS did not accept the MFA code for dev: no", 1),
        ("the keys are the account's root user's, and root assumes no role", 2),
    ],
)
def test_the_hop_that_an_error_names_is_the_one_that_fails(summary, failing):
    said = way().refused(AccessDenied(summary, "do that"), WAY)
    assert said.failing == failing
    assert [hop.failure for hop in said.hops if hop.failure] == [summary]
    assert said.hint == "do that"


def test_what_helps_comes_right_after_the_hop_that_fails():
    hops = (HOPS[0], HOPS[1]._replace(failure="no", tried=True), HOPS[2]._replace(failure="either"))
    lines = [line.text.strip() for line in explained(way(hops, hint="h", causes=("c",)), "/home/a")]
    assert lines[1:5] == ["2. dev (role)", "fails: no", "why: c", "hint: h"]
    assert lines.count("hint: h") == 1


def test_an_explanation_without_hops_keeps_its_hint():
    said = way(()).refused(AccessDenied("no", "h"), WAY)
    assert said == way(())
    assert [line.text for line in explained(way((), hint="h"), "/home/a")] == ["   hint: h"]


@pytest.mark.parametrize(
    ("home", "text", "shown"),
    [
        ("/", "http://127.0.0.1/x in /root/.aws", "http://127.0.0.1/x in /root/.aws"),
        ("", "http://127.0.0.1/x", "http://127.0.0.1/x"),
        ("/home/a", "in /home/a/.aws/config line 2", "in ~/.aws/config line 2"),
        ("/home/a/", "'/home/a/x' =/home/a/y", "'~/x' =~/y"),
        ("/home/a", "/mnt/home/a/x file:///home/a/x", "/mnt/home/a/x file:///home/a/x"),
        ("/home/a", "/home/ab/x", "/home/ab/x"),
        ("/h.me", "/home/x", "/home/x"),
    ],
)
def test_the_home_folder_is_short_where_a_path_starts(home, text, shown):
    [line] = explained(way((), wins=(text,)), home)
    assert line.text == shown
