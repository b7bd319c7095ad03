"""What comes back from AWS's address when it is not AWS that answers."""

import http.server
import threading

import pytest

from profiles.errors import NetworkUnavailable
from profiles.machine import Machine
from profiles.session import Credentials
from profiles.sources import sts
from profiles.sources.surroundings import Surroundings

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
