"""The profile that `config credential-process` adds, read by what really reads it."""

import json
import os
import re
import shlex
import shutil
import site
import sys
from pathlib import Path

import pytest

from tests.world.company import allow
from tests.world.home import BIN

WHO = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
PYTHON_WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
ROOT = Path(__file__).parents[2]
ARN = "assumed-role/reader/"
DEBIAN_CLI = "/usr/bin/aws"
HOSTILE = 'o\'neil $(id) `id` \\ "x" & | %s'


@pytest.fixture
def reader(company, home):
    ana = company.user("ana")
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=[allow("s3:*"), allow("sts:*")])
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


def added(home, *words):
    done = home.rolecall("config", "credential-process", *words)
    assert done.status == 0, done
    return done.stdout


def section(home, name):
    text = home.config_file.read_text().split(f"[profile {name}]\n", 1)[1].split("\n[", 1)[0]
    return dict(line.split(" = ", 1) for line in text.strip().splitlines())


def test_the_profile_runs_this_very_rolecall(home, reader):
    before = home.config_file.read_bytes()
    assert "reader-process" in added(home, "reader")
    assert section(home, "reader-process") == {
        "credential_process": f"{BIN}/rolecall credential-process reader",
        "region": "eu-west-1",
        "x_rolecall": "reader",
    }
    assert home.config_file.read_bytes().startswith(before)


@pytest.mark.parametrize("target", ["reader", "account/role", HOSTILE], ids=["name", "/", "quotes"])
def test_every_client_reads_it(home, reader, target, node):
    target = {"account/role": "123456789012/reader"}.get(target, target)
    if target == HOSTILE:
        entry = f"name = {json.dumps(HOSTILE)}\nrole_arn = '{reader}'\nsource = 'base'\n"
        home.settings(f"[[roles]]\n{entry}region = 'eu-west-1'\n")
    added(home, target, "--as", "work")
    assert ARN in home.aws(*WHO, "--profile", "work").stdout
    env = {"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}
    assert ARN in home.python(PYTHON_WHO, env=env).stdout
    for provider in ("fromIni", "fromProcess"):
        done = node.run("whoami.mjs", "work", provider, env=home.env)
        assert ARN in done.stdout, done


@pytest.mark.skipif(not os.access(DEBIAN_CLI, os.X_OK), reason="no AWS CLI v2 here")
def test_version_2_of_the_aws_cli_reads_it(home, reader):
    added(home, "reader", "--as", "work")
    endpoint = ["--endpoint-url", home.env["AWS_ENDPOINT_URL"], "--profile", "work"]
    done = home.run(DEBIAN_CLI, *WHO, *endpoint)
    assert ARN in done.stdout, done


@pytest.mark.skipif(not shutil.which("rclone"), reason="rclone is not installed")
def test_rclone_reads_it(home, reader, company):
    company.bucket("reports")
    added(home, "reader", "--as", "work")
    remote = (
        f":s3,provider=Other,env_auth,region=eu-west-1,endpoint='{home.env['AWS_ENDPOINT_URL']}':"
    )
    done = home.run("rclone", "lsd", remote, env={"AWS_PROFILE": "work"})
    assert "reports" in done.stdout, done


def test_a_client_that_asks_again_and_again_costs_one_call(home, reader, strict):
    """boto3 runs the program again for every request of a session that ends in ten minutes."""
    strict.shorten(600)
    added(home, "reader", "--as", "work")
    log, script = home.path / "runs", home.path / "bin" / "counted"
    script.write_text(f'#!/bin/sh\necho >> {log}\nexec "{BIN}/rolecall" "$@"\n')
    script.chmod(0o700)
    home.config(home.config_file.read_text().replace(f"{BIN}/rolecall", str(script)))
    code = f"{PYTHON_WHO}\nboto3.client('sts').get_caller_identity()"
    done = home.python(code, env={"AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"})
    assert ARN in done.stdout, done
    assert log.read_text() > "\n"
    assert strict.count("AssumeRole") == 1


def test_a_client_shows_why_there_is_no_session(home, reader, company):
    ana = company.user("eva")
    home.keys("other", ana)
    arn = company.role("admin", ana.arn, mfa=True)
    home.profile("admin", role_arn=arn, source_profile="other", mfa_serial="arn:aws:iam::1:mfa/x")
    added(home, "admin")
    done = home.aws(*WHO, "--profile", "admin-process")
    assert done.status
    assert "rolecall assume admin" in done.stderr


def test_the_absolute_form_of_the_page_works_cached_or_not(home, reader, node, strict):
    """With the two folders of packages that an editable install has."""
    page = (ROOT / "docs" / "destinations" / "credential-process.md").read_text()
    [line] = [line for line in page.splitlines() if " -I -S " in line]
    folders = [str(ROOT), *site.getsitepackages()]
    form = re.sub(r"append\('[^']*'\)", f"extend({folders})", line.partition(" = ")[2])
    form = form.replace("/VENV", shlex.quote(sys.prefix)).replace("s3-reader", "reader")
    home.profile("work", credential_process=form, region="eu-west-1")
    for _ in range(2):
        assert ARN in home.aws(*WHO, "--profile", "work").stdout
    assert ARN in home.python(PYTHON_WHO, env={"AWS_PROFILE": "work"}).stdout
    assert ARN in node.run("whoami.mjs", "work", env=home.env).stdout
    assert strict.count("AssumeRole") == 1


@pytest.mark.parametrize(
    ("confirm", "word"), [("ask", "--yes"), ("type", "--confirm 123456789012")]
)
def test_a_guarded_role_says_what_its_command_lacks(home, reader, confirm, word):
    home.settings(f'[stages.production]\nmatch = ["reader"]\nconfirm = "{confirm}"\n')
    done = home.rolecall("config", "credential-process", "reader", "--as", "work")
    assert done.status == 0
    assert f"clients are refused: add {word} to the command there" in done.stderr
    refused = home.aws(*WHO, "--profile", "work")
    assert f"add {word}" in refused.stderr
    text = home.config_file.read_text()
    home.config(text.replace("credential-process reader", f"credential-process reader {word}"))
    assert ARN in home.aws(*WHO, "--profile", "work").stdout


# ---- what is refused ----------------------------------------------------------------------


def test_it_is_written_once_and_changed_where_it_is_ours(home, reader):
    added(home, "reader", "--as", "work")
    first = home.config_file.read_bytes()
    added(home, "reader", "--as", "work")
    assert home.config_file.read_bytes() == first
    added(home, "123456789012/reader", "--as", "work")
    assert section(home, "work")["x_rolecall"] == "123456789012/reader"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "which role?"),
        (["reader", "base"], "one role at a time"),
        (["nobody"], "no role is called"),
        (["reader", "--as", "reader"], "start from itself"),
        (["reader", "--as", "base"], "start from itself"),
        (["reader", "--as", "spare"], "not rolecall's"),
        (["reader", "--as", "kept"], "not rolecall's"),
        (["reader", "--as", "a]b"], "not a name"),
    ],
)
def test_it_is_refused_and_nothing_is_changed(home, reader, company, words, says):
    home.keys("spare", company.user("spare"))
    home.config(home.config_file.read_text() + '[profile "kept"]\nregion = x\n')
    before = home.config_file.read_bytes()
    done = home.rolecall("config", "credential-process", *words)
    assert done.status in (1, 2)
    assert says in done.stderr
    assert home.config_file.read_bytes() == before


def test_one_that_leads_to_itself_later_is_stopped(home, reader):
    added(home, "reader", "--as", "work")
    text = home.config_file.read_text()
    home.config(text.replace("credential-process reader", "credential-process work"))
    done = home.rolecall("credential-process", "work")
    assert done.status == 1
    assert "comes back to it" in done.stderr


# ---- taking it back -----------------------------------------------------------------------


def test_drop_takes_back_everything_that_was_written(home, reader):
    home.config(home.config_file.read_text() + "# the end, without a line end")
    home.credentials(home.credentials_file.read_text().rstrip("\n"))
    before = home.config_file.read_bytes(), home.credentials_file.read_bytes()
    added(home, "reader", "--as", "work")
    for words in ([], ["--as", "two"], ["--default"]):
        assert home.rolecall("assume", "reader", *words).status == 0
    done = home.rolecall("drop", "--all")
    assert "removed [work]" in done.stdout
    assert (home.config_file.read_bytes(), home.credentials_file.read_bytes()) == before


def test_drop_takes_one_back_by_its_name(home, reader):
    before = home.config_file.read_bytes()
    added(home, "reader", "--as", "work")
    assert home.rolecall("drop", "--expired").status == 0
    assert home.rolecall("drop", "reader").status == 0
    assert home.config_file.read_bytes() != before
    assert "removed [work]" in home.rolecall("drop", "work").stdout
    assert home.config_file.read_bytes() == before


def test_undo_takes_it_back(home, reader):
    before = home.config_file.read_bytes()
    added(home, "reader")
    assert "config is as it was" in home.rolecall("undo").stdout
    assert home.config_file.read_bytes() == before
