"""Commands that ask nobody, against a Python that does nothing."""

from __future__ import annotations

import os
import site
import time
from pathlib import Path

from profiles.files.cache import role_cache_key, write_session
from profiles.machine import Machine
from tests.bench.commands import milliseconds
from tests.bench.contest import MANY, Contest, Figures
from tests.bench.home import PYTHON, ROLECALL, Home
from tests.bench.table import Row

ROOT = Path(__file__).parents[2]


def contests(folder: Path) -> list[Contest]:
    """Measured among 10,000 roles, one of which has a session."""
    home = Home(folder / "commands", MANY, live=1)

    def contest(row: Row, *words: str, lines: int = 1, first: bool = False) -> Contest:
        def ours() -> Figures:
            if first:
                home.forget()
            return {"ms": milliseconds(home, ROLECALL, *words, lines=lines)}

        return Contest("python -c pass", lambda: _nothing(home), ours, (row,))

    return [
        contest(Row("help", "--help", bound=3, held=True), "--help"),
        contest(Row("version", "--version", bound=3, held=True), "--version"),
        _credential_process(
            home, Row("credential-process", "credential-process, cached", bound=1.7, held=True)
        ),
        _credential_process(
            home, Row("credential-process-bare", "the same, its absolute form"), *bare()
        ),
        contest(Row("list", "list of 10,000", bound=8, held=True), "list", lines=MANY),
        contest(
            Row("list-json", "list --json of 10,000", bound=8, held=True),
            *("list", "--json"),
            lines=MANY,
        ),
        contest(
            Row("complete", "completion among 10,000", bound=8, held=True),
            *("__complete", "bash", "rolecall assume ", ""),
            lines=MANY,
        ),
        contest(Row("status", "status among 10,000", bound=8, held=True), "status"),
        contest(Row("list-first", "list, first time"), "list", lines=MANY, first=True),
        contest(
            Row("list-json-first", "list --json, first time"),
            *("list", "--json"),
            lines=MANY,
            first=True,
        ),
    ]


def bare() -> list[str]:
    """The form of docs/destinations/credential-process.md, for an editable install as well."""
    folders = [str(ROOT), *site.getsitepackages()]
    code = (
        f"import sys; sys.path.extend({folders}); from tui.__main__ import main; sys.exit(main())"
    )
    return [PYTHON, "-I", "-S", "-c", code]


def cached_session(home: Home) -> str:
    """The name of a role with a session in the cache, long enough ago to be printed again."""
    name, role_arn = next(iter(home.folder.plain.items()))
    cached = home.path / ".aws" / "cli" / "cache"
    if not cached.exists():
        machine = Machine(env=home.env, home=str(home.path))
        end = time.time() + 7200
        keys = {"AccessKeyId": "ASIA", "SecretAccessKey": "secret", "SessionToken": "token"}
        answer = {"Credentials": keys | {"Expiration": end}}
        write_session(machine, role_cache_key({"RoleArn": role_arn}), answer, name)
        for file in cached.iterdir():
            os.utime(file, (end - 9000, end - 9000))
    return name


def _credential_process(home: Home, row: Row, *program: str) -> Contest:
    """A session that is cached; the warming up is the one full run."""
    words = program or (ROLECALL,)

    def ours() -> Figures:
        name = cached_session(home)
        return {"ms": milliseconds(home, *words, "credential-process", name, lines=1)}

    return Contest("python -c pass", lambda: _nothing(home), ours, (row,))


def _nothing(home: Home) -> Figures:
    return {"ms": milliseconds(home, PYTHON, "-c", "pass")}
