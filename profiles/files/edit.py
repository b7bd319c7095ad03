"""Changes to the text of a credentials file that leave every other character as it is.

    append   one line end, then the section         ┐
    remove   takes back exactly that                ┘ inverses of each other
    rewrite  new values on the lines of the old ones, the rest of the section stays

All take text with its own line ends; what is no UTF-8 is in it as surrogate escapes, so that
decoding and encoding is the identity on every byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from profiles.files.lines import (
    BLANK,
    BOM,
    COMMENT,
    CONTINUATION,
    HEADER,
    OPTION,
    REFUSED,
    Line,
    classify,
    header_of,
    line_end,
    split_option,
    starts_section,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_LINE_ENDS = "\r\n"
_BRACKET = re.compile(r"\n\[")
_INDENTED_BRACKET = re.compile(r"\n[^\S\n]+\[")


class Span(NamedTuple):
    """A section in a text.

    Attributes:
        lines: its lines, the header first, up to the next header or the text's end.
        settings: its own settings, keys in lower case; lines of one value are joined by newlines.
    """

    lines: list[Line]
    settings: dict[str, str]

    @property
    def start(self) -> int:
        """Where its header's line starts."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Past its last setting; comments and blank lines after that may be anyone's."""
        return next(line.end for line in reversed(self.lines) if line.kind not in {BLANK, COMMENT})

    def __repr__(self) -> str:
        """Without its settings: they are secrets."""
        return f"Span({self.start}, {self.end})"


def find(text: str, name: str) -> list[Span]:
    """The sections of that header, in order; more than one where botocore refuses the file."""
    opening = f"[{name}]"
    if opening not in text:
        return []
    base = len(BOM) if text.startswith(BOM) else 0
    whole = "\n" + text[base:]
    lone_return = "\r" in whole and whole.count("\r") != whole.count("\r\n")
    if lone_return or _INDENTED_BRACKET.search(whole):
        return _spans(classify(text), 0, name)
    spans = []
    at = whole.find("\n" + opening)
    while at >= 0:
        following = (found.start() for found in _BRACKET.finditer(whole, at + 1))
        end = next((each for each in following if _opens_section(whole, each + 1)), len(whole) - 1)
        spans += _spans(classify(whole[at + 1 : end + 1]), at + base, name)
        at = whole.find("\n" + opening, end)
    return spans


def append(text: str, name: str, settings: Mapping[str, str]) -> str:
    """The text with a section at its end, which has a final line end if the text had one."""
    end = line_end(text)
    section = end.join([f"[{name}]", *(f"{key} = {value}" for key, value in settings.items())])
    if text in {"", BOM}:
        return text + section + end
    if text[-1] in _LINE_ENDS:
        return text + end + section + end
    return text + end + section


def remove(text: str, span: Span) -> str:
    """The text without a section, and without the line end that `append` put before it.

    Comments and blank lines after its last setting stay.
    """
    start, end = span.start, span.end
    before = _line_end_before(text, start)
    if text[end - 1] not in _LINE_ENDS or _is_blank(text, start - len(before)):
        start -= len(before)
    return text[:start] + text[end:]


def rewrite(
    text: str, span: Span, settings: Mapping[str, str], dropped: Collection[str] = ()
) -> str:
    """The text with a section's settings set; its header, comments and other settings stay.

    Args:
        text: the whole file's.
        span: the section.
        settings: what it shall say, in the order for those that are new.
        dropped: keys that it shall not have.
    """
    first, last = span.start, span.lines[-1].end
    lines = [_Kept(text[line.start : line.end], line) for line in span.lines]
    kept: list[_Kept] = []
    ours = False
    for raw, line in lines:
        if line.kind == OPTION:
            ours = line.key in settings or line.key in dropped
        elif line.kind != CONTINUATION:
            # After a line that botocore refuses, nobody can tell whose the indented ones are.
            ours = ours and line.kind not in REFUSED
            kept.append(_Kept(raw, line))
            continue
        if not ours:
            kept.append(_Kept(raw, line))
        elif line.key in settings and all(line.key != other.line.key for other in kept):
            kept.append(_Kept(_reset(raw, line, span, settings[line.key]), line))
    out = [raw for raw, _ in kept]
    _insert_missing(out, [line.key for _, line in kept], span, settings, line_end(text))
    if text[last - 1] not in _LINE_ENDS:
        out[-1] = out[-1].rstrip(_LINE_ENDS)
    return text[:first] + "".join(out) + text[last:]


class _Kept(NamedTuple):
    """A line that stays, as it will be."""

    raw: str
    line: Line

    def __repr__(self) -> str:
        """Without the line itself: it may hold a key."""
        return f"_Kept({self.line!r})"


def _insert_missing(
    out: list[str], keys: list[str], span: Span, settings: Mapping[str, str], end: str
) -> None:
    """Put settings that have no line yet after those that come before them in `settings`."""
    first_indent = next((line.indent for line in span.lines if line.kind == OPTION), "")
    keys[0] = ""
    after = 0
    for key, value in settings.items():
        if key in keys:
            after = keys.index(key)
            continue
        # The neighbour's indentation: deeper than the next line's it may be, less deep it may not,
        # or the next setting would become a part of this one's value.
        before = out[after]
        indent = before[: len(before) - len(before.lstrip())] if after else first_indent
        if before[-1] not in _LINE_ENDS:
            out[after] += end
        after += 1
        out.insert(after, f"{indent}{key} = {value}{end}")
        keys.insert(after, key)


def _reset(raw: str, line: Line, span: Span, value: str) -> str:
    """A setting's line with its new value; the very line where nothing changes."""
    if line.value == value == span.settings[line.key]:
        return raw
    return f"{line.indent}{line.key} = {value}{raw[len(raw.rstrip(_LINE_ENDS)) :]}"


def _spans(lines: Iterable[Line], offset: int, name: str) -> list[Span]:
    spans: list[Span] = []
    inside = False
    key = ""
    for relative in lines:
        line = relative._replace(start=relative.start + offset, end=relative.end + offset)
        if starts_section(line):
            inside = line.kind == HEADER and line.key == name
            if inside:
                spans.append(Span([], {}))
        if not inside:
            continue
        span = spans[-1]
        span.lines.append(line)
        if line.kind == OPTION:
            key = line.key
            span.settings[key] = line.value
        elif line.kind == CONTINUATION:
            span.settings[key] += "\n" + line.value
    return spans


def _opens_section(whole: str, at: int) -> bool:
    end = whole.find("\n", at)
    line = whole[at : end if end >= 0 else len(whole)].rstrip()
    return header_of(line) is not None or split_option(line) is None


def _line_end_before(text: str, at: int) -> str:
    if text[max(at - 2, 0) : at] == "\r\n":
        return "\r\n"
    return text[at - 1 : at] if at and text[at - 1] in _LINE_ENDS else ""


def _is_blank(text: str, at: int) -> bool:
    """Whether nothing stands between here and the line's start."""
    return text[:at] in {"", BOM} or bool(_line_end_before(text, at))
