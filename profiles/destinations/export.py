"""A session as lines for a shell's `eval`, and the lines that take it back."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from profiles.destinations.environment import REMOVED, SET, variables
from profiles.destinations.protocol import Delivery
from profiles.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiles.session import Session

FORMATS = ("bash", "zsh", "fish", "powershell", "cmd", "nu", "env", "json")


class Export:
    """The variables of a session in a shell's own form.

    Args:
        form: one of `FORMATS`.
    """

    def __init__(self, form: str) -> None:
        self.form = form

    def deliver(self, session: Session) -> Delivery:
        """The lines to print.

        Raises:
            UsageError: the format is none, or cannot hold a value.
        """
        return Delivery(f"variables for {self.form}", text=lines(session, self.form))


def lines(session: Session, form: str) -> str:
    """What sets a session's variables in a shell, and removes those that would win over them."""
    return lines_of(variables(session), form)


def lines_of(found: Mapping[str, str], form: str) -> str:
    """What sets some variables in a shell, and removes every trace of another session."""
    # AWS_SESSION_TOKEN of another session must not stay beside keys that have none.
    gone = [name for name in (*REMOVED, *SET) if name not in found and "REGION" not in name]
    return _written(form, found, gone)


def unset_lines(form: str) -> str:
    """What removes every variable that `export` sets."""
    return _written(form, {}, list(SET))


def default_format(env: Mapping[str, str]) -> str:
    """The format for the user's `$SHELL`; any other POSIX shell gets bash's."""
    shell = os.path.basename(env.get("SHELL", "")).removesuffix(".exe")
    return {"pwsh": "powershell", "nushell": "nu"}.get(
        shell, shell if shell in ("zsh", "fish", "powershell", "cmd", "nu") else "bash"
    )


def _written(form: str, found: Mapping[str, str], gone: list[str]) -> str:
    writers: Mapping[str, Callable[[Mapping[str, str], list[str]], str]] = {
        "bash": _posix,
        "zsh": _posix,
        "fish": _fish,
        "powershell": _powershell,
        "cmd": _cmd,
        "nu": _nu,
        "env": _env,
        "json": _json,
    }
    if form not in writers:
        raise UsageError(f"there is no format {form!r}", f"one of {', '.join(FORMATS)}")
    return writers[form](found, gone)


def _posix(found: Mapping[str, str], gone: list[str]) -> str:
    text = [f"unset {' '.join(gone)}"] if gone else []
    text += [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    return "\n".join(text) + "\n"


def _fish(found: Mapping[str, str], gone: list[str]) -> str:
    """In fish's single quotes only the backslash and the quote are special (fish docs, Quotes)."""
    text = [f"set -e {name};" for name in gone]
    for name, value in found.items():
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        text.append(f"set -gx {name} '{quoted}';")
    return "\n".join(text) + "\n"


def _powershell(found: Mapping[str, str], gone: list[str]) -> str:
    """In single quotes only the quote is special (about_Quoting_Rules); curly ones count too."""
    text = [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in gone]
    for name, value in found.items():
        quoted = "".join(letter * 2 if letter in "'‘’‚‛" else letter for letter in value)
        text.append(f"$Env:{name} = '{quoted}'")
    return "\n".join(text) + "\n"


def _cmd(found: Mapping[str, str], gone: list[str]) -> str:
    """`set "NAME=VALUE"`, run line by line from a batch file, where % is doubled.

    Raises:
        UsageError: a value has a quote, for which cmd has no escape.
    """
    text = [f'set "{name}="' for name in gone]
    for name, value in found.items():
        if '"' in value:
            raise UsageError(f"cmd cannot hold the value of {name}: it has a quote in it")
        text.append(f'set "{name}={value.replace("%", "%%")}"')
    return "\r\n".join(text) + "\r\n"


def _nu(found: Mapping[str, str], gone: list[str]) -> str:
    """A record for `from nuon | load-env`; what is null there, Nushell keeps from commands.

    An empty text would not do: AWS clients take an empty `AWS_PROFILE` for a profile's name.
    """
    import json

    body = [f"{name}: null" for name in gone]
    body += [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items()]
    return f"{{{', '.join(body)}}}\n"


def _env(found: Mapping[str, str], gone: list[str]) -> str:
    """`NAME=VALUE` lines, as `docker run --env-file` reads them: nothing is quoted there."""
    del gone
    return "".join(f"{name}={value}\n" for name, value in found.items())


def _json(found: Mapping[str, str], gone: list[str]) -> str:
    import json

    del gone
    return json.dumps(dict(found), indent=1, ensure_ascii=False) + "\n"
