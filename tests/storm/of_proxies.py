"""Proxies, names, certificates and STS's two addresses, before the real `assume`."""

from __future__ import annotations

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tests.storm import bad_network as bad
from tests.storm.bad_network import BadNetwork
from tests.storm.certificate import Authority
from tests.storm.of_network import BOUND, CACHE, NO_AWS, error_of, files_of, home_with
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NAMES = ("sts.eu-west-1.amazonaws.com", "sts.us-east-1.amazonaws.com", "sts.amazonaws.com")
_PASSWORD = "hunter2"
_THEIRS = "AWS_CA_BUNDLE to its CA"


class World(NamedTuple):
    """What the cases are made of: servers, and files of a CA."""

    folder: Path
    ours: Authority
    other: Authority


class Tried(NamedTuple):
    """What was run, and what has to come of it; no code means that it works."""

    env: Mapping[str, str]
    code: str
    says: str
    url: str | None = None
    settings: Mapping[str, object] = {}


def _raw(status: str, more: str = "") -> Callable[[bad.Call], None]:
    text = f"HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\n\r\n"
    return lambda call: call.send(text.encode())


def _tunnel(to: BadNetwork, *, down: str = "") -> Callable[[bad.Call], None]:
    """A proxy whose every way leads to one server of this machine."""

    def play(call: bad.Call):
        if down and call.head.startswith(f"CONNECT {down}:"):
            _raw("502 Bad Gateway")(call)
            return
        call.send(b"HTTP/1.1 200 OK\r\n\r\n")
        to.hear(call.connection)

    return play


def _by(proxy: BadNetwork) -> dict[str, str]:
    return {"HTTPS_PROXY": f"http://ana:{_PASSWORD}@127.0.0.1:{proxy.port}"}


_NO = "network-unavailable"
# What a proxy answers to CONNECT, and what is said of it.
_PROXIES = {
    "407": (_raw("407 No", "Proxy-Authenticate: Basic realm=x\r\n"), "NAME:PASSWORD@HOST"),
    "403": (_raw("403 No"), "NO_PROXY"),
    "502": (_raw("502 Bad Gateway"), "NO_PROXY"),
    "closes": (bad.close_at_once, CACHE),
    "resets": (bad.reset_at_once, CACHE),
    "garbage": (bad.garbage, CACHE),
    "hangs": (bad.hang, CACHE),
    "a page in the tunnel": (
        lambda call: call.send(b"HTTP/1.1 200 OK\r\n\r\n" + bad.PAGE),
        NO_AWS,
    ),
}


def _proxy_case(name: str):
    play, says = _PROXIES[name]

    def run(world: World):
        with BadNetwork(play) as proxy:
            _try(world, Tried(_by(proxy), _NO, says))
            assert proxy.calls

    return run


def _refused(world: World):
    _try(world, Tried({"HTTPS_PROXY": "http://127.0.0.1:9"}, _NO, "HTTPS_PROXY and NO_PROXY"))


def _http_proxy(world: World):
    """A proxy for plain http answers itself."""
    nowhere = "http://sts.nowhere.invalid"
    for status, says in ((502, CACHE), (407, "NAME:PASSWORD@HOST"), (200, NO_AWS)):
        with BadNetwork(bad.html(status)) as proxy:
            _try(world, Tried({"HTTP_PROXY": proxy.url}, _NO, says, nowhere))


def _no_proxy(world: World):
    with BadNetwork(bad.well) as aws:
        env = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
        _try(world, Tried(env, "", "", aws.url))


def _no_name(world: World):
    _try(world, Tried({}, _NO, "VPN", "https://sts.nowhere.invalid"))


def _certificates(world: World):
    with BadNetwork(bad.well, world.ours.context()) as aws:
        _try(world, Tried({"AWS_CA_BUNDLE": str(world.ours.file)}, "", "", aws.url))
        _try(world, Tried({}, _NO, _THEIRS, aws.url))
        _try(world, Tried({"AWS_CA_BUNDLE": str(world.other.file)}, _NO, _THEIRS, aws.url))


def _bundles(world: World):
    broken = world.folder / "broken.pem"
    broken.write_text("-----BEGIN NOTHING-----\n")
    code, says = "config-unreadable", "PEM certificates"
    with BadNetwork(bad.well, world.ours.context()) as aws:
        for file in (broken, world.folder / "missing.pem"):
            _try(world, Tried({"AWS_CA_BUNDLE": str(file)}, code, says, aws.url))
            _try(world, Tried({}, code, says, aws.url, {"ca_bundle": str(file)}))


def _another_name(world: World):
    bundle = {"AWS_CA_BUNDLE": str(world.ours.file)}
    with (
        BadNetwork(bad.well, world.ours.context("sts.eu-west-1.amazonaws.com")) as aws,
        BadNetwork(_tunnel(aws)) as proxy,
    ):
        _try(world, Tried(bundle | _by(proxy), "", ""))
        other = {"region": "eu-central-1"}
        _try(world, Tried(bundle | _by(proxy), _NO, _THEIRS, settings=other))


def _ended(world: World):
    bundle = {"AWS_CA_BUNDLE": str(world.ours.file)}
    with BadNetwork(bad.well, world.ours.context(ended=True)) as aws:
        _try(world, Tried(bundle, _NO, "clock", aws.url))


def _no_tls(world: World):
    """Somebody who answers in the clear on TLS's port."""
    with BadNetwork(bad.well) as aws:
        aws.play = bad.garbage
        _try(world, Tried({}, _NO, f"{NO_AWS}|{CACHE}", f"https://127.0.0.1:{aws.port}"))


def _global_is_down(world: World):
    """STS's global address alone: a region's own has the session."""
    bundle = {"AWS_CA_BUNDLE": str(world.ours.file)}
    for settings, region in (
        ({"sts_regional_endpoints": "legacy"}, "eu-west-1"),
        ({"sts_regional_endpoints": "legacy", "region": None}, "us-east-1"),
    ):
        with (
            BadNetwork(bad.well, world.ours.context(*NAMES)) as aws,
            BadNetwork(_tunnel(aws, down="sts.amazonaws.com")) as proxy,
        ):
            _try(world, Tried(bundle | _by(proxy), "", "", settings=settings))
            asked = [call.split()[1].partition(":")[0] for call in proxy.calls]
            assert asked[0] == "sts.amazonaws.com", asked
            assert asked[-1] == f"sts.{region}.amazonaws.com", asked


def _try(world: World, tried: Tried):
    folder = world.folder / f"home{len(list(world.folder.glob('home*')))}"
    home = home_with(folder, tried.url, **tried.settings)
    home.env |= tried.env
    before = files_of(home)
    began = time.monotonic()
    done = home.rolecall("assume", "reader", "--json", timeout=BOUND + 30)
    assert time.monotonic() - began <= BOUND
    assert _PASSWORD not in done.stdout + done.stderr
    if not tried.code:
        assert done.status == 0, (tried, done)
        return
    assert done.status == 1, (tried, done)
    error = error_of(done)
    assert error["code"] == tried.code, (tried, error)
    assert re.search(tried.says, error["hint"]), (tried, error)
    assert files_of(home) == before


CASES: dict[str, Callable[[World], None]] = {
    **{f"proxy {name}": _proxy_case(name) for name in _PROXIES},
    "proxy refused": _refused,
    "http proxy": _http_proxy,
    "NO_PROXY": _no_proxy,
    "DNS": _no_name,
    "certificates": _certificates,
    "bundles": _bundles,
    "another name": _another_name,
    "ended": _ended,
    "no TLS": _no_tls,
    "global is down": _global_is_down,
}


def proxies(folder: Path, count: int, seed: str) -> str:
    """So many of the cases, by chance which."""
    names = sorted(CASES)
    random.Random(seed).shuffle(names)
    ours, other = (Authority(folder / name, name) for name in ("ours", "other"))

    def one(number: int):
        place = folder / str(number)
        place.mkdir()
        try:
            CASES[names[number]](World(place, ours, other))
        except AssertionError as error:
            error.add_note(names[number])
            raise

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(min(count, len(names)))))
    return f"{min(count, len(names))} of {len(names)} cases"


STORMS = [
    Storm(
        "proxies",
        "proxies, DNS, certificates, and STS's global address down",
        len(CASES),
        4,
        proxies,
    ),
]
