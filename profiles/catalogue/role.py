"""A role: something that can be switched to, read from a profile or a `[[roles]]` entry on demand.

Ten thousand of these are made before the first frame, so making one reads nothing: what a role
is gets read from its section when it is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from profiles.files.section import MARK
from profiles.model import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.files.discovered import Place
    from profiles.files.reader import Profile

# Tells the account of most roles by a look at a section's text, which costs a tenth of reading it.
# One of its groups is the account's id.
ACCOUNT = re.compile(
    r"\n(?:role_arn[ \t]*[=:][ \t]*arn:[^:\s]+:iam::([0-9]{12}):role/"
    r"|sso_account_id[ \t]*[=:][ \t]*([0-9]{12})[ \t]*(?:\n|\Z))"
)
_SPELT_OTHERWISE = re.compile(
    r"^\s*(?:role_arn|sso_|credential_process|aws_access_key_id|login_session)",
    re.MULTILINE | re.IGNORECASE,
)
MACHINE_SOURCES = ("Ec2InstanceMetadata", "EcsContainer")
CREDENTIAL_SOURCES = ("Environment", *MACHINE_SOURCES)
_SOURCE_NAMES = {"env": "Environment", "environment": "Environment"}
# What a settings entry calls differently from an AWS file.
_ENTRY_NAMES = {
    "duration_seconds": "duration",
    "role_session_name": "session_name",
    "sso_account_id": "account_id",
    "sso_role_name": "role_name",
    "web_identity_token_file": "token_file",
}
# What proves a person's identity to AWS without keys: one of these keys of a settings entry.
_FEDERATED = {
    "saml": ("saml_command", "saml_url"),
    "web-identity": ("token_file", "token_command", "issuer"),
}
_NOT_SAID = "not said"
_READ_LATER = frozenset({"kind", "region", "role_arn", "role_name", "source"})


class Role:
    """Something that can be switched to.

    Attributes:
        name: the profile's, or the entry's.
        profile: where it comes from, None for `[[roles]]` entries and bare ARNs.
        entry: the `[[roles]]` entry, None for profiles.
        origin: `config`, `credentials`, `settings`, `keyring`, `machine`, `discovered`.
        account_id: twelve digits, None where nothing tells it.
        kind: `role`, `session-token`, `federation-token`, `saml`, `web-identity`, `sso`,
            `process`, `login`, or a credential source's name.
        role_arn: what is assumed; None where no role is.
        role_name: the last part of the role's ARN, or the permission set's name.
        source: the name of what it starts from: the source profile or role, a credential source,
            the SSO session's name (a legacy profile's start URL); None for web identity and SAML;
            itself where it sources itself.
        region: of its own settings.
    """

    __slots__ = (
        "account_id",
        "entry",
        "kind",
        "name",
        "origin",
        "profile",
        "region",
        "role_arn",
        "role_name",
        "source",
    )
    name: str
    profile: Profile | None
    entry: Mapping[str, Any] | None
    origin: str
    account_id: str | None
    kind: str
    role_arn: str | None
    role_name: str | None
    source: str | None
    region: str | None

    def __init__(
        self,
        name: str,
        profile: Profile | None = None,
        entry: Mapping[str, Any] | None = None,
        origin: str = "settings",
        account_id: str | None = _NOT_SAID,
    ) -> None:
        self.name = name
        self.profile = profile
        self.entry = entry
        self.origin = origin
        self.account_id = self._account_id() if account_id is _NOT_SAID else account_id

    def __repr__(self) -> str:
        return f"Role({self.name})"

    def __getattr__(self, name: str) -> Any:
        """Read the settings when the first of what they say is asked for."""
        if name not in _READ_LATER:
            raise AttributeError(name)
        self._read()
        return object.__getattribute__(self, name)

    def get(self, key: str) -> str | None:
        """A text of the role's own settings, by the AWS files' names (`external_id`, …)."""
        if self.entry is not None:
            value = self.entry.get(_ENTRY_NAMES.get(key, key))
            return None if value is None or isinstance(value, (dict, tuple)) else str(value)
        return self.profile.get(key) if self.profile else None

    def value(self, key: str) -> Any:
        """A list or table of a `[[roles]]` entry (`tags`, `policy_arns` …); None in a profile."""
        return self.entry.get(key) if self.entry is not None else None

    @property
    def has_keys(self) -> bool:
        """Whether its own profile holds keys, or the system's store under its name."""
        return self.keys_kind == "keyring" or bool(
            self.profile and self.profile.get("aws_access_key_id")
        )

    @property
    def keys_kind(self) -> str:
        """The kind of source that its own keys are."""
        return "keyring" if self.origin == "keyring" else "keys"

    @property
    def has_session(self) -> bool:
        """Whether the keys in its own profile are a session's."""
        return bool(self.profile and self.profile.get("aws_session_token"))

    @property
    def problem(self) -> str | None:
        """Why it cannot be used, as far as its own settings show."""
        if self.entry is not None and self.entry.get("problem"):
            return str(self.entry["problem"])
        if self.profile and self.profile.problem:
            return self.profile.problem
        kind = self.kind
        if kind == "role":
            return self._role_problem()
        if kind in _FEDERATED:
            return self._federated_problem()
        if kind == "session-token" and self.profile and self.origin != "keyring":
            for key in ("aws_access_key_id", "aws_secret_access_key"):
                if not self.profile.get(key):
                    return f"{key} is missing"
        if kind == "session-token" and self.entry is not None and not self.source:
            return "a session token needs a source"
        if kind == "federation-token":
            return self._federation_problem()
        if kind == "sso":
            for key in ("sso_account_id", "sso_role_name"):
                if not self.get(key):
                    said = _ENTRY_NAMES[key] if self.entry is not None else key
                    return f"{said} is missing"
        return None

    def _read(self) -> None:
        settings = self._texts()
        arn = self.role_arn = settings.get("role_arn")
        self.kind = self._kind(settings)
        self.region = settings.get("region")
        self.source = self._source(settings)
        if arn:
            parts = Arn.of_role(arn)
            self.role_name = parts.role_name if parts else None
        else:
            self.role_name = settings.get("sso_role_name")

    def _texts(self) -> Mapping[str, str]:
        """Its settings by the AWS files' names; blocks among them are not asked for here."""
        if self.entry is None:
            settings: Mapping[str, Any] = self.profile.settings if self.profile else {}
            if dict in map(type, settings.values()):
                return {key: said for key, said in settings.items() if isinstance(said, str)}
            return settings
        named = {ours: theirs for theirs, ours in _ENTRY_NAMES.items()}
        return {
            named.get(key, key): value
            for key, value in self.entry.items()
            if isinstance(value, str)
        }

    def _kind(self, settings: Mapping[str, str]) -> str:
        """The kind, in the order of botocore's provider chain for a named profile.

        Source: `botocore.credentials.create_credential_resolver`.
        """
        if self.entry is not None:
            return settings.get("kind", "role")
        if "role_arn" in settings:
            return "web-identity" if "web_identity_token_file" in settings else "role"
        if "sso_account_id" in settings or "sso_role_name" in settings:
            return "sso"
        credentials = self.profile.credentials if self.profile else None
        if credentials is not None and "aws_access_key_id" in credentials.settings:
            return "session-token"
        if "login_session" in settings:
            return "login"
        if "credential_process" in settings:
            return "process"
        # A sign-in without an account or a permission set proves nothing: any other way counts.
        signed_in = "sso_session" in settings or "sso_start_url" in settings
        return "sso" if signed_in and "aws_access_key_id" not in settings else "session-token"

    def _source(self, settings: Mapping[str, str]) -> str | None:
        if self.entry is not None:
            if self.kind in _FEDERATED:
                return None
            said = settings.get("sso_session") or settings.get("source")
            return _SOURCE_NAMES.get(said, said) if said else None
        if self.kind == "role":
            return settings.get("source_profile") or settings.get("credential_source") or None
        if self.kind == "sso":
            return settings.get("sso_session") or settings.get("sso_start_url")
        return None if self.kind == "web-identity" else self.name

    def _role_problem(self) -> str | None:
        arn = self.role_arn
        if not arn:
            return "role_arn is missing"
        if self.role_name is None:
            return f"not the ARN of a role: {arn}"
        if self.entry is not None:
            return None if self.source else "it names no source"
        profile, where = self.get("source_profile"), self.get("credential_source")
        if profile and where:
            return "it has both source_profile and credential_source; AWS clients refuse that"
        if not profile and not where:
            return "role_arn needs source_profile or credential_source beside it"
        if where and where not in CREDENTIAL_SOURCES:
            return f"credential_source is none of {', '.join(CREDENTIAL_SOURCES)}: {where}"
        return None

    def _federation_problem(self) -> str | None:
        if not self.source:
            return "a federation token needs a source"
        if not self.get("policy") and not self.value("policy_arns"):
            return "a federation token may do nothing without policy or policy_arns"
        if self.get("mfa_serial"):
            return "GetFederationToken takes no MFA code: mfa_serial has no place here"
        return None

    def _federated_problem(self) -> str | None:
        arn = self.role_arn
        if self.role_name is None and (arn or self.kind == "web-identity"):
            return f"not the ARN of a role: {arn}" if arn else "role_arn is missing"
        if self.entry is None:
            return None
        if self.value("source"):
            return f"a role of kind {self.kind} has no source: it is proven by others"
        proofs = [key for key in _FEDERATED[self.kind] if self.value(key)]
        if len(proofs) > 1:
            return f"it has both {' and '.join(proofs)}: one has to go"
        if self.kind == "saml":
            provider = self.get("principal_arn")
            odd = provider is not None and ":saml-provider/" not in provider
            # Without a command or an address, the response is given or pasted.
            return f"not the ARN of a SAML provider: {provider}" if odd else None
        if not proofs:
            return f"it needs one of {', '.join(_FEDERATED[self.kind])}"
        return (
            "client_id is missing" if proofs == ["issuer"] and not self.get("client_id") else None
        )

    def _account_id(self) -> str | None:
        arn = self.get("role_arn")
        if arn:
            parts = Arn.of_role(arn)
            return parts.account_id if parts else None
        return self.get("sso_account_id")


def is_plain(text: str) -> bool:
    """Whether a section, by a look at its text, leads to credentials that are of no role."""
    return (
        _leads_somewhere(text)
        and ":role/" not in text
        and "ccount_id" not in text.lower()
        and MARK not in text
    )


def of_profile(profile: Profile) -> Role | None:
    """The role of a profile; None where it leads to no credentials, or rolecall wrote it."""
    config, credentials = profile.config, profile.credentials
    bodies = [section.body for section in (config, credentials) if section is not None]
    ours = credentials is not None and MARK in bodies[-1] and profile.get(MARK)
    if ours and (config is None or "role_arn" not in bodies[0]):
        return None
    named = any(":role/" in body or "ccount_id" in body.lower() for body in bodies)
    account = _NOT_SAID if named else None
    if any(map(_leads_somewhere, bodies)) or profile.problem:
        return Role(profile.name, profile=profile, origin=profile.origin, account_id=account)
    return None


def of_machine(source: str) -> Role:
    """The role that the machine itself has: its instance profile's, its task's or pod's."""
    return Role(source, entry={"name": source, "kind": source}, origin="machine")


def of_place(name: str, session: str, place: Place) -> Role:
    """The role of a permission set that was found at AWS, by an SSO session."""
    entry = {
        "name": name,
        "kind": "sso",
        "sso_session": session,
        "account_id": place.account_id,
        "role_name": place.role_name,
    }
    return Role(name, entry=entry, origin="discovered", account_id=place.account_id)


def of_stored_keys(name: str, profile: Profile | None) -> Role:
    """The role of keys in the system's store; a profile of their name has settings for them."""
    return Role(name, profile=profile, origin="keyring")


def _leads_somewhere(body: str) -> bool:
    """Whether a section says how credentials are got; keys may be written in capitals."""
    return (
        "role_arn" in body
        or "sso_" in body
        or "credential_process" in body
        or "aws_access_key_id" in body
        or "aws_secret_access_key" in body
        or "login_session" in body
        or (not body.islower() and _SPELT_OTHERWISE.search(body) is not None)
    )
