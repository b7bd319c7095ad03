"""A section that was overwritten by force keeps what it was: removing it gives that back.

The keys stay in the file they were in, under the key `x_rolecall_was`: losing rolecall's state
loses none of them, and tools that write the file anew carry a setting along, but no comment.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from profiles.files import edit
from profiles.files.lines import BLANK, COMMENT, CONTINUATION, line_end

if TYPE_CHECKING:
    from collections.abc import Collection

    from profiles.files.edit import Span

WAS = "x_rolecall_was"
_LINE_ENDS = "\r\n"
_NO_DEPTH = frozenset({BLANK, COMMENT, CONTINUATION})


def keep(text: str, span: Span, rewritten: str, name: str) -> tuple[str, str]:
    """The rewritten text, its section with what it was as its last setting; that setting's value.

    Args:
        text: the file as it was.
        span: the section in it.
        rewritten: the file with new settings in that section, nothing else changed.
        name: the section's.
    """
    before = text[span.start : span.end]
    if WAS in span.settings:  # an earlier write's, which somebody has written over since
        before = edit.rewrite(before, edit.find(before, name)[0], {}, {WAS})
    # Comments after the last setting may be anyone's, and were left as they are.
    end = len(rewritten) - (len(text) - span.end)
    section, rest = rewritten[:end], rewritten[end:]
    found = edit.find(rewritten, name)
    # As deep as the last line that counts: deeper, it would be a part of a value.
    indents = [line.indent for each in found for line in each.lines if line.kind not in _NO_DEPTH]
    kept = base64.b64encode(before.encode("utf-8", "surrogateescape")).decode()
    setting = f"{indents[-1] if indents else ''}{WAS} = {kept}"
    own_end = section[len(section.rstrip(_LINE_ENDS)) :]
    if own_end:
        return section + setting + own_end + rest, kept
    return section + line_end(text) + setting, kept


def taken_back(text: str, span: Span, name: str, ours: Collection[str]) -> str:
    """The text without a section of ours, or with that which stood in its place before.

    Args:
        ours: the keys that a session's section sets, and those that it drops. What others changed
            besides stays as it is now.
    """
    was = _was(span)
    if was is None:
        return edit.remove(text, span)
    section, rest = text[span.start : span.end], text[span.end :]
    own = {WAS, *ours}
    before, now = edit.find(was, name), edit.find(section, name)
    if (
        len(before) == 1
        and len(now) == 1
        and _others(was, before[0], own) != _others(section, now[0], own)
    ):
        said = before[0].settings
        back = {key: said[key] for key in said if key in own}
        if not any("\n" in value for value in back.values()):
            was = edit.rewrite(section, now[0], back, own - back.keys())
    if rest and was[-1] not in _LINE_ENDS:
        was += line_end(text)
    return text[: span.start] + was + rest


def _others(text: str, span: Span, ours: Collection[str]) -> str:
    """What a section says besides."""
    return edit.rewrite(text, span, {}, ours).rstrip(_LINE_ENDS)


def _was(span: Span) -> str | None:
    """What the section was before; None where it was none, or nobody can tell any more."""
    kept = span.settings.get(WAS)
    if not kept:
        return None
    try:
        was = base64.b64decode(kept, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None
    return was or None
