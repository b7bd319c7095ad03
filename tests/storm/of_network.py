"""A network that fails in every way there is, before the real commands."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from tests.storm import bad_network as bad
from tests.storm.bad_network import BadNetwork
from tests.storm.storm import Storm
from tests.world.home import Done, Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROLE = "arn:aws:iam::123456789012:role/reader"
BOUND = 40.0
"""Seconds that a command may take: 24 for its call, the rest for a machine that is busy."""
CACHE = "sessions in the cache still work"
NO_AWS = "a proxy or captive portal may stand between"
_AT_ONCE = 8


class Fault(NamedTuple):
    """What goes wrong, and what is said of it."""

    play: Callable[[bad.Call], None]
    code: str
    hint: str


def _unavailable(play: Callable[[bad.Call], None], hint: str = CACHE) -> Fault:
    return Fault(play, "network-unavailable", hint)


def _throttled(play: Callable[[bad.Call], None], hint: str = "wait a minute") -> Fault:
    return Fault(play, "throttled", hint)


FAULTS = {
    "hangs": _unavailable(bad.hang),
    "resets at once": _unavailable(bad.reset_at_once),
    "resets in the head": _unavailable(bad.reset_in_head),
    "resets in the body": _unavailable(bad.reset_in_body),
    "closes at once": _unavailable(bad.close_at_once),
    "drips": _unavailable(bad.drip),
    "drips its head": _unavailable(bad.drip_head),
    "truncated XML": _unavailable(bad.truncated, NO_AWS),
    "less than said": _unavailable(bad.shorter_than_said),
    "more than said": _unavailable(bad.longer_than_said, NO_AWS),
    "no end": _unavailable(bad.endless, f"{NO_AWS}|{CACHE}"),
    "garbage": _unavailable(bad.garbage),
    "nothing": _unavailable(bad.empty, NO_AWS),
    "half a session": _unavailable(bad.half_a_session, NO_AWS),
    "an end that is none": _unavailable(bad.an_end_that_is_no_time, NO_AWS),
    "a page, 200": _unavailable(bad.html(200), NO_AWS),
    "a page, 403": _unavailable(bad.html(403), NO_AWS),
    "a page, 404": _unavailable(bad.html(404), NO_AWS),
    "a page, 502": _unavailable(bad.html(502)),
    "a page, 503": _unavailable(bad.html(503)),
    "a page, 511": _unavailable(bad.html(511), NO_AWS),
    "a portal, 302": _unavailable(bad.redirect(302), NO_AWS),
    "a portal, 307": _unavailable(bad.redirect(307), NO_AWS),
    "500": _unavailable(bad.bare(500), "try again"),
    "503": _unavailable(bad.refused(503, "ServiceUnavailable", "down"), "try again"),
    "429": _throttled(bad.bare(429)),
    "429, a while": _throttled(bad.bare(429, Retry_After="3"), "wait 3s"),
    "429, an hour": _throttled(bad.bare(429, Retry_After="3600"), "wait 1h"),
    "Throttling": _throttled(bad.refused(400, "Throttling", "Rate exceeded")),
}
# Those that ask about a session, in whose place what is left of one in the cache does.
BY_SESSION = {
    "assume": ["assume", "reader", "--json"],
    "exec": ["exec", "reader", "--json", "--", "true"],
    "export": ["export", "reader", "--format", "env", "--json"],
    "credential-process": ["credential-process", "reader", "--json"],
}
COMMANDS = BY_SESSION | {
    "renew": ["renew", "reader", "--json"],
    "whoami": ["whoami", "reader", "--json"],
    "console": ["console", "reader", "--print", "--json"],
    "serve": ["serve", "reader", "--json"],
    "login": ["login", "corp", "--device-code", "--no-browser", "--json"],
}


def home_with(folder: Path, url: str | None, **settings: object) -> Home:
    """A home with keys and a role profile; a setting that is None is left out."""
    home = Home(folder, url)
    home.credentials("[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n# ana's own\n")
    said = {"role_arn": ROLE, "source_profile": "base", "region": "eu-west-1"} | settings
    home.profile("reader", **{name: value for name, value in said.items() if value is not None})
    with home.config_file.open("a") as file:
        file.write(
            "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
            "sso_region = eu-west-1\n"
        )
    return home


def error_of(done: Done) -> dict[str, str]:
    """The one line on standard error."""
    assert "Traceback" not in done.stderr, done
    assert done.stdout == "", done
    (line,) = done.stderr.splitlines()
    error: dict[str, str] = json.loads(line)["error"]
    assert error["summary"], done
    return error


def files_of(home: Home) -> dict[str, bytes]:
    """What is in the AWS folder; a lock has nothing in it."""
    found = {
        str(file.relative_to(home.path)): file.read_bytes()
        for file in home.path.rglob(".aws/**/*")
        if file.is_file() and file.suffix != ".lock"
    }
    assert not list(home.path.rglob("*.tmp")), "something half written is left"
    return found


def _made(folder: Path) -> Path:
    """A home with a written session of five minutes more, of which the cache knows too."""
    with BadNetwork(bad.well) as aws:
        home = home_with(folder, aws.url)
        done = home.rolecall("assume", "reader")
        assert done.status == 0, done
    for file in (folder / ".aws" / "cli" / "cache").iterdir():
        end = time.strftime("%Y-%m-%dT%H:%M:%SUTC", time.gmtime(time.time() + 890))
        text = re.sub(r'"Expiration": "[^"]+"', f'"Expiration": "{end}"', file.read_text())
        assert end in text
        file.write_text(text)
        os.utime(file, (time.time() - 2700,) * 2)
    return folder


def _one(template: Path, folder: Path, fault: str, command: str, *, cached: bool) -> float:
    play, code, hint = FAULTS[fault]
    shutil.copytree(template, folder)  # with the files' times
    with BadNetwork(play) as aws:
        home = Home(folder, aws.url)
        if not cached:
            shutil.rmtree(folder / ".aws" / "cli")
        before = files_of(home)
        began = time.monotonic()
        done = home.rolecall(*COMMANDS[command], timeout=BOUND + 30)
        took = time.monotonic() - began
        assert aws.calls, "nothing was asked, so nothing was tried"
    what = (fault, command, "cached" if cached else "bare", done)
    assert took <= BOUND, (took, what)
    after = files_of(home)
    if cached:
        assert done.status == 0, what
        # What an SDK runs prints nothing beside its answer.
        told = "" if command == "credential-process" else "the session from before is used"
        assert told in done.stderr, what
        own = ".aws/credentials" if command == "assume" else ""  # it writes what is left
        assert {name: after[name] for name in before if name != own} == {
            name: data for name, data in before.items() if name != own
        }, what
        return took
    assert done.status == 1, what
    error = error_of(done)
    assert error["code"] == code, what
    assert re.search(hint, error["hint"]), what
    assert after == before, what
    return took


def faults(folder: Path, count: int, seed: str) -> str:
    """So many pairs of a fault and a command, some of them with a session in the cache."""
    chance = random.Random(seed)
    pairs = list(product(FAULTS, COMMANDS))
    chance.shuffle(pairs)
    pairs = pairs[:count]
    template = _made(folder / "template")
    cached = [command in BY_SESSION and chance.random() < 0.5 for _, command in pairs]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        took = list(
            pool.map(
                lambda at: _one(template, folder / str(at), *pairs[at], cached=cached[at]),
                range(len(pairs)),
            )
        )
    return (
        f"{len(pairs)} of {len(FAULTS)} faults and {len(COMMANDS)} commands, "
        f"{sum(cached)} with a cache; the longest took {max(took):.1f} s"
    )


def _that_recover(folder: Path, count: int, seed: str) -> str:
    """What passes within a command's patience is not seen at all."""
    random.Random(seed)
    tries = {
        "a 500": bad.at_first(1, bad.bare(500)),
        "a reset": bad.at_first(1, bad.reset_at_once),
        "three throttlings": bad.at_first(3, bad.refused(400, "Throttling", "Rate exceeded")),
        "two bare 429": bad.at_first(2, bad.bare(429, Retry_After="1")),
        "a 503 of XML": bad.at_first(1, bad.refused(503, "ServiceUnavailable", "down")),
    }
    for name, play in list(tries.items())[:count]:
        with BadNetwork(play) as aws:
            home = home_with(folder / name.replace(" ", "-"), aws.url)
            done = home.rolecall("assume", "reader", "--json")
            assert done.status == 0, (name, done)
    return f"{min(count, len(tries))} bursts, each assumed all the same"


class _Limited:
    """AWS with a limit: so many calls in any second, the others are refused."""

    def __init__(self, a_second: float):
        self._a_second = a_second
        self._lock = threading.Lock()
        self._credit, self._at = a_second, time.monotonic()
        self.refused = 0

    def __call__(self, call: bad.Call):
        with self._lock:
            now = time.monotonic()
            self._credit = min(self._credit + (now - self._at) * self._a_second, self._a_second)
            self._at = now
            ok = self._credit >= 1
            self._credit -= ok
            self.refused += not ok
        if ok:
            bad.well(call)
        else:
            bad.refused(400, "Throttling", "Rate exceeded")(call)


def throttled(folder: Path, count: int, seed: str) -> str:
    """Renew so many sessions of an AWS that takes ten calls a second: none is lost."""
    del seed
    limited = _Limited(10)
    with BadNetwork(bad.well) as aws:
        home = home_with(folder / "home", aws.url)
        for number in range(count):
            arn = f"arn:aws:iam::123456789012:role/role{number}"
            home.profile(f"role{number}", role_arn=arn, source_profile="base", region="eu-west-1")
            section = f"[role{number}-session]\naws_access_key_id = ASIA{number:016}\n"
            with home.credentials_file.open("a") as file:
                file.write(
                    f"{section}aws_secret_access_key = x\naws_session_token = y\n"
                    "x_security_token_expires = 2026-01-01T00:00:00Z\n"
                    f"x_rolecall = role{number}\n"
                )
        aws.play = limited
        began = time.monotonic()
        done = home.rolecall("renew", "--all", "--json", timeout=120)
        took = time.monotonic() - began
    assert done.status == 0, done
    assert len(json.loads(done.stdout)) == count, done
    assert count <= 10 or limited.refused, "the limit was never felt"
    return f"{count} renewed at 10 a second in {took:.1f} s, {limited.refused} calls refused"


def outages(folder: Path, count: int, seed: str) -> str:
    """A network that is gone while commands run at once on one home; what is cached is served."""
    chance = random.Random(seed)
    template = _made(folder / "template")
    home = Home(template, "http://127.0.0.1:9")
    before = files_of(home)
    commands = [chance.choice(list(BY_SESSION.values())) for _ in range(count)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in pool.map(lambda words: home.rolecall(*words), commands):
            assert done.status == 0, done
    after = files_of(home)
    assert (
        after[".aws/cli/cache/" + _cache_file(after)]
        == before[".aws/cli/cache/" + _cache_file(before)]
    )
    serving = subprocess.Popen(
        [str(shutil.which("rolecall", path=home.env["PATH"])), "serve", "reader", "--json"],
        env=home.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with contextlib.ExitStack() as end:
        end.callback(serving.wait)
        end.callback(serving.kill)
        assert serving.stdout is not None
        end.callback(serving.stdout.close)
        assert json.loads(serving.stdout.read())["token"]
    return f"{count} commands and an endpoint had the cached session"


def _cache_file(files: dict[str, bytes]) -> str:
    (name,) = [name for name in files if name.startswith(".aws/cli/cache/")]
    return name.rpartition("/")[2]


STORMS = [
    Storm(
        "network", "faults before every command: code, hint, time, files as before", 160, 10, faults
    ),
    Storm("bursts", "faults that pass within a command's patience", 5, 2, _that_recover),
    Storm("throttling", "renewals under a limit: paced, none lost", 50, 12, throttled),
    Storm("outages", "no network at all, with a session in the cache", 24, 3, outages),
]
