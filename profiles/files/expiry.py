"""When a session in a profile ends, by whichever key its writer chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles import times

if TYPE_CHECKING:
    from collections.abc import Mapping

# rolecall's own and botocore's neighbours first; then awsume, saml2aws, aws-mfa, gimme-aws-creds.
EXPIRY_KEYS = (
    "x_security_token_expires",
    "aws_session_expiration",
    "aws_expiration",
    "expiration",
    "aws_credential_expiration",
)


def expiry_of(settings: Mapping[str, object]) -> float | None:
    """The end that a profile's settings tell, in seconds since 1970; None where no key tells it."""
    for key in EXPIRY_KEYS:
        said = settings.get(key)
        if isinstance(said, str) and (end := times.instant(said)) is not None:
            return end
    return None
