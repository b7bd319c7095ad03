"""The reader: both files as one, problems with their lines, and only what is asked for parsed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from profiles.errors import ConfigUnreadable
from profiles.files import reader
from profiles.files.reader import fingerprint, read_aws_files, shadowing_key


@pytest.fixture
def files(machine):
    """Writes both files and reads them."""

    def written(config="", credentials=None):
        os.makedirs(os.path.dirname(machine.config_file), exist_ok=True)
        with open(machine.config_file, "wb") as file:
            file.write(config.encode("utf-8", "surrogateescape"))
        if credentials is not None:
            with open(machine.credentials_file, "wb") as file:
                file.write(credentials.encode())
        return read_aws_files(machine)

    return written


def test_no_files_are_no_profiles(machine):
    found = read_aws_files(machine)
    assert (found.profiles, found.sso_sessions, found.services, found.problems) == ({}, {}, {}, [])


def test_a_file_in_the_folders_place_counts_as_no_file(machine):
    with open(os.path.join(machine.home, ".aws"), "w"):
        pass
    assert read_aws_files(machine).profiles == {}


def test_a_device_counts_as_no_file(machine):
    named = machine._replace(env={"AWS_CONFIG_FILE": "/dev/null"})
    assert read_aws_files(named).profiles == {}


def test_profiles_come_in_file_order_the_config_files_first(files):
    found = files("[profile b]\n[default]\n[profile a]\n", "[c]\nx=1\n[a]\ny=2\n[0]\n")
    assert list(found.profiles) == ["b", "default", "a", "c", "0"]
    assert [each.origin for each in found.profiles.values()] == ["config"] * 3 + ["credentials"] * 2


def test_the_credentials_files_settings_win(files):
    found = files("[profile a]\nregion=1\nx=1\ns3=\n  a=b\n", "[a]\nregion=2\n")
    profile = found.profiles["a"]
    assert profile.settings == {"region": "2", "x": "1", "s3": {"a": "b"}}
    assert profile.get("region") == "2"
    assert profile.get("s3") is None
    assert profile.get("nothing") is None


def test_a_section_knows_its_place(files, machine):
    found = files(
        "# c\n\n[profile a]\nx=1\n\n\n[profile b]\n[default]\n  y=2\n[sso-session s]\nz=1\n"
    )
    places = {name: profile.config.line for name, profile in found.profiles.items()}
    assert places == {"a": 3, "b": 7, "default": 8}
    session = found.sso_sessions["s"]
    assert (session.line, session.kind, session.name) == (10, "sso-session", "s")
    assert (session.header, session.path) == ("sso-session s", machine.config_file)
    assert session.body == "z=1\n"
    assert found.profiles["a"].config.body == "x=1\n\n"


@pytest.mark.parametrize(
    ("config", "line", "reason"),
    [
        ("[profile a]\nx=1\n[profile b]\n[profile a]\ny=2\n", 4, "defined twice (lines 1 and 4)"),
        ("[profile a]\nx=1\ny=2\nX=3\n", 4, "x is set twice"),
        ("[profile a]\nx=1\n\nnonsense\n", 4, "neither a setting nor a comment"),
        ("[profile a]\n\n= 1\n", 3, "without a name"),
        ("[profile a]\nx=1\n[profile b\ny=2\n", 3, "without its closing bracket"),
        ("# c\nx=1\n[profile a]\n", 2, "before any section"),
        ("[profile a]\n# caf\udce9\n", 2, "no UTF-8"),
        ("[profile a]\r\nx=1\r\n# caf\udce9\r\n", 3, "no UTF-8"),
        ("\ufeff[profile a]\n", 1, "byte-order mark"),
        ("[profile a]\ns3 =\n  a=1\n  b\n", 1, "in the block of s3"),
        ("  [profile a]\n  x=1\n  x=2\n", 3, "x is set twice"),
    ],
)
def test_what_botocore_refuses_is_a_problem_with_its_line(files, config, line, reason):
    found = files(config)
    [problem] = found.check()
    assert problem.line == line
    assert reason in problem.reason
    assert problem.reason.endswith("the AWS CLI refuses the file")
    assert "a" in found.profiles


def test_of_a_section_that_is_there_twice_the_later_settings_win(files):
    found = files("[profile a]\nrole_arn=1\ny=1\n[profile a]\ny=2\nrole_arn=1\n")
    assert len(found.check()) == 1
    assert found.profiles["a"].settings == {"role_arn": "1", "y": "2"}
    assert found.profiles["a"].problem.startswith("defined twice (lines 1 and 4)")
    assert found.problems[0].section == "profile a"


def test_a_profile_with_a_broken_header_is_listed_and_its_settings_are_its_own(files):
    found = files("[profile a]\nx=1\n[profile b\nrole_arn=2\n[profile c]\n")
    assert list(found.profiles) == ["a", "b", "c"]
    assert found.profiles["a"].settings == {"x": "1"}
    assert found.profiles["b"].settings == {"role_arn": "2"}
    assert "bracket" in found.profiles["b"].problem
    assert found.profiles["c"].problem is None


def test_a_config_section_that_misses_its_prefix_is_told(files):
    found = files("[a]\nrole_arn=1\n[preview]\nx=1\n[plugins]\nendpoint=e\n")
    [problem] = found.check()
    assert (problem.line, problem.section) == (1, "a")
    assert "[profile NAME]" in problem.reason


def test_nothing_is_wrong_with_ordinary_files(files):
    found = files(
        "[default]\nregion=a\n[profile b c]\n[profile 'b d']\ns3 =\n  a = b\n[services x]\n",
        "[default]\naws_access_key_id=1\n",
    )
    assert found.check() == []


def test_problems_are_of_both_files_in_order(files):
    found = files("[profile a]\nx\ny\n", "[b]\nx\n")
    assert [(os.path.basename(p.path), p.line) for p in found.check()] == [
        ("config", 2),
        ("config", 3),
        ("credentials", 2),
    ]


@pytest.mark.parametrize("data", ["[profile a]\n".encode("utf-16"), b"\0" * 64])
def test_what_is_no_text_is_unreadable(files, machine, data):
    files()
    with open(machine.config_file, "wb") as file:
        file.write(data)
    with pytest.raises(ConfigUnreadable, match="no UTF-8 text") as caught:
        read_aws_files(machine)
    assert machine.config_file in str(caught.value)


def test_zeros_that_a_crash_left_cost_the_section_that_they_are_in(files, machine):
    files()
    with open(machine.config_file, "wb") as file:
        file.write(b"[profile a]\nx = 1\n[profile b]\ny = \0\0\0\n\n[profile c]\nz = 3\n")
    found = read_aws_files(machine)
    assert found.profiles["a"].settings == {"x": "1"}
    assert found.profiles["c"].settings == {"z": "3"}
    assert [(p.line, p.reason) for p in found.check()] == [
        (4, "NUL bytes, which a crash may have left")
    ]


def test_a_folder_is_unreadable(machine):
    os.makedirs(machine.credentials_file)
    with pytest.raises(ConfigUnreadable, match="it is a folder"):
        read_aws_files(machine)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_forbidden_file_is_unreadable(files, machine):
    files()
    os.chmod(machine.config_file, 0)
    with pytest.raises(ConfigUnreadable, match="permission denied"):
        read_aws_files(machine)


def test_a_failing_read_is_an_error_and_no_empty_file(files, machine, monkeypatch):
    files("[profile a]\n")
    real = os.stat

    def failing(path, *args, **kwargs):
        if path == machine.config_file:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", failing)
    with pytest.raises(ConfigUnreadable, match="permission denied"):
        read_aws_files(machine)


def test_the_fingerprint_tells_a_change(files, machine):
    found = files("[profile a]\n")
    assert found.fingerprint == fingerprint(machine)
    with open(machine.credentials_file, "w") as file:
        file.write("[a]\n")
    assert found.fingerprint != fingerprint(machine)


@pytest.mark.parametrize("key", reader.SHADOWING_KEYS)
def test_a_config_section_may_shadow_keys(files, key):
    profiles = files(
        f"[profile a]\n{key}=x\n[profile b]\n", f"[b]\n{key}=x\n[c]\n{key}=x\n"
    ).profiles
    assert [shadowing_key(profiles[name]) for name in "abc"] == [key, None, None]


@pytest.mark.parametrize(
    "key", ["role_arn", "web_identity_token_file", "sso_account_id", "sso_role_name"]
)
def test_keys_that_botocore_lets_win_do_so(files, machine, monkeypatch, key):
    import botocore.session
    from botocore.exceptions import BotoCoreError

    files(f"[profile a]\n{key}=x\n", "[a]\naws_access_key_id=WRITTEN\naws_secret_access_key=s\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", machine.config_file)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", machine.credentials_file)
    session = botocore.session.Session(profile="a")
    with pytest.raises((BotoCoreError, OSError)):
        assert session.get_credentials().get_frozen_credentials().access_key == "WRITTEN"


def test_secrets_are_not_printed(files):
    profile = files("", "[a]\naws_secret_access_key=SECRET\n").profiles["a"]
    assert profile.settings
    assert "SECRET" not in f"{profile!r} {profile.credentials!r}"


def test_ten_thousand_profiles_are_split_quickly_and_left_unparsed(files, machine):
    body = "role_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = base\nregion = x\n\n"
    files("".join(f"[profile account-{n:05}]\n{body}" for n in range(10_000)))
    times = []
    for _ in range(5):
        started = time.perf_counter()
        found = read_aws_files(machine)
        times.append(time.perf_counter() - started)
    assert len(found.profiles) == 10_000
    assert all(each.config._parsed is None for each in found.profiles.values())
    # Ten milliseconds where this was written, seconds for botocore; a busy machine gets time.
    assert min(times) < 0.1


def test_reading_imports_nothing_heavy():
    code = (
        "import sys; before = set(sys.modules)\n"
        "from profiles.files import cache, credentials, reader, state\n"
        "from profiles.machine import Machine\n"
        "machine = Machine(env={}, home='/nonexistent')\n"
        "reader.read_aws_files(machine); credentials.owned(machine); state.load_state(machine)\n"
        "cache.cached_sessions(machine)\n"
        "heavy = {'boto3', 'botocore', 'textual', 'dataclasses', 'pathlib', 'datetime', 'filelock',"
        " 'tempfile', 'typing_extensions', 'configparser', 'subprocess', 'asyncio', 'logging'}\n"
        "print(sorted(heavy & (set(sys.modules) - before)))"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(reader.__file__)))
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=root, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
