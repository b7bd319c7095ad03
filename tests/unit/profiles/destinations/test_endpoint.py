"""What an endpoint answers, and to whom: attacks come in by a socket, as they would."""

import contextlib
import json
import socket
import threading

import pytest

from profiles.destinations import endpoint_server
from profiles.destinations.endpoint import Endpoint
from profiles.destinations.instance_metadata import InstanceMetadata
from profiles.errors import CredentialsExpired, LoginRequired, NetworkUnavailable, UsageError
from profiles.machine import Machine
from profiles.session import Credentials, Session

SECRET = "wJalrSECRET"
START = 1_900_000_000.0
HOUR = 3600.0


class World:
    """An endpoint with a session of an hour, on a clock that stands until it is moved."""

    def __init__(self, tmp_path, **options):
        self.time = START
        self.trouble = LoginRequired("reader needs a sign-in", "rolecall login")
        self.asked = 0
        machine = Machine({}, str(tmp_path), now=lambda: self.time)
        self.endpoint = Endpoint(machine, self.again, **options)
        self.delivery = self.endpoint.deliver(session(START + HOUR))
        self.port = int(self.endpoint.url.split(":")[2].split("/")[0])

    def again(self, before):
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return session(before.expires_at + HOUR)

    def request(
        self, *, method="GET", path="/credentials", token=..., host=..., version="1.1", **more
    ):
        headers = {"Host": f"127.0.0.1:{self.port}" if host is ... else host}
        headers["Authorization"] = self.endpoint.token if token is ... else token
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join([f"{method} {path} HTTP/{version}", *lines, "", ""]).encode("latin-1")

    def ask(self, **how):
        return Reply(self.send(self.request(**how)))

    def send(self, data):
        """Everything that comes back until the connection is closed."""
        with self.connection() as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            return rest(connection)

    def connection(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


class Reply:
    """A response, taken apart."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.lines = head.decode("latin-1").lower().split("\r\n")
        self.status = int(self.lines[0].split()[1]) if head else None
        self.text = self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def rest(connection):
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            found += data
    return found


def session(end, **changes):
    made = {
        "role": "reader",
        "credentials": Credentials("ASIAEXAMPLE000000000", SECRET, "IQoJ/+=="),
        "expires_at": end,
        "role_arn": "arn:aws:iam::123456789012:role/team/reader",
        "account_id": "123456789012",
        "region": "eu-west-1",
    }
    return Session(**made | changes)


@pytest.fixture
def open_world(tmp_path):
    worlds = []

    def opened(**options):
        worlds.append(World(tmp_path, **options))
        return worlds[-1]

    yield opened
    for world in worlds:
        world.endpoint.close()


@pytest.fixture
def world(open_world):
    return open_world()


def test_who_shows_the_token_gets_what_sdks_read(world):
    reply = world.ask()
    assert reply.status == 200
    assert reply.json == {
        "AccessKeyId": "ASIAEXAMPLE000000000",
        "SecretAccessKey": SECRET,
        "Token": "IQoJ/+==",
        "Expiration": "2030-03-17T18:46:40Z",
        "AccountId": "123456789012",
        "RoleArn": "arn:aws:iam::123456789012:role/team/reader",
    }
    assert "cache-control: no-store" in reply.lines
    assert world.ask(host=f"localhost:{world.port}").status == 200


def test_the_token_has_256_bits_and_is_another_each_time(world, open_world):
    assert len(world.endpoint.token) >= 43  # base64 letters of six bits
    assert open_world().endpoint.token != world.endpoint.token


@pytest.mark.parametrize(
    "token", [None, "", "x", "{}x", "Bearer {}", "{:.20}", " {} {}", "é", "\xff"]
)
def test_any_other_token_is_refused(world, token):
    shown = token and token.format(world.endpoint.token, world.endpoint.token)
    reply = world.ask(token=shown)
    assert reply.status == 401
    assert reply.json["Code"] == "WrongToken"
    assert SECRET not in reply.text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{}", "127.0.0.1", "127.0.0.1:1", "localhost", "[::1]:{}", ""],
)
def test_another_name_is_refused_even_with_the_token(world, host):
    reply = world.ask(host=host.format(world.port))
    assert reply.status in (400, 403)
    assert SECRET not in reply.text


def test_no_host_or_two_are_no_request(world):
    assert world.ask(host=None).status == 400
    assert world.ask(host=None, version="1.0").status == 403
    assert world.ask(hOST=f"127.0.0.1:{world.port}").status == 400


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_web_page_gets_nothing_and_no_leave(world, method):
    reply = world.ask(method=method, Origin="https://evil.example")
    assert reply.status == 403
    assert not [line for line in reply.lines if line.startswith("access-control")]
    assert SECRET not in reply.text
    plain = world.ask(method=method)
    assert not [line for line in plain.lines if line.startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/credentials/",
        "//credentials",
        "/credentials?x",
        "/credentials#x",
        "/Credentials",
        "/%63redentials",
        "/x/../credentials",
        "/./credentials",
        "http://127.0.0.1/credentials",
        "*",
        "credentials",
        "/credentials%00",
        "/etc/passwd",
    ],
)
def test_there_is_one_path_by_its_letters(world, path):
    reply = world.ask(path=path)
    assert reply.status == 404
    assert SECRET not in reply.text


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "get", "X"]
)
def test_there_is_one_method(world, method):
    reply = world.ask(method=method)
    assert reply.status == 405
    assert SECRET not in reply.text


@pytest.mark.parametrize(
    "more", [{"Content_Length": "5"}, {"Transfer_Encoding": "chunked"}], ids=["length", "chunks"]
)
def test_a_body_is_refused_without_being_read(world, more):
    assert world.ask(**more).status == 413


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET /credentials\r\n\r\n",
        b"GET  /credentials HTTP/1.1\r\n\r\n",
        b"GET /credentials HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /credentials HTTP/1.1\r\n folded\r\n\r\n",
        b"\x00" * 100 + b"\r\n\r\n",
    ],
)
def test_garbage_is_refused_in_one_line(world, data):
    reply = Reply(world.send(data))
    assert reply.status == 400
    assert reply.json["Code"] == "BadRequest"


@pytest.mark.parametrize("version", ["0.9", "2.0", "1.2"])
def test_another_version_is_not_spoken(world, version):
    reply = world.ask(version=version)
    assert reply.status == 505
    assert SECRET not in reply.text


@pytest.mark.parametrize("name", ["X", "Cookie", "Authorization"])
def test_a_head_has_a_largest_size(world, name):
    data = world.request(**{name: "x" * 1_000_000})
    reply = Reply(world.send(data))
    assert reply.status == 431
    assert world.ask().status == 200


def test_a_request_line_without_an_end_is_cut_off(world):
    assert Reply(world.send(b"GET /" + b"x" * 1_000_000)).status == 431


def test_of_requests_in_a_row_one_is_answered(world):
    raw = world.send(world.request() * 3)
    assert raw.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in raw.lower()


def test_who_says_nothing_is_cut_off(world, monkeypatch):
    monkeypatch.setattr(endpoint_server, "_PATIENCE", 0.2)
    with world.connection() as connection:
        connection.sendall(b"GET /cred")
        assert rest(connection) == b""


def test_a_drop_at_a_time_is_no_way_round_that(world, monkeypatch):
    monkeypatch.setattr(endpoint_server, "_PATIENCE", 0.5)
    with world.connection() as connection:
        closed = threading.Event()

        def drip():
            with contextlib.suppress(OSError):
                while not closed.wait(0.05):
                    connection.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert rest(connection) == b""
        closed.set()
        dripping.join()


def test_two_hundred_open_connections_keep_nobody_out(world):
    with contextlib.ExitStack() as held:
        for number in range(200):
            connection = held.enter_context(world.connection())
            if number % 2:
                connection.sendall(b"GET /credentials HTTP/1.1\r\nX: ")
        for _ in range(5):
            assert world.ask().status == 200


def test_the_oldest_of_too_many_makes_room(world, monkeypatch):
    monkeypatch.setattr(endpoint_server, "_MOST", 3)
    monkeypatch.setattr(endpoint_server, "_PATIENCE", 60.0)
    with contextlib.ExitStack() as held:
        oldest, *_, newest = [held.enter_context(world.connection()) for _ in range(4)]
        assert rest(oldest) == b""
        newest.sendall(world.request())
        assert Reply(rest(newest)).status == 200


def test_many_are_answered_at_once(world):
    statuses = []
    asking = [
        threading.Thread(target=lambda: statuses.append(world.ask().status)) for _ in range(50)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert statuses == [200] * 50


def test_only_this_machine_is_listened_to(world):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", world.port), timeout=5)


def test_nobody_listens_after_the_end(world):
    world.endpoint.close()
    with pytest.raises(ConnectionRefusedError):
        world.connection()


def test_a_port_that_is_taken_is_said(world, open_world):
    with pytest.raises(NetworkUnavailable, match=f"127.0.0.1:{world.port}"):
        open_world(port=world.port)


# ---- where there is no session -------------------------------------------------------------


def test_the_session_of_before_is_served_to_its_end_and_then_the_reason(world):
    world.time = START + HOUR - 1
    assert world.ask().json["SecretAccessKey"] == SECRET
    world.time = START + HOUR
    reply = world.ask()
    assert reply.status == 403
    assert reply.json["Code"] == "login-required"
    assert "rolecall login" in reply.json["Message"]
    assert SECRET not in reply.text


def test_what_passes_by_itself_is_a_5xx(world):
    world.trouble = NetworkUnavailable("AWS cannot be reached")
    world.time = START + HOUR
    assert world.ask().status == 503


def test_a_later_session_takes_its_place(world):
    world.trouble = None
    world.time = START + HOUR - 60
    assert world.ask().json["Expiration"] == "2030-03-17T19:46:40Z"
    assert world.asked == 1


def test_keys_that_do_not_end_are_not_served(tmp_path):
    lasting = session(None, credentials=Credentials("AKIAEXAMPLE000000000", SECRET))
    with pytest.raises(UsageError, match="no session that ends"):
        Endpoint(Machine({}, str(tmp_path)), CredentialsExpired).deliver(lasting)


# ---- EC2's protocol ------------------------------------------------------------------------

ROLES = "/latest/meta-data/iam/security-credentials"


@pytest.fixture
def imds(open_world):
    return open_world(service=InstanceMetadata)


def token_of(world, ttl="60", **more):
    more = {"X_aws_ec2_metadata_token_ttl_seconds": ttl} | more
    return world.ask(method="PUT", path="/latest/api/token", token=None, **more)


def read(world, path, token, **more):
    return world.ask(path=path, token=None, X_aws_ec2_metadata_token=token, **more)


def test_a_token_opens_what_tools_read(imds):
    token = token_of(imds).text
    assert read(imds, ROLES, token).text == "reader"
    assert read(imds, f"{ROLES}/", token).text == "reader"
    found = read(imds, f"{ROLES}/reader", token).json
    assert found["Code"] == "Success"
    assert found["SecretAccessKey"] == SECRET
    assert read(imds, "/latest/meta-data/placement/region", token).text == "eu-west-1"
    zone = "/latest/meta-data/placement/availability-zone"
    assert read(imds, zone, token).text == read(imds, f"{zone}/", token).text == "eu-west-1a"
    document = read(imds, "/latest/dynamic/instance-identity/document", token).json
    assert document["region"] == "eu-west-1"
    assert document["accountId"] == "123456789012"
    assert read(imds, f"{ROLES}/other", token).status == 404


@pytest.mark.parametrize("path", [ROLES, f"{ROLES}/reader", "/latest/meta-data/placement/region"])
@pytest.mark.parametrize("token", [None, "", "x", "9999999999.", "9999999999.00", "é.é", "-1"])
def test_version_1_has_no_answers(imds, path, token):
    reply = read(imds, path, token)
    assert reply.status == 401
    assert SECRET not in reply.text


def test_a_token_ends_and_cannot_be_made_to_last(imds):
    token = token_of(imds).text
    end, _, signature = token.partition(".")
    assert read(imds, ROLES, f"{int(end) + 1}.{signature}").status == 401
    imds.time += 59
    assert read(imds, ROLES, token).status == 200
    imds.time += 1
    assert read(imds, ROLES, token).status == 401


@pytest.mark.parametrize("ttl", [None, "", "0", "-1", "21601", "x", "1e3", "٣"])
def test_a_token_lasts_from_a_second_to_six_hours(imds, ttl):
    if ttl == "٣":
        ttl = ttl.encode().decode("latin-1")
    assert token_of(imds, ttl).status == 400
    assert token_of(imds, "21600").status == 200


def test_no_proxy_and_no_web_page_gets_a_token(imds):
    assert token_of(imds, X_Forwarded_For="10.0.0.1").status == 403
    assert token_of(imds, Origin="https://evil.example").status == 403
    assert token_of(imds, host="evil.example").status == 403
    assert imds.ask(path="/latest/api/token", token=None).status == 405
    assert read(imds, ROLES, token_of(imds).text, method="POST").status == 405


def test_the_reason_is_said_there_too(imds):
    imds.time = START + HOUR
    reply = read(imds, f"{ROLES}/reader", token_of(imds).text)
    assert reply.status == 403
    assert reply.json["Code"] == "login-required"
