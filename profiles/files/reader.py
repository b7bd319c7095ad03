"""The fast reader of the AWS config and credentials files: no botocore, bodies parsed when asked.

    read_aws_files(machine) ──▸ AwsFiles ──▸ Profile ──▸ Section (config), Section (credentials)

Where botocore reads a file, the profiles, SSO sessions, services and values here are the same.
Where botocore refuses one, a Problem says so and the rest is read.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from profiles.files.section import Section, Settings, Source, merged
from profiles.files.split import read_source
from profiles.files.text import stamp
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
    "read_credentials",
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

    def forget(self) -> None:
        """Let go of what was parsed; it is parsed again when it is asked for."""
        self._settings = None
        for section in (self.config, self.credentials):
            if section is not None:
                section.forget()

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
                elif _looks_like_profile(section):
                    self.problems.append(
                        Problem(section.path, section.line, _IGNORED, section.header)
                    )

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
    return tuple(stamp(path) for path in (machine.config_file, machine.credentials_file))


def read_aws_files(machine: Machine) -> AwsFiles:
    """Read the AWS config and credentials files, as far as they exist.

    Raises:
        ConfigUnreadable: one of them exists and cannot be read, or is no text.
    """
    files = AwsFiles(fingerprint(machine))
    files.add_config(read_source(machine.config_file, files.problems, config=True))
    files.add_credentials(read_source(machine.credentials_file, files.problems, config=False))
    return files


def read_credentials(machine: Machine) -> list[Section]:
    """The sections of the credentials file alone, in order.

    Raises:
        ConfigUnreadable: it exists and cannot be read, or is no text.
    """
    return read_source(machine.credentials_file, [], config=False).sections


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


def _looks_like_profile(section: Section) -> bool:
    """Whether a config section that botocore ignores was meant to be a profile."""
    if section.kind != "other" or section.header == "DEFAULT":
        return False
    meant = {"role_arn", "source_profile", "sso_session", "sso_account_id", "aws_access_key_id"}
    return not meant.isdisjoint(section.own_settings)
