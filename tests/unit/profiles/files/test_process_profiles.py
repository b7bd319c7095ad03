"""Profiles of credential-process in the config file: every other byte stays, and all comes back."""

import os
import stat
import threading

import pytest

from profiles.errors import CredentialsFileUnwritable, FileChanged, ProfileNotOurs, UsageError
from profiles.files import credentials as credentials_file
from profiles.files.process_profiles import ProcessProfile, owned, remove, write
from profiles.files.reader import read_aws_files

PROFILE = ProcessProfile("work", "prod", "/opt/rolecall credential-process prod", "eu-west-1")
SECTION = (
    b"[profile work]\ncredential_process = /opt/rolecall credential-process prod\n"
    b"region = eu-west-1\nx_rolecall = prod\n"
)
TEXTS = {
    "nothing": b"",
    "plain": b"[default]\nregion = x\n",
    "no line end": b"[default]\nregion = x",
    "crlf": b"[default]\r\nregion = x\r\n",
    "bom": b"\xef\xbb\xbf[default]\nregion = x\n",
    "latin": b"# caf\xe9\n[profile a]\nregion=x\n\n\n",
    "nested": b"[profile a]\ns3 =\n  max = 1\n; end\n",
    "blank lines": b"[profile a]\nregion = x\n\n\n\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_other_byte_stays_and_removing_it_gives_the_same_file(machine, config, text):
    config(text)
    assert write(machine, PROFILE)
    written = config()
    assert written.startswith(text)
    assert written[len(text) :].replace(b"\r\n", b"\n").strip() == SECTION.strip()
    assert not write(machine, PROFILE)
    assert write(machine, PROFILE._replace(command="/other", region=None))
    assert b"region = eu-west-1" not in config()[len(text) :]
    assert remove(machine, ["work", "a", "default"]) == ("work",)
    assert config() == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_undo_gives_the_same_file(machine, config, text):
    config(text)
    write(machine, PROFILE)
    change = credentials_file.undo(machine)
    assert change.path == machine.config_file
    assert config() == text


def test_undo_takes_back_the_last_write_whichever_file_it_was(machine, config, session):
    config(b"# mine\n")
    write(machine, PROFILE)
    credentials_file.write(machine, session)
    write(machine, PROFILE._replace(name="other"))
    undone = [credentials_file.undo(machine).path for _ in range(3)]
    assert undone == [machine.config_file, machine.credentials_file, machine.config_file]
    assert config() == b"# mine\n"
    assert not os.path.exists(machine.credentials_file)
    with pytest.raises(UsageError, match="nothing to undo"):
        credentials_file.undo(machine)


def test_undo_over_anothers_change_is_refused(machine, config):
    write(machine, PROFILE)
    config(config() + b"# theirs\n")
    with pytest.raises(FileChanged, match="config was changed"):
        credentials_file.undo(machine)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_permissions_and_links_stay(machine, config, tmp_path, mode):
    real = tmp_path / "dotfiles" / "aws"
    real.parent.mkdir()
    real.write_bytes(b"# mine\n")
    real.chmod(mode)
    os.symlink(real, machine.config_file)
    write(machine, PROFILE)
    assert os.path.islink(machine.config_file)
    assert real.read_bytes().startswith(b"# mine\n\n[profile work]")
    assert stat.S_IMODE(real.stat().st_mode) == mode
    assert (real.parent / "aws.lock").exists()


def test_a_file_that_is_made_is_private(machine):
    write(machine, PROFILE)
    assert stat.S_IMODE(os.stat(machine.config_file).st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        b"[profile work]\nregion = x\n",
        b"[profile work]\nx_rolecall = prod\nrole_arn = r\n",
        b"[profile work]\n",
    ],
)
def test_a_profile_of_that_name_that_is_not_ours_is_refused(machine, config, text):
    config(text)
    with pytest.raises(ProfileNotOurs, match="not rolecall's"):
        write(machine, PROFILE)
    assert remove(machine, ["work"]) == ()
    assert config() == text


@pytest.mark.parametrize("name", ["", " a", "a]", 'a"b', "a'b", "a\\b", "DEFAULT", "a;b", "a\nb"])
def test_a_name_that_clients_would_not_find_is_refused(machine, name):
    with pytest.raises(UsageError, match="not a name"):
        write(machine, PROFILE._replace(name=name))
    assert not os.path.exists(machine.config_file)


@pytest.mark.parametrize("command", ["", "x ", "x\ny", "x #1", "x\t;y", "x\x1b[0m"])
def test_a_command_that_some_client_reads_as_another_is_refused(machine, command):
    with pytest.raises(UsageError, match="credential_process"):
        write(machine, PROFILE._replace(command=command))
    assert not os.path.exists(machine.config_file)


@pytest.mark.parametrize("name", ["default", "my work", "a.b/c@d", "é"])
def test_what_is_written_is_found_by_its_name(machine, name):
    write(machine, PROFILE._replace(name=name))
    files = read_aws_files(machine)
    assert owned(files) == {name: "prod"}
    assert files.profiles[name].get("credential_process") == PROFILE.command
    assert not files.check()


def test_a_folder_that_cannot_be_written_is_an_error_and_changes_nothing(machine, config):
    config(b"# mine\n")
    os.chmod(os.path.dirname(machine.config_file), 0o500)
    with pytest.raises(CredentialsFileUnwritable):
        write(machine, PROFILE)
    assert config() == b"# mine\n"


def test_many_at_once_lose_nothing(machine, config):
    config(b"# mine\n")
    names = [f"work-{number}" for number in range(20)]
    threads = [
        threading.Thread(target=write, args=(machine, PROFILE._replace(name=name)))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(owned(read_aws_files(machine))) == set(names)
    assert set(remove(machine, names)) == set(names)
    assert config() == b"# mine\n"
