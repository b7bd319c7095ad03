"""The one writer of the settings file: a key, a binding or a role changes, and the rest stays.

tomli-w writes values, not comments: a file keeps its own as long as the change can be made in its
text, which is tried first and checked by reading it.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from profiles.errors import ConfigUnreadable
from profiles.files.trusted import distrusted, trusted_again
from profiles.settings import programs_in, setting_value, settings_table, settings_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from profiles.machine import Machine


def save_setting(machine: Machine, key: str, text: str | None) -> None:
    """Set one key in the settings file, or remove it (None); the rest is kept.

    Raises:
        UsageError: an unknown key, or a text that is no value of it.
        ConfigUnreadable: the file cannot be read or written, or is no TOML.
    """
    value = setting_value(key, text) if text is not None else None
    with _alone(machine):
        before, table = _file(machine)
        _set(table, key, value)
        _write(machine, _with_line(before, "", key, _line(key, value)), table)


def save_binding(machine: Machine, binding: str, keys: str | None) -> None:
    """Set the keys of a binding in `[keys]`, or leave them to rolecall again (None).

    Raises:
        ConfigUnreadable: the file cannot be read or written, is no TOML, or `keys` is no table.
    """
    with _alone(machine):
        before, table = _file(machine)
        bindings = table.setdefault("keys", {})
        if not isinstance(bindings, dict):
            raise _of_another_kind(machine, "keys is no table", "write it as [keys]")
        _set(bindings, binding, keys)
        _write(machine, _with_line(before, "keys", binding, _line(binding, keys)), table)


def add_role(machine: Machine, entry: Mapping[str, Any]) -> None:
    """Add a `[[roles]]` entry at the end of the settings file.

    Raises:
        ConfigUnreadable: the file cannot be read or written, is no TOML, or `roles` is no list.
    """
    with _alone(machine):
        before, table = _file(machine)
        roles = table.setdefault("roles", [])
        if not isinstance(roles, list):
            raise _of_another_kind(machine, "roles is no list", "write them as [[roles]]")
        roles.append(dict(entry))
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        _write(machine, [f"{before}{gap}{_role(entry)}"], table)


@contextlib.contextmanager
def _alone(machine: Machine) -> Iterator[None]:
    """Keep other writers away; where the state folder cannot be written, there is no such turn."""
    from profiles.files.state import locked_state

    with contextlib.ExitStack() as turn:
        with contextlib.suppress(OSError):
            turn.enter_context(locked_state(machine))
        yield


def _of_another_kind(machine: Machine, why: str, hint: str) -> ConfigUnreadable:
    return ConfigUnreadable(f"the settings {machine.settings_file}: {why}", hint)


def _role(entry: Mapping[str, Any]) -> str:
    import tomli_w

    plain = {key: value for key, value in entry.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in entry.items() if isinstance(value, dict)}
    parts = ["[[roles]]\n", tomli_w.dumps(plain, multiline_strings=True)]
    for key, value in tables.items():
        parts += [f"\n[roles.{key}]\n", tomli_w.dumps(value)]
    return "".join(parts)


def _line(key: str, value: Any) -> str:
    import tomli_w

    return "" if value is None else tomli_w.dumps({key: value})


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _file(machine: Machine) -> tuple[str, dict[str, Any]]:
    """Its text and what it says, read now: what others changed meanwhile is kept.

    What is written is the person's own file, which may name programs to run: those that somebody
    else may have put there would be trusted by that.
    """
    path = machine.settings_file
    table = settings_table(path)
    named = programs_in(table)
    if named and (why := distrusted(path, machine.home)):
        raise ConfigUnreadable(
            f"the settings {path} are not written, as that would have their {named[0]} run: {why}",
            f"look at the commands in it, then {trusted_again(path, machine.home)}",
        )
    return settings_text(path) or "", table


def _write(machine: Machine, tries: Iterable[str], table: dict[str, Any]) -> None:
    """Write the first text that says what the table does, or the table without its comments."""
    import tomli_w

    from profiles.files.atomic import private_write

    said = (text for text in tries if _says(text, table))
    text = next(said, None)
    if text is None:
        text = tomli_w.dumps(table)
    path = machine.settings_file
    try:
        # A symlink, as dotfiles are kept, stays one.
        private_write(os.path.realpath(path), text.encode())
    except OSError as error:
        raise ConfigUnreadable(f"cannot write the settings {path}: {error.strerror}") from error


def _with_line(text: str, table: str, key: str, line: str) -> Iterator[str]:
    """The text with the key's lines in a table replaced, or the line added: each way it may be.

    A value may go on over lines; where it ends is found by trying.

    Args:
        table: its name; empty for the keys before the first one.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    heads = [number for number, at in enumerate(lines) if at.lstrip().startswith("[")]
    start, header = 0, ""
    if table:
        found = [number for number in heads if lines[number].split("#")[0].strip() == f"[{table}]"]
        start, header = (found[0] + 1, "") if found else (len(lines), f"[{table}]\n")
    end = next((number for number in heads if number >= start), len(lines))
    for number, at in enumerate(lines[start:end], start):
        if at.split("=", 1)[0].strip().strip("\"'") == key:
            comment = _comment(at) if line.count("\n") == 1 else ""
            kept = f"{line.rstrip()}  {comment}\n" if comment else line
            yield "".join([*lines[:number], kept, *lines[number + 1 :]])
            for last in range(number + 1, len(lines) + 1):
                yield "".join([*lines[:number], line, *lines[last:]])
            return
    while table and end > start and not lines[end - 1].strip():
        end -= 1  # the blank line before the next table stays there
    if header:
        added = ["\n" if lines else "", header, line]
    else:
        added = [line, "\n" if line and not table and end < len(lines) else ""]
    yield "".join([*lines[:end], *added, *lines[end:]])


def _comment(line: str) -> str:
    """The comment at the end of a line; empty where its `#` is part of the value."""
    import tomllib

    head, mark, comment = line.partition("#")
    while mark:
        try:
            tomllib.loads(head)
        except tomllib.TOMLDecodeError:
            more, mark, comment = comment.partition("#")
            head = f"{head}#{more}"
        else:
            return f"#{comment.rstrip()}"
    return ""


def _says(text: str, table: dict[str, Any]) -> bool:
    import tomllib

    try:
        return tomllib.loads(text) == table
    except tomllib.TOMLDecodeError:
        return False
