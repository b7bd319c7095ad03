"""rolecall's own settings: one TOML file, checked key by key, environment above it.

A key that is not known is a warning that names the nearest known key; a value of the wrong type
is a warning that names file, key and what was expected; the rest loads.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import ConfigUnreadable, RolecallError, UsageError
from profiles.files.trusted import distrusted
from profiles.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.machine import Machine

RENEW = ("ask", "auto", "never")
CONFIRM = ("none", "ask", "type")
DEFAULT_STAGES = (Stage("production", ("*prod*",), "red", "ask"),)

_TEXT, _DURATION, _SPAN, _ARGV, _RENEW, _TABLE, _FLAG, _SENT = (
    "text",
    "duration",
    "span",
    "argv",
    "renew",
    "table",
    "flag",
    "sent",
)
_DURATIONS = (_DURATION, _SPAN)
_NONE = "none"
_LONG = 10**18
"""More than any number that is meant; Python does not write out one of thousands of digits."""
KNOWN: Mapping[str, tuple[str, str]] = {
    "write_to": (_TEXT, "the profile a session is written to: {name} {account} {role} {stage}"),
    "duration": (_DURATION, "how long sessions last; unset, AWS decides (1 hour)"),
    "needs": (_SPAN, "how long a session has to last yet, else it is renewed first"),
    "session_name": (_TEXT, "the role session's name in CloudTrail: {user} {role}"),
    "region": (_TEXT, "the region where nothing nearer names one"),
    "renew": (
        _RENEW,
        "when a session ends soon: ask, auto (it renews itself in the picker) or never",
    ),
    "mfa_command": (_ARGV, "a command that prints the MFA code; {serial} is the device"),
    "ask_with": (_ARGV, "the dialog of credential-process: zenity --entry --text {question}"),
    "browser": (
        _ARGV,
        "the command that opens an address: {url} {account} {account_id} {role}; or none",
    ),
    "reason": (_TEXT, "why sessions are assumed, in the history; --reason says it for one"),
    "send_reason": (_SENT, "how AWS is told why: tag:KEY, or source-identity; unset, it is not"),
    "history": (_FLAG, "false: what was assumed is not written down"),
    "clean_up": (_FLAG, "take what has ended out of the credentials file again"),
    "theme": (_TEXT, "the colours of the picker"),
    "ascii": (_FLAG, "draw with ASCII alone"),
    "mouse": (_FLAG, "false leaves the mouse to the terminal, for marking text with it"),
    "motion": (_FLAG, "false: nothing in the picker spins or slides"),
    "bell": (_FLAG, "ring the terminal's bell when a session ends soon"),
}
ROLE_KEYS: Mapping[str, str] = {
    "name": _TEXT,
    "kind": _TEXT,
    "role_arn": _TEXT,
    "source": _TEXT,
    "duration": _DURATION,
    "session_name": _TEXT,
    "mfa_serial": _TEXT,
    "external_id": _TEXT,
    "source_identity": _TEXT,
    "tags": "tags",
    "transitive_tags": "texts",
    "policy": _TEXT,
    "policy_arns": "texts",
    "region": _TEXT,
    "write_to": _TEXT,
    "sso_session": _TEXT,
    "account_id": _TEXT,
    "role_name": _TEXT,
    "principal_arn": _TEXT,
    "saml_command": _ARGV,
    "saml_url": _TEXT,
    "token_file": _TEXT,
    "token_command": _ARGV,
    "port": "port",
    "scopes": "texts",
    "issuer": _TEXT,
    "client_id": _TEXT,
}
ROLE_KINDS = ("role", "session-token", "federation-token", "saml", "web-identity", "sso")
_STAGE_KEYS = {
    "match": "globs",
    "colour": _TEXT,
    "confirm": _TEXT,
    "max_duration": _DURATION,
    "renew": _RENEW,
}
_EXPECTED = {
    _TEXT: "a text in quotes",
    _DURATION: 'a duration such as "1h", 15m to 36h',
    _SPAN: 'a duration such as "50m"',
    _ARGV: 'a list of texts such as ["command", "argument"]',
    _RENEW: '"ask", "auto" or "never"',
    _FLAG: "true or false",
    _SENT: '"tag:KEY" with a key that AWS takes, or "source-identity"',
    "port": "a port, 1 to 65535",
    "texts": "a list of texts",
    "globs": 'a list of texts such as ["*prod*"]',
    "tags": "a table of texts",
    _TABLE: "a table",
}


class Settings(NamedTuple):
    """What the settings file and `ROLECALL_*` say.

    Attributes:
        values: by key of `KNOWN`: str, int (durations, in seconds), bool or tuple of str.
        origins: by the same key: `environment` or `file`.
        accounts: by account id: `name` and `stage`, where given.
        stages: in the order they are tried.
        roles: the `[[roles]]` entries, each a table of `ROLE_KEYS`.
        keys: the keyboard, by binding id.
        warnings: one sentence each, for what did not load.
        path: the file.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    accounts: Mapping[str, Mapping[str, str]]
    stages: tuple[Stage, ...]
    roles: tuple[Mapping[str, Any], ...]
    keys: Mapping[str, str]
    warnings: tuple[str, ...]
    path: str

    def text(self, key: str) -> str | None:
        """The value of a text setting; None where nothing sets it."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    def variable(self, key: str) -> str | None:
        """The value of a text setting that its `ROLECALL_*` variable gives; it counts first."""
        return self.text(key) if self.origins.get(key) == "environment" else None

    def seconds(self, key: str) -> int | None:
        """The value of a duration in seconds; None where nothing sets it."""
        value = self.values.get(key)
        return value if isinstance(value, int) else None

    def argv(self, key: str) -> tuple[str, ...]:
        """The words of a command; empty where nothing sets it."""
        value = self.values.get(key)
        return value if isinstance(value, tuple) else ()


def load_settings(machine: Machine) -> Settings:
    """Read the settings file and the environment.

    Raises:
        ConfigUnreadable: the file is there and cannot be read, or is no TOML.
    """
    path = machine.settings_file
    table = settings_table(path)
    distrust = distrusted(path, machine.home) if table else None
    return _Reading(path, table, distrust).settings(machine.env)


def settings_text(path: str) -> str | None:
    """The file's text; None where there is none.

    Raises:
        ConfigUnreadable: the file is there and cannot be read.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:  # Windows writes a mark before it
            return file.read()
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigUnreadable(f"cannot read the settings {path}: {why.lower()}") from error


def settings_table(path: str) -> dict[str, Any]:
    """What the file holds, unchecked.

    Raises:
        ConfigUnreadable: the file is there and cannot be read, or is no TOML.
    """
    text = settings_text(path)
    if not text:
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # Python's own limits among them
        raise ConfigUnreadable(
            f"the settings {path} are no TOML: {error}", "rolecall config edit opens them"
        ) from error


def programs_in(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of a settings file's table that name programs to run."""
    named = [key for key, value in table.items() if _names_program(KNOWN.get(key), value)]
    entries = table.get("roles")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            named += [key for key in entry if ROLE_KEYS.get(key) == _ARGV]
    return tuple(dict.fromkeys(named))


def _names_program(known: tuple[str, str] | None, value: object) -> bool:
    return known is not None and known[0] == _ARGV and value not in (_NONE, [_NONE])


def setting_value(key: str, text: str) -> Any:
    """The value that a typed text is, as the file has it.

    Raises:
        UsageError: an unknown key, or a text that is no value of it.
    """
    if key not in KNOWN:
        raise UsageError(_unknown(key, KNOWN, "a setting"), "rolecall config lists them")
    kind = KNOWN[key][0]
    value = _from_text(kind, text)
    _checked(kind, value, f"{key} = {text}")
    return value


def setting_text(key: str, value: object) -> str:
    """A loaded value as a person types it."""
    if KNOWN[key][0] in (_DURATION, _SPAN) and isinstance(value, int):
        return times.typed(value)
    if isinstance(value, tuple):
        import shlex

        return shlex.join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(kind: str, text: str) -> Any:
    if kind == _ARGV:
        import shlex

        try:
            return shlex.split(text)
        except ValueError as error:
            raise UsageError(f"not a command: {text!r} ({error})") from error
    if kind == _FLAG:
        low = text.strip().lower()
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            low, text
        )
    return text


def _of_variable(name: str, kind: str, said: str) -> Any:
    """The value of a variable.

    Raises:
        UsageError: it is not of its kind; the variable is named.
    """
    try:
        return _checked(kind, _from_text(kind, said), f"{name}={said}")
    except UsageError as error:
        if error.summary.startswith(name):
            raise
        raise UsageError(f"{name}={said}: {error.summary}", error.hint) from error


def _checked(kind: str, value: Any, said: str) -> Any:
    """The value as it is kept.

    Raises:
        UsageError: it is not of its kind.
    """
    texts = isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value)
    ok: Any = None
    if "\0" in "".join(_texts_of(value)):  # no program, path or variable can hold it
        raise UsageError(f"{said}: expected {_EXPECTED[kind]}, without a NUL in it")
    if kind in _DURATIONS and isinstance(value, (str, int)) and not isinstance(value, bool):
        text = value if isinstance(value, str) else str(min(max(value, 0), _LONG))
        ok = times.duration(text, minimum=1 if kind == _SPAN else times.MINIMUM)
    elif (kind == _TEXT and isinstance(value, str)) or (kind == _RENEW and value in RENEW):
        ok = value
    elif kind == _FLAG and isinstance(value, bool):
        return value
    elif kind == _SENT:
        ok = value if isinstance(value, str) and _can_be_sent(value) else None
    elif kind == "port" and type(value) is int and 0 < value < 65536:
        ok = value
    elif kind == _ARGV and isinstance(value, str) and value == _NONE:
        ok = (value,)
    elif kind == "globs" and isinstance(value, str):
        ok = (value,)  # one alone is meant as a guard, too
    elif kind in (_ARGV, "texts", "globs") and texts:
        ok = tuple(value)
    elif kind == "tags" and isinstance(value, dict):
        ok = {
            str(k): str(v)
            for k, v in value.items()
            if isinstance(v, str) or (isinstance(v, int) and abs(v) < _LONG)
        }
        if len(ok) != len(value):
            ok = None
    elif kind == _TABLE and isinstance(value, dict):
        ok = value
    if ok is None:
        raise UsageError(f"{said}: expected {_EXPECTED[kind]}")
    return ok


def _can_be_sent(how: str) -> bool:
    """Whether AWS can be told a reason so: keys are of 1 to 128 letters (API reference, Tag, Key).

    Those that begin with `aws:` are AWS's own, in whatever letters.
    """
    import re

    kind, _, key = how.partition(":")
    if kind != "tag":
        return how == "source-identity"
    return bool(re.fullmatch(r"(?!aws:)[\w .:/=+\-@]{1,128}", key, re.IGNORECASE))


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        parts = value.values() if isinstance(value, dict) else value
        yield from (each for each in parts if isinstance(each, str))


def _unknown(key: str, known: Mapping[str, object], what: str) -> str:
    import difflib

    near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return f"{key!r} is not {what}" + (f"; did you mean {near[0]!r}?" if near else "")


class _Reading:
    """One pass over the file's table, that gathers what is wrong instead of stopping at it."""

    def __init__(self, path: str, table: dict[str, Any], distrust: str | None) -> None:
        self.path = path
        self.table = table
        self.distrust = distrust
        self.warnings: list[str] = []

    def settings(self, env: Mapping[str, str]) -> Settings:
        values: dict[str, Any] = {}
        origins: dict[str, str] = {}
        tables = {"accounts", "stages", "roles", "keys"}
        for key, value in self.table.items():
            if key in KNOWN:
                checked = self.check(KNOWN[key][0], value, key)
                if checked is not None and not self.passed_over(KNOWN[key][0], checked):
                    values[key], origins[key] = checked, "file"
            elif key not in tables:
                self.warn(_unknown(key, {**KNOWN, **dict.fromkeys(tables)}, "a setting"))
        for key in KNOWN:
            said = env.get(f"ROLECALL_{key.upper()}")
            if said:
                values[key] = _of_variable(f"ROLECALL_{key.upper()}", KNOWN[key][0], said)
                origins[key] = "environment"
        bound = self.sub("keys").items()
        keys = {k: v for k, v in bound if self.check(_TEXT, v, f"keys.{k}") is not None}
        return Settings(
            values,
            origins,
            self.accounts(),
            self.stages(),
            self.roles(),
            keys,
            tuple(self.warnings),
            self.path,
        )

    def warn(self, text: str) -> None:
        self.warnings.append(f"{os.path.basename(self.path)}: {text}")

    def check(self, kind: str, value: Any, at: str) -> Any:
        try:
            return _checked(kind, value, at)
        except RolecallError as error:
            self.warn(error.summary if error.summary.startswith(at) else f"{at}: {error.summary}")
            return None

    def passed_over(self, kind: str, value: object) -> bool:
        """Whether a value names a program that somebody else may have put there; said once."""
        if self.distrust is None or kind != _ARGV or value == (_NONE,):
            return False
        said = f"no command in it is run: {self.distrust}"
        if not any(each.endswith(said) for each in self.warnings):
            self.warn(said)
        return True

    def sub(self, key: str) -> dict[str, Any]:
        return self.check(_TABLE, self.table.get(key, {}), key) or {}

    def accounts(self) -> dict[str, dict[str, str]]:
        found = {}
        for account, said in self.sub("accounts").items():
            at = f"accounts.{account}"
            entry = self.check(_TABLE, said, at) or {}
            kept = {}
            for key, value in entry.items():
                if key not in ("name", "stage"):
                    self.warn(
                        f"{at}: " + _unknown(key, {"name": 0, "stage": 0}, "an account's key")
                    )
                elif self.check(_TEXT, value, f"{at}.{key}") is not None:
                    kept[key] = value
            found[account] = kept
        return found

    def stages(self) -> tuple[Stage, ...]:
        stages = (
            self.check(_TABLE, self.table["stages"], "stages") if "stages" in self.table else None
        )
        if stages is None:
            return DEFAULT_STAGES
        found = []
        for name, said in stages.items():
            at = f"stages.{name}"
            entry = self.check(_TABLE, said, at) or {}
            kept: dict[str, Any] = {}
            for key, value in entry.items():
                if key not in _STAGE_KEYS:
                    self.warn(f"{at}: " + _unknown(key, _STAGE_KEYS, "a stage's key"))
                elif (checked := self.check(_STAGE_KEYS[key], value, f"{at}.{key}")) is not None:
                    kept[key] = checked
            if kept.get("confirm", "none") not in CONFIRM:
                self.warn(f'{at}.confirm: expected "none", "ask" or "type"')
                kept["confirm"] = "type"  # what was meant as a guard stays one
            found.append(Stage(name, **kept))
        return tuple(found)

    def roles(self) -> tuple[Mapping[str, Any], ...]:
        entries = self.table.get("roles", [])
        if not isinstance(entries, list):
            self.warn("roles: expected [[roles]] entries")
            return ()
        found = []
        named: set[str] = set()
        for number, said in enumerate(entries, 1):
            at = f"roles[{number}]"
            entry = self.check(_TABLE, said, at)
            if entry is None:
                continue
            kept: dict[str, Any] = {}
            wrong = []
            distrusted_keys = []
            for key, value in entry.items():
                if key not in ROLE_KEYS:
                    self.warn(f"{at}: " + _unknown(key, ROLE_KEYS, "a role's key"))
                elif (checked := self.check(ROLE_KEYS[key], value, f"{at}.{key}")) is None:
                    wrong.append(key)
                elif self.passed_over(ROLE_KEYS[key], checked):
                    distrusted_keys.append(key)
                else:
                    kept[key] = checked
            if kept.get("kind", "role") not in ROLE_KINDS:
                self.warn(f"{at}.kind: expected one of {', '.join(ROLE_KINDS)}")
                wrong.append("kind")
            if not kept.get("name"):
                self.warn(f"{at}: a role needs a name")
                continue
            if kept["name"] in named:
                self.warn(f"{at}: {kept['name']!r} is there twice; the later one counts")
            named.add(kept["name"])
            if wrong:
                # A guard such as `policy` or `external_id` that did not load must not be
                # dropped in silence: the role is listed and cannot be assumed.
                kept["problem"] = f"settings: {', '.join(wrong)} could not be read"
            elif distrusted_keys:
                kept["problem"] = f"settings: no {distrusted_keys[0]} is run: {self.distrust}"
            found.append(kept)
        return tuple(found)
