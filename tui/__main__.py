"""Command or picker? Decided here, with nothing heavy imported to decide it."""

import os
import sys

from profiles.core_dumps import forbid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


_WITHOUT_KEYS = ("-h", "--help", "help", "-V", "--version", "__complete")


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run rolecall; the exit status is the contract's."""
    words = list(sys.argv[1:] if argv is None else argv)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from tui.streams import open_closed

        open_closed()
    if not words or words[0] not in _WITHOUT_KEYS:
        forbid()
    # Clients wait for this one at each of their runs: even `typing` would cost it a third.
    if len(words) == 2 and words[0] == "credential-process" and _answered(words[1]):
        if argv is None:
            # Nothing is open, and taking Python down in good order takes a fifth of the time.
            os._exit(0)
        return 0
    if words and words[0] in ("-h", "--help", "help"):
        from tui.commands.overview import show_help
        from tui.streams import lost

        status = show_help(words[1:])
        return 1 if lost(sys.stdout) else status
    if words and words[0] in ("-V", "--version"):
        from tui import __version__
        from tui.streams import lost

        print(f"rolecall {__version__}")  # noqa: T201
        return 1 if lost(sys.stdout) else 0
    if words and words[0] == "__complete":
        from tui.completion import complete

        return complete(words[1:])
    from tui.commands import COMMANDS
    from tui.commands.run import run_command, run_picker

    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    return run_picker(words)


def _answered(target: str) -> bool:
    """Whether the session of a target was known well enough to be printed at once."""
    from profiles.quick_answer import answer
    from tui import __version__

    found = answer(target, __version__)
    if found is None:
        return False
    try:
        while found:
            found = found[os.write(1, found) :]
    except OSError:
        return False  # the command itself says why
    return True


if __name__ == "__main__":
    sys.exit(main())
