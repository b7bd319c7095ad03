"""The safe writer of rolecall's own profiles in the config file.

Only sections that carry the mark `x_rolecall` are rewritten or removed, and every other byte stays,
as in the credentials file; the config file keeps its permissions as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import CredentialsFileUnwritable, ProfileNotOurs, UsageError
from profiles.files import edit
from profiles.files.marked import LOCK_WAIT, remove_marked
from profiles.files.section import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from profiles.machine import Machine

_NAME = re.compile(r"[^\s\"'\\\[\]#;]+(?: [^\s\"'\\\[\]#;]+)*")
# The SDKs for JavaScript and Go take this for the start of a comment; botocore does not.
_COMMENT = re.compile(r"\s[#;]")


class ConfigProfile(NamedTuple):
    """A profile to be written.

    Attributes:
        name: the profile's.
        settings: what it says, the mark among it.
    """

    name: str
    settings: Mapping[str, str]


def write(
    machine: Machine,
    profiles: Iterable[ConfigProfile],
    is_ours: Callable[[Mapping[str, str]], bool],
    *,
    optional: Collection[str] = (),
    wait: float = LOCK_WAIT,
) -> bool:
    """Write profiles to the config file, in one step; whether the file is another one now.

    Args:
        machine: says where the file is.
        profiles: what is written.
        is_ours: tells by a section's settings which may be rewritten.
        optional: keys that a section loses which the profile no longer has.
        wait: seconds to wait for another writer.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: a profile exists and is not rolecall's.
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    from profiles.files.transaction import change

    path = machine.config_file
    wanted = [(header_of(each.name), each) for each in profiles]
    for _, profile in wanted:
        _check(profile.settings)

    def edited(text: str) -> str:
        for header, profile in wanted:
            text = _with(text, header, profile, is_ours, optional, path)
        return text

    return change(machine, path, edited, wait=wait)


def remove(
    machine: Machine,
    names: Iterable[str],
    is_ours: Callable[[Mapping[str, str]], bool],
    *,
    wait: float = LOCK_WAIT,
) -> tuple[str, ...]:
    """Remove those of these profiles that are rolecall's; others stay. Which were removed.

    Raises:
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    headers = {header_of(name): name for name in names}
    removed = remove_marked(
        machine,
        machine.config_file,
        headers,
        is_ours,
        without=lambda text, span, _: edit.remove(text, span),
        wait=wait,
    )
    return tuple(headers[header] for header in removed)


def not_ours(name: str, path: str) -> ProfileNotOurs:
    """The error where a profile of that name is somebody else's."""
    return ProfileNotOurs(
        f"profile {name!r} is in {path} already and not rolecall's",
        "name another one with --as NAME",
    )


def header_of(name: str) -> str:
    """What stands in brackets.

    Raises:
        UsageError: no client would find the profile.
    """
    if not _NAME.fullmatch(name) or not name.isprintable() or name == "DEFAULT":
        raise UsageError(f"not a name for a profile: {name!r}", "leave out brackets and quotes")
    if name == "default":
        return name
    return f'profile "{name}"' if " " in name else f"profile {name}"


def _with(
    text: str,
    header: str,
    profile: ConfigProfile,
    is_ours: Callable[[Mapping[str, str]], bool],
    optional: Collection[str],
    path: str,
) -> str:
    settings = profile.settings
    spans = edit.find(text, header)
    if not spans:
        new = edit.append(text, header, settings)
    elif len(spans) == 1 and MARK in spans[0].settings and is_ours(spans[0].settings):
        new = edit.rewrite(text, spans[0], settings, set(optional) - settings.keys())
    else:
        raise not_ours(profile.name, path)
    written = edit.find(new, header)
    if len(written) != 1 or not settings.items() <= written[0].settings.items():
        raise CredentialsFileUnwritable(
            f"profile {profile.name!r} cannot be written to {path}: its section is broken",
            "see what is wrong there, or name another profile with --as",
        )
    return new


def _check(settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        if not value or value != value.strip() or not value.isprintable() or _COMMENT.search(value):
            raise UsageError(
                f"the value for {key} cannot be written to a config file: {value!r}",
                "some clients would read it as another one: name the role in another way",
            )
