"""Profiles of the config file whose `credential_process` is rolecall, by the safe writer.

Only sections with the mark `x_rolecall` are rewritten or removed, and every other byte stays, as
in the credentials file; the config file keeps its permissions as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import CredentialsFileUnwritable, ProfileNotOurs, UsageError
from profiles.files import edit
from profiles.files.marked import LOCK_WAIT, remove_marked
from profiles.files.section import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from profiles.files.reader import AwsFiles
    from profiles.machine import Machine

_NAME = re.compile(r"[^\s\"'\\\[\]#;]+(?: [^\s\"'\\\[\]#;]+)*")
# The SDKs for JavaScript and Go take this for the start of a comment; botocore does not.
_COMMENT = re.compile(r"\s[#;]")


class ProcessProfile(NamedTuple):
    """A profile to be written.

    Attributes:
        name: the profile's.
        target: whose session it gives, the value of the mark.
        command: the `credential_process`.
        region: None for none.
    """

    name: str
    target: str
    command: str
    region: str | None


def write(machine: Machine, profile: ProcessProfile, *, wait: float = LOCK_WAIT) -> bool:
    """Write a profile to the config file; whether the file is another one now.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: the profile exists and is not rolecall's.
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    from profiles.files.transaction import change

    path, header = machine.config_file, _header(profile.name)
    said = {"credential_process": profile.command, "region": profile.region, MARK: profile.target}
    settings = {key: value for key, value in said.items() if value is not None}
    for key, value in settings.items():
        if not value or value != value.strip() or not value.isprintable() or _COMMENT.search(value):
            raise UsageError(
                f"the value for {key} cannot be written to a config file: {value!r}",
                "some clients would read it as another one: name the role in another way",
            )

    def edited(text: str) -> str:
        spans = edit.find(text, header)
        if not spans:
            new = edit.append(text, header, settings)
        elif len(spans) == 1 and _is_ours(spans[0].settings):
            new = edit.rewrite(text, spans[0], settings, {"region"} - settings.keys())
        else:
            raise not_ours(profile.name, path)
        written = edit.find(new, header)
        if len(written) != 1 or not settings.items() <= written[0].settings.items():
            raise CredentialsFileUnwritable(
                f"profile {profile.name!r} cannot be written to {path}: its section is broken",
                "see what is wrong there, or name another profile with --as",
            )
        return new

    return change(machine, path, edited, wait=wait)


def remove(machine: Machine, names: Iterable[str], *, wait: float = LOCK_WAIT) -> tuple[str, ...]:
    """Remove those of these profiles that are rolecall's; others stay. Which were removed.

    Raises:
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    headers = {_header(name): name for name in names}
    removed = remove_marked(
        machine,
        machine.config_file,
        headers,
        _is_ours,
        without=lambda text, span, _: edit.remove(text, span),
        wait=wait,
    )
    return tuple(headers[header] for header in removed)


def owned(files: AwsFiles) -> dict[str, str]:
    """The profiles that rolecall wrote, and whose session each gives, in file order."""
    return {
        section.name: str(section.own_settings[MARK])
        for section in files.config.holding(MARK)
        if section.kind == "profile" and _is_ours(section.own_settings)
    }


def not_ours(name: str, path: str) -> ProfileNotOurs:
    """The error where a profile of that name is somebody else's."""
    return ProfileNotOurs(
        f"profile {name!r} is in {path} already and not rolecall's",
        "name another one with --as NAME",
    )


def _is_ours(settings: Mapping[str, object]) -> bool:
    return MARK in settings and "credential_process" in settings


def _header(name: str) -> str:
    """What stands in brackets.

    Raises:
        UsageError: no client would find the profile.
    """
    if not _NAME.fullmatch(name) or not name.isprintable() or name == "DEFAULT":
        raise UsageError(f"not a name for a profile: {name!r}", "leave out brackets and quotes")
    if name == "default":
        return name
    return f'profile "{name}"' if " " in name else f"profile {name}"
