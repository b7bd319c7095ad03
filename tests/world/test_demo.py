"""`rolecall demo` has everything, touches nothing, and leaves nothing."""

import importlib.util
import json
import os
import signal
import time
from pathlib import Path

import pytest

from profiles.errors import RolecallError
from tests.world.home import BIN, Home
from tui.demo import company, emulator
from tui.demo.account import Account
from tui.demo.console import FEDERATION, DemoConsole
from tui.demo.messages import Request

LINUX = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")


@pytest.fixture
def person(tmp_path):
    """Somebody with files and variables of their own."""
    made = Home(tmp_path / "home")
    made.config("[profile mine]\nrole_arn = arn:aws:iam::999999999999:role/Mine\n")
    made.credentials("[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n")
    made.settings('write_to = "mine"\n')
    made.env |= {"AWS_PROFILE": "mine", "ROLECALL_REGION": "us-east-1", "HISTFILE": "/nowhere"}
    yield made
    made.close()


def files(home):
    """Every file and its bytes."""
    return {p: p.read_bytes() for p in home.path.rglob("*") if p.is_file()}


def processes(home):
    """The processes that live in the home's temporary folder, or were started from it."""
    here = str(home.path / "tmp").encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if here in said and int(entry.name) != os.getpid():
            found.append(said)
    return found


def gone(home, seconds=10):
    """Wait until nothing of a demo is left."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not processes(home) and not list((home.path / "tmp").iterdir()):
            return True
        time.sleep(0.05)
    return False


@LINUX
def test_a_command_runs_in_the_example_company_and_nothing_is_left(person):
    before = files(person)
    done = person.rolecall("demo", "list", "--json")
    assert done.status == 0, done.stderr
    roles = json.loads(done.stdout)
    named = {role["name"] for role in roles}
    assert {"s3-reader", "payments-prod-break-glass", "payments-dev-support"} <= named
    assert "mine" not in named
    assert {r["account_name"] for r in roles if r["account_id"]} == {
        name for name, _ in company.ACCOUNTS.values()
    }
    assert {"production", "staging", "development"} <= {r["stage"] for r in roles}
    assert [r["problem"] for r in roles if r["problem"]] == []
    assert person.run("sh", "-c", "ls -A tmp").stdout == ""
    assert files(person) == before
    assert not processes(person)


def test_a_session_lists_the_bucket(person):
    done = person.rolecall("demo", "exec", "s3-reader", "--", "aws", "s3", "ls")
    assert (done.status, done.stderr) == (0, "")
    assert "my-learnaws-test-bucket" in done.stdout


@pytest.mark.parametrize("role", ["payments-prod-deploy", "data-prod-analyst", "data-prod-partner"])
def test_chains_and_external_ids_work(person, role):
    done = person.rolecall("demo", "exec", role, "--yes", "--", "aws", "s3", "ls")
    assert done.status == 0, done.stderr


CONSOLE = """
import subprocess, urllib.request
for words in ([], ["--logout-first"]):
    said = ["rolecall", "console", "s3-reader", "--service", "s3", "--print", *words]
    link = subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip()
    assert link.startswith("http://127.0.0.1:"), link
    print(urllib.request.urlopen(link).read().decode())
"""


def test_the_console_is_a_page_of_the_demo_and_asks_nobody_outside(person):
    done = person.rolecall("demo", "exec", "s3-reader", "--", "python", "-c", CONSOLE)
    assert done.status == 0, done
    assert done.stdout.count(":assumed-role/s3-reader/") == 2
    assert done.stdout.count("console.aws.amazon.com/s3/home") == 2


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (FEDERATION, ""),
        (f"{FEDERATION}?Action=getSigninToken&Session=x", ""),
        (f"{FEDERATION}?Action=getSigninToken&Session=%7B%22sessionId%22%3A%22x%22%7D", ""),
        (f"{FEDERATION}?Action=login&SigninToken=x&Destination=y", ""),
        (FEDERATION, "Action=getSigninToken&Session=[]"),
        ("/_console/oauth?Action=logout&redirect_uri=https://evil.example/", ""),
    ],
)
def test_the_demos_console_takes_sessions_of_the_demo_alone(target, body):
    request = Request("POST", target, [("Host", "127.0.0.1:1")], body.encode())
    assert DemoConsole({"AKIA": "arn"}).answer(request).status == 400
    assert DemoConsole({}).answer(request._replace(target="/bucket")) is None


def test_the_role_that_refuses_is_denied(person):
    done = person.rolecall("demo", "assume", "payments-prod-break-glass", "--yes", "--json")
    assert done.status == 1
    assert json.loads(done.stderr)["error"]["code"] == "access-denied"


@pytest.mark.parametrize(("code", "status"), [(company.MFA_CODE, 0), ("654321", 1)])
def test_only_the_code_that_is_told_opens_what_wants_one(person, code, status):
    done = person.rolecall("demo", "assume", "payments-prod-admin", "--yes", "--mfa-code", code)
    assert done.status == status, done.stderr


def test_a_command_s_status_and_error_are_its_own(person):
    done = person.rolecall("demo", "exec", "s3-reader", "--", "sh", "-c", "exit 7")
    assert done.status == 7
    assert person.rolecall("demo", "assume", "nobody").status == 2


@LINUX
def test_the_picker_opens_on_it_and_leaves_nothing(person):
    before = files(person)
    terminal = person.terminal(str(BIN / "rolecall"), "demo")
    screen = terminal.until("payments-prod")
    assert "s3-reader" in screen
    terminal.keys("q")
    assert terminal.wait() == 0
    assert company.MFA_CODE in terminal.text
    assert gone(person)
    assert files(person) == before


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_all_of_it(person, number):
    terminal = person.terminal(
        *(str(BIN / "rolecall"), "demo", "exec", "s3-reader", "--"),
        *("sh", "-c", f"touch {person.path}/up; exec sleep 60"),
    )
    end = time.monotonic() + 30
    while not (person.path / "up").exists() and time.monotonic() < end:
        time.sleep(0.02)
    terminal.signal(number)
    if number == signal.SIGINT:
        terminal.keys("ctrl+c")  # a terminal sends it to the command as well
    assert gone(person)


def test_a_company_is_founded_as_its_files_say(ministack, tmp_path):
    facts = company.found(ministack.url, ministack.url, tmp_path)
    assert len(facts.limits) == len(company.ROLES) + 1
    assert facts.limits["arn:aws:iam::123456789012:role/Admin"] == 3600
    assert (tmp_path / ".aws" / "credentials").stat().st_mode & 0o777 == 0o600
    roles = Account(ministack.url, company.LEARNAWS).client("iam").list_roles()["Roles"]
    assert {role["RoleName"] for role in roles} == {"s3-reader", "DataHub", "Auditor"}


def test_without_ministack_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RolecallError) as caught:
        emulator.start(tmp_path)
    assert caught.value.hint == "pip install 'rolecall[demo]'"
