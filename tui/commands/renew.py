"""`rolecall renew`: a new session into the same profiles."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from profiles.errors import RolecallError, UsageError
from profiles.files.aws_clock import aws_now
from profiles.model import EXPIRING_BELOW
from profiles.renewal import asked, planned, written
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.run import show_error
from tui.commands.sessions import lifetime, notes, opened, record
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from profiles.challenges import Challenge
    from profiles.machine import Machine
    from profiles.renewal import Renewal
    from profiles.request import Request
    from profiles.switcher import Assumed, Switcher

# Calls under way at a time: STS answers hundreds a second.
AT_ONCE = 50


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "renew",
        "Get a new session and write it into the profiles that hold the one of before. It is asked "
        "for with the options of the one before, but for those given here.",
        "  rolecall renew s3-reader\n  rolecall renew --expiring",
    )
    found.add_argument("targets", metavar="TARGET", nargs="*", help="roles, or profiles written")
    found.add_argument("--all", action="store_true", help="every session that rolecall wrote")
    found.add_argument(
        "--expiring", action="store_true", help="those with 15 minutes or less left, or none"
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Renew, several at a time; one that fails does not stop the others."""
    if bool(args.targets) + args.all + args.expiring != 1:
        raise UsageError("which sessions?", "rolecall renew TARGET… | --all | --expiring")
    request = request_of(args)
    switcher = opened(machine)
    names = args.targets or _chosen(switcher, machine, expiring=args.expiring)
    rows = []
    failed: RolecallError | None = None
    for renewed in _renewed(switcher, list(dict.fromkeys(names)), request):
        if isinstance(renewed, RolecallError):
            if len(names) == 1:
                raise renewed
            show_error(renewed, as_json=args.json)
            failed = failed or renewed
            continue
        notes(renewed.notes)
        if args.json:
            rows.append(record(renewed.session, renewed.profile, aws_now(machine)))
        else:
            left = lifetime(renewed.session.expires_at, aws_now(machine))
            places = " ".join(f"[{printable(profile)}]" for profile in renewed.profiles)
            print(f"{printable(renewed.session.role)}  {places}  {left}")
    if args.json:
        print(json.dumps(rows, indent=1))
    elif not names:
        print("nothing to renew")
    return failed.exit_status if failed else 0


def _renewed(
    switcher: Switcher, names: list[str], request: Request
) -> Iterator[Assumed | RolecallError]:
    """What became of each, in order; a person is asked one thing at a time."""
    asking, stopped = threading.Lock(), threading.Event()

    def ask(challenge: Challenge) -> str:
        with asking:
            return on_terminal(challenge)

    def get(renewal: Renewal) -> None:
        asked(switcher, renewal, request, ask=ask, cancelled=stopped.is_set)

    renewals = planned(switcher, names, request)
    if len(renewals) < 2:
        for renewal in renewals:
            get(renewal)
        yield from written(switcher, renewals)
        return
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(min(len(names), AT_ONCE)) as pool:
        under_way = {pool.submit(get, renewal): at for at, renewal in enumerate(renewals)}
        became: dict[int, Assumed | RolecallError] = {}
        try:
            for at in range(len(renewals)):
                while at not in became:
                    # Those that came while the ones before were written are written together.
                    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    came = [under_way.pop(each) for each in done]
                    for each in done:
                        each.result()
                    became |= zip(
                        came, written(switcher, [renewals[each] for each in came]), strict=True
                    )
                yield became[at]
        except BaseException:
            # One that waits for a sign-in would keep the process for as long as that takes.
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _chosen(switcher: Switcher, machine: Machine, *, expiring: bool) -> list[str]:
    now = aws_now(machine)
    found = {}
    for status in switcher.statuses():
        if status.origin != "rolecall" or status.profile is None:
            continue
        left = status.seconds_left(now)
        if not expiring or (left is not None and left <= EXPIRING_BELOW):
            found[status.name] = True
    return list(found)
