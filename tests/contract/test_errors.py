"""Every error of the contract, from a real cause: code, exit status, one line and a hint."""

import fcntl
import json
import time

import pytest

from tests.world.cloud import OTHER


@pytest.fixture
def ana(company, home):
    user = company.user("ana")
    home.keys("base", user)
    return user


def failed(done, code, status):
    """The error object; exactly one line of JSON on standard error."""
    assert done.status == status, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    error = json.loads(lines[0])["error"]
    assert error["code"] == code
    assert error["summary"]
    assert "Traceback" not in done.stderr
    return error


def role_profile(home, name, arn, **more):
    home.profile(name, role_arn=arn, source_profile="base", region="eu-west-1", **more)


def test_without_json_it_is_one_line_and_a_hint(home):
    done = home.rolecall("assume", "nobody")
    assert done.status == 2
    first, *rest = done.stderr.splitlines()
    assert first == "rolecall: no role is called 'nobody'"
    assert [line[:8] for line in rest] == ["  hint: "]


def test_config_unreadable(home):
    (home.path / ".aws" / "config").mkdir()
    failed(home.rolecall("list", "--json"), "config-unreadable", 1)


def test_unknown_target_names_the_nearest(company, home, ana):
    role_profile(home, "s3-reader", company.role("s3-reader", ana.arn))
    error = failed(home.rolecall("assume", "s3-raeder", "--json"), "unknown-target", 2)
    assert "s3-reader" in error["hint"]


def test_ambiguous_target(home):
    arn = "arn:aws:iam::123456789012:role/Admin"
    role_profile(home, "one", arn)
    role_profile(home, "two", arn)
    error = failed(home.rolecall("assume", arn, "--json"), "ambiguous-target", 2)
    assert "one" in error["summary"]
    assert "two" in error["summary"]


def test_mfa_required_without_a_person(company, home, ana):
    serial, _ = company.device(ana)
    role_profile(home, "guarded", company.role("guarded", ana.arn, mfa=True), mfa_serial=serial)
    error = failed(home.rolecall("assume", "guarded", "--json"), "mfa-required", 3)
    assert "rolecall assume guarded" in error["hint"]


def test_mfa_rejected(company, home, ana):
    serial, totp = company.device(ana)
    role_profile(home, "guarded", company.role("guarded", ana.arn, mfa=True), mfa_serial=serial)
    right = totp.now()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    done = home.rolecall("assume", "guarded", "--mfa-code", wrong, "--json")
    failed(done, "mfa-rejected", 1)
    assert home.rolecall("assume", "guarded", "--mfa-code", totp.now()).status == 0


def test_access_denied_by_trust_names_caller_role_and_trust(company, home, ana):
    company.user("ben")
    arn = company.role("closed", "arn:aws:iam::123456789012:user/ben")
    role_profile(home, "closed", arn)
    error = failed(home.rolecall("assume", "closed", "--json"), "access-denied", 1)
    assert ana.arn in error["summary"]
    assert arn in error["summary"]
    assert "rolecall trust closed" in error["hint"]


def test_access_denied_for_want_of_an_external_id(company, home, ana):
    arn = company.role("partner", ana.arn, external_id="right")
    role_profile(home, "partner", arn)
    error = failed(home.rolecall("assume", "partner", "--json"), "access-denied", 1)
    assert "external id" in error["summary"]
    assert home.rolecall("assume", "partner", "--external-id", "right").status == 0


def test_session_too_long(company, home, ana):
    role_profile(home, "short", company.role("short", ana.arn, hours=1))
    done = home.rolecall("assume", "short", "--duration", "2h", "--json")
    failed(done, "session-too-long", 1)


def test_a_default_that_is_too_long_is_lowered_and_said(company, strict, home, ana):
    role_profile(home, "short", company.role("short", ana.arn, hours=1), duration_seconds=7200)
    done = home.rolecall("assume", "short", "--json")
    assert done.status == 0, done
    assert "lowered to 1h" in done.stderr
    assert strict.last()["DurationSeconds"] == "3600"


def test_role_chain_too_long(company, home, ana):
    first = company.role("first", ana.arn, may=[], hours=12)
    role_profile(home, "first", first)
    second = company.role("second", first, account=OTHER, hours=12)
    home.profile("second", role_arn=second, source_profile="first")
    done = home.rolecall("assume", "second", "--duration", "2h", "--json")
    failed(done, "role-chain-too-long", 1)


def test_a_role_from_a_session_token_is_a_chain_too(company, strict, home, ana):
    company.role("late", ana.arn, hours=12)
    home.settings(
        '[[roles]]\nname = "token"\nkind = "session-token"\nsource = "base"\n'
        '[[roles]]\nname = "late"\nrole_arn = "arn:aws:iam::123456789012:role/late"\n'
        'source = "token"\nduration = "4h"\n'
    )
    asked = home.rolecall("assume", "late", "--duration", "2h", "--json")
    failed(asked, "role-chain-too-long", 1)
    by_default = home.rolecall("assume", "late")
    assert by_default.status == 0, by_default
    assert "lowered from 4h" in by_default.stderr
    assert strict.last()["DurationSeconds"] == "3600"


def test_source_loop_is_drawn(home):
    role_profile(home, "one", "arn:aws:iam::123456789012:role/One")
    home.config_file.write_text(
        "[profile one]\nrole_arn = arn:aws:iam::123456789012:role/One\nsource_profile = two\n"
        "[profile two]\nrole_arn = arn:aws:iam::123456789012:role/Two\nsource_profile = one\n"
    )
    error = failed(home.rolecall("assume", "one", "--json"), "source-loop", 1)
    assert "one ─▸ two ─▸ one" in error["summary"]


def test_credentials_expired_in_a_profile(company, home, ana):
    arn = company.role("reader", ana.arn)
    home.credentials(
        "[base]\naws_access_key_id = ASIAEXPIRED000000000\naws_secret_access_key = x\n"
        "aws_session_token = y\nx_security_token_expires = 2020-01-01T00:00:00Z\n"
    )
    role_profile(home, "reader", arn)
    failed(home.rolecall("assume", "reader", "--json"), "credentials-expired", 1)


def test_network_unavailable(lonely_home):
    lonely_home.credentials("[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")
    role_profile(lonely_home, "reader", "arn:aws:iam::123456789012:role/reader")
    began = time.monotonic()
    done = lonely_home.rolecall("assume", "reader", "--json")
    failed(done, "network-unavailable", 1)
    assert time.monotonic() - began < 30


def test_throttled(company, strict, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    strict.fail("Throttling", 400, "Rate exceeded", times=10)
    failed(home.rolecall("assume", "reader", "--json"), "throttled", 1)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_clock_skew(company, strict, home, ana, seconds):
    role_profile(home, "reader", company.role("reader", ana.arn))
    strict.skew(seconds)
    error = failed(home.rolecall("assume", "reader", "--json"), "clock-skew", 1)
    assert ("behind" if seconds > 0 else "ahead") in error["summary"]


def test_profile_not_ours(company, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    before = home.credentials_file.read_bytes()
    failed(home.rolecall("assume", "reader", "--as", "base", "--json"), "profile-not-ours", 1)
    assert home.credentials_file.read_bytes() == before


def test_a_profile_that_clients_would_not_read_is_refused(company, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    error = failed(home.rolecall("assume", "reader", "--as", "reader", "--json"), "usage", 2)
    assert "role_arn" in error["summary"]


def test_credentials_file_busy(company, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    with open(home.credentials_file.with_name("credentials.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = home.rolecall("assume", "reader", "--json")
    failed(done, "credentials-file-busy", 1)


def test_credentials_file_unwritable(company, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    home.credentials_file.chmod(0o400)
    before = home.credentials_file.read_bytes()
    failed(home.rolecall("assume", "reader", "--json"), "credentials-file-unwritable", 1)
    assert home.credentials_file.read_bytes() == before


@pytest.mark.parametrize("confirm", ["ask", "type"])
def test_confirmation_needed(company, home, ana, confirm):
    role_profile(home, "reader-prod", company.role("reader", ana.arn))
    home.settings(
        f'[stages.production]\nmatch = ["*prod*"]\nconfirm = "{confirm}"\n'
        '[accounts.123456789012]\nname = "payments"\n'
    )
    error = failed(home.rolecall("assume", "reader-prod", "--json"), "confirmation-needed", 2)
    answer = ["--yes"] if confirm == "ask" else ["--confirm", "payments"]
    assert answer[0] in error["hint"]
    assert home.rolecall("assume", "reader-prod", *answer).status == 0


def test_a_wrong_name_does_not_pass_the_guard(company, strict, home, ana):
    role_profile(home, "reader-prod", company.role("reader", ana.arn))
    home.settings('[stages.production]\nmatch = ["*prod*"]\nconfirm = "type"\n')
    done = home.rolecall("assume", "reader-prod", "--yes", "--confirm", "other", "--json")
    failed(done, "confirmation-needed", 2)
    assert strict.count("AssumeRole") == 0


def test_cancelled_at_the_prompt(company, home, ana):
    role_profile(home, "reader-prod", company.role("reader", ana.arn))
    done = home.rolecall("assume", "reader-prod", tty=True, input="n\r")
    assert done.status == 130
    assert "not confirmed" in done.stdout


def test_file_changed_since_the_last_write(company, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    assert home.rolecall("assume", "reader").status == 0
    with home.credentials_file.open("a") as file:
        file.write("# mine\n")
    before = home.credentials_file.read_bytes()
    done = home.rolecall("undo")
    assert done.status == 1
    assert home.credentials_file.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["assume"],
        ["assume", "x", "--duration", "soon"],
        ["assume", "x", "--duration", "5m"],
        ["assume", "x", "--duration", "37h"],
        ["assume", "x", "--duration", "-1h"],
        ["assume", "x", "--duration", ""],
        ["assume", "x", "--mfa-code", "12345"],
        ["assume", "x", "--tag", "no-equals"],
        ["assume", "x", "--as", "a", "--default"],
        ["exec", "x"],
        ["renew"],
        ["drop"],
        ["drop", "a", "--all"],
        ["export", "x", "--format", "tcsh"],
        ["list", "--no-such-option"],
        ["list", "--stage", "no-such-stage"],
        ["config", "set", "durashun", "1h"],
        ["config", "set", "duration", "soon"],
        ["config", "get"],
        ["status", "nobody"],
        ["--no-such-option"],
    ],
    ids=" ".join,
)
def test_bad_words_are_exit_2_and_one_line(home, words):
    done = home.rolecall(*words)
    assert done.status == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("rolecall: ")
    assert len(done.stderr.splitlines()) <= 2


def test_the_picker_without_a_terminal_names_the_commands(home):
    done = home.rolecall()
    assert done.status == 2
    for command in ("list", "assume", "exec"):
        assert command in done.stderr


def test_interrupted_is_130(company, strict, home, ana):
    role_profile(home, "reader", company.role("reader", ana.arn))
    strict.delay(3)
    terminal = home.terminal("rolecall", "assume", "reader")
    deadline = time.monotonic() + 20
    while not strict.count("AssumeRole") and time.monotonic() < deadline:
        time.sleep(0.05)
    terminal.keys("\x03")
    assert terminal.wait(10) == 130


def test_no_traceback_but_with_vv(home):
    (home.path / ".aws" / "config").mkdir()
    assert "Traceback" not in home.rolecall("list", "-v").stderr
    assert "Traceback" in home.rolecall("list", "-vv").stderr
