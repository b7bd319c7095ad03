"""What was found by making answers and files wrong by chance, one by one."""

import io
import json
import time
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from profiles import times
from profiles.errors import ConfigUnreadable, NetworkUnavailable
from profiles.files.reader import read_aws_files
from profiles.files.state import load_state
from profiles.insight.refusal import Refusal
from profiles.machine import Completed, Machine
from profiles.settings import load_settings
from profiles.sources import sts
from profiles.sources.saml_response import _pair
from profiles.sources.surroundings import Surroundings
from profiles.switcher import Switcher

DEEP = '{"a":' * 100_000
SECRET = "planted-secret"


@pytest.fixture
def machine(tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / "rolecall").mkdir()
    env = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    return Machine(env=env, home=str(tmp_path))


class Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()


def asked(machine, service, operation, parameters, body, status=200, kind="application/json"):
    def send(_, request):
        return AWSResponse(request.url, status, {"Content-Type": kind}, Raw(body))

    with patch.object(URLLib3Session, "send", send):
        return sts.call(
            operation,
            parameters,
            None,
            Surroundings({}, {}, "eu-west-1"),
            machine,
            service=service,
        )


ROLE = {"roleName": "View", "accountId": "123456789012", "accessToken": "t"}


@pytest.mark.parametrize("status", [302, 400, 403])
def test_an_answer_that_cannot_be_read_is_not_shown(machine, status):
    body = f'{{"roleCredentials": {{"secretAccessKey": "{SECRET}"'.encode()
    with pytest.raises((Refusal, NetworkUnavailable)) as refused:
        asked(machine, "sso", "get_role_credentials", ROLE, body, status)
    assert SECRET not in str(refused.value)
    assert SECRET not in str(vars(refused.value))


@pytest.mark.parametrize(
    "body",
    [
        b'<R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Other/></R>',
        b"<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
        b"{}",
        b"<a>" * 50_000,
    ],
)
def test_an_answer_without_what_it_should_have_is_not_of_aws(machine, body):
    token = {"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "me",
             "WebIdentityToken": "token"}  # fmt: skip
    with pytest.raises(NetworkUnavailable, match="not AWS"):
        said = asked(
            machine, "sts", "assume_role_with_web_identity", token, body, kind="text/xml"
        ).data
        said["Credentials"]["Expiration"]


def test_a_number_without_an_end_is_no_traceback(machine):
    body = b'{"roleCredentials": {"expiration": 1e999}}'
    with pytest.raises(NetworkUnavailable, match="not AWS"):
        asked(machine, "sso", "get_role_credentials", ROLE, body)


def test_nested_output_of_a_program_is_one_clear_line(machine, tmp_path):
    (tmp_path / ".aws" / "config").write_text("[profile x]\ncredential_process = vault\n")
    machine = machine._replace(run=lambda *_: Completed(0, DEEP, ""))
    switcher = Switcher(machine)
    with pytest.raises(ConfigUnreadable, match="it prints no JSON"):
        switcher.session(switcher.catalogue.get("x"))


@pytest.mark.parametrize("text", [f"x = {'[' * 100_000}", f"duration = {'9' * 5000}"])
def test_settings_beyond_pythons_limits_are_no_toml(machine, text):
    with open(machine.settings_file, "w") as file:
        file.write(text)
    with pytest.raises(ConfigUnreadable, match="are no TOML"):
        load_settings(machine)


@pytest.mark.parametrize("text", [f"duration = 0x{'f' * 5000}", 'write_to = "a\\u0000b"'])
def test_values_that_nothing_can_hold_are_warnings(machine, text):
    with open(machine.settings_file, "w") as file:
        file.write(text)
    assert load_settings(machine).warnings


@pytest.mark.parametrize("instant", [10**400, float("inf"), float("nan"), -1, True, "1"])
def test_a_number_that_is_no_instant_counts_as_none(machine, tmp_path, instant):
    assert times.known(instant) is None
    said = json.dumps({"recents": {"role": [instant, 5.0]}})
    (tmp_path / "rolecall" / "state.json").write_text(said)
    assert load_state(machine).recents == {"role": [5.0]}


@pytest.mark.parametrize(
    "text",
    [
        "[profile a]\n" * 20_000,
        "[DEFAULT]\nx = 1\n" * 20_000,
        "[profile a]\n" + "no setting\n" * 20_000,
        f"[profile {'a ' * 500_000}]\nx = 1\n",
        "[profile a]\nrole_arn = x\n" + f"credential_process = {'a ' * 500_000}\n",
    ],
    ids=["one section often", "DEFAULT often", "lines that are none", "a long name", "a long line"],
)
def test_a_file_of_any_size_is_read_in_time_that_grows_with_it(machine, text):
    with open(machine.config_file, "w") as file:
        file.write(text + "\n[profile good]\nregion = eu-west-1\n")
    start = time.thread_time()
    found = read_aws_files(machine)
    problems = found.check()
    assert found.profiles["good"].settings["region"] == "eu-west-1"
    assert time.thread_time() - start < 5, len(problems)


def test_a_pair_of_commas_takes_no_time():
    role = "arn:aws:iam::123456789012:role/a"
    start = time.thread_time()
    assert _pair(role + "," * 75_000) is None
    assert _pair(role + ",arn:" * 800) is None
    assert time.thread_time() - start < 1
    provider = "arn:aws:iam::123456789012:saml-provider/a,b"
    assert _pair(f"{role},b , {provider}").role_arn == f"{role},b"
