"""What comes back from AWS's address when it is not AWS that answers."""

import http.server
import threading
import time

import pytest

from profiles.errors import NetworkUnavailable, Throttled
from profiles.insight.refusal import Refusal, explained
from profiles.machine import Machine
from profiles.session import Credentials
from profiles.sources import sts
from profiles.sources.surroundings import Surroundings
from tests.storm import bad_network as bad

PAGE = b"<!doctype html><html><body>Please sign in to the network<br></body></html>"


@pytest.fixture
def portal(monkeypatch):
    """A captive portal, with the status that is asked for."""
    status = [200]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status[0])
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        yield status
        server.shutdown()


@pytest.mark.parametrize("status", [200, 302, 403, 511])
def test_a_page_instead_of_an_answer_is_no_network(portal, status, tmp_path):
    portal[0] = status
    keys = Credentials("AKIA", "secret")
    place = Surroundings({}, {}, "eu-west-1")
    with pytest.raises(NetworkUnavailable) as raised:
        sts.call("get_caller_identity", {}, keys, place, Machine({}, str(tmp_path)))
    assert "Please" not in raised.value.summary
    assert len(raised.value.summary.splitlines()) == 1


def called(server, tmp_path, operation="get_caller_identity", **parameters):
    """One call to a bad network; what comes of it."""
    keys = Credentials("AKIA", "secret")
    place = Surroundings({"endpoint_url": server.url}, {}, "eu-west-1")
    return sts.call(operation, parameters, keys, place, Machine({}, str(tmp_path)))


ROLE = {"RoleArn": "arn:aws:iam::123456789012:role/reader", "RoleSessionName": "ana"}


@pytest.mark.parametrize("play", [bad.drip, bad.drip_head], ids=["body", "head"])
def test_an_answer_that_drips_is_not_waited_for(play, tmp_path, monkeypatch):
    monkeypatch.setattr(sts, "WHOLE", 1.5)
    began = time.monotonic()
    with bad.BadNetwork(play) as server, pytest.raises(NetworkUnavailable, match="come to an end"):
        called(server, tmp_path)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "play",
    [bad.half_a_session, bad.an_end_that_is_no_time, bad.endless, bad.truncated, bad.empty],
    ids=lambda play: play.__name__,
)
def test_an_answer_without_what_was_promised_is_none(play, tmp_path):
    with bad.BadNetwork(play) as server, pytest.raises(NetworkUnavailable, match="not AWS"):
        called(server, tmp_path, "assume_role", **ROLE)


def test_who_is_asked_to_slow_down_does_and_is_served(tmp_path):
    with bad.BadNetwork(bad.at_first(2, bad.bare(429, Retry_After="2"))) as server:
        began = time.monotonic()
        assert called(server, tmp_path).data["Account"] == "123456789012"
    assert time.monotonic() - began > 4


def test_what_is_longer_than_worth_waiting_for_is_said(tmp_path):
    began = time.monotonic()
    with (
        bad.BadNetwork(bad.bare(429, Retry_After="600")) as server,
        pytest.raises(Refusal) as raised,
    ):
        called(server, tmp_path)
    assert time.monotonic() - began < 10
    assert raised.value.is_throttled
    assert raised.value.retry_after == 600
    error = explained(raised.value, role="reader", role_arn=None, source=None)
    assert isinstance(error, Throttled)
    assert "wait 10m" in error.hint


def test_a_balancer_that_has_trouble_is_no_portal(tmp_path):
    with bad.BadNetwork(bad.html(503)) as server, pytest.raises(NetworkUnavailable, match="503"):
        called(server, tmp_path)


def test_calls_at_once_carry_headers_of_their_own_each(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    place = Surroundings({}, {}, "eu-west-1")
    both, made = threading.Barrier(2), {}

    def signed_by(who):
        def headers(url):
            # Both calls are under way by now, with one client.
            both.wait(10)
            made.setdefault(threading.get_ident(), []).append(who)
            return {"DPoP": who}

        with pytest.raises(NetworkUnavailable):
            sts.call(
                "create_o_auth2_token",
                {"tokenInput": {"clientId": who, "grantType": "refresh_token"}},
                None,
                place,
                Machine({}, str(tmp_path)),
                service="signin",
                headers=headers,
            )

    threads = [threading.Thread(target=signed_by, args=(who,)) for who in ("ana", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made.values()) == [["ana"], ["ben"]]


@pytest.mark.parametrize("digits", [7, 400])
def test_to_be_asked_to_wait_for_ever_is_a_day(digits, tmp_path):
    with (
        bad.BadNetwork(bad.bare(429, Retry_After="9" * digits)) as server,
        pytest.raises(Refusal) as raised,
    ):
        called(server, tmp_path)
    error = explained(raised.value, role="reader", role_arn=None, source=None)
    assert "wait 24h" in error.hint
