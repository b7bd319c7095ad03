"""MFA as a person at a terminal has it: the real command in a real pty."""

import json


def guarded(company, home, *names):
    ana = company.user("ana")
    home.keys("base", ana)
    serial, totp = company.device(ana)
    for name in names:
        arn = company.role(name, ana.arn, mfa=True, hours=12)
        home.profile(name, role_arn=arn, source_profile="base", mfa_serial=serial)
    return totp


def test_the_second_role_asks_nothing(company, home, strict):
    totp = guarded(company, home, "one", "two")
    terminal = home.terminal("rolecall", "assume", "one")
    terminal.until("MFA code")
    terminal.line(totp.now())
    assert terminal.wait() == 0
    terminal = home.terminal("rolecall", "assume", "two")
    assert terminal.wait() == 0
    assert "MFA code" not in terminal.text
    assert strict.count("GetSessionToken") == 1


def test_a_used_code_is_refused_before_it_leaves(company, home, strict):
    totp = guarded(company, home, "one")
    code = totp.now()
    words = ("rolecall", "assume", "one", "--duration", "2h", "--fresh")
    terminal = home.terminal(*words)
    terminal.until("MFA code")
    terminal.line(code)
    assert terminal.wait() == 0
    calls = len(strict.calls)
    terminal = home.terminal(*words)
    terminal.until("MFA code")
    terminal.line(code)
    terminal.until("used already")
    assert len(strict.calls) == calls
    terminal.keys("ctrl+d")
    assert terminal.wait() == 130


def test_a_mistyped_code_is_asked_for_again(company, home):
    totp = guarded(company, home, "one")
    terminal = home.terminal("rolecall", "assume", "one")
    terminal.until("MFA code")
    terminal.line("12345")
    terminal.until("six digits")
    terminal.line(totp.now())
    assert terminal.wait() == 0


def test_a_user_with_one_device_is_asked_for_it(company, home):
    ana = company.user("ana", {"Effect": "Allow", "Action": ["sts:*", "iam:*"], "Resource": "*"})
    home.keys("base", ana)
    serial, totp = company.device(ana)
    home.profile("one", role_arn=company.role("one", ana.arn, mfa=True), source_profile="base")
    done = home.rolecall("assume", "one", "--json")
    assert done.status == 1
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "access-denied"
    assert f"mfa_serial = {serial}" in error["hint"]
    terminal = home.terminal("rolecall", "assume", "one")
    terminal.until(serial)
    terminal.line(totp.now())
    assert terminal.wait() == 0
    assert f"mfa_serial = {serial}" in terminal.text.replace("\n", "")
