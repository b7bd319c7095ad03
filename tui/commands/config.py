"""`rolecall config`: settings."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

from profiles.errors import ConfirmationNeeded, UsageError
from profiles.settings import KNOWN, load_settings, setting_text
from profiles.settings_writer import save_setting
from tui.commands.options import Parser, command_parser
from tui.commands.sessions import notes, opened
from tui.text import printable

if TYPE_CHECKING:
    import argparse

    from profiles.machine import Machine


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "config",
        "Show the settings with where each comes from, or change one. credential-process adds a "
        "profile to the AWS config file that gives a role's session to every client.",
        "  rolecall config\n  rolecall config set duration 2h\n  rolecall config set duration\n"
        "  rolecall config edit\n  rolecall config credential-process s3-reader --as reader",
    )
    found.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=("list", "get", "set", "path", "edit", "credential-process"),
    )
    found.add_argument("key", nargs="?", help="a setting's name; the role to add a profile for")
    found.add_argument("value", nargs="*", help="its value; without one, `set` removes it")
    found.add_argument("--as", dest="profile", metavar="PROFILE", help="the profile to add")
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Show or change the settings."""
    if args.profile is not None and args.action != "credential-process":
        raise UsageError("--as names the profile of credential-process", "rolecall config --help")
    if args.action == "path":
        print(machine.settings_file)
        return 0
    if args.action == "edit":
        return _edit(machine)
    if args.action == "credential-process":
        if args.value:
            raise UsageError(
                f"one role at a time: {args.key}, then {args.value[0]}",
                "rolecall config credential-process TARGET --as PROFILE",
            )
        return _process_profile(args.key, args.profile, machine)
    if args.action == "set":
        if not args.key:
            raise UsageError("which setting?", "rolecall config set KEY VALUE")
        value = args.value[0] if len(args.value) == 1 else shlex.join(args.value)
        save_setting(machine, args.key, value if args.value else None)
        return 0
    settings = load_settings(machine)
    notes(settings.warnings)
    if args.action == "get":
        if args.key not in KNOWN:
            raise UsageError(f"{args.key!r} is not a setting", "rolecall config lists them")
        if args.key not in settings.values:
            return 1
        print(setting_text(args.key, settings.values[args.key]))
        return 0
    width = max(map(len, KNOWN)) + 2
    for key, (_, does) in KNOWN.items():
        value = setting_text(key, settings.values[key]) if key in settings.values else "-"
        origin = settings.origins.get(key, "default")
        print(f"{key:{width}}{printable(value):24} {origin:12} {does}")
    return 0


def _process_profile(target: str | None, profile: str | None, machine: Machine) -> int:
    """Add the profile, and say what it is."""
    from profiles.destinations.process_profile import add_process_profile
    from profiles.guard import guard
    from profiles.request import Request
    from profiles.unattended import nobody

    if not target:
        raise UsageError("which role?", "rolecall config credential-process TARGET")
    switcher = opened(machine)
    written = add_process_profile(switcher, target, _own_command(), profile)
    print(f"profile   {printable(written.name)}")
    print(f"runs      {printable(written.command)}")
    if written.region:
        print(f"region    {printable(written.region)}")
    print(f"file      {printable(machine.config_file)}")
    role = switcher.catalogue.resolve(target)
    try:
        guard(switcher.catalogue, role, Request(), nobody, "hand a session of it to a program")
    except ConfirmationNeeded as error:
        notes([f"{error.summary}, and clients are refused: {error.hint} to the command there"])
    return 0


def _own_command() -> list[str]:
    """This very rolecall, for who knows neither its PATH nor its folder."""
    for path in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "rolecall")):
        if os.path.basename(path) == "rolecall" and os.access(path, os.X_OK):
            return [os.path.abspath(path)]
    return [sys.executable, "-m", "tui"]


def _edit(machine: Machine) -> int:
    """Open the user's editor; whatever it leaves behind is checked."""
    from tui.editor import edit_settings

    if not sys.stdin.isatty():
        raise UsageError("an editor needs a terminal", f"the file is {machine.settings_file}")
    status = edit_settings(machine)
    notes(load_settings(machine).warnings)
    return status
