"""Text from outside, made fit to be shown: no control characters, no escapes, no secrets."""

from __future__ import annotations

import re

# C0 and C1 controls, and the marks that turn the direction of writing around.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# An access key id keeps its kind and its last four letters, by which people tell them apart.
_LIKE_KEY_ID = r"\b(A[KS]IA)[A-Z0-9]{12,}([A-Z0-9]{4})\b"
# Secret keys are forty letters of base64, tokens a hundred and more.
_LONG_BASE64 = (
    r"(?<![A-Za-z0-9+/=:._-])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])"
    r"[A-Za-z0-9+/]{40}={0,2}(?![A-Za-z0-9+/=])|[A-Za-z0-9+/=]{100,}"
)


def printable(text: str) -> str:
    """The text with everything that could steer a terminal replaced by `?`."""
    return text if text.isprintable() else _CONTROL.sub("?", text)


def lines_of(lines: list[str]) -> str:
    """Lines to print, each made printable and without the spaces at its end."""
    text = "\n".join([line.rstrip() for line in lines])
    if _CONTROL.search(text.replace("\n", "")):
        text = "\n".join([printable(line.rstrip()) for line in lines])
    return f"{text}\n"


def masked(text: str) -> str:
    """The text with everything that looks like a key or token made unreadable."""
    return re.sub(_LONG_BASE64, "…", re.sub(_LIKE_KEY_ID, r"\1…\2", text))
