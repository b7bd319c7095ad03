"""Where the file is: through links and mounts, with access lists, another user's, on odd disks."""

from __future__ import annotations

import errno
import os
import stat
import struct
import threading
import time

import pytest

from profiles.errors import ConfigUnreadable, CredentialsFileUnwritable
from profiles.files import atomic, cache, process_profiles, state
from profiles.files import credentials as writer
from profiles.files.process_profiles import ProcessProfile
from profiles.settings_writer import save_setting
from tests.storm import scene, surroundings

OLD = b"[default]\naws_access_key_id = AKIAOLD\n"
PROCESS = ProcessProfile("own", "prod", "rolecall credential-process prod", None)


def listed(machine):
    folder = os.path.dirname(os.path.realpath(machine.credentials_file))
    return sorted(os.listdir(folder))


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def failing(monkeypatch, call, code, only=lambda *args: True):
    real = getattr(os, call)

    def fails(*args, **kwargs):
        if only(*args):
            raise OSError(code, os.strerror(code), args[0])
        return real(*args, **kwargs)

    monkeypatch.setattr(os, call, fails)


def chain(tmp_path, machine, length):
    """That many links, relative and absolute by turns, each in a folder of its own."""
    target = tmp_path / "target"
    target.write_bytes(OLD)
    last = target
    for number in range(length):
        folder = tmp_path / f"link-{number}"
        folder.mkdir()
        os.symlink(os.path.relpath(last, folder) if number % 2 else last, folder / "keys")
        last = folder / "keys"
    os.makedirs(os.path.dirname(machine.credentials_file))
    os.symlink(last, machine.credentials_file)
    return target


def test_a_chain_of_links_stays_one(machine, session, tmp_path):
    target = chain(tmp_path, machine, 12)
    writer.write(machine, session)
    assert os.path.islink(machine.credentials_file)
    assert all(os.path.islink(tmp_path / f"link-{number}" / "keys") for number in range(12))
    assert target.read_bytes().startswith(OLD)
    assert writer.undo(machine).changed
    assert target.read_bytes() == OLD
    assert (tmp_path / "target.lock").exists()


def test_a_loop_of_links_is_told_and_stays(machine, session, tmp_path):
    os.makedirs(os.path.dirname(machine.credentials_file))
    other = os.path.join(os.path.dirname(machine.credentials_file), "other")
    os.symlink(other, machine.credentials_file)
    os.symlink(machine.credentials_file, other)
    with pytest.raises(CredentialsFileUnwritable, match="too many levels of symbolic links"):
        writer.write(machine, session)
    assert os.path.islink(machine.credentials_file)


def test_a_folder_that_is_a_link_stays_one(machine, session, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    os.symlink("real", os.path.dirname(machine.credentials_file))
    writer.write(machine, session)
    assert os.path.islink(os.path.dirname(machine.credentials_file))
    assert (tmp_path / "real" / "credentials").exists()


def test_a_link_into_a_folder_that_cannot_be_made_is_told(machine, session, tmp_path):
    (tmp_path / "file").touch()
    os.makedirs(os.path.dirname(machine.credentials_file))
    os.symlink(tmp_path / "file" / "keys", machine.credentials_file)
    with pytest.raises(CredentialsFileUnwritable):
        writer.write(machine, session)
    assert os.path.islink(machine.credentials_file)


def test_a_link_that_is_turned_meanwhile_leaves_both_files(machine, session, tmp_path, monkeypatch):
    target = chain(tmp_path, machine, 1)
    real = atomic.sweep
    link = tmp_path / "link-0" / "keys"

    def turned(*args, **kwargs):
        real(*args, **kwargs)
        link.unlink()
        os.symlink(tmp_path / "elsewhere", link)

    monkeypatch.setattr("profiles.files.transaction.sweep", turned)
    writer.write(machine, session)
    # What was read is what was written; the next write goes where the link leads now.
    assert target.read_bytes().startswith(OLD)
    assert not (tmp_path / "elsewhere").exists()


def test_another_name_of_the_same_file_keeps_what_it_had(machine, session, credentials, tmp_path):
    credentials(OLD)
    os.link(machine.credentials_file, tmp_path / "other")
    writer.write(machine, session)
    assert (tmp_path / "other").read_bytes() == OLD
    assert credentials().startswith(OLD)
    writer.undo(machine)
    assert credentials() == OLD


def test_who_has_the_old_file_open_reads_it_to_its_end(machine, session, credentials):
    credentials(OLD)
    with open(machine.credentials_file, "rb") as reading:
        first = reading.read(5)
        writer.write(machine, session)
        assert first + reading.read() == OLD


@pytest.mark.parametrize("name", ["EBUSY", "EACCES", "ETXTBSY", "ESTALE", "EEXIST", "EXDEV"])
@pytest.mark.parametrize("which", ["credentials", "config"])
def test_a_file_that_cannot_be_replaced_is_told_and_stays(
    machine, session, monkeypatch, which, name
):
    path = machine.credentials_file if which == "credentials" else machine.config_file
    scene.put(path, OLD)
    code = getattr(errno, name)
    failing(monkeypatch, "replace", code, lambda _, to: to == path)
    with pytest.raises(CredentialsFileUnwritable) as caught:
        if which == "credentials":
            writer.write(machine, session)
        else:
            process_profiles.write(machine, PROCESS)
    assert str(caught.value) == f"cannot write {path}: {os.strerror(code).lower()}"
    assert "mount its folder" in caught.value.hint or name != "EBUSY"
    assert scene.bytes_of(path) == OLD
    assert not scene.temporary_files(machine.home)
    assert os.listdir(os.path.join(machine.state_folder, "undo")) == []


def test_settings_that_cannot_be_replaced_are_told_and_stay(machine, monkeypatch):
    scene.put(machine.settings_file, b'duration = "1h"\n')
    failing(monkeypatch, "replace", errno.EBUSY)
    with pytest.raises(ConfigUnreadable, match="cannot write the settings"):
        save_setting(machine, "duration", "2h")
    assert scene.bytes_of(machine.settings_file) == b'duration = "1h"\n'
    assert not scene.temporary_files(machine.home)


def test_what_cannot_be_read_just_now_is_not_written_anew(machine, monkeypatch):
    state.save_favourite(machine, "a", favourite=True)
    real = open

    def failing_once(path, *args, **kwargs):
        if path.endswith("state.json"):
            monkeypatch.undo()
            raise OSError(errno.EIO, "Input/output error", path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", failing_once)
    state.save_favourite(machine, "b", favourite=True)
    assert state.load_state(machine).favourites == ("a",)


def test_a_folder_that_cannot_be_flushed_is_no_failure(machine, session, credentials, monkeypatch):
    credentials(OLD)
    real = os.close
    folder = os.path.dirname(machine.credentials_file)

    def failing_close(handle):
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        real(handle)
        if is_folder:
            raise OSError(errno.EIO, "Input/output error", folder)

    monkeypatch.setattr(os, "close", failing_close)
    assert writer.write(machine, session).changed
    monkeypatch.undo()
    writer.undo(machine)
    assert credentials() == OLD


def test_an_interrupt_after_the_rename_leaves_the_way_back(
    machine, session, credentials, monkeypatch
):
    credentials(OLD)

    def interrupted(_folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "_flush_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.write(machine, session)
    monkeypatch.undo()
    assert credentials() != OLD
    writer.undo(machine)
    assert credentials() == OLD


def test_a_file_that_others_have_emptied_to_write_it_is_waited_for(machine, session, credentials):
    credentials(OLD)
    others = OLD + b"[new]\nregion = x\n"

    def as_the_aws_cli_writes():
        with open(machine.credentials_file, "wb", buffering=0) as file:
            emptied.set()
            time.sleep(0.06)  # another process had its turn
            file.write(others)

    emptied = threading.Event()
    thread = threading.Thread(target=as_the_aws_cli_writes)
    thread.start()
    assert emptied.wait(20)
    writer.write(machine, session)
    thread.join()
    assert credentials().startswith(others)
    assert list(writer.owned(machine)) == [session.profile]


def test_a_file_that_is_empty_is_not_waited_for_long(machine, session, credentials):
    credentials(b"")
    begun = time.monotonic()
    assert writer.write(machine, session).changed
    assert time.monotonic() - begun < 5


def test_undo_copies_of_two_files_written_side_by_side_are_two(machine, session, monkeypatch):
    from profiles.files import undo_copies

    # As two processes see the folder that look at the same time.
    monkeypatch.setattr(undo_copies, "_names", lambda _folder: [])
    first = undo_copies.keep(machine, "/a", b"a", b"b")
    second = undo_copies.keep(machine, "/b", b"a", b"b")
    assert first != second
    assert os.path.exists(first)


def test_a_clock_that_was_set_takes_no_live_writers_file(tmp_path):
    live = tmp_path / f".k.json.rolecall-{os.getpid()}-ab.tmp"
    dead = tmp_path / ".k.json.rolecall-999999999-ab.tmp"
    odd = tmp_path / ".k.json.rolecall-x-ab.tmp"
    for path in (live, dead, odd):
        path.touch()
    now = os.stat(live).st_mtime
    atomic.sweep(str(tmp_path), now=now - 7200)
    assert len(os.listdir(tmp_path)) == 3
    atomic.sweep(str(tmp_path), now=now + 7200)
    assert os.listdir(tmp_path) == [live.name]


def acl(*entries):
    """An access list as Linux keeps it: kind, bits, number."""
    anyone = 0xFFFFFFFF
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", kind, bits, anyone if number is None else number)
        for kind, bits, number in entries
    )


USER, NAMED, GROUP, MASK, OTHER = 1, 2, 4, 16, 32
LISTED = acl((USER, 6, None), (NAMED, 4, 1234), (GROUP, 0, None), (MASK, 4, None), (OTHER, 0, None))
OPEN = acl((USER, 7, None), (NAMED, 7, 1234), (GROUP, 7, None), (MASK, 7, None), (OTHER, 5, None))


def listed_of(path):
    try:
        return os.getxattr(path, "system.posix_acl_access")
    except OSError:
        return None


def put_acl(path, which, said):
    if not hasattr(os, "setxattr"):
        pytest.skip("no access lists of this kind here")
    try:
        os.setxattr(path, f"system.posix_acl_{which}", said)
    except OSError as error:
        pytest.skip(f"no access lists on this disk: {error}")


def test_the_config_files_access_list_stays_and_lets_its_group_in_no_more(machine, config):
    config(b"[default]\nregion = x\n")
    put_acl(machine.config_file, "access", LISTED)
    before = listed_of(machine.config_file)
    process_profiles.write(machine, PROCESS)
    assert listed_of(machine.config_file) == before
    assert mode_of(machine.config_file) == 0o640


def test_a_list_that_cannot_be_kept_lets_nobody_in(machine, config, monkeypatch):
    config(b"[default]\nregion = x\n")
    put_acl(machine.config_file, "access", LISTED)
    failing(monkeypatch, "setxattr", errno.EOPNOTSUPP)
    process_profiles.write(machine, PROCESS)
    assert mode_of(machine.config_file) == 0o600


def test_what_a_folder_hands_down_lets_nobody_in(machine, session, config):
    config(b"[default]\nregion = x\n")
    os.chmod(machine.config_file, 0o644)
    folder = os.path.dirname(machine.config_file)
    put_acl(folder, "default", OPEN)
    process_profiles.write(machine, PROCESS)
    writer.write(machine, session)
    assert listed_of(machine.config_file) is None
    assert mode_of(machine.config_file) == 0o644
    assert mode_of(machine.credentials_file) == 0o600  # the mask is empty, whoever is named
    assert mode_of(f"{machine.credentials_file}.lock") == 0o600


def test_the_credentials_files_access_list_is_gone_or_empty(machine, session, credentials):
    credentials(OLD)
    put_acl(machine.credentials_file, "access", LISTED)
    writer.write(machine, session)
    assert mode_of(machine.credentials_file) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_group_that_is_not_ours_to_give_is_let_in_by_no_other(machine, config, monkeypatch):
    config(b"[default]\nregion = x\n")
    os.chown(machine.config_file, 1234, 4321)
    os.chmod(machine.config_file, 0o660)
    failing(monkeypatch, "fchown", errno.EINVAL)  # as in a container that has no such number
    process_profiles.write(machine, PROCESS)
    assert mode_of(machine.config_file) == 0o600


def in_a_process_of_its_own(act):
    """Runs it where it may mount and become another; whether that was to be had."""

    def run():
        try:
            act()
        except surroundings.NotHere:
            return 4
        return None

    status = scene.status_of(scene.forked(run))
    if status == 4:
        pytest.skip("this user may not do that here")
    assert status == 0, "see above"


@pytest.mark.parametrize("what", ["write", "drop"])
def test_a_mounted_file_is_told_what_to_mount_instead(machine, session, what):
    writer.write(machine, session)

    def mounted():
        surroundings.own_mounts()
        surroundings.mounted_alone(machine.credentials_file)
        before = scene.bytes_of(machine.credentials_file)
        with pytest.raises(CredentialsFileUnwritable, match="busy") as caught:
            if what == "write":
                writer.write(machine, session._replace(profile="other"))
            else:
                writer.remove(machine, [session.profile])
        assert "mount its folder" in caught.value.hint
        assert scene.bytes_of(machine.credentials_file) == before
        assert listed(machine) == ["credentials", "credentials.lock"]

    in_a_process_of_its_own(mounted)


@pytest.mark.parametrize("what", ["home", "folder", "file"])
def test_a_read_only_mount_is_told_as_one(machine, session, what):
    writer.write(machine, session)
    folder = os.path.dirname(machine.credentials_file)
    place = {"home": machine.home, "folder": folder, "file": machine.credentials_file}[what]

    def mounted():
        surroundings.own_mounts()
        surroundings.mounted_alone(place, read_only=True)
        with pytest.raises(CredentialsFileUnwritable, match="read-only file system") as caught:
            writer.write(machine, session._replace(profile="other"))
        assert caught.value.hint == "the file system is mounted read-only"

    in_a_process_of_its_own(mounted)


def test_another_users_folder_is_told_as_that(machine, session, credentials):
    writer.write(machine, session)  # what it imports is there before the process sees less
    os.chmod(machine.home, 0o755)
    os.chmod(os.path.dirname(machine.credentials_file), 0o755)
    os.chmod(machine.credentials_file, 0o644)
    credentials(OLD)

    def as_nobody():
        surroundings.as_nobody_in(machine.home)
        there = machine._replace(home="/")
        with pytest.raises(CredentialsFileUnwritable, match="permission denied") as caught:
            writer.write(there, session)
        assert caught.value.hint == "nothing was changed"
        assert scene.bytes_of(there.credentials_file) == OLD

    in_a_process_of_its_own(as_nobody)


def test_the_cache_lies_in_a_folder_of_its_own_and_is_whole(machine, monkeypatch):
    keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": 1e9}
    cache.write_session(machine, "k", {"Credentials": keys}, "prod")
    failing(monkeypatch, "replace", errno.ESTALE)
    cache.write_session(machine, "k", {"Credentials": keys | {"AccessKeyId": "new"}}, "prod")
    assert cache.read_session(machine, "k")["Credentials"]["AccessKeyId"] == "a"
    assert not scene.temporary_files(machine.home)
