"""Every command, with standard streams that are closed, full, or read by nobody any more."""

import json

import pytest

COMMANDS = [
    "--help",
    "--version",
    "list",
    "list --json",
    "status",
    "status --json",
    "whoami reader",
    "assume reader",
    "assume reader --json",
    "assume --help",
    "exec reader -- true",
    "export reader",
    "credential-process reader",
    "config",
    "trust reader",
    "unset",
    "init bash",
]


@pytest.fixture
def reader(company, home):
    ana = company.user("ana")
    home.keys("base", ana)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")


def shell(home, line):
    return home.run("bash", "-c", line)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_output_is_no_failure(home, reader, command):
    done = shell(home, f"rolecall {command} >&-")
    assert done == (0, "", "")


@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith("exec")])
def test_an_output_that_takes_nothing_is_one_clear_error(home, reader, command):
    home.rolecall("credential-process", "reader")  # it answers in another way once it has one
    done = shell(home, f"rolecall {command} >/dev/full")
    assert done.status == 1, done
    if command in ("--help", "--version"):
        assert done.stderr == ""
    elif "--json" in command:
        assert "no space left" in json.loads(done.stderr)["error"]["summary"]
    else:
        first, hint = done.stderr.splitlines()
        assert first == "rolecall: cannot write the output: no space left on device"
        assert hint.startswith("  hint: ")


@pytest.mark.parametrize("redirected", ["2>&-", "2>/dev/full"])
def test_an_error_that_nobody_can_hear_stays_an_error_and_out_of_the_output(home, redirected):
    assert shell(home, f"rolecall assume nobody {redirected}") == (2, "", "")


def test_no_file_of_ours_takes_the_place_of_a_closed_stream(home, reader):
    done = shell(home, "rolecall exec reader <&- >&- 2>&- -- sh -c 'echo lost; echo lost >&2'")
    assert done == (0, "", "")
    assert "lost" not in home.credentials_file.read_text()


def test_without_an_input_the_picker_wants_a_terminal(home):
    done = shell(home, "rolecall <&-")
    assert done.status == 2
    assert "needs a terminal" in done.stderr


def test_a_client_knows_no_entries_of_rolecalls_own(company, home, reader):
    home.settings(
        '[[roles]]\nname = "reader"\nsource = "base"\n'
        'role_arn = "arn:aws:iam::123456789012:role/other"\n'
    )
    done = home.rolecall("whoami", "--json", env={"AWS_PROFILE": "reader"})
    assert ":assumed-role/reader/" in json.loads(done.stdout)["arn"]
