"""`serve`, `shell --renewing` and `exec --renewing`, by what really asks an endpoint."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.world.home import BIN
from tests.world.node_world import FOLDER, NODE

ROLECALL = str(BIN / "rolecall")
WHO = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
BOTO3 = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}
DEBIAN_CLI = "/usr/bin/aws"


@pytest.fixture
def reader(company, home):
    """A role `reader`, and the ARN's part by which a client proves to be it."""
    ana = company.user("ana")
    home.keys("base", ana)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")
    home.env |= REGION
    return "assumed-role/reader/"


@pytest.fixture
def serve(home):
    """Starts `rolecall serve` in a process of its own; what it printed, and the process."""
    running = []

    def start(*args):
        process = subprocess.Popen(
            [ROLECALL, "serve", *args],
            env=home.env,
            cwd=home.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(home.path / "serve.log").open("wb"),
            text=True,
        )
        running.append(process)
        printed = process.stdout.read()  # to its end, as `source <(…)` reads it
        assert printed, (home.path / "serve.log").read_text()
        return printed, process

    yield start
    for process in running:
        process.kill()
        process.wait(10)
        process.stdout.close()


def exported(printed):
    return {
        name: shlex.split(value)[0]
        for name, value in re.findall(r"^export (\w+)=(.*)$", printed, re.MULTILINE)
    }


@pytest.fixture
def told(serve, reader):
    """The variables of a served session, read as a shell would."""
    printed, _ = serve("reader")
    return exported(printed)


def test_two_variables_are_told(told):
    assert set(told) == {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"}
    assert told["AWS_CONTAINER_CREDENTIALS_FULL_URI"].startswith("http://127.0.0.1:")


def test_boto3_and_the_aws_cli_get_the_session(home, reader, told):
    assert reader in home.python(BOTO3, env=told).stdout
    assert reader in home.aws(*WHO, env=told).stdout


@pytest.mark.skipif(not os.access(DEBIAN_CLI, os.X_OK), reason="no AWS CLI v2 here")
def test_version_2_of_the_aws_cli_gets_it(home, reader, told):
    endpoint = ["--endpoint-url", home.env["AWS_ENDPOINT_URL"]]
    assert reader in home.run(DEBIAN_CLI, *WHO, *endpoint, env=told).stdout


@pytest.mark.parametrize("provider", ["fromContainerMetadata", "fromHttp", "fromNodeProviderChain"])
def test_the_javascript_sdk_gets_it(home, reader, told, node, provider):
    done = node.run("endpoint.mjs", provider, env=home.env | told)
    assert reader in done.stdout, done


def test_another_token_gets_no_client_anything(home, reader, told):
    done = home.aws(*WHO, env=told | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "x" * 43})
    assert done.status
    assert "WrongToken" in done.stderr


def test_json_names_address_token_and_end(home, reader, serve):
    printed, _ = serve("reader", "--json")
    found = json.loads(printed)
    assert set(found) == {"url", "token", "expires_at"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["expires_at"])
    env = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": found["url"],
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": found["token"],
    }
    assert reader in home.python(BOTO3, env=env).stdout


def test_a_container_on_the_hosts_network_needs_two_lines(home, serve, reader, tmp_path):
    printed, _ = serve("reader", "--format", "env")
    names = [line.split("=")[0] for line in printed.splitlines()]
    assert names == ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    inside = dict(line.split("=", 1) for line in printed.splitlines()) | {
        "HOME": str(tmp_path),  # nothing of the host's files
        "AWS_ENDPOINT_URL": home.env["AWS_ENDPOINT_URL"],
        **REGION,
    }
    done = subprocess.run([sys.executable, "-c", BOTO3], env=inside, capture_output=True, text=True)
    assert reader in done.stdout, done


@pytest.mark.parametrize("shell", [name for name in ("bash", "zsh") if shutil.which(name)])
def test_a_shell_takes_it_over_and_it_ends_with_the_shell(home, reader, shell):
    script = (
        f"source <(command rolecall serve reader --format {shell}); aws {' '.join(WHO)}; "
        "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI"
    )
    # Keys that were there before would win; they are taken away.
    done = home.run(shell, "-c", script, env={"AWS_ACCESS_KEY_ID": "x", "AWS_PROFILE": "y"})
    assert reader in done.stdout, done
    url = done.stdout.split()[-1]
    eventually(lambda: not answers(url))


def answers(url):
    host, port = url.split("/")[2].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True


def eventually(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it(serve, reader, number, status):
    printed, process = serve("reader")
    process.send_signal(number)
    assert process.wait(20) == status
    assert not answers(exported(printed)["AWS_CONTAINER_CREDENTIALS_FULL_URI"])


def test_a_function_in_the_background_keeps_it_no_longer_than_the_shell(home, reader):
    script = (
        'rolecall() { command rolecall "$@"; return; }\n'
        "rolecall serve reader --json > told 2> /dev/null < /dev/null &\n"
        "until [ -s told ]; do sleep 0.05; done; cat told"
    )
    url = json.loads(home.run("bash", "-c", script).stdout)["url"]
    eventually(lambda: not answers(url))


def test_who_starts_it_with_nohup_keeps_it(home, reader):
    script = "nohup rolecall serve reader --json > told 2> /dev/null < /dev/null & echo $!"
    pid = int(home.run("bash", "-c", script).stdout)
    try:
        eventually(lambda: (home.path / "told").read_text().endswith("}\n"))
        time.sleep(1.2)  # it looks for its parent twice a second
        assert answers(json.loads((home.path / "told").read_text())["url"])
    finally:
        os.kill(pid, signal.SIGTERM)


def test_a_port_is_the_one_that_was_asked_for(home, reader, serve):
    first, process = serve("reader", "--json")
    url = json.loads(first)["url"]
    port = url.split(":")[2].split("/")[0]
    taken = home.rolecall("serve", "reader", "--port", port)
    assert taken.status == 1
    assert f"cannot listen on 127.0.0.1:{port}" in taken.stderr
    process.terminate()
    process.wait(20)
    again, _ = serve("reader", "--json", "--port", port)
    assert json.loads(again)["url"] == url
    assert home.rolecall("serve", "reader", "--port", "65536").status == 2


def test_a_person_who_is_not_there_ends_it_before_it_starts(company, home, strict):
    ana = company.user("ana")
    home.keys("base", ana)
    serial, _ = company.device(ana)
    arn = company.role("admin", ana.arn, mfa=True)
    home.profile("admin", role_arn=arn, source_profile="base", mfa_serial=serial)
    done = home.rolecall("serve", "admin")
    assert done.status == 3
    assert "rolecall assume admin" in done.stderr
    assert done.stdout == ""


# ---- EC2's protocol ------------------------------------------------------------------------


@pytest.fixture
def metadata(serve, reader):
    printed, _ = serve("reader", "--imds")
    return exported(printed)


def test_tools_that_know_only_ec2_get_it(home, reader, metadata):
    assert set(metadata) == {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_DISABLED"}
    assert reader in home.python(BOTO3, env=metadata).stdout
    assert reader in home.aws(*WHO, env=metadata).stdout
    code = (
        "from botocore.utils import IMDSRegionProvider as R; from botocore.session import Session;"
        "print(R(Session()).provide())"
    )
    found = home.python(code, env=metadata | {"AWS_DEFAULT_REGION": None})
    assert found.stdout.strip() == "eu-west-1", found


def test_the_javascript_sdk_gets_it_there_too(home, reader, metadata, node):
    done = node.run("endpoint.mjs", "fromInstanceMetadata", env=home.env | metadata)
    assert reader in done.stdout, done


# ---- shells and commands that go on --------------------------------------------------------


def test_a_renewing_shell_has_an_endpoint_and_no_keys(home, reader):
    terminal = home.terminal(ROLECALL, "shell", "reader", "--renewing")
    terminal.until("renewed for as long as it lives; exit comes back")
    terminal.line("env | grep -c -E '^(AWS_(ACCESS|SECRET|SESSION|CRED)|ROLECALL_EXPIRES)'; echo .")
    terminal.until(r"/^0\s*\n\.$/")
    terminal.line(f"aws {' '.join(WHO)}")
    terminal.until(reader)
    terminal.line("echo in-$ROLECALL_ROLE-$ROLECALL_DEPTH-$AWS_REGION")
    terminal.until("in-reader-1-eu-west-1")
    terminal.line("rolecall exec reader --renewing -- aws sts get-caller-identity; exit 7")
    assert terminal.wait(30) == 7
    assert terminal.text.count(reader) == 2


def test_the_endpoint_is_gone_with_the_shell(home, reader):
    script = home.path / "shell"
    script.write_text(f"#!/bin/sh\nenv > {home.path}/seen\n")
    script.chmod(0o700)
    home.rolecall("shell", "reader", "--renewing", env={"SHELL": str(script)})
    seen = dict(line.split("=", 1) for line in (home.path / "seen").read_text().splitlines())
    assert not set(seen) & {"AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "ROLECALL_EXPIRES_AT"}
    assert seen["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    assert not answers(seen["AWS_CONTAINER_CREDENTIALS_FULL_URI"])


def test_a_renewing_command_gives_back_its_status(home, reader):
    done = home.rolecall("exec", "reader", "--renewing", "--", "aws", *WHO)
    assert reader in done.stdout, done
    assert home.rolecall("exec", "reader", "--renewing", "--", "sh", "-c", "exit 9").status == 9
    assert home.rolecall("exec", "reader", "--renewing", "--", "no-such-command").status == 127


def test_keys_of_default_would_win_so_an_empty_profile_is_asked_for(home, company, reader):
    home.keys("default", company.user("ben"))
    refused = home.rolecall("exec", "reader", "--renewing", "--", "aws", *WHO)
    assert refused.status == 2
    assert "[default] has credentials" in refused.stderr
    assert "[profile rolecall]" in refused.stderr
    home.profile("rolecall")
    done = home.rolecall("exec", "reader", "--renewing", "--", "aws", *WHO)
    assert reader in done.stdout, done
    code = ["python", "-c", BOTO3]
    assert reader in home.rolecall("exec", "reader", "--renewing", "--", *code).stdout


def test_the_javascript_sdk_goes_there_by_the_empty_profile(home, company, reader, node):
    home.keys("default", company.user("ben"))
    home.profile("rolecall")
    command = [str(NODE), str(FOLDER / "endpoint.mjs"), "fromNodeProviderChain"]
    done = home.rolecall("exec", "reader", "--renewing", "--", *command)
    assert reader in done.stdout, done


def test_serve_says_that_keys_of_default_would_win(home, company, reader, serve):
    home.keys("default", company.user("ben"))
    serve("reader")
    assert "[default] has credentials" in (home.path / "serve.log").read_text()


def test_a_shell_says_when_only_a_person_could_renew(company, home, strict):
    ana = company.user("ana")
    home.keys("base", ana)
    home.env |= REGION
    serial, totp = company.device(ana)
    arn = company.role("admin", ana.arn, mfa=True)
    home.profile("admin", role_arn=arn, source_profile="base", mfa_serial=serial)
    strict.shorten(12)
    terminal = home.terminal(ROLECALL, "shell", "admin", "--renewing")
    terminal.until("MFA code")
    terminal.line(totp.now())
    terminal.until("exit comes back")
    terminal.line("rm -r ~/.aws/cli/cache; echo gone-$?")
    terminal.until("gone-0")
    terminal.until("the session will not be renewed: admin needs an MFA code", 40)
    assert "\x1b]2;admin needs you" in terminal.text
    terminal.line("exit")
    assert terminal.wait(30) == 0
    assert terminal.text.count("\x1b[22;2t") == terminal.text.count("\x1b[23;2t") == 1
    assert terminal.text.count("will not be renewed") == 1
