"""Where each AWS client looks for credentials, in its order, and which place wins now.

Sources, each read in the client's own code: botocore 1.43 `credentials.create_credential_resolver`
(AWS CLI v1, boto3; v2 has the same order); AWS SDK for JavaScript v3, `credential-provider-node`
and `credential-provider-ini`; AWS SDK for Go v2, `config/resolve_credentials.go`; AWS SDK for Java
v2, `DefaultCredentialsProvider` and `ProfileCredentialsUtils`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.files.reader import AwsFiles
    from profiles.files.section import Section

_KEY, _SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
_TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 -- a variable's name
_WORDS = {
    "environment": "keys in the environment",
    "environment-web-identity": "a web identity in the environment",
    "role": "the profile's role",
    "web-identity": "the profile's web identity",
    "sso": "the profile's IAM Identity Center",
    "keys": "the profile's keys",
    "credentials-keys": "the profile's keys in the credentials file",
    "config-keys": "the profile's keys in the config file",
    "login": "the profile's console sign-in",
    "process": "the profile's credential_process",
    "container": "the container's endpoint",
    "instance": "the EC2 instance's role",
}
_BOTOCORE = (
    "environment",
    "role",
    "environment-web-identity",
    "web-identity",
    "sso",
    "credentials-keys",
    "login",
    "process",
    "config-keys",
    "container",
    "instance",
)


class Client(NamedTuple):
    """How a client looks for credentials.

    Attributes:
        name: as people call it.
        steps: the places it looks at, in its order.
        profile_by: the variables that name a profile, the first that is set.
        skips_keys: AWS_PROFILE makes it pass over keys in the environment.
        any_sso: any `sso_` key makes a profile one of Identity Center.
        role_needs_source: a `role_arn` without a source is no role to it.
        region_by: the variables that name a region, the first that is set.
        needs_profile: a variable that names a profile which no file has is an error to it.
        takes_empty: a variable that is set to nothing names a profile or a region to it.
        stops_at: the places that are an error to it where they cannot be used; others it passes by.
        together: places of which the first that is there counts alone, usable or not.
        names: the names of profiles that it reads; None for every one.
    """

    name: str
    steps: tuple[str, ...]
    profile_by: tuple[str, ...] = ("AWS_PROFILE",)
    skips_keys: bool = False
    any_sso: bool = False
    role_needs_source: bool = True
    region_by: tuple[str, ...] = ("AWS_REGION",)
    needs_profile: bool = False
    takes_empty: bool = False
    stops_at: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()
    names: re.Pattern[str] | None = None


CLIENTS = (
    Client(
        "AWS CLI v2",
        _BOTOCORE,
        ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        role_needs_source=False,
        region_by=("AWS_REGION", "AWS_DEFAULT_REGION"),
        needs_profile=True,
        takes_empty=True,
        stops_at=frozenset(_BOTOCORE),
    ),
    Client(
        "AWS CLI v1, boto3",
        _BOTOCORE,
        ("AWS_DEFAULT_PROFILE", "AWS_PROFILE"),
        role_needs_source=False,
        region_by=("AWS_DEFAULT_REGION",),
        needs_profile=True,
        takes_empty=True,
        stops_at=frozenset(_BOTOCORE),
    ),
    Client(
        "SDK for JavaScript v3",
        (
            "environment",
            "role",
            "keys",
            "web-identity",
            "process",
            "sso",
            "login",
            "environment-web-identity",
            "container",
            "instance",
        ),
        skips_keys=True,
        any_sso=True,
        stops_at=frozenset({"sso"}),
        together=frozenset({"role", "keys", "web-identity", "sso", "login"}),
        names=re.compile(r"[\w\-@+.%:/]+", re.ASCII),
    ),
    Client(
        "SDK for Go v2",
        (
            "environment",
            "environment-web-identity",
            "role",
            "keys",
            "web-identity",
            "sso",
            "process",
            "container",
            "instance",
        ),
        ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
        region_by=("AWS_REGION", "AWS_DEFAULT_REGION"),
        needs_profile=True,
        stops_at=frozenset({"role", "sso"}),
    ),
    Client(
        "SDK for Java v2",
        (
            "environment",
            "environment-web-identity",
            "web-identity",
            "sso",
            "role",
            "process",
            "keys",
            "container",
            "instance",
        ),
        any_sso=True,
    ),
)


class Step(NamedTuple):
    """One place that a client looks at.

    Attributes:
        place: its id: `environment`, `role`, `sso`, …
        state: `absent`, `present` (something before it wins), `would-win`, `would-fail` (the client
            stops there with an error), or `unusable` (it goes on to the next).
        where: the variable, or the file and line, that it comes from; None where it is absent.
        lacks: why it cannot be used, a sentence; None where nothing is known against it.
    """

    place: str
    state: str
    where: str | None = None
    lacks: str | None = None

    @property
    def words(self) -> str:
        """The place in words."""
        return _WORDS[self.place]


class Chain(NamedTuple):
    """What a client would do now.

    Attributes:
        client: its name.
        profile: the profile it looks at.
        steps: the places, in its order.
        region: where its calls would go, and the variable or line that says so.
        failure: why it would end with an error, whatever there is; None where it would not.
    """

    client: str
    profile: str
    steps: tuple[Step, ...]
    region: tuple[str, str] | None = None
    failure: str | None = None

    @property
    def winner(self) -> Step | None:
        """Where its credentials come from; None where it would find none."""
        return next((step for step in self.steps if step.state == "would-win"), None)

    @property
    def failing(self) -> Step | None:
        """Where it would stop with an error; None where it would not."""
        return next((step for step in self.steps if step.state == "would-fail"), None)

    @property
    def passed_over(self) -> tuple[Step, ...]:
        """What is there and does not count."""
        return tuple(step for step in self.steps if step.state in ("present", "unusable"))


class _Found(NamedTuple):
    """What there is at a place: where, and what it lacks to be used."""

    where: str
    lacks: str | None = None


def chain_of(
    client: Client, env: Mapping[str, str], files: AwsFiles, profile: str | None = None
) -> Chain:
    """What a client would do.

    Args:
        client: which.
        env: the environment variables.
        files: the AWS files.
        profile: the one that is named to the client itself (`--profile`), which makes it pass over
            the environment's credentials; None for what the environment names.
    """
    known = _Known(client, env, files)
    said = known.said(client.profile_by)
    named = profile or (said[0] if said else None)
    name = named or "default"
    found = known.in_profile(name, variables=profile is None)
    if profile is None:
        found |= known.in_environment(name)
    found |= _in_machine(env)
    found |= known.without_client(name, found)
    failure = None
    if client.needs_profile and named is not None and named not in files.profiles:
        failure = f"no file has a profile {named}" if named or not said else f"{said[1]} is empty"
    steps = tuple(_steps(client, found, over=failure is not None))
    return Chain(client.name, name, steps, known.region(name), failure)


def _steps(client: Client, found: Mapping[str, _Found], *, over: bool) -> Iterator[Step]:
    """Go through the places in the client's order, until it takes one or stops with an error."""
    spoilt: frozenset[str] = frozenset()
    for place in client.steps:
        at = found.get(place)
        if at is None:
            yield Step(place, "absent")
        elif over or place in spoilt:
            yield Step(place, "present", *at)
        elif at.lacks and place not in client.stops_at:
            if place in client.together:
                spoilt = client.together
            yield Step(place, "unusable", *at)
        else:
            over = True
            yield Step(place, "would-fail" if at.lacks else "would-win", *at)


def line_of(section: Section, key: str) -> str:
    """Where a key of a section is: the file's name and the line."""
    for number, line in enumerate(section.text.split("\n")):
        if line.replace(":", "=").partition("=")[0].strip().lower() == key:
            return f"{section.path} line {section.line + number}"
    return f"{section.path} line {section.line}"


class _Known(NamedTuple):
    """What a client knows when it looks."""

    client: Client
    env: Mapping[str, str]
    files: AwsFiles

    @property
    def _of_botocore(self) -> bool:
        return self.client.steps is _BOTOCORE

    def _sections(self, name: str) -> tuple[Section, ...]:
        """A profile's sections that this client reads, that which wins first."""
        profile = self.files.profiles.get(name)
        names = self.client.names
        if profile is None or (names is not None and not names.fullmatch(name)):
            return ()
        return tuple(each for each in (profile.credentials, profile.config) if each is not None)

    def _get(self, name: str, key: str) -> str | None:
        for section in self._sections(name):
            if key in section.settings:
                value = section.settings[key]
                return value if isinstance(value, str) else None
        return None

    def _where(self, name: str, key: str) -> str:
        return line_of(next(s for s in self._sections(name) if key in s.settings), key)

    def _has(self, name: str, *keys: str) -> bool:
        return all(self._get(name, key) for key in keys)

    def said(self, variables: tuple[str, ...]) -> tuple[str, str] | None:
        """What the first of some variables says that counts, and which it is."""
        for variable in variables:
            value = self.env.get(variable)
            if value or (value is not None and self.client.takes_empty):
                return value, variable
        return None

    def region(self, name: str) -> tuple[str, str] | None:
        """Where calls go, and what says so."""
        if said := self.said(self.client.region_by):
            return said
        region = self._get(name, "region")
        return (region, self._where(name, "region")) if region else None

    def in_environment(self, name: str) -> dict[str, _Found]:
        """What the variables offer."""
        env, found = self.env, {}
        skipped = self.client.skips_keys and env.get("AWS_PROFILE")
        if env.get(_KEY) and not skipped:
            if env.get(_SECRET):
                found["environment"] = _Found(_KEY)
            elif self._of_botocore:
                found["environment"] = _Found(_KEY, f"{_SECRET} is not set")
        if env.get(_TOKEN_FILE):
            if env.get("AWS_ROLE_ARN") or (self._of_botocore and self._has(name, "role_arn")):
                found["environment-web-identity"] = _Found(_TOKEN_FILE)
            elif self._of_botocore:
                found["environment-web-identity"] = _Found(_TOKEN_FILE, "AWS_ROLE_ARN is not set")
        return found

    def in_profile(self, name: str, *, variables: bool) -> dict[str, _Found]:
        """What a profile offers.

        Args:
            name: the profile's.
            variables: what botocore lacks of a web identity may come from the environment.
        """
        found: dict[str, _Found] = {}

        def put(place: str, key: str, lacks: str | None = None) -> None:
            found[place] = _Found(self._where(name, key), lacks)

        if self._has(name, "web_identity_token_file"):
            has_role = self._has(name, "role_arn") or (
                self._of_botocore and variables and self.env.get("AWS_ROLE_ARN")
            )
            if has_role:
                put("web-identity", "web_identity_token_file")
            elif self._of_botocore:
                put("web-identity", "web_identity_token_file", "role_arn is missing")
        if self._is_role(name):
            put("role", "role_arn", self._role_lacks(name))
        for key in _SSO_KEYS if self.client.any_sso else _SSO_KEYS[:2]:
            if self._has(name, key) and "sso" not in found:
                put("sso", key, self._sso_lacks(name))
        self._put_keys(name, found)
        if self._has(name, "login_session"):
            put("login", "login_session")
        if self._has(name, "credential_process"):
            put("process", "credential_process")
        return found

    def _put_keys(self, name: str, found: dict[str, _Found]) -> None:
        """Keys: each file's own to botocore, which wants both in one; those of both to others."""
        profile = self.files.profiles.get(name)
        for section in self._sections(name):
            if section.settings.get(_KEY.lower()):
                half = not section.settings.get(_SECRET.lower())
                of_credentials = profile is not None and section is profile.credentials
                place = "credentials-keys" if of_credentials else "config-keys"
                lacks = f"{_SECRET.lower()} is missing beside it" if half else None
                found[place] = _Found(line_of(section, _KEY.lower()), lacks)
        if self._has_keys(name):
            found["keys"] = _Found(self._where(name, _KEY.lower()))

    def _has_keys(self, name: str) -> bool:
        return self._has(name, _KEY.lower(), _SECRET.lower())

    def _is_role(self, name: str) -> bool:
        """Whether the client takes it for a role that a source assumes."""
        if not self._has(name, "role_arn"):
            return False
        sourced = self._has(name, "source_profile") != self._has(name, "credential_source")
        if self.client.role_needs_source:
            return sourced
        # botocore takes every role for one that has no token of its own, and then wants a source.
        return not self._has(name, "web_identity_token_file")

    def _role_lacks(self, name: str) -> str | None:
        """Why a role cannot be assumed: the first of its sources that leads nowhere."""
        visited = [name]
        while True:
            at = visited[-1]
            source, place = self._get(at, "source_profile"), self._get(at, "credential_source")
            if source and place:
                return f"{at} has both a source_profile and a credential_source"
            if place:
                return self._place_lacks(place)
            if not source:
                return f"{at} has no source_profile"
            if not self._sections(source):
                return f"no file has its source_profile {source}"
            if self._has_keys(source):
                return None
            if source in visited:
                return f"its sources go in a circle: {' ─▸ '.join((*visited, source))}"
            if not self._is_role(source):
                offers = self.in_profile(source, variables=False)
                usable = any(each.lacks is None for each in offers.values())
                return None if usable else f"its source_profile {source} has no credentials"
            visited.append(source)

    def _place_lacks(self, place: str) -> str | None:
        if place == "Environment":
            has_keys = self.env.get(_KEY) and self.env.get(_SECRET)
            return None if has_keys else "there are no keys in the environment"
        if place == "EcsContainer":
            return None if _in_machine(self.env) else "no variable names a container's endpoint"
        if place == "Ec2InstanceMetadata":
            off = self.env.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
            return "AWS_EC2_METADATA_DISABLED is set" if off else None
        return f"there is no credential_source {place}"

    def without_client(self, name: str, found: Mapping[str, _Found]) -> dict[str, _Found]:
        """Places that botocore asks STS for, where it can make no client of STS."""
        if not self._of_botocore:
            return {}
        region = self.region(name)
        lacks = self._session_gone(name)
        if region is not None and not region[0]:
            lacks = f"{region[1]} is empty"
        places = ("role", "environment-web-identity", "web-identity") if lacks else ()
        return {place: found[place]._replace(lacks=lacks) for place in places if place in found}

    def _session_gone(self, name: str) -> str | None:
        session = self._get(name, "sso_session")
        gone = session and session not in self.files.sso_sessions
        return f"there is no [sso-session {session}]" if gone else None

    def _sso_lacks(self, name: str) -> str | None:
        session = self._get(name, "sso_session")
        if gone := self._session_gone(name):
            return gone
        own = ("sso_account_id", "sso_role_name")
        wanted = own if session else (*own, "sso_start_url", "sso_region")
        missing = [key for key in wanted if not self._has(name, key)]
        return f"{missing[0]} is missing" if missing else None


_SSO_KEYS = ("sso_account_id", "sso_role_name", "sso_start_url", "sso_session", "sso_region")


def _in_machine(env: Mapping[str, str]) -> dict[str, _Found]:
    """Containers name their endpoint; whether this is an EC2 instance only a request tells."""
    for variable in (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ):
        if env.get(variable):
            return {"container": _Found(variable)}
    return {}
