"""The person's own editor, on a file."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from profiles.errors import ConfigUnreadable

if TYPE_CHECKING:
    from profiles.machine import Machine


def edit_settings(machine: Machine, terminal: int | None = None) -> int:
    """Open the settings file in `$VISUAL`, `$EDITOR` or vi; the exit status. It is made if missing.

    Args:
        machine: says which editor, and where the file is.
        terminal: a file descriptor of the terminal it gets; None for this process's streams.

    Raises:
        NotStarted: there is no such editor.
        ConfigUnreadable: the file cannot be made, or the editor's name is no command.
    """
    from profiles.destinations import child
    from profiles.files.state import private_write

    path = machine.settings_file
    editor = machine.env.get("VISUAL") or machine.env.get("EDITOR") or "vi"
    try:
        words = shlex.split(editor)
        if not os.path.exists(path):
            private_write(os.path.realpath(path), b"")  # through a link to nowhere
    except ValueError as error:
        raise ConfigUnreadable(f"not a command: {editor!r} ({error})", "set EDITOR") from error
    except OSError as error:
        raise ConfigUnreadable(f"cannot write the settings {path}: {error.strerror}") from error
    return child.run([*words, path], machine.env_without_keys, terminal)
