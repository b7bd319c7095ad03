"""What every source promises, and every source run through it.

A new source joins by one fixture value: a home set up for it, and the profile that uses it.
"""

import base64
import hashlib
import http.server
import json
import pickle
import sys
import threading
import time
from pathlib import Path

import pytest

from profiles.destinations import environment
from profiles.errors import Cancelled, NetworkUnavailable
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources.kinds import BUILT
from profiles.sources.protocol import source_of
from profiles.switcher import Switcher
from tests.world import bearer
from tests.world.cloud import MAIN
from tests.world.company import allow
from tests.world.home import BIN
from tests.world.identity_center import BROWSER, START_URL
from tests.world.saml import signed, signer, xml
from tests.world.sign_in import SignInService


def set_up_keys(company, home, ana):
    """Keys in a profile."""
    return "base", {"session-token", "keys"}


def set_up_session_keys(company, home, ana):
    """A session that another tool put into a profile."""
    found = json.loads(home.rolecall("export", "base", "--format", "json").stdout)
    home.credentials_file.write_text(
        home.credentials_file.read_text()
        + f"[other-tool]\naws_access_key_id = {found['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {found['AWS_SECRET_ACCESS_KEY']}\n"
        f"aws_session_token = {found['AWS_SESSION_TOKEN']}\n"
        f"x_security_token_expires = {found['AWS_SESSION_EXPIRATION']}\n"
    )
    return "other-tool", {"session-token", "keys"}


def set_up_role(company, home, ana):
    """A role from keys."""
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, source_profile="base")
    return "reader", {"role", "keys"}


def set_up_chain(company, home, ana):
    """A role from a role."""
    first = company.role("first", ana.arn, may=allow("sts:AssumeRole"))
    home.profile("first", role_arn=first, source_profile="base")
    home.profile("second", role_arn=company.role("second", first), source_profile="first")
    return "second", {"role", "keys"}


def set_up_itself(company, home, ana):
    """Keys and role in one profile."""
    arn = company.role("reader", ana.arn)
    home.config_file.write_text(
        f"[profile base]\nrole_arn = {arn}\nsource_profile = base\nregion = eu-west-1\n"
    )
    return "base", {"role", "keys"}


def set_up_environment(company, home, ana):
    """A role from the environment's keys."""
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, credential_source="Environment")
    home.env |= {
        "AWS_ACCESS_KEY_ID": ana.access_key_id,
        "AWS_SECRET_ACCESS_KEY": ana.secret_access_key,
    }
    return "reader", {"role", "Environment"}


def set_up_entry(company, home, ana):
    """A `[[roles]]` entry of the name of the profile that it starts from."""
    arn = company.role("reader", ana.arn)
    home.settings(f'[[roles]]\nname = "base"\nrole_arn = "{arn}"\nsource = "base"\n')
    return "base", {"role", "keys"}


def printing(home, **said):
    """A program that prints credentials, with the quoting and spaces of real command lines."""
    script = home.path / "get keys"
    script.write_text(f"#!/bin/sh\n[ \"$1\" = 'a b' ] && cat <<'END'\n{json.dumps(said)}\nEND\n")
    script.chmod(0o700)
    return f"'{script}' 'a b'"


def set_up_process(company, home, ana):
    """A role from a program's keys."""
    command = printing(
        home,
        Version=1,
        AccessKeyId=ana.access_key_id,
        SecretAccessKey=ana.secret_access_key,
    )
    home.profile("vault", credential_process=command)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="vault")
    return "reader", {"role", "process"}


def jwt(**claims):
    def part(what):
        return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{part('signature')}"


def set_up_web_identity(company, home, ana):
    """A role for the bearer of a token."""
    iam = company.account().client("iam")
    provider = iam.create_open_id_connect_provider(
        Url="https://idp.example.test", ClientIDList=["rolecall"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    trusted = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"idp.example.test:aud": "rolecall"}},
    }
    arn = company.account().role("bearer", trusted)
    token = home.path / "token"
    end = int(time.time()) + 3600
    token.write_text(jwt(iss="https://idp.example.test", aud="rolecall", sub="ana", exp=end) + "\n")
    home.profile("bearer", role_arn=arn, web_identity_token_file=token)
    return "bearer", {"web-identity"}


def set_up_token_command(company, home, ana, issuer):
    """A role for the bearer of a token that a program prints."""
    arn = bearer.trust(company, issuer.url)
    bearer.entry(home, arn, token_command=["echo", issuer.token()])
    return "bearer", {"web-identity"}


def set_up_oidc_sign_in(company, home, ana, issuer):
    """A role for who has signed in to a provider."""
    arn = bearer.trust(company, issuer.url)
    bearer.entry(home, arn, issuer=issuer.url, client_id="rolecall")
    home.env["ROLECALL_BROWSER"] = bearer.BROWSER
    assert home.rolecall("exec", "bearer", "--", "true", tty=True).status == 0
    for session in (home.path / ".aws" / "cli" / "cache").glob("*.json"):
        session.unlink()
    return "bearer", {"web-identity"}


def set_up_saml(company, home, ana):
    """A role for whom an identity provider vouches."""
    provider = f"arn:aws:iam::{MAIN}:saml-provider/idp"
    company.strict.proofs.saml_providers[provider] = signer().certificate
    arn = company.role("dev", f"arn:aws:iam::{MAIN}:root")
    response = home.path / "response"
    response.write_text(signed(xml(f"{arn},{provider}")))
    home.settings(
        f'[[roles]]\nname = "dev"\nkind = "saml"\nrole_arn = "{arn}"\n'
        f'saml_command = ["cat", "{response}"]\n'
    )
    return "dev", {"saml"}


@pytest.fixture
def metadata():
    """A metadata service and container endpoint, as strict as the real ones on their way in."""
    serving = []

    def start(keys):
        given = {
            "Code": "Success",
            "AccessKeyId": keys["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "Token": keys["AWS_SESSION_TOKEN"],
            "Expiration": keys["AWS_SESSION_EXPIRATION"],
        }

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                ok = self.path == "/latest/api/token"
                self.answer(
                    "the-token"
                    if ok and self.headers["x-aws-ec2-metadata-token-ttl-seconds"]
                    else None
                )

            def do_GET(self):
                roles = "/latest/meta-data/iam/security-credentials/"
                by_token = self.headers.get("x-aws-ec2-metadata-token") == "the-token"
                by_name = self.headers.get("Authorization") == "the-name"
                if self.path == roles and by_token:
                    self.answer("the-role")
                elif (self.path == f"{roles}the-role" and by_token) or (
                    self.path == "/container" and by_name
                ):
                    self.answer(json.dumps(given))
                else:
                    self.answer(None)

            def answer(self, text):
                self.send_response(200 if text else 401)
                body = (text or "no").encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        serving.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in serving:
        server.shutdown()
        server.server_close()


@pytest.fixture
def sign_in():
    """AWS Sign-In."""
    running = []

    def start(session):
        running.append(SignInService(session))
        return running[-1]

    yield start
    for service in running:
        service.close()


def session_of_base(home):
    return json.loads(home.rolecall("export", "base", "--format", "json").stdout)


def set_up_instance(company, home, ana, metadata):
    """A role from an EC2 instance's own."""
    url = metadata(session_of_base(home))
    home.env |= {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, credential_source="Ec2InstanceMetadata")
    return "reader", {"role", "Ec2InstanceMetadata"}


def set_up_container(company, home, ana, metadata):
    """A role from a container's own."""
    url = metadata(session_of_base(home))
    home.env |= {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the-name",
    }
    arn = company.role("reader", ana.arn)
    home.profile("reader", role_arn=arn, credential_source="EcsContainer")
    return "reader", {"role", "EcsContainer"}


def set_up_token_entry(company, home, ana):
    """A session token, and a role from it."""
    arn = company.role("reader", ana.arn)
    home.settings(
        '[[roles]]\nname = "token"\nkind = "session-token"\nsource = "base"\nduration = "36h"\n'
        f'[[roles]]\nname = "reader"\nrole_arn = "{arn}"\nsource = "token"\n'
    )
    return "reader", {"role", "session-token", "keys"}


def set_up_mfa(company, home, ana):
    """A role behind an MFA session, whose codes a command prints."""
    serial, totp = company.device(ana)
    arn = company.role("guarded", ana.arn, mfa=True)
    home.profile("guarded", role_arn=arn, source_profile="base", mfa_serial=serial)
    code = f"import pyotp; print(pyotp.TOTP('{totp.secret}').now())"
    home.settings(f"mfa_command = {json.dumps([sys.executable, '-c', code])}\n")
    return "guarded", {"role", "keys"}


def set_up_federation_token(company, home, ana):
    """A federated user."""
    home.settings(
        '[[roles]]\nname = "guest"\nkind = "federation-token"\nsource = "base"\n'
        'policy = \'{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}\'\n'
    )
    return "guest", {"federation-token", "keys"}


def set_up_login(company, home, ana, sign_in):
    """A role from a console sign-in."""
    keys = session_of_base(home)
    service = sign_in(
        lambda: {
            "accessKeyId": keys["AWS_ACCESS_KEY_ID"],
            "secretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "sessionToken": keys["AWS_SESSION_TOKEN"],
        }
    )
    cache = home.path / ".aws" / "login" / "cache"
    cache.mkdir(parents=True)
    name = hashlib.sha256(ana.arn.encode()).hexdigest()
    (cache / f"{name}.json").write_text(json.dumps(service.signed_in(60)))
    home.env |= {"AWS_ENDPOINT_URL_SIGNIN": service.url}
    home.profile("console", login_session=ana.arn)
    home.profile("reader", role_arn=company.role("reader", ana.arn), source_profile="console")
    return "reader", {"role", "login"}


def set_up_stored_keys(company, home, ana):
    """Keys in the system's store."""
    home.env |= {
        "PYTHON_KEYRING_BACKEND": "tests.world.key_store.TestStore",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TEST_STORE": str(home.path / "store.json"),
    }
    home.credentials("")
    keys = f"{ana.access_key_id}\n{ana.secret_access_key}\n"
    assert home.rolecall("keys", "add", "stored", input=keys).status == 0
    home.profile("stored", region="eu-west-1")
    return "stored", {"session-token", "keyring"}


def set_up_permission_set(company, home, ana, center):
    """A permission set of IAM Identity Center, signed in to."""
    center.assign("ReadOnly", allow("sts:*"))
    home.settings(f"browser = {json.dumps(BROWSER)}\n")
    with home.config_file.open("a") as file:
        file.write(f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n\n")
    home.profile("dev", sso_session="corp", sso_account_id=MAIN, sso_role_name="ReadOnly")
    assert home.rolecall("login", tty=True).status == 0
    return "dev", {"sso", "sso-session"}


def set_up_role_of_permission_set(company, home, ana, center):
    """A role from a permission set."""
    set_up_permission_set(company, home, ana, center)
    arn = company.role("reader", f"arn:aws:iam::{MAIN}:root")
    home.profile("reader", role_arn=arn, source_profile="dev")
    return "reader", {"role", "sso", "sso-session"}


WAYS = [
    set_up_keys,
    set_up_session_keys,
    set_up_role,
    set_up_chain,
    set_up_itself,
    set_up_environment,
    set_up_entry,
    set_up_token_entry,
    set_up_mfa,
    set_up_federation_token,
    set_up_process,
    set_up_web_identity,
    set_up_token_command,
    set_up_oidc_sign_in,
    set_up_saml,
    set_up_instance,
    set_up_container,
    set_up_login,
    set_up_permission_set,
    set_up_role_of_permission_set,
    set_up_stored_keys,
]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.removeprefix("set_up_"))
def way(request, company, home, monkeypatch, metadata, sign_in, center, issuer):
    """A switcher in a home that is set up for a source, and the role that uses it."""
    ana = company.user("ana", allow("sts:*"))
    home.keys("base", ana)
    wanted = {
        set_up_instance: [metadata],
        set_up_container: [metadata],
        set_up_token_command: [issuer],
        set_up_oidc_sign_in: [issuer],
        set_up_login: [sign_in],
        set_up_permission_set: [center],
        set_up_role_of_permission_set: [center],
    }
    more = wanted.get(request.param, [])
    name, kinds = request.param(company, home, ana, *more)
    for key, value in home.env.items():
        if key.startswith(("AWS_", "PYTHON_KEYRING", "TEST_STORE")):
            monkeypatch.setenv(key, value)  # the SDK reads this process's own environment
    switcher = Switcher(Machine(env=home.env, home=str(home.path)))
    role = switcher.catalogue.resolve(name)
    assert {hop.kind for hop in switcher.catalogue.hops(role)} == kinds
    return switcher, role


def test_every_kind_that_is_built_is_run_through_this_suite():
    tried = {"keys", "role", "session-token", "Environment", "process", "web-identity"}
    tried |= {"federation-token", "Ec2InstanceMetadata", "EcsContainer", "login", "keyring", "sso"}
    tried |= {"saml"}
    assert tried == set(BUILT)
    for kind in BUILT:
        assert callable(source_of(kind).session)


def test_it_gives_a_session_that_aws_accepts(way, home):
    switcher, role = way
    session = switcher.session(role)
    assert session.role == role.name
    assert session.credentials.session_token
    assert session.expires_at > switcher.machine.now() + 3000
    keys = session.credentials
    env = {
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token,
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    assert home.aws("sts", "get-caller-identity", env=env).status == 0


def test_nothing_is_asked_twice(way, strict):
    switcher, role = way
    first = switcher.session(role)
    calls = len(strict.calls)
    second = switcher.session(role)
    assert len(strict.calls) == calls
    assert second.from_cache
    assert second.credentials.access_key_id == first.credentials.access_key_id


def test_it_never_shows_its_secrets(way):
    switcher, role = way
    session = switcher.session(role)
    keys = session.credentials
    for shown in (repr(session), str(session), f"{session}", repr(keys), str(vars_of(session))):
        assert keys.secret_access_key not in shown
        assert keys.session_token not in shown
    for secret in (session, keys):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def vars_of(session):
    return [repr(getattr(session, name)) for name in ("role", "credentials", "expires_at")]


def test_no_network_is_an_error_of_the_tree(way, strict):
    switcher, role = way
    strict.close()
    if role.name == "other-tool":  # a session that lies in a file needs no network
        assert switcher.session(role, Request(fresh=True)).from_cache
        return
    with pytest.raises(NetworkUnavailable):
        switcher.session(role, Request(fresh=True))


def test_a_cancelled_one_stops_and_writes_nothing(way, home):
    switcher, role = way
    before = home.credentials_file.read_bytes()
    with pytest.raises(Cancelled):
        switcher.assume(role, cancelled=lambda: True)
    assert home.credentials_file.read_bytes() == before


# ---- a program's credentials --------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "status 3"),
        ("echo 'vault is sealed' >&2; exit 1", "vault is sealed"),
        ("echo hello", "no JSON"),
        ("echo '[]'", "Version"),
        ("""echo '{"Version": 2}'""", "Version"),
        ("""echo '{"Version": 1, "AccessKeyId": "x"}'""", "SecretAccessKey is missing"),
        (
            """echo '{"Version": 1, "AccessKeyId": "x", "SecretAccessKey": "y", """
            """"Expiration": "soon"}'""",
            "Expiration is no time",
        ),
    ],
)
def test_a_program_that_fails_is_told_in_its_own_words(home, script, said):
    path = home.path / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    home.profile("vault", credential_process=path)
    done = home.rolecall("exec", "vault", "--", "true")
    assert done.status == 1, done
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_program_that_is_not_there(home):
    home.profile("lost", credential_process="/no/such/program --x")
    assert "no command '/no/such/program'" in home.rolecall("exec", "lost", "--", "true").stderr


@pytest.mark.parametrize("through", [(), ("other",)])
def test_a_program_that_comes_back_to_rolecall_is_stopped(home, through):
    """In whatever disguise: here a script, directly or through another profile's."""
    names = ("loop", *through)
    for name, asks in zip(names, (*names[1:], names[0]), strict=True):
        script = home.path / f"program-{name}"
        script.write_text(
            f"#!/bin/sh\necho once >>{home.path}/runs\n{BIN}/rolecall export {asks}\n"
        )
        script.chmod(0o700)
        home.profile(name, credential_process=script)
    done = home.rolecall("export", "loop")
    assert done.status == 1
    assert f"comes back to it: {' ─▸ '.join((*names, 'loop'))}" in done.stderr
    assert (home.path / "runs").read_text() == "once\n" * len(names)


def test_a_programs_session_that_is_over_is_said_to_be(home):
    command = printing(
        home,
        Version=1,
        AccessKeyId="ASIA",
        SecretAccessKey="s",
        SessionToken="t",
        Expiration="2020-01-01T00:00:00Z",
    )
    home.profile("vault", credential_process=command)
    done = home.rolecall("assume", "vault", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "credentials-expired"


def test_a_programs_session_is_written_like_any_other(company, home):
    ana = company.user("ana")
    command = printing(
        home,
        Version=1,
        AccessKeyId=ana.access_key_id,
        SecretAccessKey=ana.secret_access_key,
        SessionToken="t",
        Expiration="2099-01-01T00:00:00Z",
    )
    home.profile("vault", credential_process=command)
    assert home.rolecall("assume", "vault").status == 0
    assert "[vault-session]" in home.credentials_file.read_text()


# ---- a token in a file --------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_token_that_is_missing_needs_a_person(home, content):
    token = home.path / "token"
    if content is not None:
        token.write_text(content)
    arn = "arn:aws:iam::123456789012:role/bearer"
    home.profile("bearer", role_arn=arn, web_identity_token_file=token)
    done = home.rolecall("assume", "bearer", "--json")
    assert done.status == 3
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "login-required"
    assert str(token) in error["summary"]


def test_a_token_for_somebody_else_is_denied_and_explained(company, home):
    set_up_web_identity(company, home, None)
    (home.path / "token").write_text(
        jwt(iss="https://idp.example.test", aud="other", sub="ana", exp=int(time.time()) + 60)
    )
    done = home.rolecall("assume", "bearer", "--json")
    assert done.status == 1, done
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "access-denied"
    assert "aud" in error["hint"]


def test_a_stage_bounds_a_bearers_session_too(company, strict, home):
    set_up_web_identity(company, home, None)
    home.settings('[stages.any]\nmatch = ["*"]\nmax_duration = "30m"\n')
    assert home.rolecall("assume", "bearer").status == 0
    assert strict.last("AssumeRoleWithWebIdentity")["DurationSeconds"] == "1800"
    done = home.rolecall("assume", "bearer", "--duration", "1h", "--json")
    assert json.loads(done.stderr)["error"]["code"] == "session-too-long"


def test_the_aws_cli_and_rolecall_share_a_bearers_session(company, strict, home):
    set_up_web_identity(company, home, None)
    region = {"AWS_DEFAULT_REGION": "eu-west-1"}
    done = home.aws("sts", "get-caller-identity", "--profile", "bearer", env=region)
    assert done.status == 0, done
    before = strict.count("AssumeRoleWithWebIdentity")
    assert json.loads(home.rolecall("assume", "bearer", "--json").stdout)["from_cache"]
    assert strict.count("AssumeRoleWithWebIdentity") == before


# ---- the machine's own role ---------------------------------------------------------------


@pytest.mark.parametrize("source", ["Ec2InstanceMetadata", "EcsContainer"])
def test_a_machine_without_a_role_says_so_in_time(home, source):
    home.profile(
        "reader", role_arn="arn:aws:iam::123456789012:role/reader", credential_source=source
    )
    home.env |= {
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9",
    }
    began = time.monotonic()
    done = home.rolecall("assume", "reader", "--json")
    assert time.monotonic() - began < 10
    assert done.status == 1, done
    assert json.loads(done.stderr)["error"]["hint"]


def test_a_container_endpoint_that_refuses_is_an_error_of_one_line(home, metadata):
    url = metadata(dict.fromkeys(environment.SET, "x"))
    home.profile(
        "reader", role_arn="arn:aws:iam::123456789012:role/r", credential_source="EcsContainer"
    )
    home.env |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container"}
    done = home.rolecall("assume", "reader")
    assert done.status == 1, done
    assert len(done.stderr.splitlines()) <= 2
