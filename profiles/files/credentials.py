"""The safe writer of the AWS credentials file.

    write, remove, undo  ──▸  lock ──▸ read ──▸ edit ──▸ undo copy ──▸ replace in one step

Only sections with the mark `x_rolecall` are rewritten or removed, and every other byte stays.
Killed at any instant, the file is the old one or the new one, whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.files.lines import BLANK, COMMENT, HEADER, classify
from profiles.files.marked import LOCK_WAIT, remove_marked
from profiles.files.section import MARK
from profiles.files.session_section import (
    EXPIRES,
    KEY_ID,
    SessionSection,
    has_ended,
    is_ours,
    with_sessions,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from profiles.files.reader import AwsFiles
    from profiles.files.section import Section
    from profiles.machine import Machine

__all__ = [
    "MARK",
    "Change",
    "Owned",
    "SessionSection",
    "owned",
    "preview",
    "remove",
    "undo",
    "write",
]


class Change(NamedTuple):
    """What was done to the file.

    Attributes:
        path: the file, as it is named.
        profiles: those that were written, removed or put back.
        changed: whether the file is another one now.
    """

    path: str
    profiles: tuple[str, ...]
    changed: bool


class Owned(NamedTuple):
    """A section that rolecall wrote, without its secrets.

    Attributes:
        profile: the section's name.
        role: the role's name.
        access_key_id: identifies the session.
        expires_at: seconds since 1970, None where the section tells none.
    """

    profile: str
    role: str
    access_key_id: str
    expires_at: float | None
    region: str | None
    account_id: str | None


def write(
    machine: Machine,
    *sections: SessionSection,
    force: bool = False,
    ended_by: float | None = None,
    wait: float = LOCK_WAIT,
) -> Change:
    """Write sessions to their profiles, in one step: sections are made, or rewritten where marked.

    Args:
        machine: says where the file is.
        sections: the sessions.
        force: rewrite sections without the mark too, once an undo copy is kept; what they were
            comes back when they are removed.
        ended_by: take out those of rolecall's sections whose session had ended by then.
        wait: seconds to wait for another writer.

    Returns:
        The profiles that were written come first, then those that were taken out.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: a profile exists and is not rolecall's.
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    from profiles.files.transaction import change

    path = machine.credentials_file
    ended: tuple[str, ...] = ()

    def edited(text: str) -> str:
        nonlocal ended
        new, ended = with_sessions(text, sections, force=force, ended_by=ended_by, path=path)
        return new

    changed = change(machine, path, edited, wait=wait, must_keep_undo=force)
    return Change(path, (*(section.profile for section in sections), *ended), changed)


def remove(
    machine: Machine,
    profiles: Iterable[str],
    *,
    ended_by: float | None = None,
    wait: float = LOCK_WAIT,
) -> Change:
    """Remove the sections of these profiles that are marked; others stay. Tells which were removed.

    Args:
        machine: says where the file is.
        profiles: their names.
        ended_by: leave those whose session had not ended by then: one may be renewed meanwhile.
        wait: seconds to wait for another writer.

    Raises:
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    path = machine.credentials_file

    def wanted(settings: Mapping[str, object]) -> bool:
        return is_ours(settings) and (ended_by is None or has_ended(settings, ended_by))

    removed = remove_marked(machine, path, profiles, wanted, without=without, wait=wait)
    return Change(path, removed, changed=bool(removed))


def check(machine: Machine, *sections: SessionSection, force: bool = False) -> None:
    """See that `write` would take the sections; writes nothing.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: a profile exists and is not rolecall's.
        ConfigUnreadable: the file cannot be read.
    """
    from profiles.files.text import read_text

    path = machine.credentials_file
    with_sessions(read_text(path) or "", sections, force=force, ended_by=None, path=path)


def preview(
    machine: Machine,
    *sections: SessionSection,
    force: bool = False,
    ended_by: float | None = None,
) -> str:
    """What `write` would change, as a unified diff with all secrets masked; writes nothing.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: a profile exists and is not rolecall's.
        ConfigUnreadable: the file cannot be read.
    """
    from profiles.files.masked_diff import masked_diff
    from profiles.files.text import read_text

    path = machine.credentials_file
    old = read_text(path) or ""
    new, _ = with_sessions(old, sections, force=force, ended_by=ended_by, path=path)
    return masked_diff(old, new, path)


def undo(machine: Machine, *, wait: float = LOCK_WAIT) -> Change:
    """Put the file that rolecall wrote last, this one or the config file, back as it was before.

    Raises:
        UsageError: there is nothing to undo.
        FileChanged: others changed the file since.
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
    """
    from profiles.files.transaction import put_back

    done = put_back(machine, wait=wait)
    was, now = _sections(done.was), _sections(done.now)
    touched = [name for name in (was | now) if was.get(name) != now.get(name)]
    return Change(done.file, tuple(touched), done.was != done.now)


def owned(machine: Machine, files: AwsFiles | None = None) -> dict[str, Owned]:
    """The profiles that rolecall wrote, by name, in file order.

    Args:
        machine: says where the file is.
        files: the files, where they were read already.

    Raises:
        ConfigUnreadable: the file cannot be read.
    """
    from profiles.files.reader import read_credentials

    sections = read_credentials(machine) if files is None else files.credentials
    return {
        section.name: _owned(section)
        for section in sections.holding(MARK)
        if section.kind == "profile" and is_ours(section.own_settings)
    }


def _owned(section: Section) -> Owned:
    def text(key: str) -> str | None:
        value = section.own_settings.get(key)
        return value if isinstance(value, str) and value else None

    return Owned(
        profile=section.name,
        role=text(MARK) or "",
        access_key_id=text(KEY_ID) or "",
        expires_at=times.instant(text(EXPIRES) or ""),
        region=text("region"),
        account_id=text("aws_account_id"),
    )


def _sections(text: str) -> dict[str, str]:
    """Each section's text by its header."""
    found: dict[str, str] = {}
    name = ""
    for line in classify(text):
        if line.kind == HEADER:
            name = line.key
        if name and line.kind not in {BLANK, COMMENT}:
            found[name] = found.get(name, "") + text[line.start : line.end].strip() + "\n"
    return found
