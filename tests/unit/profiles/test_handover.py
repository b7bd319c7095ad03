"""The link is given once, to who knows the address, and to nobody else."""

import http.client
from urllib.parse import urlsplit

import pytest

from profiles.errors import Cancelled, NetworkUnavailable
from profiles.handover import Handover

LINK = "https://signin.aws.amazon.com/federation?Action=login&SigninToken=secret"


@pytest.fixture
def handover():
    with Handover(LINK) as made:
        yield made


def asked(handover, path=None, method="GET", host=None):
    parts = urlsplit(handover.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    headers = {"Host": host} if host else {}
    connection.request(method, path or parts.path, headers=headers)
    answer = connection.getresponse()
    said = answer.status, answer.headers.get("Location"), answer.read()
    connection.close()
    return said


def test_the_first_who_asks_is_led_on_and_the_second_is_not(handover):
    assert asked(handover) == (302, LINK, b"")
    handover.wait(lambda: False)
    assert asked(handover) == (410, None, b"")


def test_another_path_host_or_method_gets_nothing_and_takes_nothing(handover):
    parts = urlsplit(handover.url)
    assert asked(handover, "/")[:2] == (404, None)
    assert asked(handover, parts.path + "x")[:2] == (404, None)
    assert asked(handover, host=f"evil.test:{parts.port}")[:2] == (404, None)
    assert asked(handover, host=f"localhost:{parts.port}")[:2] == (404, None)
    assert asked(handover, method="HEAD")[:2] == (501, None)
    assert asked(handover)[0] == 302


def test_the_address_tells_nothing_and_is_never_the_same(handover):
    assert "secret" not in handover.url
    with Handover(LINK) as other:
        assert urlsplit(other.url).path != urlsplit(handover.url).path
    assert len(urlsplit(handover.url).path) >= 43


def test_a_browser_that_does_not_come_is_said(handover):
    with pytest.raises(NetworkUnavailable, match="did not come"):
        handover.wait(lambda: False, patience=0.2)


def test_whoever_gives_up_is_not_kept(handover):
    with pytest.raises(Cancelled):
        handover.wait(lambda: True)


def test_it_is_gone_with_its_block():
    with Handover(LINK) as handover:
        pass
    with pytest.raises(OSError, match="refused"):
        asked(handover)
