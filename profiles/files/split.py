"""The quick split of an AWS file into sections, their bodies left unparsed."""

from __future__ import annotations

import re

from profiles.files.lines import BLANK, BOM, COMMENT, STRAY, classify, starts_section
from profiles.files.section import REFUSES, Section, Sections, Source
from profiles.files.text import decode, read_bytes
from profiles.model import Problem

_INDENTED_BRACKET = re.compile(r"\n[^\S\n]+\[")
_QUOTED_NAME = re.compile(
    r"""(profile|sso-session|services)[ \t]+(?:"([^"\\]*)"|'([^']*)')[ \t]*"""
)
# The first group is a name that needs no more than this; the second, any other header's line.
_CONFIG_HEADER = re.compile(r"""\n\[(?:profile ([^ \t"'\\\]\n]+)\](?![^\n])|([^\n]*))""")
_CREDENTIALS_HEADER = re.compile(r"\n\[(?:(?!DEFAULT\])([^\]\n]+)\](?![^\n])|([^\n]*))")
_NUL_SHOWN = "\ufffd".encode()
_UNDECODED = re.compile("[\udc80-\udcff]")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_PREFIXES = ("profile", "sso-session", "services")
_LONGEST = 4096
"""Letters of a name that is put together from parts: taking them apart is slow."""


def read_source(path: str, *, config: bool) -> Source:
    """A file's sections, their bodies unparsed.

    Everything that touches each of ten thousand sections is one step over all of them, and makes
    none: a loop that makes them would take four times as long.
    """
    source = Source(path, "profile " if config else "")
    problems = source.problems
    data = read_bytes(path)
    if data is None:
        return source
    if b"\0" in data:
        data = _without_nul(path, data, problems)
    text = decode(data, path)
    del data  # one copy at a time: it may be megabytes
    if not text.isascii():
        text = _report_encoding(path, text, problems)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lead, names, heads, texts = _cut("\n" + text, _CONFIG_HEADER if config else _CREDENTIALS_HEADER)
    if lead:
        source.lead = lead.count("\n")
        _report_stray(path, lead, problems)
    sections = source.sections = Sections(source, names, texts)
    plain = heads.count(None) == len(heads)
    odd = {} if plain else {at: sections.odd(at, h) for at, h in enumerate(heads) if h is not None}
    for at, section in odd.items():
        header = section.header
        names[at] = header.removeprefix(source.prefix)
        section.kind, section.name = _named(header) if config else ("profile", header)
        if section.broken:
            problems.append(section.problems[0])
        if header == "DEFAULT":
            section.kind = "other"
            source.defaults.append(section)
    places = dict(zip(names, range(len(names)), strict=True))
    as_headed = len(places) == len(sections)
    if not as_headed:
        _join_repeated(source, problems)
        odd = dict(enumerate(sections))
    for at, section in odd.items():
        if section.kind == "profile":
            as_headed = as_headed and section.name == names[at]
            sections.names[at] = section.name
            continue
        places.pop(names[at], None)
        sections.names[at] = None
        sections.others.append(at)
    if as_headed:
        sections.known_places(places)
    return source


_Cut = tuple[str, "list[str]", "list[str | None]", "list[str]"]


def _cut(whole: str, header: re.Pattern[str]) -> _Cut:
    """What leads; and of each section its name, or its head where that is odd; and its text.

    A bracket at the start of a line opens a section, whatever comes before: such a line is never
    indented deeper than another. An indented bracket takes the exact way, and so does one that
    starts the name of a setting.
    """
    lead, *rest = header.split(whole)
    names, heads, texts = rest[::3], rest[1::3], rest[2::3]
    regular = all("]" in head for head in heads if head is not None)
    if regular and not (whole.count("[") != len(names) and _INDENTED_BRACKET.search(whole)):
        return lead, names, heads, texts
    starts = [line for line in classify(whole) if starts_section(line)]
    ends = [line.start - 1 for line in starts] + [len(whole)]
    exact = [
        whole[line.start + len(line.indent) + 1 : end].partition("\n")
        for line, end in zip(starts, ends[1:], strict=True)
    ]
    names, heads = [""] * len(exact), [head for head, _, _ in exact]
    return whole[: ends[0]], names, heads, [newline + text for _, newline, text in exact]


def _join_repeated(source: Source, problems: list[Problem]) -> None:
    """Sections of a header that came before belong to the first of that header."""
    first: dict[str, Section] = {}
    for place, section in enumerate(source.sections):
        header = section.header
        if header == "DEFAULT":
            continue
        if first.setdefault(header, section) is not section:
            section.kind = "other"
            source.repeated.setdefault(header, []).append(section)
            source.repeats.add(place)
    problems.extend(first[header].problems[0] for header in source.repeated)


def _named(header: str) -> tuple[str, str]:
    """Kind and name of a config section, as botocore's `build_profile_map` finds them."""
    if header == "default":
        return "profile", header
    kind = next((prefix for prefix in _PREFIXES if header.startswith(prefix)), None)
    if kind is None:
        return "other", header
    quoted = _QUOTED_NAME.fullmatch(header)
    if quoted:
        return kind, quoted[2] if quoted[2] is not None else quoted[3]
    import shlex

    try:
        words = shlex.split(header) if len(header) <= _LONGEST else []
    except ValueError:
        words = []
    return (kind, words[1]) if len(words) == 2 else ("other", header)


def _without_nul(path: str, data: bytes, problems: list[Problem]) -> bytes:
    """The bytes of a file with a sign in the place of each NUL: the sections around are good.

    A crash leaves blocks of them. One among the first letters is another encoding, and no section
    of the file can be read: that is left to `decode`.
    """
    if b"\0" in data[:4]:
        return data
    line = len(_LINE_ENDS.findall(data[: data.index(b"\0")].decode("latin-1"))) + 1
    problems.append(Problem(path, line, "NUL bytes, which a crash may have left"))
    return data.replace(b"\0", _NUL_SHOWN)


def _report_encoding(path: str, text: str, problems: list[Problem]) -> str:
    """The text without its byte-order mark; what botocore cannot decode is a problem."""
    if text.startswith(BOM):
        problems.append(Problem(path, 1, f"starts with a byte-order mark: {REFUSES}"))
        text = text[1:]
    odd = _UNDECODED.search(text)
    if odd:
        line = len(_LINE_ENDS.findall(text, 0, odd.start())) + 1
        problems.append(Problem(path, line, f"bytes that are no UTF-8: {REFUSES}"))
    return text


def _report_stray(path: str, lead: str, problems: list[Problem]) -> None:
    for number, line in enumerate(classify(lead)):
        if line.kind not in {BLANK, COMMENT}:
            problems.append(Problem(path, number, f"{STRAY}: {REFUSES}"))
            return
