"""A section of an AWS file: its place, its name, and its settings once somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from profiles.files.lines import (
    BLANK,
    BROKEN_HEADER,
    CONTINUATION,
    OPTION,
    REFUSED,
    classify,
    header_of,
)
from profiles.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Settings = dict[str, "str | dict[str, str]"]

MARK = "x_rolecall"
"""The key that rolecall's own sections carry, in both files."""
REFUSES = "the AWS CLI refuses the file"


class Source:
    """One file that was read, and the sections found in it.

    Attributes:
        path: the file.
        prefix: what comes before a profile's name in a header, `profile ` or nothing.
        lead: how many lines come before the first section.
        sections: all, in order, also those that botocore ignores.
        defaults: those named `[DEFAULT]`, whose settings configparser gives to every other.
        repeated: sections of a header that came before, by header. botocore refuses such a file.
        repeats: the places of those.
        problems: what is wrong with it as a whole and with headers.
    """

    __slots__ = (
        "_first_lines",
        "defaults",
        "lead",
        "path",
        "prefix",
        "problems",
        "repeated",
        "repeats",
        "sections",
    )

    def __init__(self, path: str, prefix: str) -> None:
        self.path = path
        self.prefix = prefix
        self.lead = 0
        self.sections = Sections(self, [], [])
        self.defaults: list[Section] = []
        self.repeated: dict[str, list[Section]] = {}
        self.repeats: set[int] = set()
        self.problems: list[Problem] = []
        self._first_lines: list[int] = []

    def line_of(self, place: int) -> int:
        """The line of the header of the section at a place, counted from 1."""
        if not self._first_lines:
            line = self.lead + 1
            for text in self.sections.texts:
                self._first_lines.append(line)
                line += text.count("\n") + 1
        return self._first_lines[place]

    def default_settings(self) -> Settings:
        """What `[DEFAULT]` sections give to every section of the file."""
        given: Settings = {}
        for section in self.defaults:
            given.update(section.own_settings)
        return given


class Sections(Sequence["Section"]):
    """A file's sections in order, each made when it is first asked for.

    Args:
        source: the file.
        names: of the profiles, as the headers have them.
        texts: what follows the headers.

    Attributes:
        names: of the profiles; None for what is none.
        texts: by place.
        others: the places of what is no profile.
    """

    __slots__ = ("_made", "_places", "_source", "names", "others", "texts")

    def __init__(self, source: Source, names: Sequence[str], texts: Sequence[str]) -> None:
        self.names: list[str | None] = list(names)
        self.texts = texts
        self.others: list[int] = []
        self._source = source
        self._made: dict[int, Section] = {}
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def places(self) -> dict[str, int]:
        """Where the profiles are, by name; not to be changed.

        Of two spellings of one name, botocore too takes the later one in the earlier's place.
        """
        if self._places is None:
            places = zip(self.names, range(len(self)), strict=True)
            self._places = {name: place for name, place in places if name is not None}
        return self._places

    def known_places(self, places: dict[str, int]) -> None:
        """Take `places` as somebody has made them already."""
        self._places = places

    @overload
    def __getitem__(self, place: int) -> Section: ...

    @overload
    def __getitem__(self, place: slice) -> list[Section]: ...

    def __getitem__(self, place: int | slice) -> Section | list[Section]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        return self._made.get(place) or self._make(place)

    def fresh(self, place: int) -> Section:
        """The section at a place; one that is made for this is not kept."""
        return self._made.get(place) or self._new(place)

    def odd(self, place: int, head: str) -> Section:
        """Make one whose header is not just a profile's; it has that header's first line."""
        made = self._made[place] = Section(
            self._source, place, str(self.names[place]), head, self.texts[place]
        )
        return made

    def holding(self, words: str) -> Iterator[Section]:
        """The sections with some words in them, capital or not, which alone are made for it."""
        for place, text in enumerate(self.texts):
            if words in text.lower():
                yield self[place]

    def _make(self, place: int) -> Section:
        made = self._made[place] = self._new(place)
        return made

    def _new(self, place: int) -> Section:
        return Section(self._source, place, str(self.names[place]), None, self.texts[place])


class Section:
    """A section of the config or credentials file.

    Attributes:
        kind: `profile`, `sso-session`, `services`, or `other`.
        name: of the profile, SSO session or services section; the header's text for others.
        head: its first line after the opening bracket; None where nothing is odd about it.
        text: the rest, from that line's end on.
    """

    __slots__ = ("_parsed", "_place", "_problems", "_source", "head", "kind", "name", "text")

    def __init__(self, source: Source, place: int, name: str, head: str | None, text: str) -> None:
        self._source = source
        self._place = place
        self.kind = "profile"
        self.name = name
        self.head = head
        self.text = text
        self._parsed: Settings | None = None
        self._problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        """Without its settings: they may be secrets."""
        return f"Section([{self.header}], {self.path} line {self.line})"

    @property
    def header(self) -> str:
        """The text in brackets; of a broken header what follows the opening one."""
        if self.head is None:
            return self._source.prefix + self.name
        return header_of(f"[{self.head.rstrip()}") or self.head.strip(" ]")

    @property
    def broken(self) -> bool:
        """Whether its header lacks the closing bracket."""
        return self.head is not None and header_of(f"[{self.head.rstrip()}") is None

    @property
    def again(self) -> list[Section]:
        """Sections of the same header further down; botocore refuses such a file, we merge."""
        return [] if self.repeats else self._source.repeated.get(self.header, [])

    @property
    def repeats(self) -> bool:
        """Whether a section of its header came before."""
        return self._place in self._source.repeats

    @property
    def path(self) -> str:
        """The file that it is in."""
        return self._source.path

    @property
    def line(self) -> int:
        """The line of its header, counted from 1."""
        return self._source.line_of(self._place)

    @property
    def body(self) -> str:
        """Its text without the header; line ends are newlines, bytes that are no UTF-8 escaped."""
        if not self._source.repeated:
            return self.text.removeprefix("\n")
        return "".join(each.text for each in (self, *self.again)).removeprefix("\n")

    @property
    def own_settings(self) -> Settings:
        """What this section itself sets, without those of the same header and `[DEFAULT]`."""
        if self._parsed is None:
            self._parsed = self._read()
        return self._parsed

    def forget(self) -> None:
        """Let go of what was parsed, unless it told a problem."""
        if not self._problems:
            self._parsed = None

    @property
    def settings(self) -> Settings:
        """Its settings, keys in lower case; an indented block is a dict. Not to be changed."""
        if not self._source.repeated and not self._source.defaults:
            return self.own_settings
        merged = self._source.default_settings()
        for section in (self, *self.again):
            merged.update(section.own_settings)
        return merged

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong in it; empty where botocore reads it as well."""
        self.own_settings  # noqa: B018 -- reading finds them
        found = list(self._problems)
        if self.broken:
            reason = f"{BROKEN_HEADER}: {REFUSES}"
            found.insert(0, Problem(self.path, self.line, reason, self.header))
        again = self.again
        if again:
            lines = " and ".join(str(each.line) for each in (self, *again))
            reason = f"defined twice (lines {lines}): {REFUSES}"
            found.insert(0, Problem(self.path, again[0].line, reason, self.header))
            for section in again:
                found += section.problems
        return found

    @property
    def problem(self) -> str | None:
        """What is wrong in it and in which line; None where botocore reads it as well."""
        if self.head is None and not self._source.repeated:  # nothing but its settings can be odd
            self.own_settings  # noqa: B018 -- reading finds them
            return _told(self._problems[0]) if self._problems else None
        found = self.problems
        if not found:
            return None
        return found[0].reason if self.again else _told(found[0])  # that names all its lines

    def _read(self) -> Settings:
        quick = _quick_settings(self.text)
        return self._exact_settings(self.text) if quick is None else quick

    def _exact_settings(self, text: str) -> Settings:
        values: dict[str, list[str]] = {}
        value: list[str] | None = None
        wrong: list[tuple[int, str]] = []
        for number, line in enumerate(classify(text, inside=True)):
            if line.kind == OPTION:
                if line.key in values:
                    wrong.append((number, f"{line.key} is set twice"))
                value = values[line.key] = [line.value]
            elif line.kind == CONTINUATION and value is not None:
                value.append(line.value)
            elif line.kind == BLANK and value is not None:
                value.append("")
            elif line.kind in REFUSED:
                wrong.append((number, line.kind))
        joined = {key: "\n".join(said).rstrip() for key, said in values.items()}
        settings = {
            key: _nested(key, said, wrong) if said.startswith("\n") else said
            for key, said in joined.items()
        }
        if wrong:
            first, header = self.line, self.header
            self._problems = tuple(
                Problem(self.path, first + number, f"{reason}: {REFUSES}", header)
                for number, reason in wrong
            )
        return settings


def _nested(key: str, block: str, wrong: list[tuple[int, str]]) -> dict[str, str]:
    """An indented block, as botocore's `_parse_nested` reads it; what it refuses is added."""
    inner: dict[str, str] = {}
    for line in block.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals:
            inner[name.strip()] = value.strip()
        elif name:
            wrong.append((0, f"a line without = in the block of {key}"))
    return inner


def _told(problem: Problem) -> str:
    return f"line {problem.line}: {problem.reason}"


# How keys are written, ten thousand times alike, and what they are: `region ` is `region`.
_WRITTEN: dict[str, str] = {}
_MANY = 512


def _quick_settings(text: str) -> Settings | None:
    """The settings of a body without indented lines; None where it takes the exact way."""
    settings: Settings = {}
    count = 0
    for line in text.split("\n"):
        if not line:
            continue
        written, equals, value = line.partition("=")
        key = _WRITTEN.get(written) if equals else None
        if key is None:
            if line[0] in "#;":
                continue
            if ":" in written:
                written, equals, value = line.partition(":")
            key = written.rstrip().lower()
            if not equals or not key or written[0].isspace():
                return None
            if equals == "=" and len(_WRITTEN) < _MANY:
                _WRITTEN[written] = key
        settings[key] = value.strip()
        count += 1
    return settings if len(settings) == count else None


def merged(
    config: Section | None, credentials: Section | None
) -> Mapping[str, str | dict[str, str]]:
    """A profile's settings from both files, as botocore merges them: the credentials file's win."""
    if credentials is None:
        return config.settings if config is not None else {}
    if config is None:
        return credentials.settings
    return {**config.settings, **credentials.settings}
