"""The endpoint of `serve` under attack by whoever is on this machine, or behind its browser."""

from __future__ import annotations

import base64
import random
import string
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.storm.endpoint import SECRET, served
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.storm.endpoint import Endpoint

_AT_ONCE = 16


# ---- who guesses ---------------------------------------------------------------------------


def _tokens(chance: random.Random, token: str) -> Iterator[str]:
    """Guesses without end, many of them as near to the token as can be."""
    letters = string.ascii_letters + string.digits + "-_"
    yield from (
        "",
        " ",
        "null",
        "undefined",
        "Bearer",
        "*",
        "%",
        token[:-1],
        token + "\0",
        "é" * 43,
    )
    yield from (token.upper(), token.lower(), token.swapcase(), token[::-1], token * 2)
    yield from (f"Bearer {token}", f"Basic {token}", f"{token}, {token}", f'"{token}"', f"{token};")
    yield base64.b64encode(token.encode()).decode()
    yield (
        base64.urlsafe_b64decode(token + "==").decode("latin-1").replace("\r", "").replace("\n", "")
    )
    while True:
        at = chance.randrange(len(token))
        match chance.randrange(6):
            case 0:
                yield token[:at]
            case 1:
                yield token[:at] + chance.choice(letters.replace(token[at], "")) + token[at + 1 :]
            case 2:
                yield token[:at] + token[at + 1 :]
            case 3:
                yield token[:at] + chance.choice("\u00df\u0131\u212a\uff21\u0430") + token[at + 1 :]
            case 4:
                yield "".join(chance.choice(letters) for _ in token)
            case 5:
                yield "".join(chance.choice(letters) for _ in range(chance.randrange(400)))


def guesses(folder: Path, count: int, seed: str) -> str:
    """So many tokens that are not the one, some of them in two headers."""
    chance = random.Random(seed)
    with served(folder) as endpoint:
        tries = []
        for guess, _ in zip(_tokens(chance, endpoint.token), range(count), strict=False):
            if guess.strip(" \t") == endpoint.token:
                continue
            double = chance.random() < 0.1
            # Of two headers the last counts, so the right one may come first and gain nothing.
            more = [f"Authorization: {guess}"] if double else []
            tries.append(endpoint.head(token=endpoint.token if double else guess, more=more))
        began = time.monotonic()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for request, found in zip(tries, pool.map(endpoint.send, tries), strict=True):
                assert found.startswith((b"HTTP/1.1 401 ", b"HTTP/1.1 400 ")), (request, found)
                assert SECRET not in found, request
        took = time.monotonic() - began
    return f"{len(tries)} guesses, none right, {len(tries) / took:.0f} a second"


# ---- who asks oddly ------------------------------------------------------------------------

_HOSTS = (
    *("evil.example", "127.0.0.1.evil.example:{port}", "localhost.evil.example:{port}"),
    *(
        "127.0.0.1@evil.example:{port}",
        "evil.example@127.0.0.1:{port}",
        "127.0.0.1:{port}.",
        "[::1]",
    ),
    *("127.0.0.1:{port}:80", "127.0.0.1:0{port}", "127.1:{port}", "2130706433:{port}", "0:{port}"),
    *("0x7f000001:{port}", "0.0.0.0:{port}", "[::ffff:127.0.0.1]:{port}", "localhost.:{port}"),
    *(
        "127.0.0.1:{port}/x",
        "127.0.0.1:{port}#",
        "127.0.0.1:{port}?",
        "127.0.0.1 :{port}",
        "rebind",
    ),
    *("169.254.170.2", "169.254.169.254", "127.0.0.1:{port}, evil.example", "metadata.google", "*"),
)
_PATHS = (
    *(
        "/",
        "//",
        "//credentials",
        "///credentials",
        "/credentials/",
        "/credentials//",
        "/./credentials",
    ),
    *("/x/../credentials", "/..//credentials", "/%2e/credentials", "/%2e%2e/credentials"),
    *("/credentials%2f", "/%2fcredentials", "/credentials%20", "/credentials;x", "/credentials?"),
    *(
        "/credentials?token={token}",
        "/credentials#x",
        "/CREDENTIALS",
        "\\credentials",
        "/credentials\\",
    ),
    *("http://{host}/credentials", "https://{host}/credentials", "http://evil.example/credentials"),
    *("//{host}/credentials", "{host}", "*", "/credentials\x7f", "/credentials\xc2\xa0"),
    *("/credentials/../credentials", "/credentials%00", "/credentials\t", "/latest/meta-data/"),
)
_METHODS = (
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "GET\t",
    "",
)
_PAGES = (
    *(
        "Origin: https://evil.example",
        "Origin: null",
        "Origin:",
        "origin: http://{host}",
        "ORIGIN: x",
    ),
)
# What a second reader of the same bytes may take for another request, or for a body.
_SMUGGLED = (
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 5, 5",
    "Content-Length: +5",
    "Content-Length: -1",
    "Content-Length: 0x5",
    "Content-Length: 99999999999999999999999",
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "X: 1\r\n folded: 2\r\nContent-Length: 7",
    "X: 1\nHost: evil.example",
    "Host: evil.example",
    "X\0: 1",
    "X: a\0b",
    ": nameless",
    "no colon",
    "(X): 1",
    "Expect: 100-continue\r\nContent-Length: 5",
)


def _odd(endpoint: Endpoint) -> Iterator[bytes]:
    """Requests with the right token that must not have the credentials."""
    words = {"port": endpoint.port, "host": endpoint.host, "token": endpoint.token}
    for host in _HOSTS:
        yield endpoint.head(host=host.format(**words))
    for path in _PATHS:
        yield endpoint.head(path=path.format(**words))
    for method in _METHODS:
        yield endpoint.head(method=method)
    for page in _PAGES:
        yield endpoint.head(more=[page.format(**words)])
    inner = endpoint.head()
    for header in _SMUGGLED:
        yield endpoint.head(more=[header]) + b"5\r\nhello\r\n0\r\n\r\n" + inner
    right = endpoint.head()
    yield right.replace(b"HTTP/1.1", b"HTTP/2.0")
    yield right.replace(b"HTTP/1.1", b"HTTP/1.1 ")
    yield right.replace(b"HTTP/1.1", b"")
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + right
    yield b"\x16\x03\x01\x02\x00" + right
    yield b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n" + right
    yield right.replace(b"\r\n", b"\r", 1)
    yield endpoint.head(more=["X: " + "y" * 70_000])
    yield endpoint.head(more=[f"X{number}: y" for number in range(5_000)])


def _junk(chance: random.Random, right: bytes) -> bytes:
    """Bytes of no sense, or the right request with some of it turned round, token and all."""
    data = bytearray(right)
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(2_000))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at]
            case 2:
                data[at:at] = chance.choice([b"\r\n", b"\n", b"\0", b" ", b":", b"\xff", b"%2e"])
            case 3:
                del data[at:]
                data += b"\r\n\r\n"
                break
    return bytes(data)


def oddities(folder: Path, count: int, seed: str) -> str:
    """Hosts, pages, paths, methods and smuggled requests, then so many pieces of junk."""
    chance = random.Random(seed)
    with served(folder) as endpoint:
        odd = list(_odd(endpoint))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for request, found in zip(
                odd, pool.map(lambda each: endpoint.send(each, end=True), odd), strict=True
            ):
                assert SECRET not in found, (request[:300], found)
                assert found.count(b"HTTP/1.1 ") <= 1, (request[:300], found)
                assert b"access-control" not in found.lower(), request[:300]
            junk = [_junk(chance, endpoint.head()) for _ in range(count)]
            right = 0
            for request, found in zip(
                junk, pool.map(lambda each: endpoint.send(each, end=True), junk), strict=True
            ):
                assert found.count(b"HTTP/1.1 ") <= 1, (request, found)
                if SECRET in found:
                    right += 1
                    lines = request.split(b"\n")
                    # A byte may change where it says nothing; token, host and path are whole.
                    assert request.lstrip(b"\r\n").startswith(b"GET /credentials HTTP/1."), request
                    assert any(endpoint.token.encode() in line for line in lines), request
                    assert any(endpoint.host.encode() in line for line in lines), request
        endpoint.serves()
    return f"{len(odd)} odd requests and {len(junk)} of junk; {right} of these still were right"


STORMS = [
    Storm("guesses", "tokens guessed at the endpoint: none is right", 10_000, 500, guesses),
    Storm("oddities", "hosts, pages, paths, smuggling, junk at the endpoint", 5_000, 200, oddities),
]
