"""The fast reader of the AWS config and credentials files: no botocore, bodies parsed when asked.

    read_aws_files(machine) ──▸ AwsFiles ──▸ Profile ──▸ Section (config), Section (credentials)

Where botocore reads a file, the profiles, SSO sessions, services and values here are the same.
Where botocore refuses one, a Problem says so and the rest is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from profiles.files.section import MARK, Section, Sections, Settings, Source, merged
from profiles.files.split import read_source
from profiles.files.text import may_change_unseen, stamp
from profiles.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiles.machine import Machine

__all__ = [
    "SHADOWING_KEYS",
    "AwsFiles",
    "Profile",
    "Profiles",
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

_FEW = 64
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


class Profiles(Mapping[str, Profile]):
    """Profiles by name, each made when it is first asked for.

    In file order: those of the config file, then those that only the credentials file has.
    """

    __slots__ = ("_config", "_credentials", "_in_config", "_in_credentials", "_made")

    def __init__(self, config: Sections, credentials: Sections) -> None:
        self._config = config
        self._credentials = credentials
        self._in_config = config.places
        self._in_credentials = credentials.places
        self._made: dict[str, Profile] = {}

    def __len__(self) -> int:
        return len(self._in_config.keys() | self._in_credentials.keys())

    def __iter__(self) -> Iterator[str]:
        yield from self._in_config
        for name in self._in_credentials:
            if name not in self._in_config:
                yield name

    def __contains__(self, name: object) -> bool:
        return name in self._in_config or name in self._in_credentials

    def __getitem__(self, name: str) -> Profile:
        made = self._made.get(name)
        if made is None:
            sections = self._sections(name, self._config.__getitem__, self._credentials.__getitem__)
            made = self._made[name] = Profile(name, *sections)
        return made

    def fresh(self, name: str) -> Profile:
        """The profile of a name; one that is made for this is not kept."""
        made = self._made.get(name)
        if made is None:
            made = Profile(name, *self._sections(name, self._config.fresh, self._credentials.fresh))
        return made

    def texts(self) -> tuple[list[str], list[str]]:
        """Every name, and the text of its section; of two sections, that which wins first.

        It is empty where one of two is rolecall's own: those take a closer look.
        """
        config, others, written = self._in_config, self._in_credentials, self._credentials.texts
        own = list(self._config.texts)
        both = config.keys() & others.keys()
        for name in both:
            text, at = written[others[name]], config[name]
            own[at] = "" if MARK in text.lower() else text + own[at]
        names, odd = list(config), self._config.others
        if len(names) + len(odd) == len(own) and len(odd) < _FEW:
            # No name is there twice: they are in the order of their names already.
            for at in reversed(odd):
                del own[at]
            found = own
        else:
            found = list(map(own.__getitem__, config.values()))
        for name, place in others.items():
            if name not in both:
                names.append(name)
                found.append(written[place])
        return names, found

    def _sections(
        self, name: str, config: Callable[[int], Section], credentials: Callable[[int], Section]
    ) -> tuple[Section | None, Section | None]:
        one, other = self._in_config.get(name), self._in_credentials.get(name)
        if one is None and other is None:
            raise KeyError(name)
        return (
            None if one is None else config(one),
            None if other is None else credentials(other),
        )


class AwsFiles:
    """Both files, read.

    Args:
        mark: of the files as they were read, see `fingerprint`.
        config: the config file.
        credentials: the credentials file, each section of which is a profile.
        settled: the config file was not so new that another change could leave `mark` as it is.

    Attributes:
        profiles: by name, in file order: those of the config file, then the others.
        config: the config file's sections.
        credentials: the credentials file's sections.
        sso_sessions: by name.
        services: by name.
        problems: what is wrong with a file as a whole and with headers; `check` finds the rest.
        fingerprint: of the files as they were read, see `fingerprint`.
    """

    __slots__ = (
        "_settled",
        "_sources",
        "config",
        "credentials",
        "fingerprint",
        "problems",
        "profiles",
        "services",
        "sso_sessions",
    )

    def __init__(
        self, mark: Mark, config: Source, credentials: Source, *, settled: bool = False
    ) -> None:
        self.profiles = Profiles(config.sections, credentials.sections)
        self.sso_sessions: dict[str, Section] = {}
        self.services: dict[str, Section] = {}
        self.config = config.sections
        self.credentials = credentials.sections
        self.problems = [*config.problems, *credentials.problems]
        self.fingerprint = mark
        self._settled = settled
        self._sources = (config, credentials)
        others = {"sso-session": self.sso_sessions, "services": self.services}
        for place in config.sections.others:
            section = config.sections[place]
            if section.kind in others:
                others[section.kind][section.name] = section
            elif _looks_like_profile(section):
                ignored = Problem(section.path, section.line, _IGNORED, section.header)
                self.problems.append(ignored)

    def same_but_ours(self, before: AwsFiles) -> bool:
        """Whether nothing changed since but sections that rolecall wrote."""
        return self.config is before.config and self._foreign() == before._foreign()

    def _foreign(self) -> list[tuple[str | None, str]]:
        found = zip(self.credentials.names, self.credentials.texts, strict=True)
        # Where one of ours follows, the line end before it is no part of a section's text.
        return [(name, text.rstrip("\n")) for name, text in found if MARK not in text.lower()]

    def same_config(self, path: str, mark: Mark) -> Source | None:
        """The config file as it was read, where it cannot have changed since; else None."""
        config, was = self._sources[0], self.fingerprint[0]
        same = self._settled and was is not None and was == mark[0] and config.path == path
        return config if same else None

    def check(self) -> list[Problem]:
        """Every problem of both files, which takes parsing all of them; in file and line order."""
        found = dict.fromkeys(self.problems)
        for source in self._sources:
            for section in source.sections:
                found.update(dict.fromkeys(section.problems))
        order = {source.path: at for at, source in enumerate(self._sources)}
        return sorted(found, key=lambda problem: (order[problem.path], problem.line))


Mark = tuple["Sequence[int] | None", "Sequence[int] | None"]


def fingerprint(machine: Machine) -> Mark:
    """Tells cheaply whether a file changed: (mtime_ns, size, inode) of each, None where absent."""
    return stamp(machine.config_file), stamp(machine.credentials_file)


def read_aws_files(machine: Machine, before: AwsFiles | None = None) -> AwsFiles:
    """Read the AWS config and credentials files, as far as they exist.

    Args:
        machine: says where they are.
        before: how they were read before; a config file that is still the same is taken from it.

    Raises:
        ConfigUnreadable: one of them exists and cannot be read, or is no text.
    """
    mark, now = fingerprint(machine), machine.now()
    config = before.same_config(machine.config_file, mark) if before else None
    return AwsFiles(
        mark,
        config or read_source(machine.config_file, config=True),
        read_source(machine.credentials_file, config=False),
        settled=mark[0] is not None and not may_change_unseen(mark[0][:1], now),
    )


def read_credentials(machine: Machine) -> Sections:
    """The sections of the credentials file alone, in order.

    Raises:
        ConfigUnreadable: it exists and cannot be read, or is no text.
    """
    return read_source(machine.credentials_file, config=False).sections


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
    if section.kind != "other" or section.header == "DEFAULT" or section.repeats:
        return False
    meant = {"role_arn", "source_profile", "sso_session", "sso_account_id", "aws_access_key_id"}
    return not meant.isdisjoint(section.own_settings)
