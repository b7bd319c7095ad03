"""Programs are run by settings that nobody else could have written."""

import grp
import os
import pwd

import pytest

from profiles.errors import ConfigUnreadable
from profiles.files.trusted import distrusted
from profiles.insight.checks import files as checks_files
from profiles.machine import Machine
from profiles.settings import load_settings
from profiles.settings_writer import add_role, save_binding, save_setting

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


@pytest.mark.parametrize("which", ["above", "above a link's end"])
def test_a_folder_further_up_that_others_can_change_counts(path, tmp_path, which):
    above = tmp_path / "above"
    link = above / "below" / "config.toml"
    link.parent.mkdir(parents=True, mode=0o700)
    if which == "above":
        link.symlink_to(path)
    else:
        os.replace(path, link)
        path.symlink_to(link)
    named = link if which == "above" else path
    above.chmod(0o755)
    assert distrusted(str(named)) is None
    above.chmod(0o777)
    assert distrusted(str(named)) == f"others can change {above}"
    above.chmod(0o1777)
    assert distrusted(str(named)) is None


def test_who_owns_the_first_folder_is_the_systems_user_of_folders_alone(path, monkeypatch):
    """In a sandbox root's number is another one, and a settings file is still the person's own."""
    looked = os.stat

    def stat_of(place, *args, **options):
        found = looked(place, *args, **options)
        theirs = str(place) in others
        return os.stat_result((*found[:4], 65534 if theirs else found[4], *found[5:10]))

    monkeypatch.setattr(os, "stat", stat_of)
    others = {"/", "/tmp"}
    assert distrusted(str(path)) is None
    others = {"/", str(path)}
    assert distrusted(str(path)) == f"{path} belongs to another user"
    others = {str(path.parent)}
    assert distrusted(str(path)) == f"{path.parent} belongs to another user"


WRITERS = {
    "a setting": lambda machine: save_setting(machine, "region", "eu-west-2"),
    "a binding": lambda machine: save_binding(machine, "copy", "y"),
    "a role": lambda machine: add_role(machine, {"name": "new", "role_arn": "arn:x"}),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("which", ["file", "folder"])
def test_no_write_makes_a_command_of_others_trusted(path, which, writer):
    open_ = path if which == "file" else path.parent
    open_.chmod(0o777)
    machine = Machine(env={"ROLECALL_CONFIG": str(path)}, home="/nowhere")
    with pytest.raises(ConfigUnreadable, match="would have their mfa_command run") as refused:
        WRITERS[writer](machine)
    assert refused.value.hint == f"look at the commands in it, then chmod go-w {open_}"
    assert path.read_text() == COMMANDS
    assert open_.stat().st_mode & 0o777 == 0o777
    open_.chmod(0o700)
    WRITERS[writer](machine)
    assert settings(path).argv("mfa_command") == ("code",)


def test_a_role_alone_that_names_a_command_keeps_the_file_from_being_written(path):
    path.write_text(COMMANDS[COMMANDS.index("[[roles]]") :])
    path.chmod(0o666)
    machine = Machine(env={"ROLECALL_CONFIG": str(path)}, home="/nowhere")
    with pytest.raises(ConfigUnreadable, match="would have their saml_command run"):
        save_setting(machine, "region", "eu-west-2")


def test_a_file_without_commands_is_written_whoever_can_change_it(path):
    path.write_text('browser = "none"\n')
    path.chmod(0o666)
    save_setting(
        Machine(env={"ROLECALL_CONFIG": str(path)}, home="/nowhere"), "region", "eu-west-2"
    )
    assert settings(path).text("region") == "eu-west-2"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("where", ["apart", "beside the AWS files"])
def test_doctor_mends_no_permissions_of_commands_that_nobody_looked_at(path, tmp_path, where):
    aws = path.parent if where == "beside the AWS files" else tmp_path / "aws"
    aws.mkdir(exist_ok=True)
    (aws / "config").write_text("")
    open_ = path if where == "apart" else aws
    open_.chmod(0o777)
    env = {"ROLECALL_CONFIG": str(path), "AWS_CONFIG_FILE": str(aws / "config")}
    machine = Machine(env=env, home=str(tmp_path))
    [finding] = checks_files.check(machine)
    assert finding.fix is None
    assert f"look at the commands in {path} (mfa_command, browser, saml_command)" in finding.remedy
    assert finding.remedy.endswith(f", then chmod 755 {open_}")
    path.write_text('region = "eu-west-1"\n')
    [finding] = checks_files.check(machine)
    assert finding.fix is not None


@pytest.mark.parametrize(
    ("opened", "judged"), [("above", False), ("home", True), ("above a link's end", True)]
)
def test_folders_are_judged_up_to_the_home(path, tmp_path, opened, judged):
    """As by `ssh`: who could put another home in its place has all that is in it."""
    above = tmp_path / "people"
    home = above / "person"
    home.mkdir(parents=True)
    own = home / "config.toml"
    if opened == "above a link's end":
        own.symlink_to(path)
    else:
        own.write_text(COMMANDS)
        own.chmod(0o600)
    places = {"above": above, "home": home, "above a link's end": path.parent}
    places[opened].chmod(0o777)
    assert bool(distrusted(str(own), str(home))) is judged
    assert distrusted(str(own))  # with no home known, each folder counts
