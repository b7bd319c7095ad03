"""`credential-process` as clients call it: quick, alone with its JSON, and never in the way."""

import json
import os
import re
import shlex
import sys
import time
from types import SimpleNamespace

import pytest

from profiles import quick_answer, times
from profiles.challenges import MfaCode
from profiles.errors import MfaRequired
from profiles.files.cache import role_cache_key, write_session
from profiles.machine import Machine
from profiles.settings import load_settings
from tests.unit.profiles.sources.mfa_world import MfaWorld
from tui import __version__, dialogs

NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


@pytest.fixture
def reader(company, home):
    """A role that base may assume."""
    ana = company.user("ana")
    home.keys("base", ana)
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


def process(home, *words, **options):
    return home.rolecall("credential-process", *words, **options)


def said(done):
    assert done.status == 0, done
    return json.loads(done.stdout)


def quickly(home, target="reader", version=__version__, **env):
    return quick_answer.answer(target, version, home.env | env)


@pytest.fixture
def kept(home, reader):
    """What was printed, and is known by now: the first run asked AWS, the second found it."""
    process(home, "reader")
    printed = process(home, "reader").stdout
    assert quickly(home) is not None
    return printed


def cached(home, arn, *, left, made=None):
    """A session in the cache with so many seconds left."""
    machine = Machine(home.env, str(home.path))
    keys = {"AccessKeyId": "ASIAKEPT", "SecretAccessKey": "secret", "SessionToken": "token"}
    key = role_cache_key({"RoleArn": arn})
    user = {"Arn": "arn:aws:sts::123456789012:assumed-role/reader/ana", "AssumedRoleId": "A:ana"}
    answer = {"Credentials": keys | {"Expiration": time.time() + left}, "AssumedRoleUser": user}
    write_session(machine, key, answer, "reader")
    path = home.path / ".aws" / "cli" / "cache" / f"{key}.json"
    if made is not None:
        os.utime(path, (time.time() - made,) * 2)
    return path


# ---- what it prints -----------------------------------------------------------------------


def test_it_prints_version_1_and_nothing_else(home, reader):
    done = process(home, "reader")
    found = said(done)
    assert list(found) == [
        "Version",
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
        "AccountId",
    ]
    assert found["Version"] == 1
    assert found["AccountId"] == "123456789012"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["Expiration"])
    assert 3500 < times.instant(found["Expiration"]) - time.time() <= 3600
    assert done.stderr == ""


def test_notes_and_warnings_stay_out_of_the_callers_log(home, reader):
    home.settings('colour = "red"\n')
    assert process(home, "reader").stderr == ""
    assert "colour" in process(home, "reader", "-v").stderr


@pytest.mark.parametrize(
    ("target", "status", "says"),
    [("readr", 2, "did you mean reader"), ("reader-prod", 2, "add --yes")],
)
def test_what_it_refuses_is_said_on_standard_error_alone(home, reader, target, status, says):
    home.profile("reader-prod", role_arn=reader, source_profile="base")
    done = process(home, target)
    assert (done.status, done.stdout) == (status, "")
    assert says in done.stderr


def test_a_guarded_role_goes_out_with_a_yes_each_time(home, reader):
    home.profile("reader-prod", role_arn=reader, source_profile="base")
    for _ in range(3):
        assert said(process(home, "reader-prod", "--yes"))["Version"] == 1
    assert process(home, "reader-prod").status == 2


# ---- the quick way ------------------------------------------------------------------------


def test_what_is_known_is_printed_to_the_letter(home, kept, strict):
    assert quickly(home).decode() == kept
    done = process(home, "reader", env=NOWHERE)
    assert done.stdout == kept
    assert strict.count("AssumeRole") == 1


def test_no_secret_is_kept_for_it(home, kept):
    folder = home.path / ".local" / "state" / "rolecall" / "answers"
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    for name in ("SecretAccessKey", "SessionToken"):
        assert json.loads(kept)[name] not in path.read_text()


def test_the_aws_cli_calls_it_with_a_variable_of_its_own(home, kept):
    assert quickly(home, AWS_DATA_PATH="/somewhere/awscli/data") == kept.encode()


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_PROFILE": "base"},
        {"ROLECALL_DURATION": "2h"},
        {"AWS_CONFIG_FILE": "/nowhere"},
        {"LOGNAME": "eva"},
        {"AWS_SECRET_ACCESS_KEY": "x"},
    ],
    ids=lambda env: next(iter(env)),
)
def test_another_variable_takes_the_full_way(home, kept, env):
    assert quickly(home, **env) is None


@pytest.mark.parametrize("name", ["config_file", "credentials_file", "settings_file"])
@pytest.mark.parametrize("how", ["changed", "replaced", "gone"])
def test_another_file_takes_the_full_way(home, reader, name, how):
    home.settings('region = "eu-west-1"\n')
    process(home, "reader")
    process(home, "reader")
    assert quickly(home) is not None
    path = getattr(home, name)
    if how == "changed":
        with path.open("a") as file:
            file.write("# a comment\n")
    elif how == "replaced":
        new = path.with_name("new")
        new.write_bytes(path.read_bytes())
        os.utime(new, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        new.replace(path)
    else:
        path.unlink()
    assert quickly(home) is None


def test_settings_that_come_to_be_take_the_full_way(home, kept):
    home.settings('duration = "2h"\n')
    assert quickly(home) is None


@pytest.mark.parametrize("how", ["replaced", "emptied", "gone"])
def test_another_session_takes_the_full_way(home, reader, kept, how):
    (path,) = (home.path / ".aws" / "cli" / "cache").iterdir()
    if how == "replaced":
        cached(home, reader, left=3000)
    elif how == "emptied":
        path.write_bytes(b"")
    else:
        path.unlink()
    assert quickly(home) is None
    assert said(process(home, "reader"))["Version"] == 1


def test_a_session_that_ends_soon_takes_the_full_way(home, kept, monkeypatch):
    end = times.instant(json.loads(kept)["Expiration"])
    for left, known in ((901, True), (890, False), (-1, False)):
        now = SimpleNamespace(time=lambda left=left: end - left)
        monkeypatch.setattr(quick_answer, "time", now)
        assert (quickly(home) is not None) == known


def test_another_version_takes_the_full_way(home, kept):
    assert quickly(home, version="0.0.1") is None


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe\x00", b"{}", b"a\nb\nc\nd\ne\nf"],
    ids=["none", "bytes", "{}", "lines"],
)
def test_garbage_in_what_is_kept_takes_the_full_way_and_is_mended(home, kept, garbage):
    folder = home.path / ".local" / "state" / "rolecall" / "answers"
    (path,) = folder.iterdir()
    path.write_bytes(garbage)
    assert quickly(home) is None
    assert process(home, "reader").stdout == kept
    assert quickly(home) == kept.encode()


def test_what_files_do_not_tell_is_never_kept(home, reader):
    policy = home.path / "policy.json"
    policy.write_text('{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}')
    home.settings(
        f'[[roles]]\nname = "narrow"\nrole_arn = "{reader}"\nsource = "base"\npolicy = "{policy}"\n'
    )
    for words in (["narrow"], ["reader", "--region", "eu-west-1"]):
        for _ in range(2):
            assert said(process(home, *words))
        assert quickly(home, words[0]) is None


def test_a_target_too_long_for_a_files_name_or_empty_is_no_failure(home, reader):
    for target in ("x" * 300, "", "../../etc/passwd", "\udcff"):
        assert quickly(home, target) is None


def test_drop_takes_the_session_from_the_quick_way_too(home, kept):
    assert home.rolecall("drop", "reader").status == 0
    assert quickly(home) is None


def test_both_ways_find_the_same_folder_on_a_mac(home, monkeypatch):
    from platformdirs.macos import MacOS

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", "/Users/ana")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    found = quick_answer._path("x", {"HOME": "/Users/ana"})
    assert found.startswith(MacOS("rolecall", appauthor=False).user_state_dir + "/")


# ---- bad days -----------------------------------------------------------------------------


def test_a_session_near_its_end_is_asked_for_anew(home, reader, strict):
    cached(home, reader, left=600, made=3000)
    assert said(process(home, "reader"))["AccessKeyId"] != "ASIAKEPT"
    assert strict.count("AssumeRole") == 1


def test_without_a_network_what_is_left_is_used_up(home, reader):
    cached(home, reader, left=600, made=3000)
    for _ in range(2):
        assert said(process(home, "reader", env=NOWHERE))["AccessKeyId"] == "ASIAKEPT"
    assert quickly(home, **NOWHERE) is None


def test_without_a_network_an_expired_session_is_not_used(home, reader):
    cached(home, reader, left=-5, made=4000)
    done = process(home, "reader", env=NOWHERE)
    assert (done.status, done.stdout) == (1, "")
    assert "rolecall: " in done.stderr


def test_a_cache_file_of_garbage_counts_as_none(home, reader, strict):
    cached(home, reader, left=3000).write_text('{"Credentials": {"AccessKeyId": ')
    assert said(process(home, "reader"))["Version"] == 1
    assert strict.count("AssumeRole") == 1


# ---- nobody is there ----------------------------------------------------------------------


@pytest.fixture
def mfa(company, home, strict):
    world = MfaWorld(company, home, strict)
    arn = company.role("admin", world.user.arn, mfa=True)
    home.profile("admin", role_arn=arn, source_profile="base", mfa_serial=world.serial)
    return world


@pytest.mark.parametrize("tty", [False, True], ids=["without", "with"])
def test_it_asks_for_no_code_with_a_terminal_or_without(home, mfa, tty):
    done = process(home, "admin", tty=tty)
    assert done.status == 3
    assert "rolecall assume admin" in done.stdout + done.stderr


SIGN_INS = {
    "sso": "kind = 'sso'\nsso_session = 'corp'\naccount_id = '123456789012'\nrole_name = 'X'\n",
    "web identity": (
        "kind = 'web-identity'\nrole_arn = 'arn:aws:iam::123456789012:role/X'\n"
        "issuer = 'ISSUER'\nclient_id = 'rolecall'\n"
    ),
    "saml": (
        "kind = 'saml'\nrole_arn = 'arn:aws:iam::123456789012:role/X'\n"
        "principal_arn = 'arn:aws:iam::123456789012:saml-provider/idp'\n"
        "saml_url = 'https://idp.example.test/'\n"
    ),
}


@pytest.mark.parametrize("kind", SIGN_INS)
@pytest.mark.parametrize("tty", [False, True], ids=["without", "with"])
def test_a_sign_in_opens_nothing_and_says_what_to_run(lonely_home, issuer, kind, tty):
    home = lonely_home
    home.config("[sso-session corp]\nsso_start_url = http://127.0.0.1:9/\nsso_region = eu-west-1\n")
    for name in ("browser", "dialog"):
        script = home.path / "bin" / name
        script.write_text(f"#!/bin/sh\ntouch {home.path}/opened\n")
        script.chmod(0o700)
    tools = "ask_with = ['dialog']\nbrowser = ['browser', '{url}']\n"
    home.settings(
        f"{tools}[[roles]]\nname = 'there'\n{SIGN_INS[kind]}".replace("ISSUER", issuer.url)
    )
    done = process(home, "there", tty=tty)
    assert done.status == 3, done
    assert '"Version"' not in done.stdout
    assert re.search(r"rolecall (login|assume) |--saml-assertion", done.stdout + done.stderr)
    assert not (home.path / "opened").exists()


def test_a_code_of_a_program_is_taken(home, mfa):
    home.settings(f'mfa_command = ["echo", "{mfa.person.code()}"]\n')
    assert said(process(home, "admin"))["Version"] == 1


def test_an_mfa_session_that_is_there_is_enough(home, mfa):
    assert home.rolecall("assume", "admin", "--mfa-code", mfa.person.code()).status == 0
    assert said(process(home, "admin"))["Version"] == 1


def dialog(home, script):
    path = home.path / "bin" / "dialog"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    home.settings('ask_with = ["dialog", "--title", "{question}; $(id)"]\n')


def test_a_dialog_is_opened_only_where_the_settings_name_one(home, mfa):
    dialog(home, f'echo "$2" > {home.path}/asked; echo {mfa.person.code()}')
    assert said(process(home, "admin"))["Version"] == 1
    asked = (home.path / "asked").read_text()
    assert asked == f"MFA code of {mfa.serial} for admin; $(id)\n"


@pytest.mark.parametrize("script", ["exit 1", "echo 100001; exit 5", "true"])
def test_a_dialog_that_is_closed_stops_it(home, mfa, script):
    dialog(home, script)
    done = process(home, "admin")
    assert (done.status, done.stdout) == (130, "")
    assert not mfa.strict.count("GetSessionToken")


def test_a_dialog_that_nobody_answers_is_closed_in_time(home, mfa, monkeypatch):
    dialog(home, f"echo $$ > {home.path}/open; exec sleep 60")
    monkeypatch.setattr(dialogs, "TIMEOUT", 0.5)
    monkeypatch.setenv("PATH", home.env["PATH"])
    machine = Machine(home.env, str(home.path))
    ask = dialogs.asking(machine, load_settings(machine))
    with pytest.raises(MfaRequired, match="MFA code") as stopped:
        ask(MfaCode(mfa.serial, "admin"))
    assert "rolecall assume admin" in stopped.value.hint
    with pytest.raises(ProcessLookupError):
        os.kill(int((home.path / "open").read_text()), 0)
    # All questions of one run share the time.
    with pytest.raises(MfaRequired):
        ask(MfaCode(mfa.serial, "admin"))


def test_a_code_that_is_refused_is_asked_for_again(home, mfa):
    dialog(
        home,
        f"echo x >> {home.path}/asked; [ -s {home.path}/first ] || "
        f"{{ echo 000000 | tee {home.path}/first; exit; }}; echo {mfa.person.code()}",
    )
    done = process(home, "admin")
    assert said(done)["Version"] == 1
    assert (home.path / "asked").read_text() == "x\nx\n"


def test_a_dialog_that_is_not_there_is_named(home, mfa):
    home.settings('ask_with = ["no-such-dialog"]\n')
    done = process(home, "admin")
    assert done.status == 1
    assert "no-such-dialog" in done.stderr


def test_a_dialog_has_no_say_in_a_guarded_stage(home, reader):
    dialog(home, f"touch {home.path}/asked; echo yes")
    home.profile("reader-prod", role_arn=reader, source_profile="base")
    assert process(home, "reader-prod").status == 2
    assert not (home.path / "asked").exists()


# ---- many at once -------------------------------------------------------------------------

FORKS = """
import os, sys
from tui.__main__ import main
import tui.commands.credential_process, tui.commands.run, profiles.sources.sts
go, hold = os.pipe()
children = []
for number in range(100):
    child = os.fork()
    if not child:
        os.close(hold)
        os.read(go, 1)
        out = os.open(f"out-{number}", os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        status = main(["credential-process", "reader"])
        sys.stdout.flush()
        os._exit(status)
    children.append(child)
os.close(hold)
sys.exit(max(os.waitpid(child, 0)[1] for child in children))
"""


def test_a_hundred_processes_make_one_call(home, reader, strict):
    strict.delay(0.5)
    done = home.python(FORKS)
    assert done.status == 0, done
    answers = {path.read_text() for path in home.path.glob("out-*")}
    assert len(list(home.path.glob("out-*"))) == 100
    assert len(answers) == 1
    assert json.loads(answers.pop())["Version"] == 1
    assert strict.count("AssumeRole") == 1


def test_one_that_hangs_keeps_the_others_waiting_for_a_bounded_time(
    home, reader, strict, monkeypatch
):
    from profiles.sources import asking
    from profiles.sources.one_at_a_time import one_at_a_time
    from profiles.switcher import Switcher

    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    monkeypatch.setenv("AWS_ENDPOINT_URL", home.env["AWS_ENDPOINT_URL"])
    switcher = Switcher(Machine(home.env, str(home.path)))
    role = switcher.catalogue.resolve("reader")
    way = SimpleNamespace(
        machine=switcher.machine, cancelled=lambda: False, check=lambda: None, target=role
    )
    with one_at_a_time(way, f"session {role_cache_key({'RoleArn': reader})}"):
        assert switcher.session(role).identity
    assert strict.count("AssumeRole") == 1


# ---- what calls it ------------------------------------------------------------------------


def test_aws_cli_v1s_models_are_left_to_it_and_others_stay(home, reader):
    own = home.path / "models"
    env = {"AWS_DATA_PATH": os.pathsep.join(["/venv/awscli/data", str(own)])}
    home.profile("asker", credential_process=f"{shlex.quote(str(home.path / 'bin' / 'asker'))}")
    asker = home.path / "bin" / "asker"
    asker.write_text(
        f'#!/bin/sh\necho "$AWS_DATA_PATH" > {home.path}/seen\n'
        'echo \'{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}\'\n'
    )
    asker.chmod(0o700)
    found = said(process(home, "asker", env=env))
    assert found == {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}
    assert (home.path / "seen").read_text() == f"{own}\n"
