"""Long-lived keys in the system's own store."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world.company import allow

ROOT = Path(__file__).parents[4]
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"


@pytest.fixture
def store(home):
    """A store of the tests' own, in a home whose `base` has its keys there."""
    file = home.path / "store.json"
    home.env |= {
        "PYTHON_KEYRING_BACKEND": "tests.world.key_store.TestStore",
        "PYTHONPATH": str(ROOT),
        "TEST_STORE": str(file),
    }
    return file


def add(home, name, key, secret):
    return home.rolecall("keys", "add", name, input=f"{key}\n{secret}\n")


def test_keys_go_in_are_listed_without_their_secret_and_go_out(home, store):
    done = add(home, "base", "AKIAIOSFODNN7EXAMPLE", SECRET)
    assert done.status == 0, done.stderr
    assert json.loads(json.loads(store.read_text())["rolecall/base"]) == {
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": SECRET,
    }
    listed = home.rolecall("keys", "list")
    assert listed.stdout == "base  AKIAIOSFODNN7EXAMPLE\n"
    assert home.rolecall("keys", "rm", "base").status == 0
    assert "rolecall/base" not in json.loads(store.read_text())
    assert json.loads(home.rolecall("keys", "list", "--json").stdout) == []
    assert home.rolecall("keys", "rm", "base").status == 2


def test_no_file_but_the_store_ever_holds_the_secret(home, store):
    add(home, "base", "AKIAIOSFODNN7EXAMPLE", SECRET)
    home.rolecall("list")
    for folder, _, names in os.walk(home.path):
        for name in names:
            path = Path(folder, name)
            assert path == store or SECRET.encode() not in path.read_bytes()


def test_roles_start_from_them_as_from_keys_in_a_file(home, store, company):
    ana = company.user("ana", allow("sts:*"))
    assert add(home, "base", ana.access_key_id, ana.secret_access_key).status == 0
    home.config("[profile base]\nregion = eu-west-3\n")
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")
    done = home.rolecall("assume", "reader", "--json")
    assert done.status == 0, done.stderr
    listed = {row["name"]: row for row in json.loads(home.rolecall("list", "--json").stdout)}
    assert listed["reader"]["chain"] == ["base", "reader"]
    assert listed["base"]["origin"] == "keyring"
    assert listed["base"]["region"] == "eu-west-3"
    assert home.rolecall("assume", "base").status == 0
    assert json.loads(home.rolecall("whoami", "base", "--json").stdout)["arn"].endswith("user/ana")


def test_the_list_of_names_that_was_lost_comes_back_from_the_store(home, store):
    add(home, "base", "AKIAIOSFODNN7EXAMPLE", SECRET)
    for path in home.path.rglob("keys.json"):
        path.unlink()
    assert "base" not in home.rolecall("list").stdout
    assert home.rolecall("keys", "list").stdout.startswith("base")
    assert "base" in home.rolecall("list").stdout


def test_many_added_at_once_are_all_there(home, store):
    command = [sys.executable, "-m", "tui", "keys", "add"]
    running = []
    for number in range(4):
        process = subprocess.Popen(
            [*command, f"name{number}"],
            env=home.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
        process.stdin.write(f"AKIAIOSFODNN7EXAMPL{number}\n{SECRET}\n".encode())
        process.stdin.close()
        running.append(process)
    assert [process.wait(60) for process in running] == [0] * 4
    names = [row["name"] for row in json.loads(home.rolecall("keys", "list", "--json").stdout)]
    assert sorted(names) == ["name0", "name1", "name2", "name3"]


def test_on_a_terminal_the_secret_is_typed_unseen(home, store):
    terminal = home.terminal(str(Path(sys.executable).parent / "rolecall"), "keys", "add", "base")
    terminal.until("access key id:")
    terminal.line("AKIAIOSFODNN7EXAMPLE")
    terminal.until("secret access key")
    terminal.line(SECRET)
    assert terminal.wait() == 0
    assert SECRET not in terminal.text
    assert SECRET in store.read_text()


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("", ""),
        ("AKIAIOSFODNN7EXAMPLE", ""),
        ("no key", SECRET),
        ("AKIAIOSFODNN7EXAMPLE", "short"),
        ("AKIAIOSFODNN7EXAMPLE", "two words of a secret"),
        ("ASIAIOSFODNN7EXAMPLE", SECRET),
    ],
)
def test_what_is_no_pair_of_keys_is_refused(home, store, key, secret):
    done = add(home, "base", key, secret)
    assert done.status in (2, 130)
    assert len(done.stderr.splitlines()) <= 2
    assert not store.exists()
    assert not secret or secret not in done.stderr


@pytest.mark.parametrize(
    ("failure", "status", "said"),
    [
        ("NoKeyringError", 1, "no store for secrets"),
        ("KeyringLocked", 3, "is locked"),
        ("InitError", 3, "is locked"),
        ("PasswordSetError", 1, "failed"),
    ],
)
def test_a_store_that_fails_is_one_line_without_its_words(home, store, failure, status, said):
    add(home, "base", "AKIAIOSFODNN7EXAMPLE", SECRET)
    done = home.rolecall("assume", "base", env={"TEST_STORE_FAILS": failure})
    assert done.status == status
    assert said in done.stderr
    assert "s3cret" not in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_keys_in_a_file_come_first_and_that_is_said(home, store, company):
    home.keys("base", company.user("ana", allow("sts:*")))
    done = add(home, "base", "AKIAIOSFODNN7EXAMPLE", SECRET)
    assert done.status == 0
    assert "those come first" in done.stderr
    assert home.rolecall("assume", "base").status == 0


def test_without_the_package_the_command_to_install_it_is_named(home, store):
    blocked = home.path / "blocked"
    blocked.mkdir()
    (blocked / "keyring.py").write_text("raise ImportError\n")
    path = {"PYTHONPATH": f"{blocked}:{ROOT}"}
    done = home.rolecall("keys", "list", env=path)
    assert done.status == 1
    assert "rolecall[keyring]" in done.stderr


SERVICE = """
eval "$(printf 'a password\\n' | gnome-keyring-daemon --unlock --components=secrets)"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  printf 'AKIAIOSFODNN7EXAMPLE\\n%s\\n' "$SECRET" | rolecall keys add base && break; sleep 0.3
done
secret-tool lookup service rolecall username base 2>/dev/null
rolecall keys list && rolecall keys rm base && rolecall keys list
"""


@pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="no Secret Service on this machine",
)
def test_a_real_secret_service_keeps_them(lonely_home, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    env = {"XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(tmp_path), "SECRET": SECRET}
    env["PATH"] = f"{Path(sys.executable).parent}:{lonely_home.env['PATH']}"
    done = lonely_home.run("dbus-run-session", "--", "bash", "-c", SERVICE, env=env)
    assert done.status == 0, done.stderr
    assert "base  AKIAIOSFODNN7EXAMPLE" in done.stdout
    assert done.stdout.endswith("no keys in the system's store: rolecall keys add NAME\n")
