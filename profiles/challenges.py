"""What a source or a guard needs from a person, and the way it is asked.

A source never prompts. It is handed an `Ask`: the app answers with a dialog, a command with a
prompt on the terminal, a script with what it was given. An `Ask` raises `Cancelled` when the
person says no and `PersonNeeded` when there is nobody to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


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


class Presence(NamedTuple):
    """Whether somebody is there who can sign in; the answer is empty, and comes at once.

    Asked before a sign-in is prepared, so that no server is asked for one that nobody would see.

    Attributes:
        name: of what is signed in to.
        role: the name of the role it is needed for.
        again: the command that does the same, for who cannot be asked.
    """

    name: str
    role: str
    again: str


class SignIn(NamedTuple):
    """A sign-in that a person does in a browser; the answer is empty, and comes at once.

    Who asks goes on waiting for the sign-in itself, and stops where it is cancelled.

    Attributes:
        name: of what is signed in to: an SSO session, an issuer, an identity provider.
        role: the name of the role it is needed for; the same as `name` where for none alone.
        url: where the person goes.
        code: what the page there asks for or shows; None where it needs none.
        expires_at: until when it is waited for, seconds since 1970.
        opened: whether a browser was opened on the URL.
        again: the command that does the same, for who cannot be asked.
    """

    name: str
    role: str
    url: str
    code: str | None
    expires_at: float
    opened: bool
    again: str


class Assertion(NamedTuple):
    """A SAML response that a person copies from the identity provider; the answer is its text.

    Attributes:
        role: the name of the role it is needed for.
        url: where to get it, None where nothing says.
    """

    role: str
    url: str | None


class Choice(NamedTuple):
    """One of several; the answer is one of the options.

    Attributes:
        role: the name of the role it is needed for.
        question: what is chosen, one sentence without its question mark.
        options: in the order they are shown; two or more.
    """

    role: str
    question: str
    options: tuple[str, ...]


Challenge = MfaCode | Confirmation | TagValue | Presence | SignIn | Assertion | Choice
Ask = Callable[[Challenge], str]
