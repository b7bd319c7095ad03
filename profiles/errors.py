"""Every way to fail, each with a code, a sentence and what to do.

    RolecallError
    ├── UsageError                usage                        exit 2
    ├── UnknownTarget             unknown-target               exit 2
    ├── AmbiguousTarget           ambiguous-target             exit 2
    ├── ConfirmationNeeded        confirmation-needed          exit 2
    ├── ConfigUnreadable          config-unreadable
    ├── PersonNeeded                                           exit 3
    │   ├── LoginRequired         login-required
    │   └── MfaRequired           mfa-required
    ├── MfaRejected               mfa-rejected
    ├── AccessDenied              access-denied
    ├── SessionTooLong            session-too-long
    ├── RoleChainTooLong          role-chain-too-long
    ├── SourceLoop                source-loop
    ├── SourceUnsupported         source-unsupported
    ├── CredentialsExpired        credentials-expired
    ├── NetworkUnavailable        network-unavailable
    ├── Throttled                 throttled
    ├── ClockSkew                 clock-skew
    ├── ProfileNotOurs            profile-not-ours
    ├── CredentialsFileBusy       credentials-file-busy
    ├── CredentialsFileUnwritable credentials-file-unwritable
    ├── FileChanged               file-changed
    ├── Cancelled                 cancelled                    exit 130
    └── Internal                  internal

Where no exit status is given it is 1.
"""

from __future__ import annotations


class RolecallError(Exception):
    """A failure that a person can understand: one sentence, and where there is one, a remedy.

    Args:
        summary: one line, without a full stop at its end and without secrets.
        hint: what to do next, or None.
    """

    code = "internal"
    exit_status = 1

    def __init__(self, summary: str, hint: str | None = None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint


class UsageError(RolecallError):
    """The words of the call are off."""

    code = "usage"
    exit_status = 2


class UnknownTarget(RolecallError):
    """No role goes by that name."""

    code = "unknown-target"
    exit_status = 2


class AmbiguousTarget(RolecallError):
    """More than one role goes by that name."""

    code = "ambiguous-target"
    exit_status = 2


class ConfirmationNeeded(RolecallError):
    """A guarded stage wants a person's yes, and nobody could be asked."""

    code = "confirmation-needed"
    exit_status = 2


class ConfigUnreadable(RolecallError):
    """A file that says what exists cannot be read."""

    code = "config-unreadable"


class PersonNeeded(RolecallError):
    """Something only a person can give is missing, and nobody could be asked."""

    exit_status = 3


class LoginRequired(PersonNeeded):
    """A sign-in is missing or over."""

    code = "login-required"


class MfaRequired(PersonNeeded):
    """An MFA code is missing."""

    code = "mfa-required"


class MfaRejected(RolecallError):
    """AWS did not accept the MFA code."""

    code = "mfa-rejected"


class AccessDenied(RolecallError):
    """AWS said no."""

    code = "access-denied"


class SessionTooLong(RolecallError):
    """The role does not allow sessions of that length."""

    code = "session-too-long"


class RoleChainTooLong(RolecallError):
    """A session got with a role's session lasts an hour at most."""

    code = "role-chain-too-long"


class SourceLoop(RolecallError):
    """A role's sources lead back to itself."""

    code = "source-loop"


class SourceUnsupported(RolecallError):
    """The role's source is of a kind that cannot be used (yet)."""

    code = "source-unsupported"


class CredentialsExpired(RolecallError):
    """The credentials that the switch starts from are over."""

    code = "credentials-expired"


class NetworkUnavailable(RolecallError):
    """AWS could not be reached."""

    code = "network-unavailable"


class Throttled(RolecallError):
    """AWS asked to slow down, more often than was worth waiting for."""

    code = "throttled"


class ClockSkew(RolecallError):
    """This machine's clock is too far from AWS's."""

    code = "clock-skew"


class ProfileNotOurs(RolecallError):
    """The profile to write exists and is not marked as rolecall's."""

    code = "profile-not-ours"


class CredentialsFileBusy(RolecallError):
    """Another process kept the credentials file's lock."""

    code = "credentials-file-busy"


class CredentialsFileUnwritable(RolecallError):
    """The credentials file cannot be written; nothing was changed."""

    code = "credentials-file-unwritable"


class FileChanged(RolecallError):
    """The file was changed by others since rolecall's last write."""

    code = "file-changed"


class Cancelled(RolecallError):
    """A person said no, or stopped it."""

    code = "cancelled"
    exit_status = 130


class Internal(RolecallError):
    """A defect of rolecall itself."""
