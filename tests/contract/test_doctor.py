"""`rolecall doctor`: planted faults are found and mended, and a healthy home has none."""

import json
import os
import re
import stat

import pytest

from profiles.insight.checks.key_names import CLIENTS, CREDENTIALS
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
    url = home.env.pop("AWS_ENDPOINT_URL")
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


def found(home):
    done = home.rolecall("doctor", "--json")
    findings = json.loads(done.stdout)
    assert done.status == (1 if any(each["broken"] for each in findings) else 0), done
    for each in findings:
        assert each["summary"]
        assert each["remedy"]
        assert "wJalrXUtnFEMI" not in json.dumps(each)
    return {each["code"]: each for each in findings}


def test_a_healthy_home_has_nothing(healthy):
    assert found(healthy) == {}
    done = healthy.rolecall("doctor")
    assert (done.status, done.stdout) == (0, "nothing is wrong\n")


def mode(path_of, bits):
    return lambda home: path_of(home).chmod(bits)


def config(text):
    return lambda home: home.config(home.config_file.read_text() + f"\n{text}")


def credentials(text):
    return lambda home: home.credentials(home.credentials_file.read_text() + f"\n{text}")


def variables(**values):
    return lambda home: home.env.update(values)


def settings(text):
    return lambda home: home.settings(text)


def cached(home):
    folder = home.path / ".aws" / "cli" / "cache"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("{}")
    (folder / "x.json").chmod(0o644)


def link(home):
    home.credentials_file.unlink()
    home.credentials_file.symlink_to("nowhere")


def signed_in(home):
    from profiles.files.sso_cache import token_key

    folder = home.path / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True)
    said = {"accessToken": "t", "startUrl": "https://x.awsapps.com/start", "expiresAt": PAST}
    path = folder / f"{token_key('corp')}.json"
    path.write_text(json.dumps(said))
    path.chmod(0o600)


def stored(home):
    from profiles.files.key_names import write_key_names
    from profiles.machine import Machine

    home.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    write_key_names(Machine(env=home.env, home=str(home.path)), ["ana"])


FAULTS = {
    "credentials open": (mode(lambda h: h.credentials_file, 0o644), "permissions"),
    "config changed by others": (mode(lambda h: h.config_file, 0o622), "permissions"),
    "settings changed by others": (mode(lambda h: h.settings_file, 0o666), "permissions"),
    "folder changed by others": (mode(lambda h: h.config_file.parent, 0o777), "permissions"),
    "cache open": (cached, "permissions"),
    "config is a folder": (
        lambda h: (h.config_file.unlink(), h.config_file.mkdir()),
        "unreadable",
    ),
    "config is no text": (lambda h: h.config_file.write_bytes(b"\0\1"), "unreadable"),
    "link to nowhere": (link, "broken-link"),
    "variable to nowhere": (variables(AWS_SHARED_CREDENTIALS_FILE="/none"), "missing-file"),
    "section twice": (config(f"[profile x]\n{ROLE}"), "duplicate-section"),
    "header without bracket": (config(f"[profile y\n{ROLE}"), "syntax"),
    "header without profile": (config(f"[y]\n{ROLE}"), "syntax"),
    "line without equals": (config(f"[profile y]\n{ROLE}mfa\n"), "syntax"),
    "role_anr": (
        config(f"[profile y]\nrole_anr = {ARN}/y\nsource_profile = base\n"),
        "misspelt-key",
    ),
    "sso_sart_url": (config("[sso-session other]\nsso_sart_url = x\n"), "misspelt-key"),
    "aws_secret_acces_key": (credentials("[y]\naws_secret_acces_key = x\n"), "misspelt-key"),
    "a key of nobody's": (config(f"[profile y]\n{ROLE}flavour = mint\n"), "unknown-key"),
    "source missing": (
        config(f"[profile y]\nrole_arn = {ARN}/y\nsource_profile = no\n"),
        "dead-source",
    ),
    "sources in a circle": (
        config(
            f"[profile y]\nrole_arn = {ARN}/y\nsource_profile = z\n"
            f"[profile z]\nrole_arn = {ARN}/z\nsource_profile = y\n"
        ),
        "dead-source",
    ),
    "not an ARN": (config("[profile y]\nrole_arn = x\nsource_profile = base\n"), "dead-source"),
    "half keys": (credentials("[y]\naws_access_key_id = AKIA\n"), "dead-source"),
    "keys over a process": (config("[profile base]\ncredential_process = /bin/true\n"), "shadowed"),
    "no such program": (
        config("[profile y]\ncredential_process = /no/prog x\n"),
        "missing-program",
    ),
    "no such mfa_command": (settings('mfa_command = ["no-such-ykman"]\n'), "missing-program"),
    "no token file": (
        config(f"[profile y]\nrole_arn = {ARN}/y\nweb_identity_token_file = /no/token\n"),
        "missing-token",
    ),
    "session of nobody": (
        config("[sso-session o]\nsso_start_url = https://o/start\nsso_region = eu-west-1\n"),
        "unused-section",
    ),
    "no such services": (config(f"[profile y]\n{ROLE}services = gone\n"), "missing-section"),
    "leftover": (
        credentials(f"[saml]\n{KEYS}aws_session_token = t\nx_security_token_expires = {PAST}\n"),
        "expired-leftover",
    ),
    "our own leftover": (
        credentials(
            f"[x-session]\n{KEYS.replace('AKIA', 'ASIA')}aws_session_token = t\n"
            f"x_security_token_expires = {PAST}\nx_rolecall = x\n"
        ),
        "expired-session",
    ),
    "signed out": (signed_in, "expired-sign-in"),
    "keys win": (
        variables(AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_ACCESS_KEY="s", AWS_PROFILE="x"),
        "shadowing",
    ),
    "half of the keys": (variables(AWS_ACCESS_KEY_ID="AKIA"), "half-keys"),
    "a token alone": (variables(AWS_SESSION_TOKEN="t"), "half-keys"),
    "session is over": (
        variables(
            AWS_ACCESS_KEY_ID="ASIA", AWS_SECRET_ACCESS_KEY="s", AWS_CREDENTIAL_EXPIRATION=PAST
        ),
        "expired-session",
    ),
    "no such profile": (variables(AWS_PROFILE="gone"), "missing-profile"),
    "two profiles": (variables(AWS_PROFILE="x", AWS_DEFAULT_PROFILE="base"), "contradiction"),
    "two regions": (variables(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="x"), "contradiction"),
    "no CA": (variables(AWS_CA_BUNDLE="/no/ca.pem"), "missing-file"),
    "misspelt variable": (variables(ROLECALL_DURATON="1h"), "unknown-variable"),
    "misspelt setting": (settings('duratoin = "1h"\n'), "settings"),
    "settings broken": (settings("duration = \n"), "settings"),
    "no store": (stored, "keyring"),
    "no browser": (lambda h: h.env.pop("BROWSER"), "browser"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(healthy, fault):
    plant, code = FAULTS[fault]
    plant(healthy)
    assert code in found(healthy)


def test_no_network_is_said_and_the_rest_is_looked_at(healthy, port):
    dead = f"endpoint_url = http://127.0.0.1:{port}"
    healthy.config(re.sub(r"endpoint_url = .*", dead, healthy.config_file.read_text()))
    healthy.credentials_file.chmod(0o644)
    assert {"network", "permissions"} <= found(healthy).keys()


@pytest.mark.parametrize("fault", ["credentials open", "config changed by others", "cache open"])
def test_permissions_are_mended_where_a_person_says_so(healthy, fault):
    FAULTS[fault][0](healthy)
    assert healthy.rolecall("doctor", "--fix", input="n\r", tty=True).status == 1
    assert found(healthy)
    done = healthy.rolecall("doctor", "--fix", input="y\r", tty=True)
    assert done.status == 0, done
    assert "1 mended" in done.stdout
    assert found(healthy) == {}


def test_a_leftover_is_taken_out_and_undo_brings_it_back(healthy):
    before = healthy.credentials_file.read_bytes()
    FAULTS["leftover"][0](healthy)
    planted = healthy.credentials_file.read_bytes()
    assert healthy.rolecall("doctor", "--fix", input="y\r", tty=True).status == 0
    assert healthy.credentials_file.read_bytes() == before
    assert stat.S_IMODE(os.stat(healthy.credentials_file).st_mode) == 0o600
    assert healthy.rolecall("undo").status == 0
    assert healthy.credentials_file.read_bytes() == planted


def test_our_own_leftovers_are_dropped(healthy):
    before = healthy.credentials_file.read_bytes()
    FAULTS["our own leftover"][0](healthy)
    assert healthy.rolecall("doctor", "--fix", input="y\r", tty=True).status == 0
    assert healthy.credentials_file.read_bytes() == before


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
