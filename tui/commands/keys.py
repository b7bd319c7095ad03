"""`rolecall keys`: long-lived keys in the system's own store instead of a file."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

from profiles import key_store
from profiles.errors import Cancelled, UsageError
from tui.commands.options import Parser, command_parser
from tui.commands.sessions import opened
from tui.prompts import asked, hidden, tell
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine

# IAM API reference, AccessKey: 16 to 128 characters of \w.
_ACCESS_KEY_ID = re.compile(r"[A-Z0-9]{16,128}", re.ASCII)
_NAME = re.compile(r"[^\s\[\]\x00-\x1f\x7f]+")


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "keys",
        "Keep a user's long-lived keys in the system's own store (Keychain, Secret Service) under "
        "a profile's name. Roles that start from that profile then find them there. `add` asks "
        "for them, or reads two lines of standard input: access key id, secret access key.",
        "  rolecall keys add base\n  rolecall keys list\n  rolecall keys rm base",
    )
    found.add_argument("action", choices=("add", "list", "rm"), help="what to do")
    found.add_argument("name", metavar="NAME", nargs="?", help="the profile's name")
    found.add_argument("--json", action="store_true", help="print JSON")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Do it, and say so."""
    if (args.action == "list") is not (args.name is None):
        raise UsageError("which keys?", "rolecall keys add NAME | list | rm NAME")
    if args.action == "list":
        return _list(machine, as_json=args.json)
    done: dict[str, str]
    if args.action == "add":
        keys = _add(machine, args.name)
        done = {"added": args.name, "access_key_id": keys.access_key_id}
        text = f"the keys of {args.name} are in the system's store"
    else:
        key_store.remove(machine, args.name)
        done = {"removed": args.name}
        text = f"the keys of {args.name} are removed from the system's store"
    print(json.dumps(done) if args.json else printable(text))
    return 0


def _list(machine: Machine, *, as_json: bool) -> int:
    found = {name: key_store.get(name).access_key_id for name in key_store.names(machine)}
    if as_json:
        print(json.dumps([{"name": name, "access_key_id": key} for name, key in found.items()]))
        return 0
    for name, key in found.items():
        print(f"{printable(name)}  {printable(key)}")
    if not found:
        print("no keys in the system's store: rolecall keys add NAME")
    return 0


def _add(machine: Machine, name: str) -> key_store.StoredKeys:
    """Read a pair of keys, and store it.

    Raises:
        UsageError: the name, or a key, has not the form of one.
        Cancelled: nothing was typed.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"no name for a profile: {name!r}", "spaces and brackets cannot be in it")
    if sys.stdin.isatty():
        key, secret = asked("access key id: "), hidden("secret access key (not shown): ")
    else:
        key, secret = (sys.stdin.readline().strip() for _ in range(2))
    if not key or not secret:
        raise Cancelled("no keys were given")
    if not _ACCESS_KEY_ID.fullmatch(key):
        raise UsageError("that is no access key id", "it looks like AKIAIOSFODNN7EXAMPLE")
    if key.startswith("ASIA"):
        raise UsageError(
            "that is a session's access key id, which ends soon", "long-lived ones begin with AKIA"
        )
    if len(secret.split()) != 1 or len(secret) < 16:
        raise UsageError("that is no secret access key", "it has 40 characters and no spaces")
    keys = key_store.StoredKeys(key, secret)
    key_store.add(machine, name, keys)
    role = opened(machine).catalogue.get(name)
    if role is not None and role.has_keys and role.keys_kind != "keyring":
        tell(f"note: the files hold keys for {name} too, and those come first: remove them there")
    return keys
