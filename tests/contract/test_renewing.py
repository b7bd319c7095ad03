"""A renewal asks for what the session of before was asked with: seen by what STS received."""

import json

import pytest

from tests.world.company import allow

POLICY = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
NARROW = [
    *("--duration", "30m", "--session-name", "ana-at-work", "--external-id", "dev-4711"),
    *("--source-identity", "ana", "--tag", "team=payments", "--tag", "ticket=42"),
    *("--transitive-tag", "team", "--policy", POLICY, "--region", "eu-central-1"),
    *("--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
]


@pytest.fixture
def reader(company, home):
    """A role profile that ana may assume, with whatever options."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=[allow("s3:*"), allow("sts:*")])
    home.profile("reader", role_arn=arn, source_profile="base")
    return arn


def done(home, *words, **options):
    ended = home.rolecall(*words, **options)
    assert ended.status == 0, ended
    return ended


def section(home, name):
    body = home.credentials_file.read_text().split(f"[{name}]\n", 1)[1].split("\n[", 1)[0]
    return dict(line.split(" = ", 1) for line in body.strip().splitlines())


def test_a_renewed_session_is_as_narrow_as_the_one_before(strict, home, reader):
    done(home, "assume", "reader", *NARROW)
    asked = strict.last()
    assert json.loads(asked["Policy"]) == json.loads(POLICY)
    done(home, "renew", "reader")
    assert strict.count("AssumeRole") == 2
    assert strict.last() == asked
    assert section(home, "reader-session")["region"] == "eu-central-1"
    done(home, "renew", "--all")
    assert strict.count("AssumeRole") == 3
    assert strict.last() == asked


def test_what_is_given_to_a_renewal_counts_and_is_asked_for_from_then_on(strict, home, reader):
    done(home, "assume", "reader", *NARROW)
    before = strict.last()
    done(home, "renew", "reader", "--duration", "20m")
    assert strict.last() == before | {"DurationSeconds": "1200"}
    done(home, "renew", "reader")
    assert strict.last() == before | {"DurationSeconds": "1200"}


def test_each_profile_is_renewed_as_it_was(strict, home, reader):
    done(home, "assume", "reader", "--policy", POLICY, "--as", "narrow")
    done(home, "assume", "reader", "--as", "wide")
    done(home, "assume", "reader", "--as", "wider")
    seen = strict.count("AssumeRole")
    shown = done(home, "renew", "reader").stdout
    assert all(f"[{profile}]" in shown for profile in ("narrow", "wide", "wider"))
    renewed = [call.params for call in strict.calls if call.action == "AssumeRole"][seen:]
    assert ["Policy" in params for params in renewed] == [True, False]
    keys = [section(home, name)["aws_access_key_id"] for name in ("narrow", "wide", "wider")]
    assert keys[0] != keys[1] == keys[2]
    done(home, "renew", "narrow")
    assert "Policy" in strict.last()


def test_a_session_assumed_anew_without_options_is_renewed_without_them(strict, home, reader):
    done(home, "assume", "reader", "--policy", POLICY)
    done(home, "assume", "reader")
    done(home, "renew", "reader")
    assert "Policy" not in strict.last()


def test_undo_brings_back_what_the_session_was_asked_with(strict, home, reader):
    done(home, "assume", "reader", "--policy", POLICY)
    done(home, "assume", "reader")
    done(home, "undo")
    done(home, "renew", "reader")
    assert "Policy" in strict.last()


def test_drop_forgets(strict, home, reader):
    done(home, "assume", "reader", *NARROW)
    done(home, "drop", "reader")
    done(home, "renew", "reader")
    assert not {"Policy", "Tags.member.1.Key", "DurationSeconds"} & set(strict.last())
    done(home, "assume", "reader", *NARROW, "--fresh")
    home.credentials(home.credentials_file.read_text().split("[reader-session]")[0])
    done(home, "drop", "--all")
    done(home, "renew", "reader")
    assert "Policy" not in strict.last()


def test_a_profile_that_was_taken_out_comes_back_as_narrow(strict, home, reader):
    done(home, "assume", "reader", *NARROW)
    asked = strict.last()
    text = home.credentials_file.read_text()
    home.credentials(text.split("[reader-session]")[0])
    done(home, "renew", "reader")
    assert strict.last() == asked


def test_a_policy_of_a_file_is_remembered_by_its_text(strict, home, reader):
    path = home.path / "narrow.json"
    path.write_text(POLICY)
    done(home, "assume", "reader", "--policy", "narrow.json")
    path.unlink()
    done(home, "renew", "reader")
    assert json.loads(strict.last()["Policy"]) == json.loads(POLICY)


def test_another_source_is_asked_again(strict, company, home, reader):
    berta = company.user("berta", allow("sts:*"))
    home.keys("second", berta)
    company.account().client("iam").update_assume_role_policy(
        RoleName="reader",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": berta.arn}, "Action": "sts:*"}
                ],
            }
        ),
    )
    done(home, "assume", "reader", "--source", "second")
    done(home, "renew", "reader")
    assert strict.count("AssumeRole") == 2


def test_what_cannot_be_remembered_is_said(home, reader):
    state = home.path / ".local" / "state" / "rolecall"
    done(home, "assume", "reader")
    (state / "asked.json").mkdir()
    said = done(home, "assume", "reader", "--policy", POLICY)
    assert "cannot be remembered" in said.stderr
    assert "reader-session" in said.stdout


def test_neither_code_nor_key_is_remembered(home, reader):
    done(home, "assume", "reader", *NARROW)
    text = (home.path / ".local" / "state" / "rolecall" / "asked.json").read_text()
    assert section(home, "reader-session")["aws_access_key_id"] not in text
    (kept,) = json.loads(text)["sessions"]
    assert set(kept["options"]) == {
        *("duration", "session_name", "external_id", "source_identity", "tags"),
        *("transitive_tags", "policy", "policy_arns", "region"),
    }
