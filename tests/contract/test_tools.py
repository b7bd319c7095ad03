"""The forms of the pages on containers and tools, by the tools themselves where they are there."""

import base64
import json
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.world.company import allow
from tests.world.home import BIN
from tests.world.saml import signer

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")


class StandIn:
    """A server that answers what it was told to, and keeps what it was asked."""

    def __init__(self, answer, tls=None):
        self.asked = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                owner.asked.append((self.path, dict(self.headers), body))
                status, said = answer(self.path)
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Api-Version", "1.41")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_POST = handle_one  # noqa: N815 — http.server's names

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stand_in():
    made = []

    def start(answer, tls=None):
        made.append(StandIn(answer, tls))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.fixture
def reader(company, home):
    """A role that may list buckets, in a region."""
    ana = company.user("ana")
    home.keys("base", ana)
    arn = company.role("reader", ana.arn, may=allow("s3:List*"))
    home.profile("reader", role_arn=arn, source_profile="base", region="eu-west-1")
    return arn


def exported(home, form):
    done = home.rolecall("export", "reader", "--format", form)
    assert done.status == 0, done
    return done.stdout


# ---- docker ------------------------------------------------------------------------------


@pytest.fixture
def daemon(home, stand_in):
    """What docker's client talks to; the variables of the containers that it was to make."""
    if not shutil.which("docker"):
        pytest.skip("docker's client is not installed")
    made = stand_in(lambda path: (201, {"Id": "c0ffee", "Warnings": []}))
    home.env |= {"DOCKER_HOST": f"tcp://{made.address}", "DOCKER_CONFIG": str(home.path)}

    def variables():
        bodies = [json.loads(body) for path, _, body in made.asked if "/containers/create" in path]
        return [dict(each.split("=", 1) for each in body["Env"]) for body in bodies]

    return variables


def test_docker_reads_the_file_of_variables_as_it_is_meant(home, reader, daemon):
    (home.path / "session.env").write_text(exported(home, "env"))
    done = home.run("docker", "create", "--env-file", "session.env", "image")
    assert done.status == 0, done
    assert daemon() == [json.loads(exported(home, "json"))]


def test_docker_reads_them_from_a_pipe_too(home, reader, daemon):
    line = "docker create --env-file <(rolecall export reader --format env) image"
    done = home.run("bash", "-c", line)
    assert done.status == 0, done
    assert daemon() == [json.loads(exported(home, "json"))]


def test_docker_takes_the_variables_by_name(home, reader, daemon):
    names = [word for name in NAMES for word in ("-e", name)]
    command = ["docker", "create", *names, "image"]
    done = home.rolecall("exec", "reader", "--", *command)
    assert done.status == 0, done
    told = json.loads(exported(home, "json"))
    assert daemon() == [{name: told[name] for name in NAMES}]


def test_docker_takes_an_endpoints_two_lines(home, reader, daemon):
    """The names alone, inside `exec --renewing`."""
    pair = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
    names = [word for name in pair for word in ("-e", name)]
    command = ["docker", "create", "--network", "host", *names, "image"]
    done = home.rolecall("exec", "reader", "--renewing", "--", *command)
    assert done.status == 0, done
    [seen] = daemon()
    assert set(seen) == set(pair)
    assert all(seen.values())


# ---- kubectl -----------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kubectl_signs_in_with_the_roles_session(home, reader, stand_in):
    own = signer()
    (home.path / "api.pem").write_text(own.key + own.certificate)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(home.path / "api.pem")
    version = {"major": "1", "minor": "32", "gitVersion": "v1.32.0"}
    api = stand_in(lambda path: (200, version), tls)
    entry = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": str(BIN / "rolecall"),
        "args": ["exec", "reader", "--", "aws", "eks", "get-token", "--cluster-name", "dev"],
        "interactiveMode": "IfAvailable",
    }
    cluster = {"server": f"https://{api.address}", "insecure-skip-tls-verify": True}
    named = {
        "clusters": [{"name": "dev", "cluster": cluster}],
        "users": [{"name": "dev", "user": {"exec": entry}}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "dev"}}],
    }
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "dev"} | named
    (home.path / "kubeconfig").write_text(json.dumps(config))
    done = home.run("kubectl", "--kubeconfig", "kubeconfig", "get", "--raw", "/version")
    assert "v1.32.0" in done.stdout, done
    shown = api.asked[-1][1]["Authorization"].removeprefix("Bearer k8s-aws-v1.")
    url = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4)).decode()
    query = parse_qs(urlsplit(url).query)
    told = json.loads(exported(home, "json"))
    assert query["X-Amz-Security-Token"] == [told["AWS_SESSION_TOKEN"]]
    assert query["X-Amz-Credential"][0].startswith(told["AWS_ACCESS_KEY_ID"])


# ---- ssh ---------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("ssh"), reason="ssh is not installed")
def test_ssh_speaks_through_a_command_of_exec(home, reader):
    """In place of `aws ssm start-session`: a program with the session greets as a server."""
    proxy = home.path / "bin" / "proxy"
    proxy.write_text(
        "#!/bin/sh\nprintf 'SSH-2.0-standin\\r\\n'\nread -r line\n"
        f'echo "$1 $ROLECALL_ROLE $line" > {home.path}/spoken\n'
    )
    proxy.chmod(0o700)
    options = ("-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes")
    command = f"ProxyCommand={BIN}/rolecall exec reader -- proxy %h"
    subprocess.run(
        ["ssh", *options, "-o", command, "i-0123456789"],
        env=home.env,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    said = (home.path / "spoken").read_text()
    assert said.startswith("i-0123456789 reader SSH-2.0-")


# ---- what knows profiles or variables ------------------------------------------------------


@pytest.mark.parametrize("cloud", ["moto"], indirect=True)
@pytest.mark.skipif(not shutil.which("s3cmd"), reason="s3cmd is not installed")
def test_s3cmd_takes_the_variables(home, reader, company):
    company.bucket("reports")
    host = urlsplit(home.env["AWS_ENDPOINT_URL"]).netloc
    (home.path / "s3cfg").write_text("[default]\n")  # without one it asks
    options = ("--config", "s3cfg", "--no-ssl", f"--host={host}", "--host-bucket=")
    done = home.rolecall("exec", "reader", "--", "s3cmd", *options, "ls")
    assert "s3://reports" in done.stdout, done


@pytest.mark.parametrize("cloud", ["moto"], indirect=True)
@pytest.mark.skipif(not shutil.which("rclone"), reason="rclone is not installed")
def test_rclone_reads_the_written_profile(home, reader, company):
    company.bucket("reports")
    home.rolecall("assume", "reader")
    url = home.env["AWS_ENDPOINT_URL"]
    remote = f":s3,provider=Other,env_auth,region=eu-west-1,endpoint='{url}':"
    done = home.run("rclone", "lsd", remote, env={"AWS_PROFILE": "reader-session"})
    assert "reports" in done.stdout, done
