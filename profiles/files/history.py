"""What was assumed on this machine: one JSON object a line, in the state folder, keys left out.

An entry has the id of the access key, which is how CloudTrail finds what was done with it; the
secret and the token are nowhere in it. Losing the file loses nothing else.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import ConfigUnreadable, CredentialsFileUnwritable
from profiles.files.atomic import private_line, private_write
from profiles.files.state import locked_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiles.machine import Machine

__all__ = ["Entry", "delete", "history", "remember"]

_NAME = "history.jsonl"
_LARGEST = 4 * 1024 * 1024
"""Bytes; beyond them the older half goes."""


class Entry(NamedTuple):
    """One session that AWS gave.

    Attributes:
        at: when, seconds since 1970.
        role: the role's name.
        role_arn: its ARN; None for a user's token.
        account_id: twelve digits, where known.
        identity: the ARN that it acts as.
        session_name: its name in CloudTrail; None where it has none.
        access_key_id: of its key.
        source: the profile, role or sign-in that it was assumed with.
        host: the machine's name.
        purpose: what it was made for, as an infinitive: `write a session to [x]`.
        reason: why, where a person said so.
        expires_at: when it ends, seconds since 1970.
    """

    at: float
    role: str
    role_arn: str | None
    account_id: str | None
    identity: str | None
    session_name: str | None
    access_key_id: str
    source: str | None
    host: str
    purpose: str
    reason: str | None
    expires_at: float | None

    def as_json(self) -> dict[str, Any]:
        """All of it, times as RFC 3339, and how CloudTrail is asked for what it did."""
        said = self._asdict()
        said["at"] = times.rfc3339(self.at)
        said["expires_at"] = None if self.expires_at is None else times.rfc3339(self.expires_at)
        return said | {"cloudtrail": self.lookup()}

    def lookup(self) -> list[str]:
        """The AWS CLI's call that finds its events.

        CloudTrail User Guide, "Viewing CloudTrail events with the AWS CLI": events of 90 days, by
        one attribute, in one region.
        """
        return [
            *("aws", "cloudtrail", "lookup-events", "--lookup-attributes"),
            f"AttributeKey=AccessKeyId,AttributeValue={self.access_key_id}",
            *("--start-time", times.rfc3339(self.at)),
        ]

    def holds(self, words: Sequence[str]) -> bool:
        """Whether every word is somewhere in it; capital letters count for nothing."""
        said = (each for each in self if isinstance(each, str))
        text = "\n".join(said).casefold()
        return all(word.casefold() in text for word in words)


def remember(machine: Machine, entry: Entry) -> str | None:
    """Add an entry; where it cannot be written nothing fails, and why is returned."""
    path = _path(machine)
    line = json.dumps(entry._asdict(), ensure_ascii=False).encode("utf-8", "replace")
    try:
        with locked_state(machine):
            if os.path.exists(path) and os.stat(path).st_size > _LARGEST:
                lines = _read(machine)
                _rewrite(machine, lines[len(lines) // 2 :])
            private_line(path, line)
    except OSError as error:
        machine.log(f"{path}: not kept: {error.strerror or error}")
        return f"{path}: {(error.strerror or str(error)).lower()}"
    return None


def history(machine: Machine) -> list[Entry]:
    """Every entry, the oldest first; a line that is none is passed over.

    Raises:
        ConfigUnreadable: the file is there and cannot be read.
    """
    try:
        lines = _read(machine)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigUnreadable(
            f"cannot read the history {_path(machine)}: {reason}", "see who may read it"
        ) from error
    return [entry for line in lines if (entry := _entry(line)) is not None]


def delete(machine: Machine, wanted: Callable[[Entry], bool]) -> int:
    """Delete entries; how many. Lines that are none stay, unless every entry goes.

    Raises:
        CredentialsFileUnwritable: the file cannot be written; all entries are still there.
    """
    try:
        with locked_state(machine):
            lines = _read(machine)
            kept = [line for line in lines if (found := _entry(line)) is None or not wanted(found)]
            gone = len(lines) - len(kept)
            if gone and not any(_entry(line) for line in kept):
                os.unlink(_path(machine))
            elif gone:
                _rewrite(machine, kept)
            return gone
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CredentialsFileUnwritable(
            f"nothing was deleted: {_path(machine)}: {reason}", "see who may write there"
        ) from error


def _path(machine: Machine) -> str:
    return os.path.join(machine.state_folder, _NAME)


def _read(machine: Machine) -> list[bytes]:
    """Its lines; none where there is no file.

    Raises:
        OSError: it is there and cannot be read: that is not to be taken for an empty one.
    """
    try:
        with open(_path(machine), "rb") as file:
            return file.read().splitlines(keepends=True)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _rewrite(machine: Machine, lines: Sequence[bytes]) -> None:
    private_write(_path(machine), b"".join(lines))


def _entry(line: bytes) -> Entry | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match said:
        case {
            "at": int() | float() as at,
            "role": str(role),
            "access_key_id": str(access_key_id),
            "host": str(host),
            "purpose": str(purpose),
        }:
            perhaps = {name: _text(said.get(name)) for name in _PERHAPS}
            instant = times.known(at)
            if instant is None:  # no clock shows it
                return None
            return Entry(
                at=instant,
                role=role,
                access_key_id=access_key_id,
                host=host,
                purpose=purpose,
                expires_at=times.known(said.get("expires_at")),
                **perhaps,
            )
    return None


_PERHAPS = ("role_arn", "account_id", "identity", "session_name", "source", "reason")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
