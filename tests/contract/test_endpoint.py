"""`serve`, `shell --renewing` and `exec --renewing`, by what really asks an endpoint."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import time

import pytest

from profiles.destinations.environment import SET
from tests.world.home import BIN

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


def test_every_client_gets_the_session(home, reader, serve, node):
    printed, _ = serve("reader")
    told = exported(printed)
    assert set(told) == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    }
    assert reader in home.python(BOTO3, env=told).stdout
    assert reader in home.aws(*WHO, env=told).stdout
    for provider in ("fromContainerMetadata", "fromHttp", "fromNodeProviderChain"):
        if provider == "fromContainerMetadata":
            continue  # it knows hosts only by name: see below
        done = node.run("endpoint.mjs", provider, env=home.env | told)
        assert reader in done.stdout, done
    by_name = told | {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": told["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    }
    done = node.run("endpoint.mjs", "fromContainerMetadata", env=home.env | by_name)
    assert reader in done.stdout, done
