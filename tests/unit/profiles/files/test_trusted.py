"""Programs are run by settings that nobody else could have written."""

import grp
import os
import pwd

import pytest

from profiles.files.trusted import distrusted
from profiles.machine import Machine
from profiles.settings import load_settings

COMMANDS = """\
mfa_command = ["code"]
browser = ["firefox"]
region = "eu-west-1"
[[roles]]
name = "by-saml"
kind = "saml"
saml_command = ["idp"]
[[roles]]
name = "other"
role_arn = "arn:aws:iam::123456789012:role/x"
source = "base"
"""


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "settings"
    folder.mkdir(mode=0o700)
    made = folder / "config.toml"
    made.write_text(COMMANDS)
    made.chmod(0o600)
    return made


def settings(path, **env):
    said = {"ROLECALL_CONFIG": str(path), **env}
    return load_settings(Machine(env=said, home="/nowhere"))


def test_a_persons_own_file_is_trusted(path):
    found = settings(path)
    assert found.argv("mfa_command") == ("code",)
    assert found.warnings == ()
    assert "problem" not in found.roles[0]


@pytest.mark.parametrize("which", ["file", "folder", "folder of a link"])
def test_no_command_of_a_file_that_others_can_change_is_run(path, tmp_path, which):
    link = path
    if which == "folder of a link":
        link = tmp_path / "shared" / "config.toml"
        link.parent.mkdir()
        link.symlink_to(path)
    (path if which == "file" else link.parent).chmod(0o777)
    found = settings(link)
    assert found.argv("mfa_command") == found.argv("browser") == ()
    assert found.text("region") == "eu-west-1"
    [warning] = found.warnings  # said once
    assert "no command in it is run: others can change" in warning
    assert "no saml_command is run" in found.roles[0]["problem"]
    assert "saml_command" not in found.roles[0]
    assert "problem" not in found.roles[1]


def test_no_command_of_another_users_file_is_run(path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    if os.stat(path).st_uid == 0:
        assert "belongs to another user" not in (distrusted(str(path)) or "")  # root's is trusted
    else:
        assert "belongs to another user" in distrusted(str(path))
        assert settings(path).argv("browser") == ()


def test_a_file_in_the_working_folder_is_not_trusted_by_its_name_alone(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    found = settings("config.toml")
    assert found.argv("mfa_command") == ()
    assert "starts in the working folder" in found.warnings[0]


def test_what_the_environment_names_is_the_persons_own(path):
    path.chmod(0o666)
    assert settings(path, ROLECALL_MFA_COMMAND="mine now").argv("mfa_command") == ("mine", "now")


def test_none_is_no_command(path):
    path.write_text('browser = "none"\n')
    path.chmod(0o666)
    found = settings(path)
    assert found.argv("browser") == ("none",)
    assert found.warnings == ()


def test_a_group_of_ones_own_is_no_other(path, monkeypatch):
    path.chmod(0o660)
    me = pwd.struct_passwd(("ana", "x", os.geteuid(), 1, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: me)
    alone = grp.struct_group(("ana", "x", 1, []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: alone)
    assert distrusted(str(path)) is None
    shared = grp.struct_group(("staff", "x", 1, ["bo"]))
    monkeypatch.setattr(grp, "getgrgid", lambda _: shared)
    assert "others can change" in distrusted(str(path))


def test_in_a_folder_such_as_tmp_nobody_replaces_what_is_anothers(path):
    path.parent.chmod(0o1777)
    assert distrusted(str(path)) is None
