"""Shells that have no form of their own: what the page says about them, in the real ones."""

import json
import shutil

import pytest

from profiles.destinations import environment
from profiles.destinations.export import Export
from profiles.session import Credentials, Session
from tests.contract.test_destinations import HOSTILE, NUSHELL
from tests.world.company import allow

ELVISH = (
    "var found = (rolecall export reader --format json | from-json)\n"
    "keys $found | each {|name| set-env $name $found[$name] }\n"
    "unset-env AWS_PROFILE\n"
)
XONSH = (
    "import json\n"
    "__xonsh__.env.update(json.loads($(rolecall export reader --format json)))\n"
    "__xonsh__.env.pop('AWS_PROFILE', None)\n"
)
NU = "rolecall export reader --format nu | from nuon | load-env\n"
TAKES = {
    "elvish": ("elvish", ["-norc", "-c"], ELVISH),
    "xonsh": ("xonsh", ["--no-rc", "-c"], XONSH),
    "nu": (str(NUSHELL), ["-n", "-c"], NU),
}
THERE = [name for name, (program, *_) in TAKES.items() if shutil.which(program)]
STALE = {"AWS_PROFILE": "of another day", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture
def reader(company, home):
    """A role that may list a bucket."""
    ana = company.user("ana")
    home.keys("base", ana)
    company.bucket("shells-bucket")
    arn = company.role("reader", ana.arn, may=allow("s3:List*"))
    home.profile("reader", role_arn=arn, source_profile="base")
    return arn


@pytest.mark.parametrize("cloud", ["moto"], indirect=True)
@pytest.mark.parametrize("name", THERE)
def test_the_aws_cli_reaches_s3_where_there_is_no_form_or_nushells(home, reader, name):
    program, how, take = TAKES[name]
    done = home.run(program, *how, f"{take}aws s3 ls", env=STALE)
    assert "shells-bucket" in done.stdout, done


@pytest.mark.parametrize("cloud", ["moto"], indirect=True)
@pytest.mark.skipif(not shutil.which("tcsh"), reason="tcsh is not installed")
def test_tcsh_has_a_subshell_and_single_commands(home, reader):
    (home.path / ".tcshrc").write_text("set prompt='tc> '\n")
    env = STALE | {"SHELL": shutil.which("tcsh")}
    done = home.run("tcsh", "-c", "rolecall exec reader -- aws s3 ls", env=env)
    assert "shells-bucket" in done.stdout, done
    terminal = home.terminal("rolecall", "shell", "reader", env=env)
    terminal.until("exit comes back")
    terminal.line("aws s3 ls; echo $version:q | grep -c tcsh")
    terminal.until(r"/shells-bucket\s+1/")
    terminal.line("exit 7")
    assert terminal.wait(30) == 7


@pytest.mark.parametrize("name", [name for name in THERE if name != "nu"])
def test_json_brings_every_value_as_it_is(lonely_home, name):
    keys = Credentials("ASIAEXAMPLE000000000", HOSTILE, "0012")
    what = Session(HOSTILE, keys, 4102444800.0, account_id="001234567890", region="$HOME/~")
    told = lonely_home.path / "bin" / "rolecall"
    told.write_text(f"#!/bin/sh\ncat {lonely_home.path}/session.json\n")
    told.chmod(0o700)
    (lonely_home.path / "session.json").write_text(Export("json").deliver(what).text)
    program, how, take = TAKES[name]
    done = lonely_home.run(program, *how, f"{take}env -0", env=STALE)
    env = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)
    for variable, value in environment.variables(what).items():
        assert env[variable] == value, json.dumps(done)
    assert "AWS_PROFILE" not in env
