"""`rolecall doctor`: what is wrong with AWS access on this machine, and what helps."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from profiles.errors import RolecallError, UsageError
from profiles.insight.doctor import examine
from tui.commands.options import Parser, command_parser
from tui.prompts import asked, has_person
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.insight.finding import Finding
    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "doctor",
        "Look at files, permissions, keys, roles, variables, leftovers, the clock and what is "
        "installed; each finding with its remedy. The exit status is 1 where something is broken.",
        "  rolecall doctor\n  rolecall doctor --fix\n  rolecall doctor --json | jq '.[].summary'",
    )
    found.add_argument("--json", action="store_true", help="an array of objects")
    found.add_argument("--fix", action="store_true", help="ask for each that rolecall can mend")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Look, say, and mend what is wanted."""
    if args.fix and (args.json or not has_person()):
        raise UsageError("--fix asks for each: it needs a terminal, and not --json")
    findings: list[Finding] = []
    mended = 0
    for finding in examine(machine):
        findings.append(finding)
        if not args.json:
            _say(finding)
            if args.fix and finding.fix is not None:
                mended += _mend(finding)
    if args.json:
        print(json.dumps([_record(finding) for finding in findings], indent=1))
    broken = sum(finding.broken for finding in findings)
    if not args.json:
        _sum_up(len(findings), broken, mended)
    return 1 if broken > mended else 0


def _say(finding: Finding) -> None:
    word = "broken" if finding.broken else "note"
    print(f"{word:<6}  {printable(finding.where)}: {printable(finding.summary)}")
    print(f"        {printable(finding.remedy)}", flush=True)


def _mend(finding: Finding) -> bool:
    """Ask, and mend; whether something broken is whole again."""
    fix = finding.fix
    if fix is None or asked(f"        {printable(fix.says)}? [y/N] ").lower() not in ("y", "yes"):
        return False
    try:
        fix.run()
    except (RolecallError, OSError) as error:
        text = error.summary if isinstance(error, RolecallError) else error.strerror or str(error)
        print(f"        that failed: {printable(text)}", file=sys.stderr)
        return False
    print("        done")
    return finding.broken


def _sum_up(count: int, broken: int, mended: int) -> None:
    if not count:
        print("nothing is wrong")
        return
    parts = [f"{broken} broken", f"{count - broken} to look at"]
    if mended:
        parts.append(f"{mended} mended")
    print(", ".join(parts))


def _record(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "broken": finding.broken,
        "where": finding.where,
        "summary": finding.summary,
        "remedy": finding.remedy,
        "fixable": finding.fix is not None,
    }
