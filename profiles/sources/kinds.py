"""Which kinds of source there are, and which file builds each; light, as `list` asks it too."""

from __future__ import annotations

# kind → module and class: a new kind of source is one file and one line here.
BUILT = {
    "keys": ("profiles.sources.keys", "Keys"),
    "Environment": ("profiles.sources.environment", "Environment"),
    "role": ("profiles.sources.role", "AssumedRole"),
    "Ec2InstanceMetadata": ("profiles.sources.metadata", "InstanceMetadata"),
    "EcsContainer": ("profiles.sources.metadata", "Container"),
    "process": ("profiles.sources.process", "Process"),
    "web-identity": ("profiles.sources.web_identity", "WebIdentity"),
    "session-token": ("profiles.sources.session_token", "SessionToken"),
    "federation-token": ("profiles.sources.federation_token", "FederationToken"),
}
NAMES = {
    "sso": "IAM Identity Center",
    "sso-session": "IAM Identity Center",
    "saml": "SAML",
    "login": "aws login",
}


def unsupported(kind: str) -> str | None:
    """Why a kind of source cannot be used; None where it can."""
    return None if kind in BUILT else f"this version cannot start from {NAMES.get(kind, kind)}"
