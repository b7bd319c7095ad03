"""Running a command or the picker: errors in one line, exit statuses, signals."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from profiles.errors import Internal, RolecallError, UsageError
from profiles.machine import Machine
from tui.commands import module_of
from tui.streams import lost
from tui.text import masked, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiles.session import Session

INTERRUPTED = 130


def run_command(name: str, words: list[str]) -> int:
    """Run one command; what it prints is its own, how it fails is the same for all."""

    def call(machine: Machine) -> int:
        module: Any = import_module(module_of(name))
        return int(module.run(module.parser().parse_args(words), machine))

    return _guarded(call, words)


def run_picker(words: list[str]) -> int:
    """Open the picker, its filter filled with the words; `--plain` is its line-by-line form."""

    def call(machine: Machine) -> int:
        plain = "--plain" in words
        said = [word for word in words if word not in ("--plain", "-v", "-vv", "--")]
        if unknown := next((word for word in said if word.startswith("-")), None):
            raise UsageError(f"there is no option {unknown}", "rolecall --help")
        query = " ".join(said)
        # `eval "$(rolecall)"`: what is taken in the picker goes to the shell that captures it.
        captured = sys.stdin.isatty() and sys.stderr.isatty() and not sys.stdout.isatty()
        if plain or machine.env.get("TERM") == "dumb":
            if captured:
                from tui.commands.use import chosen_by_number

                return _handed(chosen_by_number(machine, query), machine)
            from tui.plain import run as run_plain

            return run_plain(machine, query)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):  # Textual draws on standard error
            raise UsageError(
                "the picker needs a terminal",
                "without one: rolecall list, rolecall assume TARGET, rolecall exec TARGET -- …",
            )
        if captured:
            from tui.commands.use import chosen

            return _handed(chosen(machine, query), machine)
        # Ten thousand roles and a screen are made at once, and none of them is garbage: looking for
        # some takes a seventh of the first frame. The app turns it on again after that.
        gc.disable()
        from tui.app import run as run_app

        return run_app(machine, query)

    return _guarded(call, words)


def _handed(session: Session, machine: Machine) -> int:
    """Give a session to the calling shell, in the form of `$SHELL`."""
    from profiles.destinations.export import default_format
    from tui.commands.use import hand_over

    hand_over(session, default_format(machine.env), machine)
    return 0


def _guarded(call: Callable[[Machine], int], words: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A letter that this terminal's encoding lacks, or a byte of a file that is no text, is a
        # question mark and no failure.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    own = words[: words.index("--")] if "--" in words else words
    loud = "-vv" in own
    machine = Machine.current()
    if loud or "-v" in own or "--verbose" in own:
        machine = machine._replace(log=_log)
    try:
        status = call(machine)
        sys.stdout.flush()
    except SystemExit as ended:
        # argparse ends so after its help.
        if (why := lost(sys.stdout)) is None:
            raise
        show_error(_unwritten(why), as_json="--json" in own)
        raise SystemExit(Internal.exit_status) from ended
    except RolecallError as error:
        if loud:
            _traceback()
        show_error(error, as_json="--json" in own)
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 — the last door: no traceback reaches a user
        if loud:
            _traceback()
        if isinstance(error, OSError) and (why := lost(sys.stdout)) is not None:
            show_error(_unwritten(why), as_json="--json" in own)
            return Internal.exit_status
        text = " ".join(f"{type(error).__name__}: {error}".split())
        show_error(
            Internal(
                f"a defect of rolecall: {text}", "run it again with -vv and report what it says"
            ),
            as_json="--json" in own,
        )
        return Internal.exit_status
    return status


def _unwritten(why: OSError) -> RolecallError:
    reason = (why.strerror or str(why)).lower()
    return Internal(
        f"cannot write the output: {reason}", "make room where it goes, or send it elsewhere"
    )


def show_error(error: RolecallError, *, as_json: bool = False) -> None:
    """An error on standard error: one line and a hint, or one JSON object."""
    with contextlib.suppress(OSError):  # nobody is left to be told: the exit status still tells
        _print_error(error, as_json=as_json)
    lost(sys.stderr)


def show_errors(errors: Sequence[RolecallError]) -> None:
    """Several errors as one JSON object: the first in its usual place, and all of them."""
    import json

    every = [_body(error) for error in errors]
    with contextlib.suppress(OSError):
        said = {"error": every[0], "errors": every}
        print(json.dumps(said, ensure_ascii=False), file=sys.stderr)
    lost(sys.stderr)


def _body(error: RolecallError) -> dict[str, str | None]:
    hint = error.hint and masked(error.hint)
    return {"code": error.code, "summary": masked(error.summary), "hint": hint}


def _print_error(error: RolecallError, *, as_json: bool) -> None:
    summary, hint = masked(error.summary), error.hint and masked(error.hint)
    if as_json:
        import json

        print(json.dumps({"error": _body(error)}, ensure_ascii=False), file=sys.stderr)
        return
    print(f"rolecall: {printable(summary)}", file=sys.stderr)
    if hint:
        print(f"  hint: {printable(hint)}", file=sys.stderr)


def _log(text: str) -> None:
    print(f"rolecall: {printable(masked(text))}", file=sys.stderr)


def _traceback() -> None:
    import traceback

    sys.stderr.write(masked(traceback.format_exc()))
