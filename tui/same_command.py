"""The command line that does what a key of the picker does."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from profiles import times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role
    from profiles.request import Request

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "switch": ("assume", "{}"),
    "default": ("assume", "{}", "--default"),
    "write_to": ("assume", "{}", "--as", "{more}"),
    "shell": ("shell", "{}"),
    "renewing_shell": ("shell", "{}", "--renewing"),
    "console": ("console", "{}"),
    "console_service": ("console", "{}", "--service", "{more}"),
    "copy": ("export", "{}", "--format", "{more}"),
    "renew": ("renew", "{}"),
    "drop": ("drop", "{}"),
    "undo": ("undo",),
    "login": ("login", "{}"),
    "logout": ("logout", "{}"),
    "discover": ("discover", "sso", "{}"),
    "trust": ("trust", "{}"),
}
"""By the id of a key's binding: its words, the role's name and what was chosen besides left out."""


def same_command(key: str, name: str = "", more: str = "") -> str:
    """A command line, ready to be pasted.

    Args:
        key: the id of the key's binding.
        name: the role's.
        more: what was chosen besides: a profile, a service, a format.
    """
    said = {"{}": name, "{more}": more}
    return shlex.join(["rolecall", *(said.get(word, word) for word in ACTIONS[key])])


def assume_command(target: str, request: Request) -> str:
    """The command line that assumes a role with these options.

    Args:
        target: its name or ARN.
    """
    said = (
        ("--source", request.source),
        ("--duration", None if request.duration is None else times.typed(request.duration)),
        ("--session-name", request.session_name),
        ("--external-id", request.external_id),
        ("--mfa-serial", request.mfa_serial),
        ("--source-identity", request.source_identity),
        *(("--tag", f"{key}={value}") for key, value in request.tags),
        *(("--transitive-tag", key) for key in request.transitive_tags),
        ("--policy", request.policy),
        *(("--policy-arn", arn) for arn in request.policy_arns),
        ("--region", request.region),
    )
    options = [word for option, value in said if value is not None for word in (option, value)]
    return shlex.join(["rolecall", "assume", target, *options])


def same_commands(role: Role, form: str, profile: str) -> list[tuple[str, str]]:
    """The key's id and the command line of everything that can be done with a role.

    Args:
        form: of the variables for the user's shell.
        profile: the one that its sessions are written to.
    """
    chosen = {"write_to": profile, "console_service": "s3", "copy": form}
    without = ["login", "logout"]  # of sign-ins, not of roles
    if role.kind == "session-token":
        without += ["console", "console_service"]
    if role.kind != "role":
        without.append("trust")
    return [
        (key, same_command(key, role.name, chosen.get(key, "")))
        for key in ACTIONS
        if key not in without
    ]
