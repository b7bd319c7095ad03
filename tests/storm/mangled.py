"""Bytes made wrong by chance, in the ways that files, lines and people make them wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_TOKENS = (
    b"[",
    b"]",
    b"[[",
    b"=",
    b":",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"'",
    b'"""',
    b"\\",
    b"{",
    b"}",
    b",",
    b"#",
    b";",
    b" ",
    b"\t",
    b"\x0c",
    b"\x1b[2J",
    b"\x85",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"\xf0\x9f",
    b"\xc3",
    b"null",
    b"true",
    b"NaN",
    b"Infinity",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"0x" + b"f" * 5000,
    b"9" * 5000,
    b"<!DOCTYPE a>",
    b"&amp;",
    b"&a;",
    b"<![CDATA[",
    b"-->",
    b"%(x)s",
    b"$HOME",
    b"$(id)",
    b"`id`",
    b"../../..",
    b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:60Z",
    b"2026-02-30T25:61:61UTC",
    b"\n[profile ",
    b"\n  ",
    b"[DEFAULT]\n",
    b'{"a":' * 2000,
    b"[" * 100_000,
)
_ENCODINGS = ("utf-16", "utf-32", "utf-16-le", "latin-1", "utf-8-sig", "cp037")
_LONG = 1_000_000
_MANY = 4_000


def mangled(data: bytes, chance: random.Random) -> bytes:
    """The data after one to four accidents."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        data = chance.choice(_ACCIDENTS)(data, chance)
    return data


def _place(data: bytes, chance: random.Random) -> tuple[int, int]:
    one, other = chance.randint(0, len(data)), chance.randint(0, len(data))
    return min(one, other), max(one, other)


def _flipped(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if found:
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _missing(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + data[min(end, start + 40) :]


def _doubled(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:end] + data[start:end] + data[end:]


def _moved(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    rest = data[:start] + data[end:]
    at = chance.randint(0, len(rest))
    return rest[:at] + data[start:end] + rest[at:]


def _inserted(data: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(_TOKENS) + data[at:]


def _replaced(data: bytes, chance: random.Random) -> bytes:
    start, end = _place(data, chance)
    return data[:start] + chance.choice(_TOKENS) + data[min(end, start + 20) :]


def _another_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _in_another_encoding(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(_ENCODINGS), "replace")


def _zeroed(data: bytes, chance: random.Random) -> bytes:
    """A block that never reached the disk."""
    start, end = _place(data, chance)
    return data[:start] + b"\0" * (end - start) + data[end:]


def _long_line(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.8:  # they take their time
        return _inserted(data, chance)
    at = chance.randint(0, len(data))
    letter = chance.choice((b"a", b" ", b"[", b"=", b",", b"\\", b'"', b"\xff", b"a b", b"-/"))
    return data[:at] + (letter * _LONG)[:_LONG] + data[at:]


def _many_lines(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.8:
        return _replaced(data, chance)
    at = chance.randint(0, len(data))
    line = chance.choice(
        (b"a\n", b"\n", b"[a]\n", b"[[roles]]\n", b" x = y\n", b"k=\r\n", b"<a>\n")
    )
    return data[:at] + line * _MANY + data[at:]


_ACCIDENTS = (
    _flipped,
    _cut_off,
    _missing,
    _doubled,
    _moved,
    _inserted,
    _inserted,
    _replaced,
    _replaced,
    _another_line,
    _in_another_encoding,
    _zeroed,
    _long_line,
    _many_lines,
)
