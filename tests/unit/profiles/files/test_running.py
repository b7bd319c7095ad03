"""Shells and endpoints that say what they hold, and are gone with their process."""

import json
import os
import stat
import subprocess
import sys

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.sessions import session_statuses
from profiles.destinations.endpoint import Endpoint
from profiles.destinations.shell import Subshell
from profiles.files.running import Announcement, folder, running
from profiles.machine import Machine
from profiles.session import Credentials, Session

START = 1_900_000_000.0


@pytest.fixture
def machine(tmp_path):
    state = f"{tmp_path}/.local/state/rolecall"
    (tmp_path / "shell").write_text(
        "#!/bin/sh\n"
        # It is announced once it runs, which on a busy machine may be a while after it begins.
        f"n=0; until ls {state}/running/*.json >/dev/null 2>&1 || [ $n -gt 60 ]\n"
        "do n=$((n+1)); sleep 0.02; done\n"
        f"cp -r {state}/running {tmp_path}/seen\n"
        f"echo $$ > {tmp_path}/pid\n"
    )
    (tmp_path / "shell").chmod(0o755)
    env = {"PATH": os.environ["PATH"], "SHELL": str(tmp_path / "shell")}
    return Machine(env, str(tmp_path), now=lambda: START)


def session(role="reader", key="ASIAONE"):
    return Session(
        role, Credentials(key, "wJalrSECRET", "token", expires_at=START + 60), START + 60
    )


def test_a_shell_is_there_for_as_long_as_it_lives(machine, tmp_path):
    assert Subshell(machine).deliver(session()).status == 0
    (seen,) = (tmp_path / "seen").iterdir()
    pid = (tmp_path / "pid").read_text().strip()
    said = json.loads(seen.read_text())
    assert said["where"] == f"shell (pid {pid})"
    assert said["role"] == "reader"
    assert not os.listdir(folder(machine))


def test_what_it_says_is_private_and_no_secret(machine):
    Announcement(machine, "shell (pid 1)", os.getpid()).holds(session())
    (name,) = os.listdir(folder(machine))
    path = os.path.join(folder(machine), name)
    with open(path) as file:
        text = file.read()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(folder(machine)).st_mode) == 0o700
    for never in ("wJalr", "token", "ASIAONE"):
        assert never not in text


def test_what_a_killed_process_left_is_not_believed_and_removed(machine):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    Announcement(machine, "shell (pid 1)", child.pid).holds(session())
    assert [each.where for each in running(machine)] == ["shell (pid 1)"]
    child.kill()
    child.wait()
    assert running(machine) == []
    assert os.listdir(folder(machine)) == []


def test_a_number_that_another_process_has_by_now_is_not_believed(machine):
    found = Announcement(machine, "shell (pid 1)", os.getpid())
    found._said["began"] = "1"
    found.holds(session())
    assert running(machine) == []
    assert os.listdir(folder(machine)) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "x"}', '{"where": 1, "pid": 1}'])
def test_odd_files_are_passed_over(machine, tmp_path, text):
    os.makedirs(folder(machine))
    (tmp_path / ".local/state/rolecall/running/1-x.json").write_text(text)
    assert running(machine) == []


def test_a_folder_that_cannot_be_written_is_no_error(machine, tmp_path):
    (tmp_path / ".local").write_text("no folder")
    assert Subshell(machine).deliver(session()).status in (0, 1)


def test_an_endpoint_says_whose_session_it_holds_by_now(machine):
    again = session(key="ASIATWO")
    with Endpoint(machine, lambda _: again) as endpoint:
        endpoint.deliver(session())
        (before,) = running(machine)
        assert before.where == f"endpoint {endpoint.url.split('/')[2]}"
        endpoint._later(session())
        (after,) = running(machine)
        assert after.where == before.where
        assert after.mark != before.mark
    assert running(machine) == []


def test_sessions_have_their_shells_as_destinations(machine, tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[profile reader]\nrole_arn = arn:aws:iam::123456789012:role/reader\n"
        "source_profile = base\n"
    )
    (tmp_path / ".aws" / "credentials").write_text(
        "[reader-session]\naws_access_key_id = ASIAONE\naws_secret_access_key = s\n"
        "aws_session_token = t\nx_rolecall = reader\n"
        "x_security_token_expires = 2030-03-17T17:46:40Z\n"
    )
    for where, key in (
        ("shell (pid 1)", "ASIAONE"),
        ("shell (pid 2)", "ASIATWO"),
        ("endpoint 127.0.0.1:1", "ASIATWO"),
    ):
        Announcement(machine, where, os.getpid()).holds(session(key=key))
    found = session_statuses(machine, Catalogue.load(machine))
    by_place = {status.profile: status for status in found}
    assert set(by_place) == {"reader-session", None}
    assert by_place["reader-session"].destinations == ("[reader-session]", "shell (pid 1)")
    alone = by_place[None]
    assert set(alone.destinations) == {"shell (pid 2)", "endpoint 127.0.0.1:1"}
    assert alone.identity == "arn:aws:iam::123456789012:role/reader"
    assert alone.expires_at == START + 60
