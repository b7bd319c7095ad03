"""A unified diff of two credentials files that shows no secret, of whatever section."""

from __future__ import annotations

import difflib
import re

from profiles.files.lines import BLANK, COMMENT, CONTINUATION, HEADER, OPTION, classify

_MASK = "****"
_CONTEXT = 3
_SHOWN_KEYS = frozenset(
    {
        "region",
        "output",
        "role_arn",
        "source_profile",
        "aws_account_id",
        "x_security_token_expires",
        "x_rolecall",
    }
)
# A line, and what may be shown of it.
_Shown = tuple[str, str]
_LONG_WORD = re.compile(r"[A-Za-z0-9/+=_.-]{16,}")


def masked_diff(old: str, new: str, path: str) -> str:
    """The change between two texts, as `diff -u` shows it, values masked; empty for none."""
    before, after = _lines(old), _lines(new)
    # What both begin and end with is left out of the comparison, but for the lines around the
    # change: comparing ten thousand sections takes minutes.
    head = max(_alike(before, after) - _CONTEXT, 0)
    before, after = before[head:], after[head:]
    tail = max(_alike(before[::-1], after[::-1]) - _CONTEXT, 0)
    before, after = before[: len(before) - tail], after[: len(after) - tail]
    matcher = difflib.SequenceMatcher(
        None, [raw for raw, _ in before], [raw for raw, _ in after], autojunk=False
    )
    shown: list[str] = []
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        old_range = _range(first[1] + head, last[2] + head)
        shown.append(f"@@ -{old_range} +{_range(first[3] + head, last[4] + head)} @@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                shown += [f" {masked}" for _, masked in before[i1:i2]]
                continue
            shown += [f"-{masked}" for _, masked in before[i1:i2]]
            shown += [f"+{masked}" for _, masked in after[j1:j2]]
    return "\n".join([f"--- {path}", f"+++ {path}", *shown, ""]) if shown else ""


def _alike(one: list[_Shown], other: list[_Shown]) -> int:
    """How many lines both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a[0] != b[0]), min(len(one), len(other)))


def _range(start: int, stop: int) -> str:
    """A range of lines, as POSIX's `diff -u` writes it."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _lines(text: str) -> list[_Shown]:
    """Each line, and what may be shown of it."""
    shown = []
    for line in classify(text):
        raw = text[line.start : line.end].rstrip("\r\n")
        if line.kind == BLANK:
            masked = ""
        elif line.kind == HEADER:
            masked = f"[{line.key}]"
        elif line.kind == OPTION:
            masked = f"{line.indent}{line.key} = {_value(line.key, line.value)}"
        elif line.kind == COMMENT:
            masked = _comment(raw.strip())
        elif line.kind == CONTINUATION:
            masked = f"{line.indent}{_MASK}"
        else:
            masked = _MASK
        shown.append((raw, "".join(char if char.isprintable() else "?" for char in masked)))
    return shown


def _value(key: str, value: str) -> str:
    if key in _SHOWN_KEYS:
        return value
    if key == "aws_access_key_id" and len(value) >= 16:
        return f"{value[:4]}{_MASK}{value[-4:]}"
    return _MASK


def _comment(text: str) -> str:
    """A comment; one that a setting was made into may hold a secret."""
    for delimiter in "=:":
        name, found, _ = text.partition(delimiter)
        if found:
            return f"{_LONG_WORD.sub(_MASK, name)}{delimiter} {_MASK}"
    return _LONG_WORD.sub(_MASK, text)
