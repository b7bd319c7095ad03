"""What a source or a guard needs from a person, and the way it is asked.

A source never prompts. It is handed an `Ask`: the app answers with a dialog, a command with a
prompt on the terminal, a script with what it was given. An `Ask` raises `Cancelled` when the
person says no and `PersonNeeded` when there is nobody to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from profiles.errors import ConfirmationNeeded, MfaRequired, UsageError


class MfaCode(NamedTuple):
    """The six digits of an MFA device; the answer is the code.

    Attributes:
        serial: the device's ARN or hardware serial number.
        role: the name of the role it is needed for.
        rejected: AWS refused the code before, and why; None at first.
    """

    serial: str
    role: str
    rejected: str | None = None


class Confirmation(NamedTuple):
    """A guarded stage's question; the answer is `yes`, or the name typed.

    Attributes:
        role: the role's name.
        stage: the stage's name.
        account: the account's name, or its id where it has none.
        typed: what has to be typed, None where a yes is enough.
        change: what will happen, one sentence.
    """

    role: str
    stage: str
    account: str
    typed: str | None
    change: str


class TagValue(NamedTuple):
    """The value of a session tag that the settings leave open (`{ask}`).

    Attributes:
        key: the tag's key.
        role: the role's name.
        suggestion: the value given last time, or an empty string.
    """

    key: str
    role: str
    suggestion: str = ""


Challenge = MfaCode | Confirmation | TagValue
Ask = Callable[[Challenge], str]


def nobody(challenge: Challenge) -> str:
    """The `Ask` of a process without a person.

    Raises:
        MfaRequired, ConfirmationNeeded, UsageError: by what was asked.
    """
    match challenge:
        case MfaCode():
            raise MfaRequired(
                f"{challenge.role} needs an MFA code of {challenge.serial}",
                "give --mfa-code, set mfa_command, or run it in a terminal: "
                f"rolecall assume {challenge.role}",
            )
        case Confirmation(typed=None):
            raise ConfirmationNeeded(
                f"{challenge.role} is {challenge.stage}: it wants a yes", "add --yes"
            )
        case Confirmation():
            raise ConfirmationNeeded(
                f"{challenge.role} is {challenge.stage}: it wants the account's name",
                f"add --confirm {challenge.typed}",
            )
        case TagValue():
            raise UsageError(
                f"{challenge.role} wants a value for the tag {challenge.key}",
                f"add --tag {challenge.key}=VALUE",
            )
