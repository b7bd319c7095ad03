"""`rolecall history`: what was assumed on this machine, to be read, searched and deleted."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from profiles import times
from profiles.errors import Cancelled, ConfirmationNeeded, UsageError
from tui.commands.options import Parser, command_parser
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.files.history import Entry
    from profiles.machine import Machine

_YEARS = 10 * 365 * 86400
_AGO = re.compile(r"(?:\d+[dhms])+", re.ASCII | re.IGNORECASE)


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "history",
        "What was assumed on this machine, the latest last: when, from where and why (--reason). "
        "Keys are not in it, but for their ids, by which CloudTrail finds what was done.",
        "  rolecall history payments --since 7d\n  rolecall history --cloudtrail INC-1207\n"
        "  rolecall history --delete --yes",
    )
    add = found.add_argument
    add("words", metavar="WORDS", nargs="*", help="entries that hold every word")
    add("--since", metavar="D|DAY", help="so long ago or later: 12h, 7d, 2026-11-01")
    add("--limit", metavar="N", type=int, help="the latest N of them")
    add("--cloudtrail", action="store_true", help="print the call that finds each one's events")
    add("--delete", action="store_true", help="delete these entries, or without WORDS all")
    add("--yes", action="store_true", help="delete without asking")
    add("--json", action="store_true", help="print JSON")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print or delete entries."""
    from profiles.files.history import history

    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit {args.limit}: at least one", "rolecall history --limit 20")
    since = None if args.since is None else _instant(args.since, machine.now())
    whole = history(machine)
    found = [
        each for each in whole if each.holds(args.words) and (since is None or each.at >= since)
    ]
    if args.limit is not None:
        found = found[-args.limit :]
    if args.delete:
        return _delete(found, machine, sure=args.yes)
    if args.json:
        print(json.dumps([each.as_json() for each in found], indent=1))
    elif args.cloudtrail:
        import shlex

        for each in found:
            print(shlex.join(map(printable, each.lookup())))
    elif not found:
        print("no entry matches" if whole else "nothing was assumed")
    else:
        for each in found:
            print(_line(each))
    return 0


def _line(entry: Entry) -> str:
    """When, which, with what, for what and why."""
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.at))
    parts = [
        day,
        entry.role,
        entry.account_id or "",
        f"from {entry.source}" if entry.source else "",
        entry.purpose,
        f"because {entry.reason}" if entry.reason else "",
        entry.access_key_id,
    ]
    return "  ".join(printable(part) for part in parts if part)


def _delete(entries: list[Entry], machine: Machine, *, sure: bool) -> int:
    from profiles.files.history import delete
    from tui.prompts import asked, has_person

    count = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
    if entries and not sure:
        if not has_person():
            raise ConfirmationNeeded(f"{count} of the history would go", "add --yes")
        if asked(f"delete {count} of the history? [y/N] ").lower() not in ("y", "yes"):
            raise Cancelled("nothing was deleted")
    deleted = delete(machine, set(entries).__contains__)
    print(f"deleted {deleted} {'entry' if deleted == 1 else 'entries'}")
    return 0


def _instant(text: str, now: float) -> float:
    """When `7d` ago was, or a day began here; the beginning where that is too long ago to tell.

    Raises:
        UsageError: it is neither.
    """
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d"))
    except OverflowError:
        return 0.0
    except ValueError:
        pass
    # A number alone would be seconds, and is more likely meant as a year.
    if not _AGO.fullmatch(text):
        raise UsageError(
            f"neither a duration nor a day: {text!r}", "say it like 12h, 7d or 2026-11-01"
        )
    try:
        return now - times.duration(text, maximum=_YEARS, minimum=0)
    except (UsageError, ValueError):  # Python reads no number of thousands of digits
        return 0.0
