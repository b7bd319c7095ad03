"""The machine's own credentials: looked for unasked, and never waited for long."""

import http.server
import json
import socket
import threading
import time

import pytest

from profiles.machine import Machine
from profiles.sources.metadata import PATIENCE, answering
from profiles.switcher import Switcher
from tests.terminal.picker_world import desk, machine

SESSION = {
    "Code": "Success",
    "AccessKeyId": "ASIAMACHINE",
    "SecretAccessKey": "secret",
    "Token": "token",
    "Expiration": "2099-01-01T00:00:00Z",
}


class Service(http.server.BaseHTTPRequestHandler):
    """EC2's metadata service, version 2 alone, and a container's endpoint."""

    def do_PUT(self):
        self.answer("the-token")

    def do_GET(self):
        credentials = "/latest/meta-data/iam/security-credentials/"
        by_token = self.headers.get("x-aws-ec2-metadata-token") == "the-token"
        if self.path == "/task" or (by_token and self.path == f"{credentials}instance"):
            self.answer(json.dumps(SESSION))
        elif by_token and self.path == credentials:
            self.answer("instance")
        else:
            self.answer("no", 401)

    def answer(self, text, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def mute():
    """An address that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def instance(url):
    return {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}


def test_what_answers_is_told_apart(service, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service)
    off = {"AWS_EC2_METADATA_DISABLED": "true"}
    task = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service}/task"}
    home = str(tmp_path)
    assert answering(Machine(env=off, home=home)) == ()
    assert answering(Machine(env=off | task, home=home)) == ("EcsContainer",)
    assert answering(Machine(env=instance(service), home=home)) == ("Ec2InstanceMetadata",)


def test_silence_is_not_waited_for(mute, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", mute)
    env = instance(mute) | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{mute}/task"}
    begun = time.monotonic()
    assert answering(Machine(env=env, home=str(tmp_path))) == ()
    # Two requests of version 2, then the container's; botocore's own patience would be 7 s.
    assert time.monotonic() - begun < 3 * PATIENCE + 3


async def test_a_machine_with_a_role_has_a_row_of_its_own(service, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service)
    async with desk(machine(tmp_path, env=instance(service))) as at:
        await at.until(lambda: "Ec2InstanceMetadata" in at.screen())
        assert "11" in at.screen().splitlines()[1]
        await at.go_to("Ec2InstanceMetadata")
        await at.press("enter")
        await at.until(lambda: "Ec2InstanceMetadata" in at.picker.facts.sessions)
        assert "ASIAMACHINE" in (tmp_path / ".aws" / "credentials").read_text()


async def test_a_machine_without_a_role_has_none(tmp_path):
    async with desk(tmp_path) as at:
        await at.until(lambda: "machine" not in at.picker.errands.running)
        assert "Ec2InstanceMetadata" not in at.screen()


def test_the_row_stays_when_the_files_are_read_again(service, tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service)
    switcher = Switcher(machine(tmp_path, env=instance(service)))
    assert switcher.ask_machine()
    assert not switcher.ask_machine()
    switcher.reload()
    assert switcher.catalogue.roles[-1].name == "Ec2InstanceMetadata"


def test_the_command_line_names_the_machine_itself(service, lonely_home):
    env = instance(service)
    done = lonely_home.rolecall("assume", "Ec2InstanceMetadata", "--json", env=env)
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)["profile"] == "Ec2InstanceMetadata-session"
    assert "ASIAMACHINE" in lonely_home.credentials_file.read_text()


def test_plain_lists_the_machines_role_too(service, lonely_home):
    terminal = lonely_home.terminal("rolecall", "--plain", env=instance(service))
    terminal.until("rolecall>")
    for _ in range(50):
        terminal.line("/")
        if "Ec2InstanceMetadata" in terminal.text:
            break
        time.sleep(0.1)
    terminal.until("1. Ec2InstanceMetadata")
    terminal.line("q")
    assert terminal.wait() == 0
