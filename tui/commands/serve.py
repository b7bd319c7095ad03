"""`rolecall serve`: an endpoint on this machine that hands out the session and renews it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from profiles.destinations.export import FORMATS, default_format
from profiles.errors import UsageError
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import got, notes
from tui.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from profiles.destinations.endpoint import Endpoint
    from profiles.errors import RolecallError
    from profiles.machine import Machine

_LOOK = 0.5
"""Seconds between two looks whether the owner is still there."""


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "serve",
        "Serve the session on this machine, renewed before it ends, to clients that show the "
        "token which is printed. It ends with ctrl+c, or with the process that started it.",
        "  rolecall serve s3-reader\n"
        "  source <(command rolecall serve s3-reader)\n"
        "  rolecall serve s3-reader --format env > session.env\n"
        "  rolecall serve s3-reader --imds --port 1338",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    found.add_argument(
        "--port", metavar="P", type=int, default=0, help="to listen on; any free one without it"
    )
    found.add_argument(
        "--imds",
        action="store_true",
        help="speak EC2's metadata protocol instead, which has no secret: every user of this "
        "machine can read it",
    )
    found.add_argument(
        "--format", choices=FORMATS, metavar="F", help=f"one of {', '.join(FORMATS)}"
    )
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Serve until told to stop."""
    from profiles.destinations.endpoint import ContainerCredentials, Endpoint, bare_profile
    from profiles.destinations.instance_metadata import InstanceMetadata
    from profiles.destinations.renewing import renewal

    if not 0 <= args.port <= 65535:
        raise UsageError(f"--port takes 0 to 65535, not {args.port}", "rolecall serve --help")
    # Before anything else: a parent that ends meanwhile is to be noticed too.
    is_over = _end_of_owner()
    request = request_of(args)
    switcher, role, session = got(args, machine, "serve a session of it", request, needs=0)
    endpoint = Endpoint(
        machine,
        renewal(machine, role, request),
        service=InstanceMetadata if args.imds else ContainerCredentials,
        form=args.format or default_format(machine.env),
        port=args.port,
        told=_tell,
    )
    with endpoint:
        text = endpoint.deliver(session).text
        try:
            bare_profile(machine, switcher.catalogue)
        except UsageError as error:
            notes([f"{error.summary}; {error.hint}, then set AWS_PROFILE=rolecall"])
        if sys.stderr.isatty():
            notes([f"serving {printable(role.name)} at {endpoint.url}; ctrl+c ends it"])
        _say(_json(endpoint, session.expires_at) if args.json else text)
        while not is_over():
            pass
    return 0


def _json(endpoint: Endpoint, expires_at: float | None) -> str:
    import json

    from profiles.times import rfc3339

    end = rfc3339(expires_at or 0)
    return json.dumps({"url": endpoint.url, "token": endpoint.token, "expires_at": end}) + "\n"


def _say(text: str) -> None:
    """Print, and close standard output: who reads it to its end goes on then."""
    sys.stdout.write(text)
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _tell(trouble: RolecallError | None) -> None:
    if trouble is None:
        notes(["the session is renewed again"])
        return
    hint = f": {trouble.hint}" if trouble.hint else ""
    notes([f"the session cannot be renewed: {trouble.summary}{hint}"])


def _end_of_owner() -> Callable[[], bool]:
    """What waits a moment and tells whether to stop: by a signal, or as its owner is gone.

    That is the parent, and the shell of the terminal, where another process stands between: a
    shell's function in the background. Who started it with `nohup`, so that SIGHUP is ignored,
    wants it to stay.
    """
    ended = threading.Event()
    stays = False
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        if signal.getsignal(number) is signal.SIG_IGN:
            stays = stays or name == "SIGHUP"
        else:
            signal.signal(number, lambda *_: ended.set())
    parent = os.getppid()
    leader = os.getsid(0)
    led = _is_there(leader)

    def is_over() -> bool:
        if ended.wait(_LOOK):
            return True
        left = os.getppid() != parent or (led and not _is_there(leader))
        return left and not stays

    return is_over


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
