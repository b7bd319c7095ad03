"""The fast reader of the AWS config and credentials files: no botocore, bodies parsed when asked.

    read_aws_files(machine) ──▸ AwsFiles ──▸ Profile ──▸ Section (config), Section (credentials)

Where botocore reads a file, the profiles, SSO sessions, services and values here are the same.
Where botocore refuses one, a Problem says so and the rest is read.
"""

from __future__ import annotations

import os
import re
import stat
from itertools import repeat
from typing import TYPE_CHECKING

from profiles.errors import ConfigUnreadable
from profiles.files.lines import (
    BLANK,
    BOM,
    COMMENT,
    STRAY,
    classify,
    starts_section,
)
from profiles.files.section import REFUSES, Section, Settings, Source, merged
from profiles.model import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

__all__ = [
    "SHADOWING_KEYS",
    "AwsFiles",
    "Profile",
    "Section",
    "Settings",
    "fingerprint",
    "read_aws_files",
    "read_text",
    "shadowing_key",
]

SHADOWING_KEYS = (
    "role_arn",
    "sso_session",
    "sso_account_id",
    "sso_start_url",
    "sso_role_name",
    "credential_process",
    "web_identity_token_file",
    "source_profile",
    "credential_source",
    "login_session",
)

_IGNORED = "the AWS CLI ignores this section: a profile's header is [profile NAME] here"
_INDENTED_BRACKET = re.compile(r"\n[^\S\n]+\[")
_QUOTED_NAME = re.compile(
    r"""(profile|sso-session|services)[ \t]+(?:"([^"\\]*)"|'([^']*)')[ \t]*"""
)
# The first group is a name that needs no more than this; the second, any other header's line.
_CONFIG_HEADER = re.compile(r"""\n\[(?:profile ([^ \t"'\\\]\n]+)\](?=\n|\Z)|([^\n]*))""")
_CREDENTIALS_HEADER = re.compile(r"\n\[(?:(?!DEFAULT\])([^\]\n]+)\](?=\n|\Z)|([^\n]*))")
_UNDECODED = re.compile("[\udc80-\udcff]")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_PREFIXES = ("profile", "sso-session", "services")


class Profile:
    """A profile: what the config file and the credentials file say under one name.

    Attributes:
        name: as a client would name it.
        config: its section in the config file.
        credentials: its section in the credentials file.
    """

    __slots__ = ("_settings", "config", "credentials", "name")

    def __init__(self, name: str, config: Section | None, credentials: Section | None) -> None:
        self.name = name
        self.config = config
        self.credentials = credentials
        self._settings: Mapping[str, str | dict[str, str]] | None = None

    def __repr__(self) -> str:
        """Without its settings: they may be secrets."""
        return f"Profile({self.name}, {self.origin})"

    @property
    def settings(self) -> Mapping[str, str | dict[str, str]]:
        """The settings of both files; the credentials file's win. Not to be changed."""
        if self._settings is None:
            self._settings = merged(self.config, self.credentials)
        return self._settings

    def get(self, key: str) -> str | None:
        """A setting's text; None where it is not set or is a block."""
        value = self.settings.get(key)
        return value if isinstance(value, str) else None

    @property
    def problem(self) -> str | None:
        """What is wrong in its sections, one sentence; None where botocore reads them as well."""
        for section in (self.config, self.credentials):
            if section is not None and (problem := section.problem):
                return problem
        return None

    @property
    def origin(self) -> str:
        """`config` where the config file has it, else `credentials`."""
        return "credentials" if self.config is None else "config"


class AwsFiles:
    """Both files, read.

    Attributes:
        profiles: by name, in file order: those of the config file, then the others.
        sso_sessions: by name.
        services: by name.
        problems: what is wrong with a file as a whole and with headers; `check` finds the rest.
        fingerprint: of the files as they were read, see `fingerprint`.
    """

    __slots__ = ("_sources", "fingerprint", "problems", "profiles", "services", "sso_sessions")

    def __init__(self, mark: tuple[object, ...]) -> None:
        self.profiles: dict[str, Profile] = {}
        self.sso_sessions: dict[str, Section] = {}
        self.services: dict[str, Section] = {}
        self.problems: list[Problem] = []
        self.fingerprint = mark
        self._sources: list[Source] = []

    def check(self) -> list[Problem]:
        """Every problem of both files, which takes parsing all of them; in file and line order."""
        found = dict.fromkeys(self.problems)
        for source in self._sources:
            for section in source.sections:
                found.update(dict.fromkeys(section.problems))
        for section in self._sources[0].sections:
            if _looks_like_profile(section):
                found[Problem(section.path, section.line, _IGNORED, section.header)] = None
        order = {source.path: at for at, source in enumerate(self._sources)}
        return sorted(found, key=lambda problem: (order[problem.path], problem.line))

    def add_config(self, source: Source) -> None:
        """Take in the config file's sections."""
        self._sources.append(source)
        found = [section for section in source.sections if section.kind == "profile"]
        names = [section.name for section in found]
        # Of two spellings of one name, botocore too takes the later one in the earlier's place.
        self.profiles = dict(zip(names, map(Profile, names, found, repeat(None)), strict=True))
        if len(found) < len(source.sections):
            for section in source.sections:
                if section.kind == "sso-session":
                    self.sso_sessions[section.name] = section
                elif section.kind == "services":
                    self.services[section.name] = section

    def add_credentials(self, source: Source) -> None:
        """Take in the credentials file's sections, each of which is a profile."""
        self._sources.append(source)
        profiles = self.profiles
        for section in source.sections:
            if section.kind == "other":
                continue
            known = profiles.get(section.name)
            if known is None:
                profiles[section.name] = Profile(section.name, None, section)
            else:
                known.credentials = section


def fingerprint(machine: Machine) -> tuple[object, ...]:
    """Tells cheaply whether a file changed: (mtime_ns, size, inode) of each, None where absent."""
    return tuple(_stamp(path) for path in (machine.config_file, machine.credentials_file))


def read_aws_files(machine: Machine) -> AwsFiles:
    """Read the AWS config and credentials files, as far as they exist.

    Raises:
        ConfigUnreadable: one of them exists and cannot be read, or is no text.
    """
    files = AwsFiles(fingerprint(machine))
    files.add_config(_read_source(machine.config_file, files.problems, config=True))
    files.add_credentials(_read_source(machine.credentials_file, files.problems, config=False))
    return files


def read_credentials(machine: Machine) -> list[Section]:
    """The sections of the credentials file alone, in order.

    Raises:
        ConfigUnreadable: it exists and cannot be read, or is no text.
    """
    return _read_source(machine.credentials_file, [], config=False).sections


def shadowing_key(profile: Profile) -> str | None:
    """The key in a profile's config section that makes clients pass over its written keys, or None.

    In botocore (`credentials.py`, 1.43) `role_arn`, `web_identity_token_file`, `sso_account_id`
    and `sso_role_name` win over keys of that name in the credentials file: their providers come
    before `SharedCredentialProvider`. The other keys lose there, or matter only beside these, yet
    win in other SDKs, so that a profile with any of them is not one to write to.
    """
    if profile.config is None:
        return None
    settings = profile.config.settings
    return next((key for key in SHADOWING_KEYS if key in settings), None)


def read_text(path: str) -> str | None:
    """A file's text, bytes that are no UTF-8 kept as surrogate escapes; None where it is absent.

    What is neither a file nor a folder (`/dev/null`) counts as absent, as for botocore.

    Raises:
        ConfigUnreadable: it cannot be read, or is no text.
    """
    data = read_bytes(path)
    return None if data is None else decode(data, path)


def decode(data: bytes, path: str) -> str:
    """The text of a file's bytes, from which `encode` makes the same bytes again.

    Raises:
        ConfigUnreadable: it is no text.
    """
    if b"\0" in data:
        raise ConfigUnreadable(
            f"cannot read {path}: it is no UTF-8 text",
            "save it as UTF-8, or restore it from a copy",
        )
    return data.decode("utf-8", "surrogateescape")


def read_bytes(path: str) -> bytes | None:
    """A file's bytes; None where it is absent.

    Raises:
        ConfigUnreadable: it cannot be read.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ConfigUnreadable(f"cannot read {path}: it is a folder")
        if not stat.S_ISREG(mode):
            return None
        with open(path, "rb", buffering=0) as file:
            return file.readall()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigUnreadable(f"cannot read {path}: {reason}") from error


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read_source(path: str, problems: list[Problem], *, config: bool) -> Source:
    """A file's sections, their bodies unparsed.

    Everything that touches each of ten thousand sections is one step over all of them: a loop
    over the sections would take twice as long.
    """
    source = Source(path, "profile " if config else "")
    text = read_text(path)
    if text is None:
        return source
    if not text.isascii():
        text = _report_encoding(path, text, problems)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lead, names, heads, texts = _cut("\n" + text, _CONFIG_HEADER if config else _CREDENTIALS_HEADER)
    if lead:
        source.lead = lead.count("\n")
        _report_stray(path, lead, problems)
    sections = list(map(Section, repeat(source), repeat("profile"), names, heads, texts))
    source.sections = sections
    for at in [at for at, head in enumerate(heads) if head is not None]:
        section = sections[at]
        header = section.header
        names[at] = header.removeprefix(source.prefix)
        section.kind, section.name = _named(header) if config else ("profile", header)
        if section.broken:
            problems.append(section.problems[0])
        if header == "DEFAULT":
            section.kind = "other"
            source.defaults.append(section)
    if len(set(names)) < len(sections):
        _join_repeated(source, problems)
    return source


_Cut = tuple[str, "list[str]", "list[str | None]", "list[str]"]


def _cut(whole: str, header: re.Pattern[str]) -> _Cut:
    """What leads; and of each section its name, or its head where that is odd; and its text.

    A bracket at the start of a line opens a section, whatever comes before: such a line is never
    indented deeper than another. An indented bracket takes the exact way, and so does one that
    starts the name of a setting.
    """
    lead, *rest = header.split(whole)
    names, heads, texts = rest[::3], rest[1::3], rest[2::3]
    regular = all("]" in head for head in heads if head is not None)
    if regular and not (whole.count("[") != len(names) and _INDENTED_BRACKET.search(whole)):
        return lead, names, heads, texts
    starts = [line for line in classify(whole) if starts_section(line)]
    ends = [line.start - 1 for line in starts] + [len(whole)]
    exact = [
        whole[line.start + len(line.indent) + 1 : end].partition("\n")
        for line, end in zip(starts, ends[1:], strict=True)
    ]
    names, heads = [""] * len(exact), [head for head, _, _ in exact]
    return whole[: ends[0]], names, heads, [newline + text for _, newline, text in exact]


def _join_repeated(source: Source, problems: list[Problem]) -> None:
    """Sections of a header that came before belong to the first of that header."""
    first: dict[str, Section] = {}
    for section in source.sections:
        if section in source.defaults:
            continue
        header = section.header
        if first.setdefault(header, section) is not section:
            section.kind = "other"
            source.repeated.setdefault(header, []).append(section)
    problems.extend(first[header].problems[0] for header in source.repeated)


def _named(header: str) -> tuple[str, str]:
    """Kind and name of a config section, as botocore's `build_profile_map` finds them."""
    if header == "default":
        return "profile", header
    kind = next((prefix for prefix in _PREFIXES if header.startswith(prefix)), None)
    if kind is None:
        return "other", header
    quoted = _QUOTED_NAME.fullmatch(header)
    if quoted:
        return kind, quoted[2] if quoted[2] is not None else quoted[3]
    import shlex

    try:
        words = shlex.split(header)
    except ValueError:
        words = []
    return (kind, words[1]) if len(words) == 2 else ("other", header)


def _looks_like_profile(section: Section) -> bool:
    """Whether a config section that botocore ignores was meant to be a profile."""
    if section.kind != "other" or section.header == "DEFAULT":
        return False
    meant = {"role_arn", "source_profile", "sso_session", "sso_account_id", "aws_access_key_id"}
    return not meant.isdisjoint(section.own_settings)


def _report_encoding(path: str, text: str, problems: list[Problem]) -> str:
    """The text without its byte-order mark; what botocore cannot decode is a problem."""
    if text.startswith(BOM):
        problems.append(Problem(path, 1, f"starts with a byte-order mark: {REFUSES}"))
        text = text[1:]
    odd = _UNDECODED.search(text)
    if odd:
        line = len(_LINE_ENDS.findall(text, 0, odd.start())) + 1
        problems.append(Problem(path, line, f"bytes that are no UTF-8: {REFUSES}"))
    return text


def _report_stray(path: str, lead: str, problems: list[Problem]) -> None:
    for number, line in enumerate(classify(lead)):
        if line.kind not in {BLANK, COMMENT}:
            problems.append(Problem(path, number, f"{STRAY}: {REFUSES}"))
            return
