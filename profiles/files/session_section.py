"""The text of the credentials file with sessions in it, and without them again.

with_sessions   sections are made, rewritten where marked, or overwritten by force
without         takes one back
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles import times
from profiles.errors import CredentialsFileUnwritable, ProfileNotOurs, UsageError
from profiles.files import edit
from profiles.files.lines import HEADER, OPTION, classify
from profiles.files.section import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEY_ID = "aws_access_key_id"
EXPIRES = "x_security_token_expires"
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
_SET_KEYS = frozenset(
    {
        KEY_ID,
        "aws_secret_access_key",
        "aws_session_token",
        "region",
        "aws_account_id",
        EXPIRES,
        MARK,
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


def is_ours(settings: Mapping[str, object]) -> bool:
    """Whether a section carries the mark, and not a person's long-lived keys by now.

    `aws configure` puts long-lived keys into a marked section and leaves the mark where it is.
    Such keys start with AKIA (IAM User Guide, "Unique identifiers").
    """
    return MARK in settings and not str(settings.get(KEY_ID, "")).startswith("AKIA")


def has_ended(settings: Mapping[str, object], by: float) -> bool:
    """Whether a section's session had ended by then; one that tells no end has not."""
    end = times.instant(str(settings.get(EXPIRES, "")))
    return end is not None and end <= by


def with_sessions(
    text: str,
    sections: Iterable[SessionSection],
    *,
    force: bool,
    ended_by: float | None,
    path: str,
) -> tuple[str, tuple[str, ...]]:
    """The text with these sections, and which were taken out because their session had ended."""
    names = set()
    for section in sections:
        settings = _settings_of(section)
        text = written(text, section.profile, settings, force=force, path=path)
        names.add(section.profile)
    ended = []
    if ended_by is not None and MARK in text:
        for name in _marked(text):
            spans = [] if name in names else edit.find(text, name)
            if len(spans) != 1 or not is_ours(spans[0].settings):
                continue
            if has_ended(spans[0].settings, ended_by):
                text = without(text, spans[0], name)
                ended.append(name)
    return text, tuple(ended)


def _marked(text: str) -> list[str]:
    """The headers of sections with a mark; to look others up would take a while in large files."""
    found: dict[str, None] = {}
    header = ""
    for line in classify(text):
        if line.kind == HEADER:
            header = line.key
        elif line.kind == OPTION and line.key == MARK:
            found[header] = None
    return list(found)


def without(text: str, span: edit.Span, name: str) -> str:
    """The text without a section of ours; what was overwritten by force is back in its place."""
    from profiles.files import replaced

    return replaced.taken_back(text, span, name, _SET_KEYS | _WINNING_KEYS)


def written(text: str, name: str, settings: dict[str, str], *, force: bool, path: str) -> str:
    """The text with the section in it."""
    from profiles.files import replaced

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
    ours = is_ours(found) or (MARK in found and settings[KEY_ID].startswith("AKIA"))
    if not ours and not force:
        long_lived = KEY_ID in found and "aws_session_token" not in found
        what = "holds long-lived keys" if long_lived else "is not rolecall's"
        raise ProfileNotOurs(
            f"profile {name!r} in {path} {what}",
            "write to another one with --as NAME, or overwrite it with --force",
        )
    stale = {"region", "aws_account_id"} if ours else {"aws_account_id"}
    # In somebody else's section, what an earlier write of ours left there says nothing any more.
    dropped = _WINNING_KEYS | (stale - settings.keys()) | (set() if ours else {replaced.WAS})
    new = edit.rewrite(text, spans[0], settings, dropped)
    if not ours:
        new, was = replaced.keep(text, spans[0], new, name)
        settings = settings | {replaced.WAS: was}
    return _checked(new, name, settings, path)


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
        KEY_ID: section.access_key_id,
        "aws_secret_access_key": section.secret_access_key,
        "aws_session_token": section.session_token,
        "region": section.region,
        "aws_account_id": section.account_id,
        EXPIRES: times.rfc3339(section.expires_at),
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
