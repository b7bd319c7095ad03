"""`rolecall doctor`: planted faults are found and mended, and a healthy home has none."""

import json
import os
import re
import stat
from importlib import metadata

import pytest

from profiles.catalogue.catalogue import Catalogue
from profiles.files.key_names import write_key_names
from profiles.files.sso_cache import token_key
from profiles.insight.checks import files, leftovers, tools
from profiles.insight.checks import terminal as checks_terminal
from profiles.insight.checks.key_names import CLIENTS, CREDENTIALS
from profiles.insight.doctor import examine
from profiles.machine import Machine
from tests.world.home import BIN

ROLECALL = str(BIN / "rolecall")
ARN = "arn:aws:iam::123456789012:role"
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n"
ROLE = f"role_arn = {ARN}/x\nsource_profile = base\n"
PAST = "2020-01-01T00:00:00Z"


@pytest.fixture
def healthy(home, ministack):
    """A home in which nothing is wrong: each test plants its own fault."""
    home.env["AWS_CONFIG_FILE"] = str(home.config_file)
    url = home.url = home.env.pop("AWS_ENDPOINT_URL")
    home.env["BROWSER"] = "true"
    home.config(
        f"[default]\nregion = eu-west-1\nendpoint_url = {url}\ngranted_color = red\n\n"
        f"[profile x]\n{ROLE}services = local\n\n"
        "[profile permission]\nsso_session = corp\nsso_account_id = 123456789012\n"
        "sso_role_name = R\n\n"
        "[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n"
        f"\n[services local]\nsts =\n  endpoint_url = {url}\n"
    )
    home.credentials(f"[base]\n{KEYS}\n")
    home.settings('duration = "1h"\n')
    return home


def findings(home):
    done = home.rolecall("doctor", "--json")
    said = json.loads(done.stdout)
    assert done.status == (1 if any(each["broken"] for each in said) else 0), done
    for each in said:
        assert each["summary"]
        assert each["remedy"]
        assert "wJalrXUtnFEMI" not in json.dumps(each)
    return said


def found(home):
    return {each["code"]: each for each in findings(home)}


def test_a_healthy_home_has_nothing(healthy):
    assert found(healthy) == {}
    assert list(examine(Machine(env=healthy.env, home=str(healthy.path)))) == []
    done = healthy.rolecall("doctor")
    assert (done.status, done.stdout) == (0, "nothing is wrong\n")


def mode(path_of, bits):
    return lambda home: path_of(home).chmod(bits)


def config(text):
    return lambda home: home.config(home.config_file.read_text() + f"\n{text}")


def credentials(text):
    def plant(home):
        with home.credentials_file.open("a", newline="") as file:
            file.write(f"\n{text}")

    return plant


def variables(**values):
    return lambda home: home.env.update(values)


def settings(text):
    return lambda home: home.settings(text)


def cached(folder):
    def plant(home):
        at = home.path / folder / "x.json"
        at.parent.mkdir(parents=True)
        at.write_text("{}")
        at.chmod(0o644)

    return plant


def link(home):
    home.credentials_file.unlink()
    home.credentials_file.symlink_to("nowhere")


def signed_in(home, ends=PAST):
    folder = home.path / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True)
    said = {"accessToken": "t", "startUrl": "https://x.awsapps.com/start", "expiresAt": ends}
    path = folder / f"{token_key('corp')}.json"
    path.write_text(json.dumps(said))
    path.chmod(0o600)


# Each with what plants it, the code of its finding, and where it is said to be. What lies in the
# home begins with ~.
FAULTS = {
    "credentials open": (
        mode(lambda h: h.credentials_file, 0o644),
        "permissions",
        "~/.aws/credentials",
    ),
    "config changed by others": (
        mode(lambda h: h.config_file, 0o622),
        "permissions",
        "~/.aws/config",
    ),
    "settings changed by others": (
        mode(lambda h: h.settings_file, 0o666),
        "permissions",
        "~/.config/rolecall/config.toml",
    ),
    "folder changed by others": (
        mode(lambda h: h.config_file.parent, 0o777),
        "permissions",
        "~/.aws",
    ),
    "cache open": (cached(".aws/cli/cache"), "permissions", "~/.aws/cli/cache/x.json"),
    "sign-in open": (cached(".aws/sso/cache"), "permissions", "~/.aws/sso/cache/x.json"),
    "state open": (
        cached(".local/state/rolecall"),
        "permissions",
        "~/.local/state/rolecall/x.json",
    ),
    "config is a folder": (
        lambda h: (h.config_file.unlink(), h.config_file.mkdir()),
        "unreadable",
        "the AWS files",
    ),
    "config is no text": (
        lambda h: h.config_file.write_bytes(b"\0\1"),
        "unreadable",
        "the AWS files",
    ),
    "link to nowhere": (link, "broken-link", "~/.aws/credentials"),
    "variable to nowhere": (
        variables(AWS_SHARED_CREDENTIALS_FILE="/none"),
        "missing-file",
        "AWS_SHARED_CREDENTIALS_FILE",
    ),
    "config variable to nowhere": (
        variables(AWS_CONFIG_FILE="/none"),
        "missing-file",
        "AWS_CONFIG_FILE",
    ),
    "settings variable to nowhere": (
        variables(ROLECALL_CONFIG="/none"),
        "missing-file",
        "ROLECALL_CONFIG",
    ),
    "section twice": (
        config(f"[profile x]\n{ROLE}"),
        "duplicate-section",
        "~/.aws/config line 24",
    ),
    "section twice in credentials": (
        credentials(f"[base]\n{KEYS}"),
        "duplicate-section",
        "~/.aws/credentials line 6",
    ),
    "key twice": (config(f"[profile y]\n{ROLE}{ROLE}"), "syntax", "~/.aws/config line 27"),
    "header without bracket": (config(f"[profile y\n{ROLE}"), "syntax", "~/.aws/config line 24"),
    "header without profile": (config(f"[y]\n{ROLE}"), "syntax", "~/.aws/config line 24"),
    "line without equals": (
        config(f"[profile y]\n{ROLE}mfa\n"),
        "syntax",
        "~/.aws/config line 27",
    ),
    "role_anr": (
        config(f"[profile y]\nrole_anr = {ARN}/y\nsource_profile = base\n"),
        "misspelt-key",
        "~/.aws/config [profile y]",
    ),
    "sso_sart_url": (
        config("[sso-session other]\nsso_sart_url = x\n"),
        "misspelt-key",
        "~/.aws/config [sso-session other]",
    ),
    "aws_secret_acces_key": (
        credentials("[y]\naws_secret_acces_key = x\n"),
        "misspelt-key",
        "~/.aws/credentials [y]",
    ),
    "a key of nobody's": (
        config(f"[profile y]\n{ROLE}flavour = mint\n"),
        "unknown-key",
        "~/.aws/config [profile y]",
    ),
    "source missing": (
        config(f"[profile y]\nrole_arn = {ARN}/y\nsource_profile = no\n"),
        "dead-source",
        "config y",
    ),
    "sources in a circle": (
        config(
            f"[profile y]\nrole_arn = {ARN}/y\nsource_profile = z\n"
            f"[profile z]\nrole_arn = {ARN}/z\nsource_profile = y\n"
        ),
        "dead-source",
        "config y",
    ),
    "not an ARN": (
        config("[profile y]\nrole_arn = x\nsource_profile = base\n"),
        "dead-source",
        "config y",
    ),
    "half keys": (credentials("[y]\naws_access_key_id = AKIA\n"), "dead-source", "credentials y"),
    "keys over a process": (
        config("[profile base]\ncredential_process = /bin/true\n"),
        "shadowed",
        "config base",
    ),
    "keys over a console sign-in": (
        config("[profile base]\nlogin_session = arn:aws:iam::123456789012:user/ana\n"),
        "shadowed",
        "config base",
    ),
    "no such program": (
        config("[profile y]\ncredential_process = /no/prog x\n"),
        "missing-program",
        "config y",
    ),
    "a line that no shell splits": (
        config("[profile y]\ncredential_process = /bin/true 'x\n"),
        "missing-program",
        "config y",
    ),
    "no such mfa_command": (
        settings('mfa_command = ["no-such-ykman"]\n'),
        "missing-program",
        "setting mfa_command",
    ),
    "no such browser": (
        settings('browser = ["no-such-firefox"]\n'),
        "missing-program",
        "setting browser",
    ),
    "no token file": (
        config(f"[profile y]\nrole_arn = {ARN}/y\nweb_identity_token_file = /no/token\n"),
        "missing-token",
        "config y",
    ),
    "session of nobody": (
        config("[sso-session o]\nsso_start_url = https://o/start\nsso_region = eu-west-1\n"),
        "unused-section",
        "config [sso-session o]",
    ),
    "services of nobody": (
        config("[services o]\nsts =\n  endpoint_url = https://sts.example\n"),
        "unused-section",
        "config [services o]",
    ),
    "no such services": (
        config(f"[profile y]\n{ROLE}services = gone\n"),
        "missing-section",
        "services = gone",
    ),
    "leftover": (
        credentials(f"[saml]\n{KEYS}aws_session_token = t\nx_security_token_expires = {PAST}\n"),
        "expired-leftover",
        "~/.aws/credentials [saml]",
    ),
    "leftover by the second of its dates": (
        credentials(
            f"[saml]\n{KEYS}aws_session_token = t\nx_security_token_expires = soon\n"
            f"expiration = {PAST}\n"
        ),
        "expired-leftover",
        "~/.aws/credentials [saml]",
    ),
    "our own leftover": (
        credentials(
            f"[x-session]\n{KEYS.replace('AKIA', 'ASIA')}aws_session_token = t\n"
            f"x_security_token_expires = {PAST}\nx_rolecall = x\n"
        ),
        "expired-session",
        "~/.aws/credentials",
    ),
    "signed out": (signed_in, "expired-sign-in", "sso-session corp"),
    "keys win": (
        variables(AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="s", AWS_PROFILE="x"),
        "shadowing",
        "AWS_ACCESS_KEY_ID",
    ),
    "keys win over the default": (
        lambda h: (
            credentials(f"[default]\n{KEYS}")(h),
            variables(AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="s")(h),
        ),
        "shadowing",
        "AWS_ACCESS_KEY_ID",
    ),
    "half of the keys": (variables(AWS_ACCESS_KEY_ID="AKIA"), "half-keys", "AWS_ACCESS_KEY_ID"),
    "the other half": (variables(AWS_SECRET_ACCESS_KEY="s"), "half-keys", "AWS_SECRET_ACCESS_KEY"),
    "a token alone": (variables(AWS_SESSION_TOKEN="t"), "half-keys", "AWS_SESSION_TOKEN"),
    "session is over": (
        variables(
            AWS_ACCESS_KEY_ID="ASIA", AWS_SECRET_ACCESS_KEY="s", AWS_CREDENTIAL_EXPIRATION=PAST
        ),
        "expired-session",
        "AWS_CREDENTIAL_EXPIRATION",
    ),
    "no such profile": (variables(AWS_PROFILE="gone"), "missing-profile", "AWS_PROFILE"),
    "no such default profile": (
        variables(AWS_DEFAULT_PROFILE="gone"),
        "missing-profile",
        "AWS_DEFAULT_PROFILE",
    ),
    "an empty profile": (variables(AWS_PROFILE=""), "empty-variable", "AWS_PROFILE"),
    "an empty region": (
        variables(AWS_DEFAULT_REGION=""),
        "empty-variable",
        "AWS_DEFAULT_REGION",
    ),
    "two profiles": (
        variables(AWS_PROFILE="x", AWS_DEFAULT_PROFILE="base"),
        "contradiction",
        "AWS_PROFILE and AWS_DEFAULT_PROFILE",
    ),
    "two regions": (
        variables(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="x"),
        "contradiction",
        "AWS_REGION and AWS_DEFAULT_REGION",
    ),
    "no CA": (variables(AWS_CA_BUNDLE="/no/ca.pem"), "missing-file", "AWS_CA_BUNDLE"),
    "no token in the environment": (
        variables(AWS_WEB_IDENTITY_TOKEN_FILE="/no/token"),
        "missing-file",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    "calls go elsewhere": (
        variables(AWS_ENDPOINT_URL_S3="http://localhost:9"),
        "endpoint",
        "AWS_ENDPOINT_URL_S3",
    ),
    "misspelt variable": (
        variables(ROLECALL_DURATON="1h"),
        "unknown-variable",
        "ROLECALL_DURATON",
    ),
    "misspelt setting": (
        settings('duratoin = "1h"\n'),
        "settings",
        "~/.config/rolecall/config.toml",
    ),
    "settings broken": (settings("duration = \n"), "settings", "the settings"),
    "no browser": (lambda h: h.env.pop("BROWSER"), "browser", "sign-ins"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(healthy, fault):
    plant, code, where = FAULTS[fault]
    plant(healthy)
    where = re.sub("^~", str(healthy.path), where)
    found = list(examine(Machine(env=healthy.env, home=str(healthy.path))))
    assert (code, where) in [(each.code, each.where) for each in found]
    for each in found:
        assert each.summary
        assert each.remedy
        assert "wJalrXUtnFEMI" not in f"{each.summary}{each.remedy}{each.fix and each.fix.says}"


def test_a_store_that_cannot_be_reached_is_found(healthy):
    write_key_names(Machine(env=healthy.env, home=str(healthy.path)), ["ana"])
    healthy.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    assert found(healthy)["keyring"]["where"] == "keys ana"


@pytest.mark.parametrize(
    ("seconds", "broken", "words"),
    [(90, False, "behind of AWS's"), (-90, False, "ahead of AWS's"), (400, True, "refuses")],
)
def test_a_clock_that_is_off_is_found(healthy, strict, seconds, broken, words):
    healthy.config(healthy.config_file.read_text().replace(healthy.url, strict.url))
    strict.skew(seconds)
    [clock] = findings(healthy)
    assert (clock["code"], clock["broken"]) == ("clock", broken)
    assert words in clock["summary"]


def test_an_old_package_is_found(healthy, monkeypatch):
    monkeypatch.setattr(metadata, "version", {"botocore": "1.42.9", "textual": "9.0"}.get)
    machine = Machine(env=healthy.env, home=str(healthy.path))
    [old] = tools.check(machine, Catalogue.load(machine))
    assert (old.code, old.where) == ("version", "botocore")
    assert "rolecall needs 1.43" in old.summary


def test_a_file_of_another_user_is_found(healthy, monkeypatch):
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    found = list(files.check(Machine(env=healthy.env, home=str(healthy.path))))
    assert {each.code for each in found} == {"owner"}
    assert str(healthy.config_file) in {each.where for each in found}


# ---- the terminal -------------------------------------------------------------------------

NO_LOCALE = {"LC_ALL": None, "LANG": None}
TERMINALS = {
    "that does not draw": ({"TERM": "dumb"}, "TERM is dumb"),
    "without a name": ({"TERM": ""}, "TERM is not set"),
    "with Latin letters": ({"LC_ALL": "de_DE.ISO-8859-1"}, "the locale is de_DE.ISO-8859-1"),
    "with ASCII alone": (NO_LOCALE | {"LANG": "C"}, "the locale is C"),
    "of sixteen colours": ({"TERM": "xterm"}, "TERM is xterm"),
    "of sixteen colours, in screen": ({"TERM": "screen"}, "TERM is screen"),
    "in tmux, rounded": ({"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"}, "tmux"),
    "in tmux, with sixteen": ({"TERM": "screen", "TMUX": "/tmp/t,1,0"}, "tmux"),
}
GOOD_TERMINALS = {
    "of 256 colours": {},
    "of all colours": {"TERM": "xterm", "COLORTERM": "truecolor"},
    "in tmux, of all colours": {"TERM": "screen", "TMUX": "/t,1,0", "COLORTERM": "24bit"},
    "a console": {"TERM": "linux"},
    "a serial line": {"TERM": "vt220"},
    "without a locale": NO_LOCALE,
    "of Python's own locale": NO_LOCALE | {"LC_CTYPE": "C.UTF-8"},
    "without colours, as wanted": {"TERM": "xterm", "NO_COLOR": "1"},
    "of colours by hand": {"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "256"},
    "of ASCII, as wanted": {"LC_ALL": "C", "ROLECALL_ASCII": "true"},
}


def looked_at(home, variables, *, terminal=True):
    """What is found by a doctor that a person runs on that terminal."""
    env = {k: v for k, v in (home.env | variables).items() if v is not None}
    machine = Machine(env=env, home=str(home.path), terminal=terminal)
    return list(checks_terminal.check(machine, Catalogue.load(machine)))


@pytest.mark.parametrize("which", TERMINALS)
def test_what_a_terminal_lacks_is_a_note(healthy, which):
    variables, where = TERMINALS[which]
    [note] = looked_at(healthy, variables)
    assert (note.code, note.where, note.broken) == ("terminal", where, False)
    assert looked_at(healthy, variables, terminal=False) == []  # as in cron


@pytest.mark.parametrize("which", GOOD_TERMINALS)
def test_a_terminal_that_has_what_it_can_have_is_not_spoken_of(healthy, which):
    assert looked_at(healthy, GOOD_TERMINALS[which]) == []


def test_a_note_on_the_terminal_is_given_to_a_person_alone(healthy):
    done = healthy.rolecall("doctor", tty=True, env={"TERM": "xterm"})
    assert done.status == 0, done
    assert "note    TERM is xterm: " in done.stdout
    assert "0 broken, 1 to look at" in done.stdout
    assert healthy.rolecall("doctor", env={"TERM": "xterm"}).stdout == "nothing is wrong\n"


def test_no_network_is_said_and_the_rest_is_looked_at(healthy, port):
    dead = f"endpoint_url = http://127.0.0.1:{port}"
    healthy.config(re.sub(r"endpoint_url = .*", dead, healthy.config_file.read_text()))
    healthy.credentials_file.chmod(0o644)
    assert {"network", "permissions"} <= found(healthy).keys()


# ---- healthy homes ------------------------------------------------------------------------

FUTURE = "2999-01-01T00:00:00Z"


def one_account(home, company):
    home.config("[default]\nregion = eu-west-1\noutput = json\n")
    home.credentials(f"[default]\n{KEYS}")


def a_company(home, company):
    profiles = "".join(
        f"[profile {account}-{role}]\nsso_session = corp\nsso_account_id = {account}\n"
        f"sso_role_name = {role}\nregion = eu-west-1\n\n"
        for account in ("123456789012", "210987654321")
        for role in ("admin", "read")
    )
    home.config(
        f"{profiles}[profile deploy]\n{ROLE.replace('base', '123456789012-admin')}\n"
        "[sso-session corp]\nsso_start_url = https://x.awsapps.com/start\n"
        "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n"
    )
    signed_in(home, ends=FUTURE)


def keys_in_the_environment(home, company):
    (home.path / ".aws").rmdir()
    home.env |= {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


def nothing(home, company):
    (home.path / ".aws").rmdir()


def everybodys_sessions(home, company):
    """rolecall's, and live ones of saml2aws, awsume and gimme-aws-creds beside programs' own."""
    ana = company.user("ana")
    home.config("[profile granted]\ncredential_process = granted credential-process\n\n")
    for program in ("granted", "aws-vault"):
        path = home.path / "bin" / program
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    home.keys("base", ana)
    home.profile("admin", role_arn=company.role("admin", ana.arn), source_profile="base")
    home.profile("vaulted", credential_process="aws-vault export --format=json base")
    ends = ("x_security_token_expires", "expiration", "aws_expiration")
    live = "".join(
        f"[{name}]\n{KEYS.replace('AKIA', 'ASIA')}aws_session_token = t\n{key} = {FUTURE}\n"
        for name, key in zip(("saml", "awsume", "gimme"), ends, strict=True)
    )
    home.credentials(home.credentials_file.read_text() + live)
    assert home.rolecall("assume", "admin").status == 0


def a_shell_of_ours(home, company):
    one_account(home, company)
    home.env |= {
        "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
        "AWS_SESSION_TOKEN": "t",
        "AWS_CREDENTIAL_EXPIRATION": FUTURE,
        "ROLECALL_ROLE": "admin",
        "ROLECALL_DEPTH": "1",
    }


def settings_and_roles(home, company):
    one_account(home, company)
    home.settings(
        f'duration = "2h"\nmfa_command = ["true"]\n[[roles]]\nname = "x"\n'
        f'role_arn = "{ARN}/x"\nsource = "default"\n'
    )


def files_elsewhere(home, company):
    one_account(home, company)
    for variable, path in (
        ("AWS_CONFIG_FILE", home.config_file),
        ("AWS_SHARED_CREDENTIALS_FILE", home.credentials_file),
    ):
        home.env[variable] = str(path.rename(home.path / path.name))


HOMES = [
    one_account,
    a_company,
    keys_in_the_environment,
    nothing,
    everybodys_sessions,
    a_shell_of_ours,
    settings_and_roles,
    files_elsewhere,
]


@pytest.mark.parametrize("shape", HOMES)
def test_a_healthy_home_of_any_shape_has_nothing(home, company, shape):
    # Calls go to the emulator, which doctor notes as it should; nothing else is there to say.
    home.env["BROWSER"] = "true"
    shape(home, company)
    assert {each["where"] for each in findings(home)} == {"AWS_ENDPOINT_URL"}
    done = home.rolecall("doctor", tty=True)
    assert done.stdout.splitlines()[-1].strip() == "0 broken, 1 to look at", done
    cron = dict.fromkeys(("LANG", "LC_ALL", "TERM", "TZ", "USER"))
    done = home.rolecall("doctor", env=cron)
    assert (done.status, done.stdout.count("note")) == (0, 1), done


# ---- mending ------------------------------------------------------------------------------

ODD = (
    "# mine, by hand\r\n[odd]\r\naws_access_key_id=AKIAIOSFODNN7EXAMPLE  \r\n"
    "aws_secret_access_key :  wJalrXUtnFEMI\r\n\r\n\r\n; kept \u00e4\n[other]\n" + KEYS + "\n\n"
)
# What is mended, and the bits of a mode that go by it.
MENDED = {
    "credentials open": 0o077,
    "config changed by others": 0o022,
    "settings changed by others": 0o022,
    "folder changed by others": 0o022,
    "cache open": 0o077,
    "sign-in open": 0o077,
    "state open": 0o077,
    "leftover": None,
    "leftover by the second of its dates": None,
    "our own leftover": None,
}


def tree(home):
    """Every file and folder of a home with its mode and bytes, without what undo keeps."""
    found = {}
    for at in sorted(home.path.rglob("*")):
        name = str(at.relative_to(home.path))
        if at.suffix == ".lock" or (name.startswith((".local", "tmp")) and at.name != "x.json"):
            continue
        text = at.read_bytes() if at.is_file() else None
        found[name] = (stat.S_IMODE(at.lstat().st_mode), text)
    return found


@pytest.mark.parametrize("fault", MENDED)
def test_what_is_mended_is_whole_and_nothing_else_is_touched(healthy, fault):
    with healthy.credentials_file.open("a", newline="") as file:
        file.write(ODD)
    before = tree(healthy)
    FAULTS[fault][0](healthy)
    planted = tree(healthy)
    [finding] = findings(healthy)
    assert finding["fixable"]
    done = healthy.rolecall("doctor", "--fix", input="n\r", tty=True)
    assert done.status == (1 if finding["broken"] else 0)
    assert tree(healthy) == planted

    done = healthy.rolecall("doctor", "--fix", input="y\r", tty=True)
    assert done.status == 0, done
    assert done.stdout.count("done") == 1
    assert findings(healthy) == []
    wanted = before
    if bits := MENDED[fault]:
        at = os.path.relpath(finding["where"], healthy.path)
        mode_of, text = planted[at]
        wanted = planted | {at: (mode_of & ~bits, text)}
    assert tree(healthy) == wanted


def test_a_leftover_comes_back_by_undo(healthy):
    FAULTS["leftover"][0](healthy)
    planted = healthy.credentials_file.read_bytes()
    assert healthy.rolecall("doctor", "--fix", input="y\r", tty=True).status == 0
    assert healthy.credentials_file.read_bytes() != planted
    assert healthy.rolecall("undo").status == 0
    assert healthy.credentials_file.read_bytes() == planted


def test_a_leftover_that_was_renewed_meanwhile_stays(healthy):
    FAULTS["leftover"][0](healthy)
    machine = Machine(env=healthy.env, home=str(healthy.path))
    [finding] = leftovers.check(machine, Catalogue.load(machine))
    renewed = healthy.credentials_file.read_text().replace(PAST, "2999-01-01T00:00:00Z")
    healthy.credentials(renewed)
    finding.fix.run()
    assert healthy.credentials_file.read_text() == renewed


def test_everything_is_mended_in_one_go(healthy):
    for fault in MENDED:
        if fault != "leftover by the second of its dates":
            FAULTS[fault][0](healthy)
    assert len(findings(healthy)) == len(MENDED) - 1
    done = healthy.rolecall("doctor", "--fix", input="y\r" * len(MENDED), tty=True)
    assert done.status == 0, done
    assert findings(healthy) == []


def test_fix_without_a_terminal_is_refused(healthy):
    done = healthy.rolecall("doctor", "--fix")
    assert done.status == 2
    assert "needs a terminal" in done.stderr


def test_every_key_that_botocore_reads_is_known():
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, DEFAULT_S3_CONFIG_VARS

    read = {said[0] for said in BOTOCORE_DEFAUT_SESSION_VARIABLES.values()}
    for said in DEFAULT_S3_CONFIG_VARS.values():
        read.update(name for name in said[0] if isinstance(name, str))
    assert {name for name in read if isinstance(name, str)} - {"s3"} <= CLIENTS | {
        "addressing_style",
        "use_accelerate_endpoint",
        "payload_signing_enabled",
        "use_arn_region",
        "us_east_1_regional_endpoint",
    }
    assert "role_arn" in CREDENTIALS


def test_a_folder_that_cannot_be_looked_into_is_a_finding(healthy, monkeypatch):
    machine = Machine(env=healthy.env, home=str(healthy.path))
    for folder in (machine.role_cache, machine.state_folder):
        os.makedirs(folder, exist_ok=True)
    closed = {machine.role_cache, machine.state_folder}
    scan = os.scandir

    def scandir(folder):
        if folder in closed:
            raise PermissionError(13, "Permission denied", folder)
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    said = {each.where: each for each in files.check(machine) if each.code == "unreadable"}
    assert said.keys() == closed
    for folder, each in said.items():
        assert each.summary == "it cannot be looked into: permission denied"
        assert each.remedy == f"chmod u+rwx {folder}, or see whose it is"
