"""Names in command lines that are shown to be pasted: whatever they are made of, one word each."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as one word of a shell's command line."""
    import shlex

    return shlex.quote(name)
