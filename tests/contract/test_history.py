"""`rolecall history`: what was assumed, when, from where and why, without a secret."""

import configparser
import json
import os
import stat
import threading

import pytest

from profiles.errors import CredentialsFileUnwritable
from profiles.files.history import Entry, delete, history, remember
from profiles.machine import Machine
from profiles.switcher import Switcher
from tests.world.company import allow


@pytest.fixture
def reader(company, home):
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=allow("s3:*"))
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


@pytest.fixture
def chain(company, home, reader):
    """A role that is assumed with another one's session."""
    ana = reader.replace("role/reader", "user/ana")
    between = company.role("between", ana, may=allow("sts:*"))
    home.profile("between", role_arn=between, source_profile="base", region="eu-west-1")
    arn = company.role("chained", between, may=allow("s3:*"))
    home.profile("chained", role_arn=arn, source_profile="between", region="eu-west-1")
    return arn


def entries(home, *words):
    done = home.rolecall("history", "--json", *words)
    assert done.status == 0, done
    return json.loads(done.stdout)


def section(home):
    parsed = configparser.RawConfigParser()
    parsed.read(home.credentials_file)
    return parsed["reader-session"]


def file_of(home):
    return home.path / ".local" / "state" / "rolecall" / "history.jsonl"


def test_a_session_that_aws_gave_is_written_down_once(home, reader):
    assert entries(home) == []
    assumed = home.rolecall("assume", "reader", "--reason", "INC-1207: who pays?", "--json")
    home.rolecall("exec", "reader", "--reason", "other", "--", "true")  # from the cache
    [entry] = entries(home)
    said = json.loads(assumed.stdout)
    assert entry["role"] == "reader"
    assert entry["role_arn"] == reader
    assert entry["identity"] == said["assumed_role_arn"]
    assert entry["session_name"] == said["assumed_role_arn"].rpartition("/")[2]
    assert entry["account_id"] == said["account_id"]
    assert entry["expires_at"] == said["expires_at"]
    assert entry["source"] == "base"
    assert entry["host"] == os.uname().nodename
    assert entry["purpose"] == "write a session to [reader-session]"
    assert entry["reason"] == "INC-1207: who pays?"
    key = section(home)["aws_access_key_id"]
    assert entry["access_key_id"] == key
    assert f"AttributeKey=AccessKeyId,AttributeValue={key}" in entry["cloudtrail"]


def test_nothing_secret_is_in_it_and_nobody_else_reads_it(home, reader):
    home.rolecall("assume", "reader")
    text = file_of(home).read_text()
    written = section(home)
    assert written["aws_secret_access_key"] not in text
    assert written["aws_session_token"] not in text
    assert stat.S_IMODE(file_of(home).stat().st_mode) == 0o600


def test_a_renewal_is_written_down_with_the_reason_of_before(home, reader):
    home.rolecall("assume", "reader", "--reason", "INC-1")
    home.rolecall("renew", "reader")
    first, second = entries(home)
    assert first["reason"] == second["reason"] == "INC-1"
    assert second["purpose"] == "renew the session in [reader-session]"
    assert first["access_key_id"] != second["access_key_id"]


def told(found):
    """Whose sessions they are, and what for."""
    return [(each["role"], each["purpose"]) for each in found]


def test_every_step_of_a_way_is_written_down_once(home, chain, strict):
    home.rolecall("assume", "chained", "--reason", "INC-1")
    home.rolecall("assume", "between")
    home.rolecall("export", "chained")
    between, chained = found = entries(home)
    assert told(found) == [
        ("between", "assume chained, to write a session to [chained-session]"),
        ("chained", "write a session to [chained-session]"),
    ]
    assert between["role_arn"] == chain.replace("chained", "between")
    assert (between["source"], chained["source"]) == ("base", "between")
    assert between["reason"] == chained["reason"] == "INC-1"
    assert between["session_name"] is not None
    written = configparser.RawConfigParser()
    written.read(home.credentials_file)
    assert between["access_key_id"] == written["between-session"]["aws_access_key_id"]
    assert strict.count("AssumeRole") == 2


def test_what_explain_tries_is_written_down(home, chain):
    assert home.rolecall("explain", "chained", "--try").status == 0
    found = entries(home)
    home.rolecall("assume", "chained")
    home.rolecall("assume", "between")
    assert entries(home) == found
    assert told(found) == [
        ("between", "assume chained, to see whether that works"),
        ("chained", "see whether that works"),
    ]


def test_a_step_that_was_made_is_in_it_where_the_next_one_fails(home, chain):
    home.profile("closed", role_arn=chain.replace("chained", "none"), source_profile="between")
    assert home.rolecall("assume", "closed").status == 1
    assert told(entries(home)) == [
        ("between", "assume closed, to write a session to [closed-session]")
    ]


def test_an_mfa_session_is_a_session_that_aws_gave(company, home):
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    serial, totp = company.device(ana)
    for name in ("one", "two"):
        arn = company.role(name, ana.arn, mfa=True)
        home.profile(name, role_arn=arn, source_profile="base", mfa_serial=serial)
    assert home.rolecall("assume", "one", "--mfa-code", totp.now()).status == 0
    assert home.rolecall("assume", "two").status == 0
    found = entries(home)
    assert told(found) == [
        ("base (mfa/ana)", "assume one, to write a session to [one-session]"),
        ("one", "write a session to [one-session]"),
        ("two", "write a session to [two-session]"),
    ]
    assert found[0]["role_arn"] is None


def test_what_many_threads_share_is_written_down_once(home, chain, strict, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", strict.url)
    switcher = Switcher(Machine(env=home.env, home=str(home.path)))
    role = switcher.catalogue.get("chained")
    threads = [threading.Thread(target=switcher.session, args=(role,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each["role"] for each in entries(home)] == ["between", "chained"]


def test_keys_that_lie_ready_are_no_session_that_aws_gave(home, reader):
    keys = {"Version": 1, "AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}
    home.profile("vault", credential_process=f"echo '{json.dumps(keys)}'")
    assert home.rolecall("export", "vault").status == 0
    assert entries(home) == []


def test_a_reason_for_a_session_of_before_is_said_not_to_count(home, reader):
    said = "the session of before is used; its reason stays"
    assert said not in home.rolecall("assume", "reader", "--reason", "INC-1").stderr
    assert said in home.rolecall("export", "reader", "--reason", "INC-2").stderr
    assert said not in home.rolecall("export", "reader").stderr
    assert said not in home.rolecall("export", "reader", "--fresh", "--reason", "INC-3").stderr
    assert [each["reason"] for each in entries(home)] == ["INC-1", "INC-3"]
    home.settings("history = false\n")
    assert said not in home.rolecall("export", "reader", "--reason", "INC-2").stderr


def test_what_cannot_be_kept_is_told_once(home, chain):
    file_of(home).mkdir(parents=True)
    done = home.rolecall("assume", "chained")
    assert done.status == 0
    assert done.stderr.count(f"the history cannot be kept: {file_of(home)}: is a directory") == 1
    assert "history" not in home.rolecall("assume", "chained").stderr


def test_what_fails_is_not_in_it(home, company, reader):
    home.profile("closed", role_arn=reader.replace("reader", "none"), source_profile="base")
    assert home.rolecall("assume", "closed").status == 1
    assert entries(home) == []


def test_it_is_searched_and_limited(home, reader):
    home.rolecall("assume", "reader", "--reason", "INC-1 billing")
    home.rolecall("renew", "reader", "--reason", "INC-2")
    assert [each["reason"] for each in entries(home, "inc-1", "BILLING")] == ["INC-1 billing"]
    assert [each["reason"] for each in entries(home, "--limit", "1")] == ["INC-2"]
    assert len(entries(home, "--since", "1h")) == 2
    assert entries(home, "--since", "2999-01-01") == []
    plain = home.rolecall("history").stdout.splitlines()
    assert len(plain) == 2
    assert "because INC-1 billing" in plain[0]
    assert home.rolecall("history", "--since", "yesterday").status == 2
    assert home.rolecall("history", "--limit", "0").status == 2


def test_entries_are_deleted_when_a_person_says_so(home, reader):
    home.rolecall("assume", "reader", "--reason", "INC-1")
    home.rolecall("renew", "reader", "--reason", "INC-2")
    refused = home.rolecall("history", "--delete", "--json")
    assert refused.status == 2
    assert json.loads(refused.stderr)["error"]["code"] == "confirmation-needed"
    assert len(entries(home)) == 2
    assert "deleted 1 entry" in home.rolecall("history", "INC-1", "--delete", "--yes").stdout
    assert [each["reason"] for each in entries(home)] == ["INC-2"]
    home.rolecall("history", "--delete", "--yes")
    assert not file_of(home).exists()


def test_it_can_be_switched_off(home, reader):
    home.settings("history = false\n")
    home.rolecall("assume", "reader")
    assert not file_of(home).exists()


def test_the_cloudtrail_call_is_one_of_the_aws_cli(home, reader):
    home.rolecall("assume", "reader")
    [line] = home.rolecall("history", "--cloudtrail").stdout.splitlines()
    called = home.run(*line.split(), "--generate-cli-skeleton", "output", "--region", "eu-west-1")
    assert called.status == 0, called
    assert "Events" in json.loads(called.stdout)


@pytest.mark.parametrize(
    ("setting", "reason", "sent"),
    [
        ("tag:ticket", "INC-7; drop table", {"Tags": [("ticket", "INC-7- drop table")]}),
        ("source-identity", "INC 7", {"SourceIdentity": "INC-7"}),
    ],
)
def test_the_reason_is_sent_where_the_settings_say_so(
    home, company, reader, strict, setting, reason, sent
):
    home.settings(f'send_reason = "{setting}"\n')
    assert home.rolecall("assume", "reader", "--reason", reason).status == 0
    params = strict.last()
    if "Tags" in sent:
        assert params["Tags.member.1.Key"] == "ticket"
        assert params["Tags.member.1.Value"] == sent["Tags"][0][1]
    else:
        assert params["SourceIdentity"] == sent["SourceIdentity"]
    assert entries(home)[0]["reason"] == reason
    from profiles.catalogue.catalogue import Catalogue
    from profiles.request import Request
    from profiles.sources.arguments import role_arguments

    catalogue = Catalogue.load(Machine(env=home.env, home=str(home.path)))
    role = catalogue.get("reader")
    given = role_arguments(role, catalogue.settings, Request(reason=reason)).given
    tags = [(tag["Key"], tag["Value"]) for tag in given.get("Tags", ())]
    found = {"Tags": tags} if tags else {"SourceIdentity": given["SourceIdentity"]}
    assert found == sent
    assert "Tags" not in role_arguments(role, catalogue.settings, Request()).given
    own = Request(reason=reason, tags=(("ticket", "own"),), source_identity="own")
    given = role_arguments(role, catalogue.settings, own).given
    assert given["SourceIdentity"] == "own"
    assert given["Tags"] == [{"Key": "ticket", "Value": "own"}]


@pytest.mark.parametrize("setting", ["mail", "tag:", "tag:aws:ticket", "tag:AWS:x", "tag:a;b", ""])
def test_a_wrong_way_to_send_it_is_told(home, reader, setting):
    home.settings(f'send_reason = "{setting}"\n')
    done = home.rolecall("assume", "reader", "--reason", "x")
    assert done.status == 0
    wrong = 'send_reason: expected "tag:KEY" with a key that AWS takes, or "source-identity"'
    assert f"config.toml: {wrong}" in done.stderr
    home.settings("")
    refused = home.rolecall("config", "set", "send_reason", setting)
    assert refused.status == 2
    assert "source-identity" in refused.stderr
    assert home.rolecall("config", "set", "send_reason", "tag:Cost centre").status == 0


@pytest.mark.parametrize("setting", ["tag:ticket", "source-identity"])
def test_every_step_of_a_way_sends_the_same_reason(home, chain, strict, setting):
    home.settings(f'send_reason = "{setting}"\nreason = "INC-1"\n')
    assert home.rolecall("assume", "chained", "--reason", "INC-2").status == 0
    calls = [call.params for call in strict.calls if call.action == "AssumeRole"]
    sent = [each.get("SourceIdentity") or each["Tags.member.1.Value"] for each in calls]
    assert sent == ["INC-2", "INC-2"]


def test_a_reason_of_blanks_is_none(home, reader, strict):
    home.settings('send_reason = "tag:ticket"\n')
    assert home.rolecall("assume", "reader", "--reason", "  ").status == 0
    assert not any(key.startswith("Tags") for key in strict.last())
    assert home.rolecall("renew", "reader", "--reason", " INC-1 ").status == 0
    assert [each["reason"] for each in entries(home)] == [None, "INC-1"]
    home.settings('reason = " "\n')
    assert home.rolecall("assume", "reader", "--fresh", "--source", "base").status == 0
    assert entries(home)[-1]["reason"] is None


# ---- the file ------------------------------------------------------------------------------


def entry(number=1, **more):
    known = dict.fromkeys(Entry._fields) | {
        "at": float(number), "role": f"r{number}", "access_key_id": f"ASIA{number}",
        "host": "here", "purpose": "write",
    }  # fmt: skip
    return Entry(**known | more)


@pytest.fixture
def machine(tmp_path):
    return Machine(env={}, home=str(tmp_path))


def test_what_was_written_is_read(machine):
    odd = entry(2, reason="a\nb\x1b[2J \ud800 é", role="[bold]")
    remember(machine, entry(1))
    remember(machine, odd)
    assert history(machine) == [entry(1), odd._replace(reason="a\nb\x1b[2J ? é")]


def test_a_broken_line_loses_no_other(machine):
    remember(machine, entry(1))
    path = os.path.join(machine.state_folder, "history.jsonl")
    with open(path, "ab") as file:
        file.write(b'\n[]\n{"at": "x"}\n\xff\xfe\n{"at": 1, "role": "half\n')
    remember(machine, entry(2))
    assert history(machine) == [entry(1), entry(2)]
    assert delete(machine, lambda each: each.at == 1) == 1
    assert history(machine) == [entry(2)]


@pytest.mark.parametrize("at", ["1e300", "NaN", "-1e17", "-1", "Infinity", "253402300800", "true"])
def test_an_entry_of_no_time_is_passed_over(home, at):
    machine = Machine(env=home.env, home=str(home.path))
    remember(machine, entry(1))
    for kept in (f'{{"at": {at}, ', f'{{"at": 2, "expires_at": {at}, '):
        with open(os.path.join(machine.state_folder, "history.jsonl"), "a") as file:
            file.write(kept + '"role": "x", "access_key_id": "A", "host": "h", "purpose": "p"}\n')
    done = home.rolecall("history")
    assert (done.status, len(done.stdout.splitlines())) == (0, 2), done
    said = entries(home)
    assert [(each["role"], each["expires_at"]) for each in said] == [("r1", None), ("x", None)]
    assert home.rolecall("history", "--cloudtrail").status == 0


def test_how_long_ago_is_a_duration_or_a_day(home):
    machine = Machine(env=home.env, home=str(home.path))
    assert "nothing was assumed" in home.rolecall("history", "--since", "1d").stdout
    remember(machine, entry(1))
    for none in (("--since", "7d"), ("--since", "0d"), ("--since", "2999-01-01"), ("nowhere",)):
        assert home.rolecall("history", *none).stdout == "no entry matches\n"
    for number in ("2026", "0", "7", "1e3", "7d?"):
        refused = home.rolecall("history", "--since", number)
        assert refused.status == 2
        assert "say it like 12h, 7d or 2026-11-01" in refused.stderr
    for whole in ("99999d", "9" * 5000 + "d", "1000000h", "0001-01-01"):
        assert len(entries(home, "--since", whole)) == 1


def test_a_file_that_cannot_be_read_is_not_taken_for_an_empty_one(home):
    file_of(home).mkdir(parents=True)
    for more in ((), ("--json",), ("--delete", "--yes"), ("--cloudtrail",)):
        done = home.rolecall("history", *more)
        assert (done.status, done.stdout) == (1, "")
        assert f"cannot read the history {file_of(home)}: is a directory" in done.stderr
        assert "see who may read it" in done.stderr
    with pytest.raises(CredentialsFileUnwritable):
        delete(Machine(env=home.env, home=str(home.path)), lambda _: True)


def test_many_at_once_lose_nothing(machine):
    threads = [threading.Thread(target=remember, args=(machine, entry(n))) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.at for each in history(machine)} == set(range(40))


def test_a_file_grown_large_loses_its_older_half(machine, monkeypatch):
    monkeypatch.setattr("profiles.files.history._LARGEST", 2000)
    for number in range(40):
        remember(machine, entry(number))
    kept = [each.at for each in history(machine)]
    assert kept == sorted(kept)
    assert kept[-1] == 39
    assert 5 < len(kept) < 20


def test_a_folder_that_cannot_be_written_fails_nothing(machine):
    os.makedirs(os.path.dirname(machine.state_folder))
    with open(machine.state_folder, "w") as file:
        file.write("in the way")
    remember(machine, entry())
    assert history(machine) == []
