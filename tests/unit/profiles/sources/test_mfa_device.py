"""The MFA device of a user, where nothing names it."""

import pytest

from profiles.errors import AccessDenied, UsageError
from profiles.request import Request
from tests.world.company import allow


def by_code(mfa):
    return Request(mfa_code=mfa.person.code())


def test_a_code_without_a_device_is_of_the_one_that_the_user_has(mfa, strict):
    mfa.alone(mfa.role("one", mfa_serial=None), by_code(mfa))
    assert strict.last("GetSessionToken")["SerialNumber"] == mfa.serial


def test_who_may_not_list_devices_has_the_one_of_the_users_name(mfa, company, home, strict):
    ben = company.user("ben", allow("sts:*"))
    home.keys("bens", ben)
    serial = mfa.device("mfa/ben", ben)
    arn = company.role("closed", ben.arn, mfa=True)
    home.profile("closed", role_arn=arn, source_profile="bens")
    mfa.alone("closed", by_code(mfa))
    assert strict.last("GetSessionToken")["SerialNumber"] == serial


def test_the_role_is_kept_where_clients_look_that_know_no_device(mfa, home, strict):
    mfa.alone(mfa.role("one", mfa_serial=None), by_code(mfa))
    before = len(strict.calls)
    assert mfa.alone("one").from_cache
    assert home.aws("sts", "get-caller-identity", "--profile", "one").status == 0
    assert strict.count("AssumeRole") == 1
    assert len(strict.calls) == before + 1


def test_of_several_devices_one_has_to_be_named(mfa, strict):
    other = mfa.device("mfa/other")
    mfa.role("one", mfa_serial=None)
    with pytest.raises(UsageError) as error:
        mfa.alone("one", by_code(mfa))
    assert mfa.serial in error.value.summary
    assert other in error.value.summary
    assert "--mfa-serial" in error.value.hint
    assert not strict.calls
    code = mfa.person.code()
    mfa.alone("one", Request(mfa_code=code, mfa_serial=other))
    assert strict.last("GetSessionToken")["SerialNumber"] == other


def test_security_keys_show_no_codes(mfa, strict):
    key = mfa.device("u2f/user/ana/blue")
    mfa.alone(mfa.role("one", mfa_serial=None), by_code(mfa))
    assert strict.last("GetSessionToken")["SerialNumber"] == mfa.serial
    del strict.rules.devices[mfa.serial]
    with pytest.raises(UsageError, match="no device that shows codes"):
        mfa.alone(mfa.role("two", mfa_serial=None), by_code(mfa))
    assert key in strict.rules.devices


def test_a_code_makes_a_users_own_session_one_with_mfa(mfa, strict):
    mfa.alone("base", by_code(mfa))
    assert strict.last("GetSessionToken")["SerialNumber"] == mfa.serial
    assert mfa.alone(mfa.role("one")).role == "one"


# ---- a role that wants MFA, and says nothing of it ----------------------------------------


def test_a_denied_user_with_one_device_is_asked_once_and_told(mfa, strict):
    session = mfa.session(mfa.role("one", mfa_serial=None))
    assert [(at.serial, at.role) for at in mfa.person.asked] == [(mfa.serial, "one")]
    assert any(f"mfa_serial = {mfa.serial}" in note for note in session.notes)
    mfa.session(mfa.role("two", mfa_serial=None))
    assert len(mfa.person.asked) == 1
    assert strict.count("GetSessionToken") == 1


def test_who_is_denied_all_the_same_is_asked_once(mfa, company, home):
    arn = company.role("closed", company.user("ben").arn)
    home.profile("closed", role_arn=arn, source_profile="base")
    with pytest.raises(AccessDenied) as denied:
        mfa.session("closed")
    assert len(mfa.person.asked) == 1
    assert "MFA" not in denied.value.summary


def test_without_a_person_the_denial_names_device_and_setting(mfa):
    mfa.role("one", mfa_serial=None)
    with pytest.raises(AccessDenied) as denied:
        mfa.alone("one")
    assert f"mfa_serial = {mfa.serial}" in denied.value.hint
    assert "--mfa-code" in denied.value.hint


@pytest.mark.parametrize("devices", [(), ("mfa/ana", "mfa/other"), ("u2f/user/ana/blue",)])
def test_a_device_that_is_not_certain_is_not_asked_for(mfa, strict, devices):
    strict.rules.devices.clear()
    for name in devices:
        mfa.device(name)
    mfa.role("one", mfa_serial=None)
    with pytest.raises(AccessDenied):
        mfa.session("one")
    assert not mfa.person.asked


def test_who_may_not_list_devices_is_just_denied(mfa, company, home):
    ben = company.user("ben", allow("sts:*"))
    home.keys("bens", ben)
    mfa.device("mfa/ben", ben)
    home.profile(
        "closed", role_arn=company.role("closed", ben.arn, mfa=True), source_profile="bens"
    )
    with pytest.raises(AccessDenied, match="trust policy"):
        mfa.session("closed")
    assert not mfa.person.asked


def test_a_session_has_no_device(mfa, company, home):
    first = company.role("first", mfa.user.arn, may=allow("sts:AssumeRole", "iam:ListMFADevices"))
    home.profile("first", role_arn=first, source_profile="base")
    home.profile("closed", role_arn=company.role("closed", first, mfa=True), source_profile="first")
    with pytest.raises(AccessDenied):
        mfa.session("closed")
    assert not mfa.person.asked


def test_wrong_keys_are_no_question_of_mfa(mfa, home):
    home.profile("one", role_arn="arn:aws:iam::123456789012:role/x", source_profile="wrong")
    home.keys("wrong", mfa.user._replace(secret_access_key="x" * 40))
    with pytest.raises(AccessDenied, match="secret key"):
        mfa.session("one")
    assert not mfa.person.asked
