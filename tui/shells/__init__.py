"""What `rolecall init` prints: a function, completions and a prompt helper for each shell."""

from __future__ import annotations

import os

_FILES = {
    "bash": "rolecall.bash",
    "zsh": "rolecall.zsh",
    "fish": "rolecall.fish",
    "powershell": "rolecall.ps1",
    "nu": "rolecall.nu",
}
SHELLS = tuple(_FILES)
LOADED_BY = {
    "bash": 'eval "$(rolecall init bash)"',
    "zsh": 'eval "$(rolecall init zsh)"',
    "fish": "rolecall init fish | source",
    "powershell": "rolecall init powershell | Out-String | Invoke-Expression",
    "nu": "rolecall init nu | save --force rolecall.nu, then: source rolecall.nu",
}
"""The line that loads it, by shell."""


def script(shell: str) -> str:
    """The text for a shell of `SHELLS`."""
    path = os.path.join(os.path.dirname(__file__), _FILES[shell])
    with open(path, encoding="utf-8") as file:
        return file.read()
