"""`rolecall renew` of several: one that fails costs no other, and nothing comes back wider."""

import json
import time

import pytest

from profiles.errors import AccessDenied
from profiles.files import credentials
from profiles.files.asked import KEPT, asked_with, remember_asked
from profiles.files.credentials import SessionSection, owned, write
from profiles.files.lock import locked
from profiles.machine import Machine
from profiles.renewal import asked, planned, written
from profiles.sources import sts
from profiles.switcher import Switcher
from tests.world.company import allow
from tests.world.home import BIN


@pytest.fixture
def roles(company, home):
    """Three roles of ana's; `shut` trusts nobody any more once it was assumed."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    home.config("")
    for name in ("one", "two", "shut"):
        arn = company.role(name, ana.arn, may=allow("s3:*"))
        home.profile(name, role_arn=arn, source_profile="base", region="eu-west-1")
    for name in ("one", "two", "shut"):
        assert home.rolecall("assume", name).status == 0
    iam = company.account().client("iam")
    iam.update_assume_role_policy(
        RoleName="shut",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
        ),
    )  # fmt: skip
    return home


POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [allow("s3:ListAllMyBuckets")]}, separators=(",", ":")
)


def key_of(home, profile):
    machine = Machine(env=home.env, home=str(home.path))
    return owned(machine)[profile].access_key_id


def test_one_that_fails_costs_no_other(roles):
    before = {name: key_of(roles, f"{name}-session") for name in ("one", "two", "shut")}
    done = roles.rolecall("renew", "--all")
    assert done.status == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["one", "two"]
    assert done.stderr.count("rolecall: ") == 1
    assert key_of(roles, "one-session") != before["one"]
    assert key_of(roles, "shut-session") == before["shut"]


def test_errors_are_one_object(roles):
    done = roles.rolecall("renew", "one", "shut", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "access-denied"
    assert [row["name"] for row in json.loads(done.stdout)] == ["one"]
    roles.profile("gone", role_arn="arn:aws:iam::123456789012:role/gone", source_profile="base")
    done = roles.rolecall("renew", "one", "shut", "gone", "--json")
    said = json.loads(done.stderr)
    assert said["error"] == said["errors"][0]
    assert len(said["errors"]) == 2


def test_a_role_and_its_profile_are_one_renewal(roles, strict):
    before = strict.count("AssumeRole")
    assert roles.rolecall("renew", "one", "one-session").status == 0
    assert strict.count("AssumeRole") == before + 1


@pytest.fixture
def switcher(roles, monkeypatch):
    """In this process, on the home's AWS."""
    for name, value in roles.env.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(sts, "_clients", {})
    monkeypatch.setattr(sts, "_sessions", {})
    return Switcher(Machine(env=roles.env, home=str(roles.path)))


def test_a_profile_that_was_renewed_stays_narrow_though_another_of_its_role_failed(
    roles, strict, switcher, monkeypatch
):
    assert roles.rolecall("assume", "one", "--as", "narrow", "--policy", POLICY).status == 0
    assert roles.rolecall("assume", "one", "--as", "short", "--duration", "20m").status == 0
    roles.rolecall("drop", "one-session")
    before = key_of(roles, "narrow")
    new = Switcher.new_session

    def refused(self, role, request, **more):
        if request.duration:
            raise AccessDenied("no")
        return new(self, role, request, **more)

    monkeypatch.setattr(Switcher, "new_session", refused)
    renewals = planned(switcher, ["one"])
    asked(switcher, renewals[0])
    [done] = written(switcher, renewals)
    assert done.error.summary == "no"
    assert done.assumed.profiles == ("narrow",)
    assert key_of(roles, "narrow") != before
    assert roles.rolecall("renew", "narrow").status == 0
    assert strict.last()["Policy"] == POLICY


def test_what_was_asked_and_cannot_be_read_is_not_asked_without_it(roles):
    assert roles.rolecall("assume", "two", "--policy", POLICY).status == 0
    kept = roles.path / ".local/state/rolecall/asked.json"
    kept.write_text(kept.read_text()[:-20])
    key = key_of(roles, "two-session")
    refused = roles.rolecall("renew", "two")
    assert refused.status != 0
    assert "asked with cannot be read" in refused.stderr
    assert key_of(roles, "two-session") == key
    again = roles.rolecall("assume", "two", "--policy", POLICY, "--fresh")
    assert "cannot be remembered" in again.stderr  # the broken file is not written over
    assert roles.rolecall("drop", "--all").status == 0
    assert not kept.exists()


def test_what_live_sessions_were_asked_with_is_kept_however_many_come_after(tmp_path):
    (tmp_path / ".aws").mkdir()
    machine = Machine(env={}, home=str(tmp_path))
    end = time.time() + 3600
    write(machine, SessionSection("p", "narrow", "ASIALIVE", "s", "t", None, None, end))
    remember_asked(machine, "narrow", ["p"], "ASIALIVE", {"policy": "{}"})
    for number in range(KEPT + 5):
        remember_asked(machine, f"r{number}", [f"q{number}"], f"ASIA{number}", {"duration": 900})
    assert asked_with(machine, "narrow", "p", "ASIALIVE") == {"policy": "{}"}
    assert asked_with(machine, "r1", "q1", "ASIA1") == {}


def test_a_lock_that_another_keeps_is_waited_for_once(switcher, monkeypatch):
    renewals = planned(switcher, ["one", "two"])
    for each in renewals:
        asked(switcher, each)
    monkeypatch.setitem(credentials.write.__kwdefaults__, "wait", 0.5)
    with locked(f"{switcher.machine.credentials_file}.lock"):
        began = time.monotonic()
        done = written(switcher, renewals)
    assert {each.error.code for each in done} == {"credentials-file-busy"}
    assert time.monotonic() - began < 0.9


def test_ctrl_c_ends_it_while_a_code_is_asked_for(company, home):
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    serial, totp = company.device(ana)
    home.config("")
    for name in ("one", "two"):
        arn = company.role(name, ana.arn, mfa=True)
        home.profile(name, role_arn=arn, source_profile="base", mfa_serial=serial)
    assert home.rolecall("assume", "one", "--mfa-code", totp.now()).status == 0
    assert home.rolecall("assume", "two").status == 0
    for cached in (home.path / ".aws/cli/cache").iterdir():
        cached.unlink()
    terminal = home.terminal(str(BIN / "rolecall"), "renew", "one", "two")
    terminal.until("MFA code")
    terminal.keys("ctrl+c")
    assert terminal.wait(10) == 130
    assert "Traceback" not in terminal.text
