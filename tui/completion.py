"""What completes the word that is being typed: for the shells, by the function of `init`.

Asked anew at every press of tab, so it knows the roles of now, in every shell alike: what shtab
makes is a text per shell and of the moment it was made, and neither for PowerShell nor Nushell.
Roles come from what `list` keeps; nothing is asked of AWS and nothing heavy is imported.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from profiles.machine import Machine
from tui.commands import COMMANDS, module_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

MOST_EXPLAINED = 200
"""Candidates above which none is explained: nobody reads so many, and it takes time."""
_PLAIN = re.compile(r"[^\w./:@=+,%\n-]")


class Found(NamedTuple):
    """A candidate, and what it is."""

    value: str
    tip: str = ""


def complete(words: Sequence[str]) -> int:
    """Print the candidates, a line each; 0 whatever happens, as a shell waits for it.

    Args:
        words: the shell; then in bash the line up to the cursor and what bash takes for the word
            there, elsewhere the words behind `rolecall` up to the one at the cursor.
    """
    import gc

    gc.disable()  # thousands of names make no circles, and a person waits
    try:
        form, *rest = words
        if form == "bash":
            line, word = rest
            texts = _for_bash(line, word)
        else:
            if form == "powershell":
                rest[-1] = rest[-1].removeprefix("=")
            elif form == "fish":  # which hands over what was typed, quotes and all
                rest[-1] = _split(rest[-1])[0][-1]
            texts = [
                "\t".join(filter(None, found)) for found in candidates(rest, Machine.current())
            ]
        sys.stdout.write("".join(f"{text}\n" for text in texts))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001, S110 — a message would land in the line that is being typed
        pass
    return 0


def candidates(words: Sequence[str], machine: Machine) -> list[Found]:
    """What may stand in the last word's place.

    Args:
        words: those behind `rolecall`; the last is what was typed of the one at the cursor.
    """
    *before, typed = words or [""]
    if not before:
        found = [Found(name, does) for name, (_, does) in COMMANDS.items()]
        found += [Found(option) for option in ("--help", "--version", "--plain")]
    elif before[0] == "help":
        found = [Found(name, does) for name, (_, does) in COMMANDS.items()]
    elif before[0] not in COMMANDS or "--" in before:
        return []
    elif before[0] == "demo":
        return candidates([*before[1:], typed], machine)
    else:
        found = _of_command(before, typed, machine)
    fits = [each for each in found if each.value.lower().startswith(typed.lower())]
    return [each for each in fits if (each.value + each.tip).isprintable()]


def _of_command(before: Sequence[str], typed: str, machine: Machine) -> list[Found]:
    """What a command's own parser expects at the cursor."""
    from importlib import import_module

    parser: argparse.ArgumentParser = import_module(module_of(before[0])).parser()
    actions = parser._actions  # noqa: SLF001 — argparse has no other way to ask for them
    by_option = {option: action for action in actions for option in action.option_strings}
    waiting = by_option.get(before[-1])
    if len(before) > 1 and waiting is not None and waiting.nargs != 0:
        return _values(waiting, before[0], typed, machine)
    if typed.startswith("-"):
        return [Found(option, action.help or "") for option, action in by_option.items()]
    taken = 0
    for word, previous in zip(before[1:], before, strict=False):
        behind = by_option.get(previous)
        taken += not word.startswith("-") and not (behind is not None and behind.nargs != 0)
    places = [action for action in actions if not action.option_strings]
    if not places:
        return []
    at = places[min(taken, len(places) - 1)]
    if at.dest == "key" and before[1:2] == ["credential-process"]:
        return _targets(typed, machine)
    many = at.nargs in ("*", "+")
    return _values(at, before[0], typed, machine) if many or taken < len(places) else []


def _values(action: argparse.Action, command: str, typed: str, machine: Machine) -> list[Found]:
    if action.choices is not None:
        return [Found(str(choice)) for choice in action.choices]
    name = (action.dest, command)
    if action.dest in ("target", "targets") or name in (("role", "trust"), ("source", "assume")):
        return _targets(typed, machine)
    kinds: dict[str, Callable[[], Iterable[Found]]] = {
        "source": lambda: [*_targets(typed, machine), Found("env")],
        "service": _services,
        "stage": lambda: _stages(machine),
        "session": lambda: _portals(machine),
        "profile": lambda: _profiles(machine),
        "as_profile": lambda: _profiles(machine),
        "key": _settings,
    }
    return list(kinds[action.dest]()) if action.dest in kinds else []


def _targets(typed: str, machine: Machine) -> list[Found]:
    """Roles by name, and by ACCOUNT/ROLE once an account is begun."""
    from tui.commands.list_ import kept_rows

    rows = kept_rows(machine, "json").rows
    low = typed.lower()
    names = [name for name in rows if name.lower().startswith(low)]
    if len(names) > MOST_EXPLAINED:
        found = [Found(name) for name in names]
    else:
        found = [Found(name, _tip(json.loads(rows[name]))) for name in names]
    if not typed:
        return found
    account, slash, _ = typed.partition("/")
    # A look at the text first: thousands of rows are read as JSON in no time that a person waits.
    start = re.compile(
        rf'"account_(?:id|name)": {re.escape(json.dumps(account, ensure_ascii=False)[:-1])}',
        re.IGNORECASE,
    )
    accounts: dict[str, str] = {}
    for row in rows.values():
        if start.search(row) is None:
            continue
        role = json.loads(row)
        for heading in filter(None, (role["account_name"], role["account_id"])):
            if slash and heading.lower() == account.lower() and role["role_name"]:
                accounts[f"{heading}/{role['role_name']}"] = role["name"]
            elif not slash and heading.lower().startswith(low):
                accounts[f"{heading}/"] = "an account"
    return [*found, *(Found(value, tip) for value, tip in accounts.items())]


def _tip(role: dict[str, str | None]) -> str:
    parts = (role["account_name"] or role["account_id"], role["role_name"], role["stage"])
    return ", ".join(part for part in parts if part)


def _services() -> list[Found]:
    from profiles.destinations.console_services import SERVICES

    return [Found(name) for name in SERVICES]


def _stages(machine: Machine) -> list[Found]:
    from profiles.settings import load_settings

    return [Found(stage.name) for stage in load_settings(machine).stages]


def _settings() -> list[Found]:
    from profiles.settings import KNOWN

    return [Found(key, tip) for key, (_, tip) in KNOWN.items()]


def _portals(machine: Machine) -> list[Found]:
    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.portal import portals

    return [Found(portal.name, portal.start_url) for portal in portals(Catalogue.load(machine))]


def _profiles(machine: Machine) -> list[Found]:
    from profiles.catalogue.catalogue import Catalogue

    return [Found(name) for name in Catalogue.load(machine).files.profiles]


# ---- bash -----------------------------------------------------------------------------------


def _for_bash(line: str, word: str) -> list[str]:
    """Candidates as bash puts them into the line: quoted, and without what it takes for passed.

    Args:
        line: up to the cursor.
        word: what bash replaces: what stands behind the last `:`, `=` or `@` of the line's word,
            and behind an open quote.
    """
    words, raw, quote = _split(line)
    found = candidates(words[1:], Machine.current())
    if quote:
        inside = {"'": r"'", '"': r'["\\$`]'}[quote]
        written = [
            (re.sub(inside, r"'\\''" if quote == "'" else r"\\\g<0>", each.value)) for each in found
        ]
        raw = raw[1:]
    else:
        # All at once: ten thousand times one name takes a person's time.
        text = "\n".join(each.value for each in found)
        written = _PLAIN.sub(r"\\\g<0>", text).split("\n") if text else []
    passed = raw[: len(raw) - len(word)] if raw.endswith(word) else ""
    if not passed:
        return written
    low = passed.lower()
    return [text[len(passed) :] for text in written if text.lower().startswith(low)]


def _split(line: str) -> tuple[list[str], str, str]:
    """A line's words as bash reads them; the last as it was typed, and its quote if one is open."""
    words: list[str] = []
    value, raw, quote, begun = "", "", "", False
    letters = iter(line)
    for letter in letters:
        if not quote and letter in " \t":
            if begun:
                words.append(value)
            value, raw, begun = "", "", False
            continue
        begun = True
        raw += letter
        if letter == "\\" and quote != "'":
            after = next(letters, "")
            raw += after
            value += after if not quote or after in '"\\$`' else letter + after
        elif quote:
            quote, value = ("", value) if letter == quote else (quote, value + letter)
        elif letter in "'\"":
            quote = letter
        else:
            value += letter
    return [*words, value], raw, quote
