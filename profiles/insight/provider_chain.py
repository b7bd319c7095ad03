"""Where each AWS client looks for credentials, in its order, and which place wins now.

Sources, each read in the client's own code: botocore 1.43 `credentials.create_credential_resolver`
(AWS CLI v1, boto3; v2 has the same order); AWS SDK for JavaScript v3, `credential-provider-node`
and `credential-provider-ini`; AWS SDK for Go v2, `config/resolve_credentials.go`; AWS SDK for Java
v2, `DefaultCredentialsProvider` and `ProfileCredentialsUtils`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.files.reader import AwsFiles, Profile
    from profiles.files.section import Section

_KEY, _SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
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
    """

    name: str
    steps: tuple[str, ...]
    profile_by: tuple[str, ...] = ("AWS_PROFILE",)
    skips_keys: bool = False
    any_sso: bool = False
    role_needs_source: bool = True


CLIENTS = (
    Client(
        "AWS CLI v2", _BOTOCORE, ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), role_needs_source=False
    ),
    Client(
        "AWS CLI v1, boto3",
        _BOTOCORE,
        ("AWS_DEFAULT_PROFILE", "AWS_PROFILE"),
        role_needs_source=False,
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
        state: `absent`, `present` (something before it wins), or `would-win`.
        where: the variable, or the file and line, that it comes from; None where it is absent.
    """

    place: str
    state: str
    where: str | None = None

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
    """

    client: str
    profile: str
    steps: tuple[Step, ...]

    @property
    def winner(self) -> Step | None:
        """Where its credentials come from; None where it would find none."""
        return next((step for step in self.steps if step.state == "would-win"), None)

    @property
    def passed_over(self) -> tuple[Step, ...]:
        """What is there and does not count."""
        return tuple(step for step in self.steps if step.state == "present")


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
    named = profile or next((env[name] for name in client.profile_by if env.get(name)), None)
    name = named or "default"
    found = _in_profile(client, files.profiles.get(name))
    if profile is None:
        found |= _in_environment(client, env)
    found |= _in_machine(env)
    steps: list[Step] = []
    won = False
    for place in client.steps:
        where = found.get(place)
        state = "absent" if where is None else "present" if won else "would-win"
        won = won or where is not None
        steps.append(Step(place, state, where))
    return Chain(client.name, name, tuple(steps))


def line_of(section: Section, key: str) -> str:
    """Where a key of a section is: the file's name and the line."""
    for number, line in enumerate(section.text.split("\n")):
        if line.replace(":", "=").partition("=")[0].strip().lower() == key:
            return f"{section.path} line {section.line + number}"
    return f"{section.path} line {section.line}"


def _in_environment(client: Client, env: Mapping[str, str]) -> dict[str, str]:
    found = {}
    skipped = client.skips_keys and env.get("AWS_PROFILE")
    if env.get(_KEY) and env.get(_SECRET) and not skipped:
        found["environment"] = _KEY
    if env.get("AWS_WEB_IDENTITY_TOKEN_FILE") and env.get("AWS_ROLE_ARN"):
        found["environment-web-identity"] = "AWS_WEB_IDENTITY_TOKEN_FILE"
    return found


def _in_profile(client: Client, profile: Profile | None) -> dict[str, str]:
    """What a profile offers, and where."""
    if profile is None:
        return {}
    found: dict[str, str] = {}

    def put(place: str, key: str) -> None:
        section = next(
            each
            for each in (profile.credentials, profile.config)
            if each is not None and key in each.settings
        )
        found[place] = line_of(section, key)

    def has(*keys: str) -> bool:
        return all(profile.get(key) for key in keys)

    sourced = has("source_profile") != has("credential_source")
    if has("role_arn", "web_identity_token_file"):
        put("web-identity", "web_identity_token_file")
    if has("role_arn") and (
        sourced or not (client.role_needs_source or has("web_identity_token_file"))
    ):
        put("role", "role_arn")
    for key in _SSO_KEYS if client.any_sso else _SSO_KEYS[:2]:
        if has(key) and "sso" not in found:
            put("sso", key)
    for section, place in (
        (profile.credentials, "credentials-keys"),
        (profile.config, "config-keys"),
    ):
        if section is not None and section.settings.get("aws_access_key_id"):
            found[place] = line_of(section, "aws_access_key_id")
    if has("aws_access_key_id", "aws_secret_access_key"):
        put("keys", "aws_access_key_id")
    if has("login_session"):
        put("login", "login_session")
    if has("credential_process"):
        put("process", "credential_process")
    return found


_SSO_KEYS = ("sso_account_id", "sso_role_name", "sso_start_url", "sso_session", "sso_region")


def _in_machine(env: Mapping[str, str]) -> dict[str, str]:
    """Containers name their endpoint; whether this is an EC2 instance only a request tells."""
    for variable in (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ):
        if env.get(variable):
            return {"container": variable}
    return {}
