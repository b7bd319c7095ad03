"""The answers where nobody is there to give them.

A file of its own: the first frame needs the name, and what there is to ask costs a millisecond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.errors import (
    ConfirmationNeeded,
    LoginRequired,
    MfaRequired,
    PersonNeeded,
    UsageError,
)
from profiles.quoted import quoted

if TYPE_CHECKING:
    from profiles.challenges import Challenge


def nobody(challenge: Challenge) -> str:
    """The `Ask` of a process without a person.

    Raises:
        PersonNeeded, ConfirmationNeeded, UsageError: by what was asked.
    """
    from profiles.challenges import (
        Assertion,
        Choice,
        Confirmation,
        MfaCode,
        Presence,
        SignIn,
        TagValue,
    )

    match challenge:
        case MfaCode():
            raise MfaRequired(
                f"{challenge.role} needs an MFA code of {challenge.serial}",
                "give --mfa-code, set mfa_command, or run it in a terminal: "
                f"rolecall assume {quoted(challenge.role)}",
            )
        case Confirmation(typed=None):
            raise ConfirmationNeeded(
                f"{challenge.role} is {challenge.stage}: it wants a yes", "add --yes"
            )
        case Confirmation():
            raise ConfirmationNeeded(
                f"{challenge.role} is {challenge.stage}: it wants the account's name",
                f"add --confirm {quoted(str(challenge.typed))}",
            )
        case TagValue():
            raise UsageError(
                f"{challenge.role} wants a value for the tag {challenge.key}",
                f"add --tag {quoted(challenge.key)}=VALUE",
            )
        case SignIn() | Presence():
            raise LoginRequired(
                f"{challenge.role} needs a sign-in to {challenge.name}",
                f"run it in a terminal: {challenge.again}",
            )
        case Assertion():
            raise LoginRequired(
                f"{challenge.role} needs a SAML assertion",
                "give --saml-assertion FILE, or set saml_command for it",
            )
        case Choice():
            raise PersonNeeded(
                f"{challenge.role}: {challenge.question}: {', '.join(challenge.options)}",
                f"run it in a terminal: rolecall assume {quoted(challenge.role)}",
            )
