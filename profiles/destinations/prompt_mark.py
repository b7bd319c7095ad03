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
        argv: its command line.
        variables: what its environment has besides.
    """

    argv: list[str]
    variables: dict[str, str]


def marked(shell: str, role: str, machine: Machine) -> Marked:
    """How to start a shell so that its prompt begins with a role's name.

    bash, zsh and fish are marked; any other shell is started as it is, and so is one whose
    start-up files cannot be put into the state folder.
    """
    folder = os.path.join(machine.state_folder, "shells")
    mark = {"ROLECALL_MARK": _NOT_PLAIN.sub("?", role)}
    try:
        match os.path.basename(shell):
            case "bash":
                file = _written(os.path.join(folder, "bashrc"), _BASH)
                return Marked([shell, "--rcfile", file], mark)
            case "zsh":
                _written(os.path.join(folder, ".zshenv"), _ZSHENV)
                _written(os.path.join(folder, ".zshrc"), _ZSHRC)
                own = machine.env.get("ZDOTDIR") or machine.home
                place = {"ZDOTDIR": folder, "ROLECALL_ZSH": folder, "ROLECALL_ZDOTDIR": own}
                return Marked([shell], mark | place)
            case "fish":
                return Marked([shell, "--init-command", _FISH], mark)
    except OSError as error:
        machine.log(f"the prompt is not marked: {error}")
    return Marked([shell], {})


def _written(path: str, text: str) -> str:
    """The path of a file that holds the text."""
    data = text.encode()
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return path
    except FileNotFoundError:
        pass
    private_write(path, data)
    return path
