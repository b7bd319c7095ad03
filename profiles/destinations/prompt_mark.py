"""The role's name before a subshell's prompt, with the user's own start-up files read as ever."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from profiles.files.atomic import private_write

if TYPE_CHECKING:
    from profiles.machine import Machine

_NOT_PLAIN = re.compile(r"[^\w.:/@+=, -]")

# ROLECALL_MARK holds letters alone that no prompt expands.
_BASH = """\
if [ -f ~/.bashrc ]; then . ~/.bashrc; fi
PS1="($ROLECALL_MARK) $PS1"
"""
# bash reads no such file as a login shell; whatever the user's own say of the prompt counts.
_BASH_LOGIN = 'case $PS1 in "($ROLECALL_MARK) "*) ;; *) PS1="($ROLECALL_MARK) $PS1";; esac'
# What every other POSIX shell reads, by the variable of that name.
_ENV = """\
ENV=$ROLECALL_ENV
unset ROLECALL_ENV
if [ -n "$ENV" ]; then
    eval "ROLECALL_ENV=\\"$ENV\\""
    if [ -f "$ROLECALL_ENV" ]; then . "$ROLECALL_ENV"; fi
    unset ROLECALL_ENV
else
    unset ENV
fi
PS1="($ROLECALL_MARK) ${PS1:-$ }"
"""
_ZSHENV = """\
ZDOTDIR=$ROLECALL_ZDOTDIR
if [[ -f $ZDOTDIR/.zshenv ]]; then . "$ZDOTDIR/.zshenv"; fi
ROLECALL_ZDOTDIR=${ZDOTDIR:-$HOME}
ZDOTDIR=$ROLECALL_ZSH
"""
_ZSHRC = """\
ZDOTDIR=$ROLECALL_ZDOTDIR
if [[ $HISTFILE == $ROLECALL_ZSH/* ]]; then HISTFILE=$ZDOTDIR/${HISTFILE:t}; fi
unset ROLECALL_ZDOTDIR ROLECALL_ZSH
if [[ $ZDOTDIR == $HOME ]]; then unset ZDOTDIR; fi
if [[ -f ${ZDOTDIR:-$HOME}/.zshrc ]]; then . "${ZDOTDIR:-$HOME}/.zshrc"; fi
PROMPT="($ROLECALL_MARK) $PROMPT"
"""
# Only a login shell reads it.
_ZPROFILE = """\
ZDOTDIR=$ROLECALL_ZDOTDIR
if [[ -f $ZDOTDIR/.zprofile ]]; then . "$ZDOTDIR/.zprofile"; fi
ROLECALL_ZDOTDIR=${ZDOTDIR:-$HOME}
ZDOTDIR=$ROLECALL_ZSH
"""
_FISH = """\
functions -q fish_prompt; and functions -c fish_prompt __rolecall_prompt
function fish_prompt
    printf '(%s) ' $ROLECALL_MARK
    functions -q __rolecall_prompt; and __rolecall_prompt; or printf '> '
end
"""


class Marked(NamedTuple):
    """How a shell is started.

    Attributes:
        argv: its command line; a login shell's name begins with a dash.
        variables: what its environment has besides.
    """

    argv: list[str]
    variables: dict[str, str]


def marked(shell: str, role: str, machine: Machine, *, login: bool = False) -> Marked:
    """How to start a shell so that its prompt begins with a role's name.

    bash, zsh, fish, dash and ksh are marked; any other shell is started as it is, and so is one
    whose start-up files cannot be put into the state folder.

    Args:
        shell: its path.
        login: start it as a login shell, which reads `.profile` and the like.
    """
    folder = os.path.join(machine.state_folder, "shells")
    mark = {"ROLECALL_MARK": _NOT_PLAIN.sub("?", role)}
    kind = os.path.basename(shell)
    name = f"-{kind}" if login else shell
    try:
        match kind:
            case "bash" if login:
                own = machine.env.get("PROMPT_COMMAND", "")
                return Marked([name], mark | {"PROMPT_COMMAND": f"{own}\n{_BASH_LOGIN}".strip()})
            case "bash":
                file = _written(os.path.join(folder, "bashrc"), _BASH)
                return Marked([name, "--rcfile", file], mark)
            case "zsh":
                _written(os.path.join(folder, ".zshenv"), _ZSHENV)
                _written(os.path.join(folder, ".zprofile"), _ZPROFILE)
                _written(os.path.join(folder, ".zshrc"), _ZSHRC)
                own = machine.env.get("ZDOTDIR") or machine.home
                place = {"ZDOTDIR": folder, "ROLECALL_ZSH": folder, "ROLECALL_ZDOTDIR": own}
                return Marked([name], mark | place)
            case "sh" | "dash" | "ash" | "ksh" | "mksh":
                file = _written(os.path.join(folder, "env"), _ENV)
                own = machine.env.get("ENV", "")
                return Marked([name], mark | {"ENV": file, "ROLECALL_ENV": own})
            case "fish":
                return Marked([name, "--init-command", _FISH], mark)
    except OSError as error:
        machine.log(f"the prompt is not marked: {error}")
    return Marked([name], {})


def _written(path: str, text: str) -> str:
    """The path of a file that holds the text."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return path
    except FileNotFoundError:
        pass
    private_write(path, data)
    return path
