"""Which kinds of source there are, and which file builds each; light, as `list` asks it too."""

from __future__ import annotations

# kind → module and class: a new kind of source is one file and one line here.
BUILT = {
    "keys": ("profiles.sources.keys", "Keys"),
    "keyring": ("profiles.sources.stored_keys", "KeyStore"),
    "Environment": ("profiles.sources.environment", "Environment"),
    "role": ("profiles.sources.role", "AssumedRole"),
    "Ec2InstanceMetadata": ("profiles.sources.metadata", "InstanceMetadata"),
    "EcsContainer": ("profiles.sources.metadata", "Container"),
    "process": ("profiles.sources.process", "Process"),
    "web-identity": ("profiles.sources.web_identity", "WebIdentity"),
    "saml": ("profiles.sources.saml", "Saml"),
    "sso": ("profiles.sources.sso", "PermissionSet"),
    "login": ("profiles.sources.login", "Login"),
    "session-token": ("profiles.sources.session_token", "SessionToken"),
    "federation-token": ("profiles.sources.federation_token", "FederationToken"),
}
# A step that is a person's sign-in: what comes after it looks for it, it gives no session itself.
SIGN_INS = ("sso-session",)


def unsupported(kind: str) -> str | None:
    """Why a kind of source cannot be used; None where it can."""
    if kind in BUILT or kind in SIGN_INS:
        return None
    return f"this version cannot start from {kind}"
