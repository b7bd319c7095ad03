"""The clipboard, by the platform's own tools; a secret is taken out of it again after a minute.

No library: the usual one hands the text to some desktops in a process's arguments, and there is
nothing more to it than these few command lines.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

CLEARED_AFTER = 60
"""Seconds that a secret stays."""
_PATIENCE = 2.0
"""Seconds that a tool is waited for: those of a desktop that is gone hang."""
# In a process of its own, which outlives ours and knows no more than the text's hash.
_CLEARING = """
import hashlib, json, subprocess, sys, time
seconds, known, paste, clear = json.loads(sys.argv[1])
time.sleep(seconds)
nothing = subprocess.DEVNULL
held = subprocess.run(paste, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, timeout=9)
if hashlib.sha256(held.stdout).hexdigest() == known:
    subprocess.run(clear, stdin=nothing, stdout=nothing, stderr=nothing, timeout=9)
"""


class Tool(NamedTuple):
    """One way to a clipboard.

    Attributes:
        variable: tells that there is one; empty for always.
        copy: reads what is to be copied from standard input.
        paste: prints what is there.
        clear: with an empty input, empties it.
        alone: whether no copy stays elsewhere once it is cleared.
    """

    variable: str
    copy: tuple[str, ...]
    paste: tuple[str, ...]
    clear: tuple[str, ...]
    alone: bool = True


_MACOS = Tool("", ("pbcopy",), ("pbpaste",), ("pbcopy",))
_XCLIP = ("xclip", "-selection", "clipboard")
_XSEL = ("xsel", "--clipboard")
_DESKTOPS = (
    Tool("WAYLAND_DISPLAY", ("wl-copy",), ("wl-paste", "--no-newline"), ("wl-copy", "--clear")),
    Tool("DISPLAY", _XCLIP, (*_XCLIP, "-o"), _XCLIP),
    Tool("DISPLAY", (*_XSEL, "--input"), (*_XSEL, "--output"), (*_XSEL, "--clear")),
)
# It does not pass on what programs in it tell the terminal, unless it was set up to, but does so
# itself (`-w`); the terminal does not tell what became of it.
_TMUX = Tool(
    "TMUX",
    ("tmux", "load-buffer", "-w", "-"),
    ("tmux", "save-buffer", "-"),
    ("tmux", "delete-buffer"),
    alone=False,
)


def tools(env: Mapping[str, str], platform: str = sys.platform) -> tuple[Tool, ...]:
    """What may be used here, the best first; none where only the terminal can copy.

    Over SSH, a desktop is not the one that the person sits at.
    """
    remote = env.get("SSH_CONNECTION") or env.get("SSH_TTY")
    desktops = (_MACOS,) if platform == "darwin" else _DESKTOPS
    found = [*(() if remote else desktops), _TMUX]
    return tuple(tool for tool in found if not tool.variable or env.get(tool.variable))


def copy(machine: Machine, text: str, found: tuple[Tool, ...]) -> Tool | None:
    """Copy a text by the first tool that takes it; None where none does."""
    for tool in found:
        try:
            if machine.feed(tool.copy, machine.env_without_keys, text, _PATIENCE):
                return tool
        except OSError as error:
            machine.log(f"clipboard: {tool.copy[0]}: {error.strerror or error}")
    return None


def clear_later(machine: Machine, text: str, tool: Tool) -> bool:
    """Have a text taken out again in a minute, if it is still there then; whether it will be."""
    known = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    told = json.dumps([CLEARED_AFTER, known, tool.paste, tool.clear])
    try:
        argv = [sys.executable, "-I", "-c", _CLEARING, told]
        return machine.start(argv, machine.env_without_keys)
    except OSError as error:
        machine.log(f"the clipboard is not cleared: {error.strerror or error}")
        return False
