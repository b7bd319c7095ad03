"""What every destination promises, and every destination run through it by what really uses it."""

import json
import os
import re
import shutil
import stat

import pytest

from profiles.destinations import environment
from profiles.destinations.credentials_profile import CredentialsProfile
from profiles.destinations.endpoint import Endpoint
from profiles.destinations.export import FORMATS, Export, unset_lines
from profiles.destinations.instance_metadata import InstanceMetadata
from profiles.destinations.shell import Subshell
from profiles.errors import UsageError
from profiles.machine import Machine
from profiles.session import Credentials, Session
from profiles.switcher import Switcher
from tests.world.company import allow
from tests.world.home import Home
from tests.world.node_world import FOLDER

HOSTILE = "a'b\"c$HOME`id`\\n\\x %PATH% !x ;|&(){}[]*?~#é\u2019"


def session(role="pay prod", region="eu-west-1", secret="wJalr/+x=", token="IQoJ/+=="):
    return Session(
        role=role,
        credentials=Credentials("ASIAEXAMPLE000000000", secret, token),
        expires_at=4102444800.0,
        role_arn="arn:aws:iam::123456789012:role/x",
        identity="arn:aws:sts::123456789012:assumed-role/x/ana",
        account_id="123456789012",
        region=region,
    )


@pytest.fixture
def place(tmp_path):
    """A home without any AWS."""
    made = Home(tmp_path / "home")
    yield made
    made.close()


def machine(home, **env):
    return Machine(env=home.env | env, home=str(home.path))


def never_again(before):
    raise AssertionError(f"{before} lasts")


@pytest.fixture
def destination(place):
    """Each destination by its name."""
    shell = machine(place, SHELL="/bin/true")
    endpoints = {
        "endpoint": Endpoint(machine(place), never_again),
        "imds": Endpoint(machine(place), never_again, service=InstanceMetadata),
    }
    yield {
        "profile": CredentialsProfile(machine(place), Switcher(machine(place)).catalogue, "x"),
        **{form: Export(form) for form in FORMATS},
        "subshell": Subshell(shell),
        "renewing": Subshell(shell, endpoint=Endpoint(shell, never_again)),
        **endpoints,
    }.__getitem__
    for endpoint in endpoints.values():
        endpoint.close()


NAMES = ["profile", *FORMATS, "subshell", "renewing", "endpoint", "imds"]


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_a_session_and_says_where_it_is(destination, name):
    delivery = destination(name).deliver(session())
    assert delivery.where
    assert delivery.status == 0
    assert "wJalr" not in delivery.where + "".join(delivery.notes)


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_no_secret_but_by_export(destination, name, capfd):
    delivery = destination(name).deliver(session())
    shown = capfd.readouterr()
    assert "wJalr" not in shown.out + shown.err
    assert ("wJalr" in delivery.text) == (name in FORMATS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["a\nb", "a\x00b", "a\x1b[31mb", "a\rb"])
def test_control_characters_are_refused_and_nothing_is_changed(place, destination, name, bad):
    with pytest.raises(UsageError):
        destination(name).deliver(session(role=bad))
    assert not place.credentials_file.exists()


def test_the_profile_is_private_from_the_start(place, destination):
    before = os.umask(0)
    try:
        destination("profile").deliver(session())
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.credentials_file.stat().st_mode) == 0o600


# ---- real shells --------------------------------------------------------------------------

SHELLS = {
    "bash": ("bash", ["-c"]),
    "zsh": ("zsh", ["-fc"]),
    "fish": ("fish", ["--no-config", "-c"]),
    "dash": ("bash", ["-c"]),
    "ksh": ("bash", ["-c"]),
    "mksh": ("bash", ["-c"]),
}


NUSHELL = FOLDER / "node_modules" / "@nushell" / "linux-x64" / "bin" / "nu"


def installed():
    return [name for name in SHELLS if shutil.which(name)]


@pytest.mark.parametrize("shell", installed())
@pytest.mark.parametrize("hostile", [False, True], ids=["plain", "hostile"])
def test_a_real_shell_gets_every_value_as_it_is(place, shell, hostile):
    form, how = SHELLS[shell]
    what = session(role=HOSTILE, secret=HOSTILE) if hostile else session()
    lines = Export(form).deliver(what).text
    stale = {"AWS_PROFILE": "old", "AWS_SECURITY_TOKEN": "old"}
    script = f"{lines}\nenv -0"
    done = place.run(shell, *how, script, env=stale)
    assert done.status == 0, done
    env = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)
    for name, value in environment.variables(what).items():
        assert env[name] == value
    assert "AWS_PROFILE" not in env
    assert "AWS_SECURITY_TOKEN" not in env


@pytest.mark.parametrize("shell", installed())
def test_unset_takes_back_what_export_set(place, shell):
    form, how = SHELLS[shell]
    script = f"{Export(form).deliver(session()).text}\n{unset_lines(form)}\nenv"
    done = place.run(shell, *how, script)
    assert done.status == 0, done
    left = {line.split("=", 1)[0] for line in done.stdout.splitlines()}
    assert not left & set(environment.SET)


@pytest.fixture
def nushell():
    """Nushell runs a script."""
    if not NUSHELL.exists():
        pytest.skip("npm could not install Nushell")
    return lambda place, script, **options: place.run(str(NUSHELL), "-n", "-c", script, **options)


@pytest.mark.parametrize("hostile", [False, True], ids=["plain", "hostile"])
def test_nushell_gets_every_value_as_it_is(place, nushell, hostile):
    what = session(role=HOSTILE, secret=HOSTILE) if hostile else session()
    (place.path / "session.nuon").write_text(Export("nu").deliver(what).text)
    (place.path / "clear.nuon").write_text(unset_lines("nu"))
    stale = {"AWS_PROFILE": "old", "AWS_SECURITY_TOKEN": "old"}
    script = "open session.nuon | load-env; ^env -0 | print -n"
    done = nushell(place, script, env=stale)
    env = dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)
    for name, value in environment.variables(what).items():
        assert env[name] == value
    assert not {"AWS_PROFILE", "AWS_SECURITY_TOKEN"} & set(env)
    done = nushell(place, "open session.nuon | load-env; open clear.nuon | load-env; ^env")
    left = {line.split("=", 1)[0] for line in done.stdout.splitlines()}
    assert not left & set(environment.SET)


def test_the_aws_cli_works_in_nushell(home, switched, nushell):
    take = "rolecall export reader --format nu | from nuon | load-env"
    env = REGION | {"AWS_PROFILE": "of another day"}
    assert switched in nushell(home, f"{take}; ^aws {' '.join(WHO)}", env=env).stdout


def test_json_and_env_hold_every_value(place):
    what = session(role="née", secret='quo"te')
    wanted = environment.variables(what)
    assert json.loads(Export("json").deliver(what).text) == wanted
    env = Export("env").deliver(what).text
    assert dict(line.split("=", 1) for line in env.splitlines()) == wanted


def test_powershell_doubles_quotes_and_cmd_refuses_what_it_cannot_hold():
    assert "'a''b’’c'" in Export("powershell").deliver(session(secret="a'b’c")).text
    assert 'set "AWS_SECRET_ACCESS_KEY=50%%x"' in Export("cmd").deliver(session(secret="50%x")).text
    with pytest.raises(UsageError, match="quote"):
        Export("cmd").deliver(session(secret='a"b'))


# ---- real clients -------------------------------------------------------------------------


@pytest.fixture
def switched(company, home):
    ana = company.user("ana")
    home.keys("base", ana)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="base")
    return "assumed-role/reader/"


WHO = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}


def test_the_aws_cli_and_boto3_read_the_profile(home, switched):
    home.rolecall("assume", "reader", "--region", "eu-west-1")
    assert switched in home.aws(*WHO, "--profile", "reader-session").stdout
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    assert switched in home.python(code, env={"AWS_PROFILE": "reader-session"}).stdout


def test_the_javascript_sdk_reads_the_profile(home, switched, node):
    home.rolecall("assume", "reader", "--region", "eu-west-1")
    done = node.run("whoami.mjs", "reader-session", env=home.env)
    assert switched in done.stdout, done


@pytest.mark.parametrize("cloud", ["moto"], indirect=True)
@pytest.mark.parametrize("shell", installed())
def test_the_aws_cli_reaches_s3_in_the_calling_shell(company, home, shell):
    ana = company.user("ana")
    home.keys("base", ana)
    company.bucket("shells-bucket")
    role = company.role("reader", ana.arn, may=allow("s3:List*"))
    home.profile("reader", role_arn=role, source_profile="base")
    form, how = SHELLS[shell]
    take = {
        "fish": "rolecall export reader --format fish | source",
    }.get(form, f'eval "$(rolecall export reader --format {form})"')
    done = home.run(shell, *how, f"{take}; aws s3 ls", env=REGION)
    assert "shells-bucket" in done.stdout, done


def test_the_aws_cli_works_through_exec(home, switched):
    assert switched in home.rolecall("exec", "reader", "--", "aws", *WHO, env=REGION).stdout


def test_a_subshell_is_the_users_own_and_exit_comes_back(home, switched):
    terminal = home.terminal("rolecall", "shell", "reader", env=REGION)
    terminal.until("exit comes back")
    terminal.keys("echo depth-$ROLECALL_DEPTH-$ROLECALL_ROLE\r")
    terminal.until("depth-1-reader")
    terminal.keys(f"aws {' '.join(WHO)}\r")
    terminal.until(switched)
    terminal.keys("rolecall exec reader -- true && rolecall shell reader\r")
    terminal.until("inside reader's")
    terminal.keys("echo depth-$ROLECALL_DEPTH\r")
    terminal.until("depth-2")
    terminal.keys("exit\r")
    terminal.keys("exit 7\r")
    assert terminal.wait(20) == 7


def test_the_shell_is_the_users_own(place):
    """`$SHELL`, whatever this process was started from."""
    script = place.path / "my-shell"
    script.write_text(f"#!/bin/sh\nenv > {place.path}/seen\nexit 3\n")
    script.chmod(0o700)
    delivery = Subshell(machine(place, SHELL=str(script), ROLECALL_DEPTH="1")).deliver(session())
    assert delivery.status == 3
    seen = (place.path / "seen").read_text()
    assert re.search(r"^ROLECALL_DEPTH=2$", seen, re.MULTILINE)
    assert re.search(r"^ROLECALL_ROLE=pay prod$", seen, re.MULTILINE)
