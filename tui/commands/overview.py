"""`rolecall --help`: every command in a line, without a parser."""

from __future__ import annotations

import sys

from tui.commands import COMMANDS

# As in `__main__`: `typing` takes longer to import than the page to print.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = """\
rolecall: a terminal role switcher for AWS

  rolecall                      opens the picker
  rolecall WORDS…               opens it with the filter filled in
  rolecall --plain [WORDS…]     a numbered list with prompts, for screen readers
  rolecall COMMAND [options]    does one thing; every command has --help with examples
"""
_TAIL = """
  -h, --help    this page          -V, --version    the version
  -v            says what is done, on standard error (-vv: with tracebacks)

Exit status: 0 done, 1 failed, 2 usage, 3 a person is needed, 130 interrupted.
"""


def show_help(words: Sequence[str] = ()) -> int:
    """Print the overview, or the help of one command."""
    if words and words[0] in COMMANDS:
        from tui.commands.run import run_command

        return run_command(words[0], ["--help"])
    calls = {name: f"{name} {call}".rstrip() for name, (call, _) in COMMANDS.items()}
    width = max(map(len, calls.values())) + 2
    rows = [f"  {calls[name]:{width}}{does}" for name, (_, does) in COMMANDS.items()]
    sys.stdout.write("\n".join([_HEAD, *rows, _TAIL]))
    return 0
