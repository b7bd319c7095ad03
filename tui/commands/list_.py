"""`rolecall list`: every role, from the files and caches alone."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.catalogue.sessions import by_role, names_of, role_sessions, states
from profiles.errors import UsageError
from profiles.files.aws_clock import aws_now
from tui.commands import kept_list
from tui.commands.kept_list import Kept
from tui.commands.options import Parser, command_parser
from tui.text import lines_of, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.files.cache import CachedSession
    from profiles.machine import Machine
    from profiles.model import SessionStatus

_HEADING = "ROLE, ACCOUNT, NAME IN IAM, SOURCE, STAGE, SESSION"
# Begins what a row says where there is no session: why the role cannot be used.
_PROBLEM = "! "


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "list",
        "Every role, in file order, from the files and caches alone: no network.",
        '  rolecall list\n  rolecall list --filter "pay prod"\n'
        "  rolecall list --json | jq '.[] | select(.session)'",
    )
    found.add_argument("--json", action="store_true", help="an array of objects")
    found.add_argument(
        "--filter",
        metavar="WORDS",
        help="only roles that hold every word; also stage:… account:… role:… source:… kind:… "
        "name:… live: expiring: expired: favourite:",
    )
    found.add_argument("--stage", metavar="S", help="only roles of that stage")
    found.add_argument(
        "--source", metavar="KIND", help="only that kind or source: role, sso, base …"
    )
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the roles."""
    import gc

    gc.disable()  # ten thousand rows make no circles; looking for some costs a tenth of the time
    form = "json" if args.json else "table"
    whole = not (args.filter or args.stage or args.source)
    kept = kept_list.load(machine, form) if whole else None
    if kept is not None and (statuses := _sessions_by(kept, machine)) is not None:
        _print(kept, statuses, machine, form)
        return 0
    from profiles.catalogue.catalogue import Catalogue as Read

    catalogue = Read.load(machine)
    statuses = role_sessions(machine, lambda entries: names_of(entries, catalogue, machine))
    roles = _chosen(args, catalogue, statuses, machine)
    if not roles and not args.json:
        print("rolecall: no role", file=sys.stderr)
        return 0
    made = _made(roles, catalogue, machine, form)
    _print(made, statuses, machine, form)
    if whole:
        sys.stdout.flush()
        kept_list.keep(machine, form, made)
    return 0


def kept_rows(machine: Machine, form: str) -> Kept:
    """Every role's row without its session, from what was kept, or made and kept now.

    Args:
        machine: its surroundings.
        form: `table` or `json`.
    """
    kept = kept_list.load(machine, form)
    if kept is None:
        from profiles.catalogue.catalogue import Catalogue as Read

        catalogue = Read.load(machine)
        kept = _made(catalogue.roles, catalogue, machine, form)
        kept_list.keep(machine, form, kept)
    return kept


def _made(roles: Sequence[Role], catalogue: Catalogue, machine: Machine, form: str) -> Kept:
    rows = _json_rows(roles, catalogue) if form == "json" else _table_rows(roles, catalogue)
    return Kept(
        [*catalogue.settings.warnings, *map(str, catalogue.files.problems)],
        _cache_names(machine, catalogue),
        {role.name: row for role, row in zip(roles, rows, strict=True)},
    )


def _chosen(
    args: argparse.Namespace,
    catalogue: Catalogue,
    statuses: list[SessionStatus],
    machine: Machine,
) -> Sequence[Role]:
    roles: Sequence[Role] = catalogue.roles
    if args.filter:
        from profiles.files.state import load_state

        now = aws_now(machine)
        known = states(by_role(statuses, now), load_state(machine).favourites, now)
        roles = catalogue.search(args.filter, known)
    if args.stage:
        stages = {stage.name for stage in catalogue.settings.stages}
        if args.stage not in stages:
            raise UsageError(
                f"there is no stage {args.stage!r}",
                f"there is {', '.join(sorted(stages)) or 'none'}",
            )
        roles = [
            role
            for role in roles
            if (stage := catalogue.stage(role)) is not None and stage.name == args.stage
        ]
    if args.source:
        roles = [role for role in roles if args.source in (role.kind, role.source)]
    return roles


def _sessions_by(kept: Kept, machine: Machine) -> list[SessionStatus] | None:
    """The sessions by the names that were kept; None where a cache key is new."""
    new = False

    def names(entries: list[CachedSession]) -> dict[str, str]:
        nonlocal new
        new = any(entry.key not in kept.cached for entry in entries)
        return {key: name for key, name in kept.cached.items() if name is not None}

    found = role_sessions(machine, names)
    return None if new else found


def _cache_names(machine: Machine, catalogue: Catalogue) -> dict[str, str | None]:
    from profiles.files.cache import cached_sessions

    entries = cached_sessions(machine)
    names = names_of(entries, catalogue, machine)
    return {entry.key: names.get(entry.key) for entry in entries}


def _print(kept: Kept, statuses: list[SessionStatus], machine: Machine, form: str) -> None:
    """The rows, with the sessions in their places."""
    for warning in kept.warnings:
        print(f"rolecall: {printable(warning)}", file=sys.stderr)
    now = aws_now(machine)
    rows = kept.rows
    sessions = by_role(statuses, now)
    if form == "table":
        for name, session in sessions.items():
            if name in rows:
                left = session.seconds_left(now)
                clock = f" {times.countdown(left)}" if left else ""
                rows[name] = f"{rows[name].partition(_PROBLEM)[0]}{session.phase(now)}{clock}"
        lines = list(rows.values())
        if sys.stdout.isatty():
            lines.insert(0, _HEADING)
        sys.stdout.write(lines_of(lines))
        return
    from profiles.files.state import load_state

    changed: dict[str, dict[str, Any]] = {
        name: {"session": _session(session, now)} for name, session in sessions.items()
    }
    for name in load_state(machine).favourites:
        changed.setdefault(name, {})["favourite"] = True
    for name, change in changed.items():
        if name in rows:
            rows[name] = json.dumps(json.loads(rows[name]) | change, ensure_ascii=False)
    text = ",\n ".join(rows.values())
    sys.stdout.write(f"[{text}]\n")


def _json_rows(roles: Sequence[Role], catalogue: Catalogue) -> list[str]:
    return [json.dumps(record(role, catalogue), ensure_ascii=False) for role in roles]


def record(role: Role, catalogue: Catalogue) -> dict[str, Any]:
    """A role as `list --json` gives it, but for its session and whether it is a favourite."""
    stage = catalogue.stage(role)
    return {
        "name": role.name,
        "kind": role.kind,
        "account_id": role.account_id,
        "account_name": catalogue.account_name(role),
        "role_name": role.role_name,
        "role_arn": role.role_arn,
        "source": role.source,
        "chain": catalogue.chain(role),
        "region": role.region,
        "stage": stage.name if stage else None,
        "origin": role.origin,
        "favourite": False,
        "session": None,
        "problem": catalogue.problem(role),
    }


def _session(session: SessionStatus, now: float) -> dict[str, Any]:
    end = session.expires_at
    return {
        "phase": str(session.phase(now)),
        "expires_at": None if end is None else times.rfc3339(end),
        "seconds_left": session.seconds_left(now),
        "written_to": session.profile,
    }


def _table_rows(roles: Sequence[Role], catalogue: Catalogue) -> list[str]:
    rows = []
    for role in roles:
        stage = catalogue.stage(role)
        problem = catalogue.problem(role)
        rows.append(
            (
                role.name,
                catalogue.account_name(role) or role.account_id or "-",
                role.role_name or "-",
                role.source or "-",
                stage.name if stage else "-",
                f"{_PROBLEM}{problem}" if problem else "",
            )
        )
    widths = [min(max(map(len, column)), 48) for column in list(zip(*rows, strict=True))[:-1]]
    line = "  ".join(f"%-{width}s" for width in widths) + "  %s"
    return [printable(line % row) for row in rows]
