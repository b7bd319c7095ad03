"""`rolecall credential-process`: the session as JSON for the `credential_process` of a profile."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from profiles import quick_answer, times
from profiles.files.key_names import key_names_file
from profiles.request import Request
from profiles.sources import cached
from profiles.sources.arguments import has_open_tag
from profiles.switcher import Switcher
from tui import __version__
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.dialogs import asking

if TYPE_CHECKING:
    import argparse

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.session import Session

_KINDS_THAT_FILES_TELL = ("role", "saml", "sso")
"""Whose place in the cache follows from settings alone, and not from a token or from keys."""
_CLI_DATA = os.path.join("awscli", "data")


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "credential-process",
        "Print the session as JSON for the credential_process of a profile, and nothing else. It "
        "never asks on the terminal: where a person is needed, it fails and says what to run.",
        "  rolecall credential-process s3-reader\n"
        "  rolecall config credential-process s3-reader   (adds the profile that runs it)",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print it."""
    machine = machine._replace(env=_without_cli_data(machine))
    # Stamped before they are read: what changes meanwhile makes them others.
    files = [
        quick_answer.stamped(path)
        for path in (
            machine.config_file,
            machine.credentials_file,
            machine.settings_file,
            key_names_file(machine),
        )
    ]
    request = request_of(args)
    switcher = Switcher(machine)
    settings = switcher.catalogue.settings
    role = switcher.catalogue.resolve(args.target)
    session = switcher.session(
        role,
        request,
        ask=asking(machine, settings),
        change="hand a session of it to a program",
        needs=0,
    )
    for note in (*settings.warnings, *session.notes):
        machine.log(note)
    print(json.dumps(_answer(session)))
    sys.stdout.flush()
    if request == Request() and session.cache_key is not None and _told_by_files(role):
        until = cached.used_until(machine, session.cache_key, session)
        quick_answer.keep(machine, args.target, __version__, session, files, until=until)
    return 0


def _answer(session: Session) -> dict[str, object]:
    """Version 1 of the format ("Sourcing credentials with an external process" in the guide)."""
    keys = session.credentials
    found: dict[str, object] = {
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
    }
    if keys.session_token is not None:
        found["SessionToken"] = keys.session_token
    if session.expires_at is not None:
        found["Expiration"] = times.rfc3339(session.expires_at)
    if session.account_id is not None:
        found["AccountId"] = session.account_id
    return found


def _told_by_files(role: Role) -> bool:
    """Whether nothing but the files that are stamped, and variables, says which session it is."""
    policy = role.get("policy") or "{"
    return (
        role.kind in _KINDS_THAT_FILES_TELL
        and not has_open_tag(role)
        and policy.lstrip().startswith("{")
    )


def _without_cli_data(machine: Machine) -> dict[str, str]:
    """The variables without the folder of AWS CLI v1, which names its own to its children.

    There are models in it that other botocores, and AWS CLI v2, cannot do with.
    """
    env = dict(machine.env)
    said = env.pop("AWS_DATA_PATH", "")
    own = [path for path in said.split(os.pathsep) if path and not path.endswith(_CLI_DATA)]
    return env | ({"AWS_DATA_PATH": os.pathsep.join(own)} if own else {})
