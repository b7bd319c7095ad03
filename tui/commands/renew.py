"""`rolecall renew`: a new session into the same profiles."""

from __future__ import annotations

import contextlib
import json
import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles.errors import Cancelled, RolecallError, UsageError
from profiles.files.aws_clock import aws_now
from profiles.model import EXPIRING_BELOW
from profiles.renewal import asked, planned, written
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.run import show_error, show_errors
from tui.commands.sessions import lifetime, notes, opened, record
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from profiles.challenges import Challenge
    from profiles.machine import Machine
    from profiles.renewal import Renewed
    from profiles.request import Request
    from profiles.switcher import Switcher

# Calls under way at a time: STS answers hundreds a second.
AT_ONCE = 50
_MOMENT = 0.2


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
    switcher = opened(machine, quietly=args.json)
    names = args.targets or _chosen(switcher, machine, expiring=args.expiring)
    rows = []
    errors: list[RolecallError] = []
    for renewed, error in _renewed(switcher, list(dict.fromkeys(names)), request):
        if renewed is not None:
            notes(renewed.notes)
            if args.json:
                rows.append(record(renewed.session, renewed.profile, aws_now(machine)))
            else:
                left = lifetime(renewed.session.expires_at, aws_now(machine))
                places = " ".join(f"[{printable(profile)}]" for profile in renewed.profiles)
                print(f"{printable(renewed.session.role)}  {places}  {left}")
        if error is not None:
            errors.append(error)
            if not args.json and len(names) > 1:
                show_error(error)
    if args.json:
        notes(switcher.catalogue.settings.warnings)
    if len(errors) == 1 and (args.json or len(names) == 1):
        if args.json and len(names) > 1:
            print(json.dumps(rows, indent=1))
        raise errors[0]
    if args.json:
        print(json.dumps(rows, indent=1))
        if errors:
            show_errors(errors)
    elif not names:
        print("nothing to renew")
    return errors[0].exit_status if errors else 0


def _renewed(switcher: Switcher, names: list[str], request: Request) -> Iterator[Renewed]:
    """What became of each, in order; a person is asked one thing at a time."""
    renewals = planned(switcher, names, request)
    if len(renewals) < 2:
        for renewal in renewals:
            asked(switcher, renewal, request, ask=on_terminal)
        yield from written(switcher, renewals)
        return
    came: SimpleQueue[int | _Question | BaseException] = SimpleQueue()
    stopped = threading.Event()
    left = iter(range(len(renewals)))

    def work() -> None:
        try:
            for at in left:
                ask = _Asking(came, stopped)
                asked(switcher, renewals[at], request, ask=ask, cancelled=stopped.is_set)
                came.put(at)
        except BaseException as error:  # noqa: BLE001  # a defect is told by who waits
            came.put(error)

    for _ in range(min(len(renewals), AT_ONCE)):
        # What hangs in one must not keep the process that a person has ended.
        threading.Thread(target=work, daemon=True).start()
    became: dict[int, Renewed] = {}
    try:
        for at in range(len(renewals)):
            while at not in became:
                # Those that came while the ones before were written are written together.
                done = list(_next(came))
                became |= zip(done, written(switcher, [renewals[n] for n in done]), strict=True)
            yield became[at]
    finally:
        stopped.set()


class _Question(NamedTuple):
    """What a renewal needs of the person, and where it waits for the answer."""

    challenge: Challenge
    answer: SimpleQueue[str | BaseException]


class _Asking:
    """Asks the person through the thread that has the terminal, which ctrl+c reaches."""

    def __init__(self, came: SimpleQueue[Any], stopped: threading.Event) -> None:
        self._came = came
        self._stopped = stopped

    def __call__(self, challenge: Challenge) -> str:
        """The answer.

        Raises:
            RolecallError: there is none.
        """
        question = _Question(challenge, SimpleQueue())
        self._came.put(question)
        while not self._stopped.is_set():
            with contextlib.suppress(Empty):
                said = question.answer.get(timeout=_MOMENT)
                if isinstance(said, BaseException):
                    raise said
                return said
        raise Cancelled("stopped")


def _next(came: SimpleQueue[int | _Question | BaseException]) -> Iterator[int]:
    """The renewals that came, at least one; questions between them are put to the person."""
    found = False
    while not found or not came.empty():
        each = came.get()
        if isinstance(each, BaseException):
            raise each
        if isinstance(each, _Question):
            try:
                each.answer.put(on_terminal(each.challenge))
            except RolecallError as error:
                each.answer.put(error)
            continue
        found = True
        yield each


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
