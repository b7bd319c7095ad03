"""Values of the right shape and the wrong kind, as a program with another idea would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli_w

from profiles.settings import KNOWN, ROLE_KEYS

if TYPE_CHECKING:
    import random

_LEAVES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63),
    10**30,
    10**400,
    0.5,
    -0.0,
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    "",
    " ",
    "x",
    "\0",
    "a\0b",
    "\n",
    "\x1b]0;x\x07",
    "[bold]",
    "\ud800",
    "é" * 50,
    "a" * 5000,
    "9999-12-31T23:59:59Z",
    "0000-00-00T00:00:00Z",
    "0001-01-01T00:00:00+99:99",
    "2026-11-24T23:31:07Z",
    "arn:aws:iam::123456789012:role/x",
    "arn:",
    ":" * 50,
    "/" * 50,
    "../../etc/passwd",
    [],
    {},
    [[]],
    [None],
    {"": {}},
    {"x": [1, "a", None]},
    ["a", 1],
    ["", ""],
)


def leaf(chance: random.Random) -> Any:
    """Any value."""
    return chance.choice(_LEAVES)


def odd_value(said: Any, chance: random.Random) -> Any:
    """A JSON value with one to three of its parts changed into others."""
    for _ in range(chance.randint(1, 3)):
        said = _changed(said, chance)
    return said


def _changed(said: Any, chance: random.Random) -> Any:
    if not said or not isinstance(said, (dict, list)) or chance.random() < 0.1:
        return leaf(chance)
    if isinstance(said, list):
        at = chance.randrange(len(said))
        return [_changed(each, chance) if n == at else each for n, each in enumerate(said)]
    key = chance.choice(list(said))
    what = chance.random()
    if what < 0.15:
        return {name: value for name, value in said.items() if name != key}
    if what < 0.25:
        return said | {str(leaf(chance))[:50]: said[key]}
    return said | {key: _changed(said[key], chance)}


def oddly(chance: random.Random) -> bytes:
    """Settings that are TOML, with values that are anything."""

    def value(depth: int = 0) -> Any:
        found = leaf(chance)
        if depth < 2 and chance.random() < 0.2:
            found = {chance.choice(("name", "match", "x", "confirm")): value(depth + 1)}
        if depth < 2 and chance.random() < 0.2:
            found = [value(depth + 1) for _ in range(chance.randint(0, 3))]
        return _of_toml(found)

    said: dict[str, Any] = {chance.choice(list(KNOWN)): value() for _ in range(4)}
    for table in ("accounts", "stages", "keys"):
        if chance.random() < 0.5:
            said[table] = {"production": {"match": value(), "confirm": value(), "renew": value()}}
    if chance.random() < 0.7:
        entry = {chance.choice(list(ROLE_KEYS)): value() for _ in range(5)}
        said["roles"] = [entry | {"name": chance.choice(("entry", "by-saml", "by-token"))}]
    if chance.random() < 0.2:
        said[chance.choice(("roles", "accounts", "stages", "keys", "ünknown"))] = value()
    return tomli_w.dumps(said).encode("utf-8", "surrogatepass")


def _of_toml(value: Any) -> Any:
    """A value that TOML has."""
    if value is None:
        return "None"
    if isinstance(value, list):
        return [_of_toml(each) for each in value]
    if isinstance(value, dict):
        return {key: _of_toml(each) for key, each in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
