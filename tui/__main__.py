"""Command or picker? Decided here, with nothing heavy imported to decide it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run rolecall; the exit status is the contract's."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in ("-h", "--help", "help"):
        from tui.commands.overview import show_help

        return show_help(words[1:])
    if words and words[0] in ("-V", "--version"):
        from tui import __version__

        print(f"rolecall {__version__}")  # noqa: T201
        return 0
    from tui.commands.run import run_command, run_picker

    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    return run_picker(words)


if __name__ == "__main__":
    sys.exit(main())
