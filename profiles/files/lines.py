"""The grammar of AWS files, line by line, exactly as `configparser` reads them for botocore.

Source: CPython's `configparser.RawConfigParser._read` with its defaults, which is what
`botocore.configloader.raw_config_parse` uses. Text keeps its own line ends here, so that every
line has its place in the file; the reader and the writer both stand on this.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BLANK = "blank"
COMMENT = "comment"
HEADER = "header"
OPTION = "option"
CONTINUATION = "continuation"
STRAY = "text before any section"
BROKEN_HEADER = "a section header without its closing bracket"
NO_DELIMITER = "a line that is neither a setting nor a comment"
NO_NAME = "a setting without a name"

BOM = "\ufeff"
REFUSED = frozenset({STRAY, BROKEN_HEADER, NO_DELIMITER, NO_NAME})

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Line(NamedTuple):
    """One physical line.

    Attributes:
        kind: one of this module's words.
        start: where it starts in the text.
        end: past its line end.
        indent: the white space before it.
        key: a header's text, an option's name in lower case, else empty.
        value: an option's or continuation's text without surrounding white space, else empty.
    """

    kind: str
    start: int
    end: int
    indent: str = ""
    key: str = ""
    value: str = ""

    def __repr__(self) -> str:
        """Without its value: that may be a key."""
        return f"Line({self.kind}, {self.start}, {self.end})"


def header_of(line: str) -> str | None:
    """The text in brackets of a line without its indentation; None where it is no header.

    The last bracket of the line closes it, as in configparser: `[a]b]` is `a]b`.
    """
    if not line.startswith("["):
        return None
    close = line.rfind("]")
    return line[1:close] if close > 1 else None


def split_option(line: str) -> tuple[str, str] | None:
    """Name (lower case) and value of a line that sets something; None where nothing delimits them.

    The first `=` or `:` delimits.
    """
    name, equals, value = line.partition("=")
    if ":" in name:
        name, _, value = line.partition(":")
    elif not equals:
        return None
    return name.rstrip().lower(), value.strip()


def classify(text: str, *, inside: bool = False) -> Iterator[Line]:
    """Every line of a text, in order.

    Args:
        text: a file's text, or a section's body. A file's byte-order mark is passed over.
        inside: the text is a section's body, the header left out.
    """
    level = 0
    in_value = False
    for found in _LINE.finditer(text):
        raw = found[0]
        start, end = found.span()
        if start == 0 and not inside and raw.startswith(BOM):
            raw = raw[1:]
            start = 1
        said = raw.strip()
        if not said:
            yield Line(BLANK, start, end)
            continue
        if said[0] in "#;":
            yield Line(COMMENT, start, end)
            continue
        width = len(raw) - len(raw.lstrip())
        indent = raw[:width]
        if in_value and width > level:
            yield Line(CONTINUATION, start, end, indent, "", said)
            continue
        level = width
        header = header_of(said)
        if header is not None:
            inside, in_value = True, False
            yield Line(HEADER, start, end, indent, header)
            continue
        option = split_option(said)
        if not inside and (option or not said.startswith("[")):
            yield Line(STRAY, start, end, indent)
        elif option is None and said.startswith("["):
            # configparser gives up here; what follows surely was not meant for the section before.
            inside, in_value = True, False
            yield Line(BROKEN_HEADER, start, end, indent, said[1:].rstrip("]"))
        elif option is None:
            yield Line(NO_DELIMITER, start, end, indent)
        elif not option[0]:
            in_value = False
            yield Line(NO_NAME, start, end, indent)
        else:
            in_value = True
            yield Line(OPTION, start, end, indent, *option)


def starts_section(line: Line) -> bool:
    """Whether a section starts here, be its header whole or broken."""
    return line.kind in {HEADER, BROKEN_HEADER}


def line_end(text: str) -> str:
    """The line end that the text's last ended line has; a newline where no line has one.

    The last one counts, so that a new line after a lone carriage return never makes up a CR LF.
    """
    if text.endswith("\r"):
        return "\r"
    newline = text.rfind("\n")
    if newline >= 0 and "\r" not in text[newline:]:
        return "\r\n" if text[newline - 1 : newline] == "\r" else "\n"
    ends = _LINE_END.findall(text)
    return ends[-1] if ends else "\n"
