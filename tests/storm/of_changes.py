"""Any changes in any order, ours and foreign, on files of odd bytes: a machine with a memory.

Hypothesis draws the steps, and tells them where something broke. After each step of ours, what is
not ours is compared byte by byte, by a way of reading that is this file's own.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from unittest import mock

import botocore.configloader
from botocore.exceptions import ConfigParseError
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis import seed as from_seed
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from profiles.errors import FileChanged, ProfileNotOurs, UsageError
from profiles.files import credentials, undo_copies
from tests.storm import scene
from tests.storm.storm import Storm

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS = 30
_OWN = strategies.sampled_from(["own-a", "own-b", "own-c", "own d"])
_LETTER = strategies.sampled_from("ABC")
_LINES = strategies.sampled_from(
    [
        *(b"# a comment", b"; [own-a]", b"", b"  ", b"\t# x_rolecall = r", b"# caf\xe9 \xff"),
        *(b"[a]\nx=1", b"[a]\n x  =  %(y)s\nregion:z", b"[b]\ns3 =\n  a = b\n  [own-a]"),
        *(b"[profile own-a]\nx = 1", b"[own-abc]\nx_rolecall_not = r", b"[c]\nempty ="),
        *(b"[d\xc3\xa9] # mine\naws_access_key_id=AKIA1", b"[e]\nk = v\n# in it\n\n k2 = \xe9"),
    ]
)
_MARK = b"\xef\xbb\xbf"
_HEADER = re.compile(
    rb"(?m)(?:^|(?<=\A\xef\xbb\xbf))\[(own-[abc]|own d)\][^\r\n]*(?:\r\n|\r|\n|\Z)"
)
_ANY_HEADER = re.compile(rb"(?m)(?:^|(?<=\A\xef\xbb\xbf))\[")
_SETTING = re.compile(rb"(?m)^[a-z_]+ = [^\r\n]*(?:\r\n|\r|\n|\Z)")


def _own_span(data: bytes, name: str) -> tuple[int, int] | None:
    """Where a section of ours starts, and where its last setting ends."""
    for header in _HEADER.finditer(data):
        if header[1].decode() == name:
            following = _ANY_HEADER.search(data, header.end())
            end = following.start() if following else len(data)
            last = [found.end() for found in _SETTING.finditer(data, header.end(), end)]
            return header.start(), last[-1] if last else header.end()
    return None


def _appended(data: bytes, lines: bytes, _name: bytes) -> bytes:
    """After a line end, with a comment before that keeps it out of the section above."""
    between = b"" if data[-1:] in {b"", b"\n", b"\r"} else b"\n"
    return data + between + b"# theirs\n[theirs]\n" + lines + b"\n"


def _other_line_ends(data: bytes, _lines: bytes, _name: bytes) -> bytes:
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain if plain != data else plain.replace(b"\n", b"\r\n")


EDITS: dict[str, Callable[[bytes, bytes, bytes], bytes]] = {
    "appended": _appended,
    "put first": lambda data, lines, _: lines + b"\n" + data,
    "put first, as on Windows": lambda data, lines, _: (
        lines.replace(b"\n", b"\r\n") + b"\r\n" + data
    ),
    "a blank line at the end": lambda data, _, __: data + b"\n",
    "a mark of the encoding, or none": lambda data, _, __: (
        data.removeprefix(_MARK) if data.startswith(_MARK) else _MARK + data
    ),
    "other line ends": _other_line_ends,
    "no last line end": lambda data, _, __: data.removesuffix(b"\n").removesuffix(b"\r"),
    "keys of their own, by `aws configure`": lambda data, _, name: re.sub(
        rb"(?m)^(\[" + name + rb"\].*\s+\S+ = )ASIA", rb"\1AKIA", data
    ),
    "a section of that name, or a second one": lambda data, _, name: (
        data + b"\n[" + name + b"]\nx = 1\n"
    ),
    "begun anew": lambda _, lines, __: lines,
}


class Changes(RuleBasedStateMachine):
    """The credentials file of one home, and what is known of it."""

    homes: ClassVar[list[str]] = []
    steps: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.mkdtemp(dir=self.homes[-1])
        self.machine = scene.machine_in(Path(self.home))
        self.own: dict[str, str] = {}
        self.undo: list[tuple[bytes | None, bytes | None]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    @property
    def data(self) -> bytes | None:
        return scene.bytes_of(self.machine.credentials_file)

    def _counts(self, what: str) -> None:
        self.steps[what] = self.steps.get(what, 0) + 1

    def _changed(self, before: bytes | None) -> None:
        self.undo = [*self.undo, (before, self.data)][-undo_copies.KEPT :]

    @rule(name=_OWN, letter=_LETTER)
    def assume(self, name: str, letter: str) -> None:
        """Write a session: it is made at the end, or renewed where it is."""
        before = self.data
        span = _own_span(before or b"", name)
        try:
            done = credentials.write(self.machine, scene.session(name, letter))
        except ProfileNotOurs:
            assert self.data == before
            assert name not in self.own
            self._counts("refusals")
            return
        now = self.data or b""
        if span is None:
            assert now.startswith(before or b"")
        else:
            after = (before or b"")[span[1] :]
            assert now.startswith((before or b"")[: span[0]])
            assert now.endswith(after)
        assert done.changed == (now != before)
        if done.changed:
            self._changed(before)
        self.own[name] = letter
        self._counts("renewals" if span else "sessions")

    @rule(which=strategies.integers(0, 3), letter=_LETTER)
    def renew(self, which: int, letter: str) -> None:
        """Write one that is there again."""
        if self.own:
            self.assume(sorted(self.own)[which % len(self.own)], letter)

    @rule(which=strategies.integers(0, 3))
    def drop(self, which: int) -> None:
        """Take one out: what is before and after stays, but for the line end that came with it."""
        name = sorted(self.own)[which % len(self.own)] if self.own else "nobody"
        before = self.data
        done = credentials.remove(self.machine, [name])
        now = self.data
        if name not in self.own:
            assert not done.changed
            assert now == before
            return
        span = _own_span(before or b"", name)
        assert span is not None
        first, rest = (before or b"")[: span[0]], (before or b"")[span[1] :]
        ends = [first, first.removesuffix(b"\n"), first.removesuffix(b"\r")]
        assert (now or b"") in [end + rest for end in [*ends, first.removesuffix(b"\r\n")]]
        del self.own[name]
        self._changed(before)
        self._counts("drops")

    @rule()
    def take_back(self) -> None:
        """Undo: what was before the last write comes back, or others changed it since."""
        before = self.data
        while self.undo:
            was, wrote = self.undo[-1]
            if (before is not None or was) and (before or b"") == (wrote or b""):
                assert credentials.undo(self.machine).changed
                assert self.data == was
                self.undo.pop()
                self._read_anew()
                self._counts("undone")
                return
            if before != was:
                self._refused(FileChanged, before)
                return
            self.undo.pop()
        self._refused(UsageError, before)

    def _refused(self, error: type[Exception], before: bytes | None) -> None:
        try:
            credentials.undo(self.machine)
        except error:
            assert self.data == before
            self._counts("undo refused")
        else:
            raise AssertionError("undo took back what others changed")

    @rule(edit=strategies.sampled_from(list(EDITS)), lines=_LINES, name=_OWN)
    def somebody(self, edit: str, lines: bytes, name: str) -> None:
        """Somebody else changes the file; what is theirs in it is theirs from then on."""
        now = EDITS[edit](self.data or b"", lines, name.encode())
        scene.put(self.machine.credentials_file, now)
        self._read_anew()
        self._counts("foreign edits")

    def _read_anew(self) -> None:
        """What is ours in the file as it is, by this file's own way of reading."""
        data = self.data or b""
        self.own = {}
        twice = [found[1] for found in _HEADER.finditer(data)]
        for name in {found.decode() for found in twice}:
            span = _own_span(data, name)
            if span is None or twice.count(name.encode()) > 1:
                continue
            section = data[span[0] : span[1]]
            letter = re.search(rb"aws_access_key_id = ASIA([ABC])", section)
            if letter and b"x_rolecall = " in section:
                self.own[name] = letter[1].decode()

    @invariant()
    def what_is_ours_is_right(self) -> None:
        """Clients read what was written, wherever they can read the file at all."""
        for name, own in credentials.owned(self.machine).items():
            if name in self.own:
                assert own.access_key_id == f"ASIA{self.own[name] * 16}"
        if self.data is None:
            return
        try:
            found = botocore.configloader.raw_config_parse(self.machine.credentials_file)
        except ConfigParseError:
            return
        for name, letter in self.own.items():
            assert scene.is_of_one_letter(found[name])
            assert found[name]["aws_access_key_id"] == f"ASIA{letter * 16}"


def changes(folder: Path, count: int, seed: str) -> str:
    """Let Hypothesis draw that many stories, of thirty steps at the most."""
    Changes.homes.append(str(folder))
    Changes.steps.clear()
    asked = settings(
        max_examples=count,
        stateful_step_count=_STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shorten what broke may take minutes
        suppress_health_check=list(HealthCheck),
    )
    try:
        # No power is cut here, and waiting for the disk is most of the time.
        with mock.patch("os.fsync"):
            run_state_machine_as_test(from_seed(seed)(Changes), settings=asked)
    finally:
        Changes.homes.pop()
    return f"{count} stories: " + ", ".join(
        f"{number} {what}" for what, number in sorted(Changes.steps.items())
    )


STORMS = [
    Storm(
        "state-machine",
        "sessions, renewals, drops, undo and foreign edits in any order: every foreign byte stays",
        1000,
        40,
        changes,
    ),
]
