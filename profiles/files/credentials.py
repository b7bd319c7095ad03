"""The safe writer of the AWS credentials file.

    write, remove, undo  ──▸  lock ──▸ read ──▸ edit ──▸ undo copy ──▸ replace in one step

Only sections with the mark `x_rolecall` are rewritten or removed, and every other byte stays.
Killed at any instant, the file is the old one or the new one, whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.errors import CredentialsFileUnwritable, ProfileNotOurs, UsageError
from profiles.files import edit
from profiles.files.lines import BLANK, COMMENT, HEADER, classify
from profiles.files.marked import LOCK_WAIT, MARK, remove_marked

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

_KEY_ID = "aws_access_key_id"
# botocore takes the token of this older name first, and these providers before the written keys
# (credentials.py: SharedCredentialProvider.TOKENS, create_credential_resolver).
_WINNING_KEYS = frozenset(
    {
        "aws_security_token",
        "role_arn",
        "source_profile",
        "credential_source",
        "web_identity_token_file",
        "sso_account_id",
        "sso_role_name",
        "sso_session",
    }
)


class SessionSection(NamedTuple):
    """A session to be written to a credentials profile.

    Attributes:
        profile: the section's name.
        role: the role's name, the value of the mark.
        expires_at: seconds since 1970.
    """

    profile: str
    role: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    region: str | None
    account_id: str | None
    expires_at: float

    def __repr__(self) -> str:
        """Without its secrets."""
        return f"SessionSection({self.profile}, {self.role}, {times.rfc3339(self.expires_at)})"


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
    machine: Machine, section: SessionSection, *, force: bool = False, wait: float = LOCK_WAIT
) -> Change:
    """Write a session to its profile: the section is made, or rewritten where it is marked.

    Args:
        machine: says where the file is.
        section: the session.
        force: rewrite a section without the mark too, once an undo copy is kept.
        wait: seconds to wait for another writer.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: the profile exists and is not rolecall's.
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    from profiles.files.transaction import change

    path = machine.credentials_file
    settings = _settings_of(section)

    def edited(text: str) -> str:
        return _written(text, section.profile, settings, force=force, path=path)

    changed = change(machine, path, edited, wait=wait, must_keep_undo=force)
    return Change(path, (section.profile,), changed)


def remove(machine: Machine, profiles: Iterable[str], *, wait: float = LOCK_WAIT) -> Change:
    """Remove the sections of these profiles that are marked; others stay. Tells which were removed.

    Raises:
        CredentialsFileBusy: another process kept the lock.
        CredentialsFileUnwritable: the file cannot be written; nothing was changed.
        ConfigUnreadable: the file cannot be read; nothing was changed.
    """
    path = machine.credentials_file
    removed = remove_marked(machine, path, profiles, _is_ours, wait=wait)
    return Change(path, removed, changed=bool(removed))


def check(machine: Machine, section: SessionSection, *, force: bool = False) -> None:
    """See that `write` would take the section; writes nothing.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: the profile exists and is not rolecall's.
        ConfigUnreadable: the file cannot be read.
    """
    from profiles.files.text import read_text

    path = machine.credentials_file
    text = read_text(path) or ""
    _written(text, section.profile, _settings_of(section), force=force, path=path)


def preview(machine: Machine, section: SessionSection, *, force: bool = False) -> str:
    """What `write` would change, as a unified diff with all secrets masked; writes nothing.

    Raises:
        UsageError: a name or value that a section cannot carry.
        ProfileNotOurs: the profile exists and is not rolecall's.
        ConfigUnreadable: the file cannot be read.
    """
    from profiles.files.masked_diff import masked_diff
    from profiles.files.text import read_text

    path = machine.credentials_file
    old = read_text(path) or ""
    new = _written(old, section.profile, _settings_of(section), force=force, path=path)
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

    sections = (
        read_credentials(machine)
        if files is None
        else [each.credentials for each in files.profiles.values() if each.credentials is not None]
    )
    marked = [section for section in sections if MARK in section.text.lower()]
    return {
        section.name: _owned(section)
        for section in marked
        if section.kind == "profile" and _is_ours(section.own_settings)
    }


def _owned(section: Section) -> Owned:
    def text(key: str) -> str | None:
        value = section.own_settings.get(key)
        return value if isinstance(value, str) and value else None

    return Owned(
        profile=section.name,
        role=text(MARK) or "",
        access_key_id=text(_KEY_ID) or "",
        expires_at=times.instant(text("x_security_token_expires") or ""),
        region=text("region"),
        account_id=text("aws_account_id"),
    )


def _is_ours(settings: Mapping[str, object]) -> bool:
    """Whether a section carries the mark, and not a person's long-lived keys by now.

    `aws configure` puts long-lived keys into a marked section and leaves the mark where it is.
    Such keys start with AKIA (IAM User Guide, "Unique identifiers").
    """
    return MARK in settings and not str(settings.get(_KEY_ID, "")).startswith("AKIA")


def _written(text: str, name: str, settings: dict[str, str], *, force: bool, path: str) -> str:
    """The text with the section in it."""
    spans = edit.find(text, name)
    if not spans:
        return _checked(edit.append(text, name, settings), name, settings, path)
    if len(spans) > 1:
        raise ProfileNotOurs(
            f"profile {name!r} is there {len(spans)} times in {path}",
            "the AWS CLI refuses such a file: make them one",
        )
    found = spans[0].settings
    # Emulators give sessions keys that look long-lived; then the mark alone has to do.
    ours = _is_ours(found) or (MARK in found and settings[_KEY_ID].startswith("AKIA"))
    if not ours and not force:
        long_lived = _KEY_ID in found and "aws_session_token" not in found
        what = "holds long-lived keys" if long_lived else "is not rolecall's"
        raise ProfileNotOurs(
            f"profile {name!r} in {path} {what}",
            "write to another one with --as NAME, or overwrite it with --force",
        )
    stale = {"region", "aws_account_id"} if ours else {"aws_account_id"}
    dropped = _WINNING_KEYS | (stale - settings.keys())
    return _checked(edit.rewrite(text, spans[0], settings, dropped), name, settings, path)


def _checked(text: str, name: str, settings: dict[str, str], path: str) -> str:
    """The text, once it is sure that it says what it shall."""
    spans = edit.find(text, name)
    if len(spans) != 1 or not settings.items() <= spans[0].settings.items():
        raise CredentialsFileUnwritable(
            f"profile {name!r} cannot be written to {path}: its section is broken",
            "see what is wrong with it: rolecall doctor",
        )
    return text


def _settings_of(section: SessionSection) -> dict[str, str]:
    """What the section says, in its order."""
    name = section.profile
    if not name or name != name.strip() or "]" in name or not name.isprintable():
        raise UsageError(
            f"not a name for a profile: {name!r}",
            "leave out brackets and odd spaces: --as NAME, or write_to",
        )
    if name == "DEFAULT":
        raise UsageError(
            "a section named DEFAULT would give its keys to every profile",
            "the default profile is written in small letters: default",
        )
    said = {
        _KEY_ID: section.access_key_id,
        "aws_secret_access_key": section.secret_access_key,
        "aws_session_token": section.session_token,
        "region": section.region,
        "aws_account_id": section.account_id,
        "x_security_token_expires": times.rfc3339(section.expires_at),
        MARK: section.role,
    }
    settings = {key: value for key, value in said.items() if value is not None}
    for key, value in settings.items():
        if not value or value != value.strip() or not value.isprintable():
            raise UsageError(
                f"the value for {key} cannot be written to a credentials file",
                "it is empty, or has control characters, line breaks or spaces around it",
            )
    return settings


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
