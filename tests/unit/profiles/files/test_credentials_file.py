"""The writer and the file system: links, permissions, locks, full disks, undo."""

from __future__ import annotations

import difflib
import fcntl
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

from profiles.errors import (
    ConfigUnreadable,
    CredentialsFileBusy,
    CredentialsFileUnwritable,
    FileChanged,
    ProfileNotOurs,
    UsageError,
)
from profiles.files import credentials as writer
from profiles.files import undo_copies
from profiles.files.masked_diff import masked_diff
from profiles.files.reader import read_aws_files
from profiles.machine import Machine

OLD = b"[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n"


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def left_over(machine):
    folder = os.path.dirname(os.path.realpath(machine.credentials_file))
    return [name for name in os.listdir(folder) if ".tmp" in name]


@pytest.fixture
def write(machine, session):
    def written(**changes):
        force = changes.pop("force", False)
        wait = changes.pop("wait", writer.LOCK_WAIT)
        return writer.write(machine, session._replace(**changes), force=force, wait=wait)

    return written


@pytest.fixture
def small_files():
    """Files of at most 100 bytes: what a full disk does to a writer, also to root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_the_section_says_what_clients_need_in_this_order(write, credentials, session):
    write()
    assert credentials().decode().splitlines() == [
        "[prod-session]",
        f"aws_access_key_id = {session.access_key_id}",
        f"aws_secret_access_key = {session.secret_access_key}",
        f"aws_session_token = {session.session_token}",
        "region = eu-west-1",
        "aws_account_id = 123456789012",
        "x_security_token_expires = 2026-11-18T12:06:40Z",
        "x_rolecall = prod",
    ]


def test_unknown_region_and_account_are_left_out(write, credentials):
    write(region=None, account_id=None)
    assert b"region" not in credentials()
    assert b"account" not in credentials()


def test_the_folder_and_the_files_are_private_whatever_the_umask(machine, session):
    before = os.umask(0)
    try:
        writer.write(machine, session)
    finally:
        os.umask(before)
    folder = os.path.dirname(machine.credentials_file)
    assert mode_of(folder) == 0o700
    assert mode_of(machine.credentials_file) == 0o600
    assert mode_of(machine.credentials_file + ".lock") == 0o600
    assert os.path.getsize(machine.credentials_file + ".lock") == 0
    assert mode_of(machine.state_folder) == 0o700
    for copy in os.listdir(os.path.join(machine.state_folder, "undo")):
        assert mode_of(os.path.join(machine.state_folder, "undo", copy)) == 0o600


def test_a_umask_that_takes_everything_does_no_harm(machine, session):
    before = os.umask(0o777)
    try:
        writer.write(machine, session)
    finally:
        os.umask(before)
    assert mode_of(os.path.dirname(machine.credentials_file)) == 0o700
    assert mode_of(machine.credentials_file) == 0o600


def test_an_open_file_is_closed_to_others(machine, write, credentials):
    credentials(OLD)
    os.chmod(machine.credentials_file, 0o664)
    write()
    assert mode_of(machine.credentials_file) == 0o600


def test_a_stricter_file_stays_so(machine, write, credentials):
    credentials(OLD)
    os.chmod(machine.credentials_file, 0o200 if os.getuid() == 0 else 0o600)
    before = mode_of(machine.credentials_file)
    write()
    assert mode_of(machine.credentials_file) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_owner_stays(machine, write, credentials):
    credentials(OLD)
    os.chown(machine.credentials_file, 1234, 4321)
    write()
    found = os.stat(machine.credentials_file)
    assert (found.st_uid, found.st_gid) == (1234, 4321)


def test_a_link_stays_one_and_its_target_is_written(machine, write, credentials, tmp_path):
    target = tmp_path / "elsewhere" / "keys"
    target.parent.mkdir()
    target.write_bytes(OLD)
    os.symlink(target, machine.credentials_file)
    write()
    assert os.path.islink(machine.credentials_file)
    assert target.read_bytes().startswith(OLD + b"\n[prod-session]")
    assert (target.parent / "keys.lock").exists()


def test_a_link_to_a_link(machine, write, credentials, tmp_path):
    (tmp_path / "one").write_bytes(OLD)
    os.symlink("one", tmp_path / "two")
    os.symlink(tmp_path / "two", machine.credentials_file)
    write()
    assert os.readlink(tmp_path / "two") == "one"
    assert b"prod-session" in (tmp_path / "one").read_bytes()


def test_the_missing_target_of_a_link_is_made(machine, write, credentials, tmp_path):
    target = tmp_path / "made" / "here" / "keys"
    os.symlink(target, machine.credentials_file)
    write()
    assert os.path.islink(machine.credentials_file)
    assert mode_of(target) == 0o600
    assert mode_of(target.parent) == 0o700


def test_a_link_to_itself_is_an_error(machine, write, credentials):
    os.symlink(machine.credentials_file, machine.credentials_file)
    with pytest.raises((CredentialsFileUnwritable, ConfigUnreadable)):
        write()


def test_the_file_that_the_environment_names(tmp_path, session):
    named = tmp_path / "a" / "b" / "keys"
    machine = Machine(env={"AWS_SHARED_CREDENTIALS_FILE": str(named)}, home=str(tmp_path))
    writer.write(machine, session)
    assert named.exists()
    assert not (tmp_path / ".aws").exists()


def test_a_file_marked_read_only_stays_as_it_is(machine, write, credentials):
    credentials(OLD)
    os.chmod(machine.credentials_file, 0o400)
    with pytest.raises(CredentialsFileUnwritable, match="read-only"):
        write()
    assert credentials() == OLD
    assert left_over(machine) == []


def test_a_folder_marked_read_only_stays_as_it_is(machine, write, credentials):
    credentials(OLD)
    folder = os.path.dirname(machine.credentials_file)
    os.chmod(folder, 0o500)
    try:
        with pytest.raises(CredentialsFileUnwritable, match="read-only"):
            write()
        assert os.listdir(folder) == ["credentials"]
    finally:
        os.chmod(folder, 0o700)
    assert credentials() == OLD


def test_a_full_disk_changes_nothing(machine, write, credentials, small_files):
    credentials(OLD)
    with pytest.raises(CredentialsFileUnwritable):
        write()
    assert credentials() == OLD
    assert left_over(machine) == []


def test_a_full_disk_at_the_flush_changes_nothing(machine, write, credentials, monkeypatch):
    credentials(OLD)

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialsFileUnwritable, match="no space left") as caught:
        write()
    assert caught.value.hint == "free some space on the disk"
    assert credentials() == OLD
    assert left_over(machine) == []
    with pytest.raises(UsageError):
        writer.undo(machine)


def test_a_device_is_never_replaced(machine, session, tmp_path):
    device = Machine(env={"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}, home=str(tmp_path))
    with pytest.raises(CredentialsFileUnwritable, match="not a regular file"):
        writer.write(device, session)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_folder_in_the_files_place_is_an_error(machine, write, credentials):
    os.mkdir(machine.credentials_file)
    with pytest.raises((CredentialsFileUnwritable, ConfigUnreadable)):
        write()
    assert os.listdir(machine.credentials_file) == []


@pytest.mark.parametrize("data", ["[a]\nx=1\n".encode("utf-16"), b"[a]\nx=\0\n", b"\0" * 64])
def test_a_file_that_is_no_text_stays_as_it_is(write, credentials, data):
    credentials(data)
    with pytest.raises(ConfigUnreadable):
        write()
    assert credentials() == data


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_stays_as_it_is(machine, write, credentials):
    credentials(OLD)
    os.chmod(machine.credentials_file, 0o200)
    with pytest.raises(ConfigUnreadable):
        write()
    os.chmod(machine.credentials_file, 0o600)
    assert credentials() == OLD


def test_a_file_whose_reading_fails_stays_as_it_is(machine, write, credentials, monkeypatch):
    credentials(OLD)
    real = open

    def failing(path, *args, **kwargs):
        if path == machine.credentials_file:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", failing)
    with pytest.raises(ConfigUnreadable, match="permission denied"):
        write()
    monkeypatch.undo()
    assert credentials() == OLD


@pytest.mark.parametrize(
    "name",
    ["", " a", "a ", "a]b", "a\nb", "a\rb", "a\tb", "a\x1bb", "a\u2028b", "\udcff", "DEFAULT"],
)
def test_a_name_that_a_header_cannot_carry_is_refused(machine, write, name):
    with pytest.raises(UsageError):
        write(profile=name)
    assert not os.path.exists(machine.credentials_file)


@pytest.mark.parametrize("key", ["role", "access_key_id", "secret_access_key", "session_token"])
@pytest.mark.parametrize("value", ["", " q7", "q7\n[x]", "q7\r", "q7\0", "q7\x1b[2J", "q7\x85b"])
def test_a_value_that_a_line_cannot_carry_is_refused(machine, write, key, value):
    with pytest.raises(UsageError) as caught:
        write(**{key: value})
    assert "q7" not in f"{caught.value} {caught.value.hint}"
    assert not os.path.exists(machine.credentials_file)


@pytest.mark.parametrize("name", ["a b", "a[b", "a:b=c", "é", "a#b", "a;b", "profile x", "%(x)s"])
def test_an_odd_name_is_read_back(machine, write, name):
    write(profile=name)
    assert read_aws_files(machine).profiles[name].get("x_rolecall") == "prod"
    assert list(writer.owned(machine)) == [name]
    assert writer.remove(machine, [name]).profiles == (name,)


def test_the_default_profile_with_long_lived_keys_is_refused(write, credentials):
    credentials(OLD)
    with pytest.raises(ProfileNotOurs, match="long-lived"):
        write(profile="default")
    assert credentials() == OLD


def test_forced_it_is_written_and_undone(machine, write, credentials):
    credentials(OLD)
    write(profile="default", force=True)
    assert b"AKIAOLD" not in credentials()
    assert writer.undo(machine) == (machine.credentials_file, ("default",), True)
    assert credentials() == OLD


def test_what_was_forced_survives_the_undo_copies(machine, write, credentials):
    credentials(OLD)
    write(profile="default", force=True)
    for number in range(undo_copies.KEPT + 2):
        write(profile="default", access_key_id=f"ASIA{number:016}")
    shutil.rmtree(machine.state_folder)
    assert writer.remove(machine, ["default"]).profiles == ("default",)
    assert credentials() == OLD


def test_a_file_that_was_not_there_is_gone_again_and_an_empty_one_stays(machine, write):
    write()
    write(profile="two")
    writer.remove(machine, ["prod-session", "two"])
    assert not os.path.exists(machine.credentials_file)
    assert writer.undo(machine).profiles == ("prod-session", "two")
    writer.remove(machine, ["prod-session", "two"])
    assert not os.path.exists(machine.credentials_file)
    open(machine.credentials_file, "w").close()
    write()
    writer.remove(machine, ["prod-session"])
    assert os.path.getsize(machine.credentials_file) == 0


def test_several_profiles_are_one_write(machine, write, credentials, session):
    credentials(OLD)
    places = [session._replace(profile=name) for name in ("a", "b")]
    assert writer.write(machine, *places).profiles == ("a", "b")
    assert list(writer.owned(machine)) == ["a", "b"]
    with pytest.raises(ProfileNotOurs):
        writer.write(machine, session, session._replace(profile="default"))
    assert list(writer.owned(machine)) == ["a", "b"]
    writer.undo(machine)
    assert credentials() == OLD


def test_what_has_ended_goes_with_the_next_write_and_nothing_else(
    machine, write, credentials, session
):
    foreign = b"[theirs]\naws_session_token = x\nx_security_token_expires = 2001-01-01T00:00:00Z\n"
    credentials(OLD + foreign)
    now = machine.now()
    write(profile="default", force=True, expires_at=now - 1)
    write(profile="gone", expires_at=now - 1)
    write(profile="lives", expires_at=now + 1)
    done = writer.write(machine, session, ended_by=now)
    assert done.profiles == (session.profile, "default", "gone")
    assert list(writer.owned(machine)) == ["lives", session.profile]
    assert credentials().startswith(OLD + foreign)
    # One that has ended, but is written right now, is the new one.
    write(expires_at=now - 1)
    assert writer.write(machine, session, ended_by=now).profiles == (session.profile,)


def test_ten_thousand_profiles_of_others_do_not_make_cleaning_up_slow(
    machine, write, credentials, session
):
    others = b"".join(b"[p%d]\naws_access_key_id = AKIA%d\n\n" % (n, n) for n in range(10_000))
    credentials(others)
    for number in range(20):
        write(profile=f"gone-{number}", expires_at=machine.now() - 1)
    start = time.process_time()
    done = writer.write(machine, session, ended_by=machine.now())
    assert time.process_time() - start < 5
    assert len(done.profiles) == 21
    writer.remove(machine, [session.profile])
    assert credentials() == others


def test_what_was_renewed_meanwhile_is_not_removed_as_ended(machine, write):
    write()
    assert writer.remove(machine, ["prod-session"], ended_by=machine.now()).profiles == ()
    assert list(writer.owned(machine)) == ["prod-session"]


def test_forced_without_room_for_an_undo_copy_nothing_is_written(machine, write, credentials):
    credentials(OLD)
    os.makedirs(os.path.dirname(machine.state_folder))
    open(machine.state_folder, "w").close()
    with pytest.raises(CredentialsFileUnwritable, match="no undo copy"):
        write(profile="default", force=True)
    assert credentials() == OLD
    assert write().changed


def test_writing_the_same_again_changes_nothing(machine, write):
    assert write().changed
    before = os.stat(machine.credentials_file)
    assert not write().changed
    assert os.stat(machine.credentials_file).st_ino == before.st_ino


def test_removing_tells_what_was_removed(machine, write, credentials):
    credentials(OLD)
    write()
    assert writer.remove(machine, ["default", "prod-session", "nobody"]).profiles == (
        "prod-session",
    )
    assert credentials() == OLD


def test_removing_nothing_touches_nothing(machine):
    assert writer.remove(machine, ["nobody"]) == (machine.credentials_file, (), False)
    assert os.listdir(machine.home) == []


def test_undo_takes_back_one_write_after_the_other(machine, write, credentials):
    credentials(OLD)
    write(profile="one")
    first = credentials()
    write(profile="two")
    writer.undo(machine)
    assert credentials() == first
    writer.undo(machine)
    assert credentials() == OLD
    with pytest.raises(UsageError, match="nothing to undo"):
        writer.undo(machine)


def test_undo_of_the_first_write_removes_the_file(machine, write):
    write()
    writer.undo(machine)
    assert not os.path.exists(machine.credentials_file)


def test_undo_of_a_removal_brings_the_session_back(machine, write, credentials):
    write()
    before = credentials()
    writer.remove(machine, ["prod-session"])
    writer.undo(machine)
    assert credentials() == before


def test_undo_over_a_changed_file_is_refused(machine, write, credentials):
    credentials(OLD)
    write()
    changed = credentials() + b"# mine\n"
    credentials(changed)
    with pytest.raises(FileChanged):
        writer.undo(machine)
    assert credentials() == changed


def test_undo_over_a_removed_file_is_refused(machine, write, credentials):
    credentials(OLD)
    write()
    os.unlink(machine.credentials_file)
    with pytest.raises(FileChanged):
        writer.undo(machine)


def test_undo_passes_over_a_write_that_never_happened(machine, write, credentials, monkeypatch):
    write(profile="one")
    first = credentials()
    with monkeypatch.context() as patch:
        # As a kill between the undo copy and the replacement leaves it.
        patch.setattr("profiles.files.transaction._replace", lambda *_: None)
        write(profile="two")
    assert credentials() == first
    writer.undo(machine)
    assert not os.path.exists(machine.credentials_file)


def test_ten_undo_copies_are_kept(machine, write):
    for number in range(14):
        write(profile=f"p{number}")
    assert len(os.listdir(os.path.join(machine.state_folder, "undo"))) == 10
    for _ in range(10):
        writer.undo(machine)
    assert list(writer.owned(machine)) == ["p0", "p1", "p2", "p3"]
    with pytest.raises(UsageError):
        writer.undo(machine)


def test_undo_copies_are_of_one_file(machine, write, tmp_path, session):
    other = machine._replace(env={"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "other")})
    write()
    writer.write(other, session._replace(profile="elsewhere"))
    writer.undo(machine)
    assert not os.path.exists(machine.credentials_file)
    assert (tmp_path / "other").exists()


def test_what_others_write_meanwhile_is_kept(machine, write, credentials, monkeypatch):
    credentials(OLD)
    from profiles.files import transaction

    real, late = transaction._keep_undo, [b"[late]\nx = 1\n"]

    def someone_writes(*args, **kwargs):
        if late:
            credentials(credentials() + late.pop())
        return real(*args, **kwargs)

    monkeypatch.setattr(transaction, "_keep_undo", someone_writes)
    write()
    assert credentials().startswith(OLD + b"[late]\nx = 1\n\n[prod-session]")
    writer.undo(machine)
    assert credentials() == OLD + b"[late]\nx = 1\n"


def test_a_live_writer_is_waited_for_and_then_given_up(machine, write, credentials):
    credentials(OLD)
    with open(machine.credentials_file + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CredentialsFileBusy):
            write(wait=0.1)
    assert credentials() == OLD
    assert write(wait=0.1).changed


def test_the_lock_of_a_dead_process_is_free(machine, write, credentials):
    credentials(OLD)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl, sys, time\nlock = open(sys.argv[1], 'w')\n"
            "fcntl.flock(lock, fcntl.LOCK_EX)\nprint('held', flush=True)\ntime.sleep(60)",
            machine.credentials_file + ".lock",
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(CredentialsFileBusy):
        write(wait=0.05)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert write(wait=5).changed


def test_what_killed_writers_left_is_cleared_away(machine, write, credentials):
    credentials(OLD)
    folder = os.path.dirname(machine.credentials_file)
    for name in (".credentials.rolecall-1-ab.tmp", ".config.rolecall-1-ab.tmp", "mine.tmp"):
        open(os.path.join(folder, name), "w").close()
    write()
    assert sorted(left_over(machine)) == [".config.rolecall-1-ab.tmp", "mine.tmp"]


def test_owned_tells_all_but_the_secrets(machine, write, credentials, session):
    credentials(OLD)
    write()
    found = writer.owned(machine)
    assert found == {
        "prod-session": writer.Owned(
            "prod-session",
            "prod",
            session.access_key_id,
            session.expires_at,
            "eu-west-1",
            "123456789012",
        )
    }
    assert session.secret_access_key not in repr(found)
    assert writer.owned(machine, read_aws_files(machine)) == found


def test_a_section_prints_without_its_secrets(session):
    for text in (repr(session), str(session), f"{session}"):
        assert session.secret_access_key not in text
        assert session.session_token not in text
        assert session.access_key_id not in text


def test_a_preview_shows_the_change_and_no_secret(machine, credentials, session):
    credentials(OLD)
    shown = writer.preview(machine, session)
    for secret in ("AKIAOLD", "= old", session.session_token, session.secret_access_key):
        assert secret not in shown
    assert session.access_key_id not in shown
    assert "+[prod-session]" in shown
    assert "+aws_access_key_id = ASIA****LE12" in shown
    assert "+aws_secret_access_key = ****" in shown
    assert "+x_rolecall = prod" in shown
    assert credentials() == OLD
    assert os.listdir(os.path.dirname(machine.credentials_file)) == ["credentials"]


def test_no_line_of_a_preview_shows_a_secret_however_it_stands_there():
    lines = [
        "[default]",
        "aws_secret_access_key = SECRET",
        "# aws_session_token = SECRET",
        "; SECRET/SECRET/SECRET+SECRET",
        "# it was: SECRET",
        "my_own_key: SECRET",
        "over_lines = SECRET",
        "  SECRET",
        "  a = SECRET",
        "SECRET",
        "[SECRET",
        "= SECRET",
    ]
    shown = masked_diff("", "\n".join(lines), "f")
    assert "SECRET" not in shown
    assert len(shown.splitlines()) == len(lines) + 3
    stray = masked_diff("SECRET = SECRET\n", "", "f")
    assert "SECRET" not in stray


def test_a_preview_shows_that_a_secret_changes(machine, write, session):
    write()
    shown = writer.preview(machine, session._replace(secret_access_key="other"))
    assert "-aws_secret_access_key = ****\n+aws_secret_access_key = ****\n" in shown
    assert "-aws_session_token" not in shown
    assert writer.preview(machine, session) == ""


def test_a_preview_is_what_diff_says(machine, write, credentials, session):
    credentials(b"region = a\nregion = a\n" * 20)
    write()
    with open(machine.credentials_file, "ab") as file:
        file.write(b"[after]\n" + b"region = b\n" * 20)
    before = credentials().decode().splitlines()
    changed = session._replace(region="us-east-1", role="other")
    shown = writer.preview(machine, changed)
    writer.write(machine, changed)
    after = credentials().decode().splitlines()
    expected = list(difflib.unified_diff(before, after, lineterm=""))
    assert [line for line in shown.splitlines() if line.startswith("@@")] == [
        line for line in expected if line.startswith("@@")
    ]
    assert [line[0] for line in shown.splitlines()] == [line[0] for line in expected]


def test_a_preview_among_ten_thousand_sections_is_quick(machine, write, credentials, session):
    write()
    others = b"".join(b"\n[p%d]\nregion = x\n" % n for n in range(10_000))
    credentials(others + b"\n" + credentials() + others.replace(b"[p", b"[q"))
    started = time.perf_counter()
    assert "-region = eu-west-1" in writer.preview(machine, session._replace(region=None))
    assert time.perf_counter() - started < 5


def test_a_preview_carries_no_terminal_escapes(machine, credentials, session):
    credentials(b"[a\x1b[2J]\nregion = \x1b[31mred\n# \x07\n")
    assert "\x1b" not in writer.preview(machine, session)
    assert "\x07" not in writer.preview(machine, session)


def test_a_preview_refuses_what_the_write_would_refuse(machine, credentials, session):
    credentials(OLD)
    with pytest.raises(ProfileNotOurs):
        writer.preview(machine, session._replace(profile="default"))
