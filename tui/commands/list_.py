"""`rolecall list`: every role, from the files and caches alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.catalogue.catalogue import Catalogue
from profiles.catalogue.sessions import by_role, session_statuses
from profiles.errors import UsageError
from tui.commands.options import Parser
from tui.commands.options import parser as made
from tui.text import lines_of, printable

if TYPE_CHECKING:
    import argparse

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.model import SessionStatus


def parser() -> Parser:
    """Its options."""
    found = made(
        "list",
        "Every role, in file order, from the files and caches alone: no network.",
        '  rolecall list\n  rolecall list --filter "pay prod"\n'
        "  rolecall list --json | jq '.[] | select(.session)'",
    )
    found.add_argument("--json", action="store_true", help="an array of objects")
    found.add_argument("--filter", metavar="WORDS", help="only roles that hold every word")
    found.add_argument("--stage", metavar="S", help="only roles of that stage")
    found.add_argument(
        "--source", metavar="KIND", help="only that kind or source: role, sso, base …"
    )
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the roles."""
    import gc

    gc.disable()  # ten thousand rows make no circles; looking for some costs a tenth of the time
    catalogue = Catalogue.load(machine)
    for warning in catalogue.settings.warnings:
        print(f"rolecall: {printable(warning)}", file=sys.stderr)
    roles = catalogue.search(args.filter) if args.filter else catalogue.roles
    if args.stage:
        known = {stage.name for stage in catalogue.settings.stages}
        if args.stage not in known:
            raise UsageError(
                f"there is no stage {args.stage!r}",
                f"there is {', '.join(sorted(known)) or 'none'}",
            )
        roles = [
            role
            for role in roles
            if (stage := catalogue.stage(role)) is not None and stage.name == args.stage
        ]
    if args.source:
        roles = [role for role in roles if args.source in (role.kind, role.source)]
    now = machine.now()
    sessions = by_role(session_statuses(machine, catalogue), now)
    if args.json:
        _print_json(roles, catalogue, sessions, machine)
    else:
        _print_table(roles, catalogue, sessions, now)
    return 0


def _print_json(
    roles: list[Role],
    catalogue: Catalogue,
    sessions: dict[str, SessionStatus],
    machine: Machine,
) -> None:
    import json

    from profiles.files.state import load_state

    favourites = set(load_state(machine).favourites)
    now = machine.now()
    rows = [
        record(role, catalogue, sessions.get(role.name), now, favourite=role.name in favourites)
        for role in roles
    ]
    text = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    sys.stdout.write(f"[{text}]\n")


def record(
    role: Role,
    catalogue: Catalogue,
    session: SessionStatus | None,
    now: float,
    *,
    favourite: bool,
) -> dict[str, Any]:
    """A role as `list --json` gives it."""
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
        "favourite": favourite,
        "session": None
        if session is None
        else {
            "phase": str(session.phase(now)),
            "expires_at": None if session.expires_at is None else times.rfc3339(session.expires_at),
            "seconds_left": session.seconds_left(now),
            "written_to": session.profile,
        },
        "problem": catalogue.problem(role),
    }


def _print_table(
    roles: list[Role], catalogue: Catalogue, sessions: dict[str, SessionStatus], now: float
) -> None:
    rows = []
    for role in roles:
        session = sessions.get(role.name)
        stage = catalogue.stage(role)
        shown = ""
        if session is not None:
            left = session.seconds_left(now)
            shown = f"{session.phase(now)} {times.countdown(left) if left else ''}".rstrip()
        elif problem := catalogue.problem(role):
            shown = f"! {problem}"
        rows.append(
            (
                role.name,
                catalogue.account_name(role) or role.account_id or "-",
                role.role_name or "-",
                role.source or "-",
                stage.name if stage else "-",
                shown,
            )
        )
    if sys.stdout.isatty():
        rows.insert(0, ("ROLE", "ACCOUNT", "NAME IN IAM", "SOURCE", "STAGE", "SESSION"))
    if not rows:
        print("rolecall: no role", file=sys.stderr)
        return
    widths = [min(max(map(len, column)), 48) for column in list(zip(*rows, strict=True))[:-1]]
    line = "  ".join(f"%-{width}s" for width in widths) + "  %s"
    sys.stdout.write(lines_of([line % row for row in rows]))
