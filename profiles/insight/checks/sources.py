"""Roles that cannot be used, sections that nothing uses, programs that are not there."""

from __future__ import annotations

import os
import shlex
from shutil import which
from typing import TYPE_CHECKING

from profiles.insight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.machine import Machine

_PROGRAMS = ("mfa_command", "browser", "ask_with")
_LONGEST = 32_768
"""Letters of a command line that one of them may have."""
_OVER_KEYS = ("credential_process", "login_session")


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Look at every role and section."""
    for role in catalogue.roles:
        where = f"{role.origin} {role.name}"
        told = role.profile is not None and role.profile.problem  # with the file
        if (problem := catalogue.problem(role)) and problem != told:
            yield Finding("dead-source", where, problem, "mend it, or take the profile out")
        yield from _shadowed(role, where)
        yield from _missing_program(machine, role, where)
        yield from _missing_token(machine, role, where)
    yield from _unused(catalogue)
    for name in _PROGRAMS:
        argv = catalogue.settings.argv(name)
        if argv and argv != ("none",) and not _found(machine, argv[0]):
            yield Finding(
                "missing-program",
                f"setting {name}",
                f"there is no program {argv[0]}",
                f"install it, or rolecall config set {name}",
            )


def _shadowed(role: Role, where: str) -> Iterator[Finding]:
    """Keys in the credentials file win over these, and may be older than anybody knows."""
    profile = role.profile
    if profile is None or not profile.get("aws_access_key_id"):
        return
    for key in _OVER_KEYS:
        if profile.get(key):
            yield Finding(
                "shadowed",
                where,
                f"aws_access_key_id wins over its {key}",
                f"take out one of them: clients never come to {key}",
            )


def _missing_program(machine: Machine, role: Role, where: str) -> Iterator[Finding]:
    line = role.get("credential_process") if role.kind == "process" else None
    try:
        said = shlex.split(line[:_LONGEST]) if line else []
    except ValueError:
        yield Finding("missing-program", where, "its credential_process cannot be split", "mend it")
        return
    for key in ("saml_command", "token_command"):
        said = said or list(role.value(key) or ())
    if said and not _found(machine, said[0]):
        yield Finding(
            "missing-program", where, f"there is no program {said[0]}", "install it, or mend it"
        )


def _missing_token(machine: Machine, role: Role, where: str) -> Iterator[Finding]:
    path = role.get("web_identity_token_file") if role.kind == "web-identity" else None
    if path and not os.path.exists(_expanded(machine, path)):
        yield Finding(
            "missing-token",
            where,
            f"its token file is not there: {path}",
            "see what should write it",
        )


def _unused(catalogue: Catalogue) -> Iterator[Finding]:
    """Sections that lead to nothing, and that nothing leads to."""
    files = catalogue.files
    named = {role.get("sso_session") for role in catalogue.roles if role.kind == "sso"}
    services = {profile.get("services") for profile in files.profiles.values()}
    for name in files.sso_sessions.keys() - named:
        where = f"config [sso-session {name}]"
        yield Finding("unused-section", where, "no profile uses it", "take it out", broken=False)
    for name in files.services.keys() - services:
        yield Finding(
            "unused-section",
            f"config [services {name}]",
            "no profile uses it",
            "take it out",
            broken=False,
        )
    for missing in services - {None} - files.services.keys():
        yield Finding(
            "missing-section",
            f"services = {missing}",
            f"a profile names it, and there is no [services {missing}]",
            "botocore refuses the profile: add it, or take the line out",
        )


def _found(machine: Machine, program: str) -> bool:
    path = _expanded(machine, program)
    return which(path, path=machine.env.get("PATH")) is not None


def _expanded(machine: Machine, path: str) -> str:
    return os.path.join(machine.home, path[2:]) if path.startswith("~/") else path
