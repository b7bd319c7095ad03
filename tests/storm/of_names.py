"""Names made of what steers shells and terminals, wherever a shell or a terminal gets them."""

from __future__ import annotations

import random
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

from profiles.browser import open_url
from profiles.challenges import Confirmation, MfaCode, TagValue
from profiles.destinations.export import Export
from profiles.errors import RolecallError
from profiles.machine import Machine
from profiles.quoted import quoted
from profiles.session import Credentials, Session
from profiles.settings import load_settings
from profiles.unattended import nobody
from tests.storm.storm import Storm
from tui.same_command import same_command
from tui.terminal import notice, titled
from tui.text import printable

if TYPE_CHECKING:
    from pathlib import Path

_PARTS = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned;",
    "& touch pwned &",
    "| touch pwned",
    "\n",
    "'",
    '"',
    "\\",
    "${IFS}",
    "$HOME",
    "$((1))",
    "!!",
    "!1",
    "%PATH%",
    "^",
    "~",
    "*",
    "?",
    "[bold red]",
    "[/]",
    "[@click=app.quit]",
    "{a,b}",
    "<(touch pwned)",
    ">pwned",
    "2>pwned",
    "#",
    "--as",
    "-rf",
    "=",
    ":",
    " ",
    "\t",
    "\x1b[2J",
    "\x1b]0;x\x07",
    "\x9b31m",
    "\x07",
    "\r",
    "\u202e",
    "\u2028",
    "\x85",
    "é",
    "🚀",
    "a",
    "prod",
    "\x1bP",
    "\x1b\\",
    "\x7f",
    "\x00",
)
_SHELLS = {
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    "dash": "bash",
    "ksh": "bash",
    "mksh": "bash",
}
_STEERS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))}


def any_names(folder: Path, count: int, seed: str) -> str:
    """Try that many names."""
    chance = random.Random(seed)
    names = ["".join(chance.choices(_PARTS, k=chance.randint(1, 6))) for _ in range(count)]
    for name in names:
        _shown(name)
        _handed_to_programs(name, folder)
    shells = [shell for shell in _SHELLS if shutil.which(shell)]
    for shell in shells:
        _evaluated(shell, names, folder)
    _pasted(names, folder)
    assert not list(folder.glob("**/pwned")), "a name was run"
    return f"{count} names, {', '.join(shells)}: none was run, none steered a terminal"


def _shown(name: str):
    assert not _STEERS & set(printable(name))
    title = titled(name)
    assert title.startswith("\x1b]2;")
    assert not _STEERS & set(title[4:-1])
    for env in ({"TERM_PROGRAM": "iTerm.app"}, {"TERM": "xterm-kitty"}, {"TMUX": "1"}):
        told = notice(env | {"TERM_PROGRAM": env.get("TERM_PROGRAM", "WezTerm")}, name)
        assert notice(env, "a") == "" or told.count("\x07") <= 2
        assert "\x1b[2J" not in told
    for challenge in (
        MfaCode(name, name, None),
        Confirmation(name, name, name, name, name),
        TagValue(name, name, name),
    ):
        try:
            nobody(challenge)
        except RolecallError as error:
            command = f"{error.hint}".partition(": ")[2]
            if command.startswith("rolecall assume "):
                assert shlex.split(command) == ["rolecall", "assume", name]


def _handed_to_programs(name: str, folder: Path):
    """A name is one argument, with nothing in it that leads out of a folder or is an option."""
    started = []
    machine = Machine(
        env={"ROLECALL_BROWSER": "b --profile={account}-{role} {url}", "DISPLAY": ":1"},
        home=str(folder),
        start=lambda argv, _: started.append(argv) or True,
    )
    assert open_url(
        machine, load_settings(machine), "https://x.test/", {"account": name, "role": name}
    )
    [[program, option, url]] = started
    assert (program, url) == ("b", "https://x.test/")
    assert option.startswith("--profile=")
    assert not set(option) & set("/$`;&|<>\n\x1b'\"\\")


def _session(name: str) -> Session:
    return Session(name, Credentials("ASIAEXAMPLE000000000", name, "token"), 4102444800.0)


def _evaluated(shell: str, names: list[str], folder: Path):
    """What `export` prints sets the variables to what they are, and does nothing else."""
    script, wanted = [], []
    for name in names:
        try:
            lines = Export(_SHELLS[shell]).deliver(_session(name)).text
        except RolecallError:
            assert _STEERS & set(name)  # no session has such, and no shell is told it
            continue
        script += [
            lines,
            "printf '%s\\n' \"$ROLECALL_ROLE\"",
            "printf '%s\\n' \"$AWS_SECRET_ACCESS_KEY\"",
        ]
        wanted += [name, name]
    done = _ran(shell, script, folder)
    assert done.split("\n")[:-1] == wanted


def _pasted(names: list[str], folder: Path):
    """Command lines that are shown, copied or completed are one word for a name."""
    plain = [name for name in names if not _STEERS & set(name)]
    script = [f"printf '%s\\n' {quoted(name)}" for name in plain]
    script += [
        same_command("renew", name).replace("rolecall renew", "printf '%s\\n'") for name in plain
    ]
    done = _ran("bash", script, folder)
    assert done.split("\n")[:-1] == plain * 2


def _ran(shell: str, lines: list[str], folder: Path) -> str:
    script = folder / "script"
    script.write_text("\n".join(lines), newline="")
    done = subprocess.run(
        [shell, str(script)],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout.decode()


STORMS = [
    Storm(
        "names",
        "names that would steer shells and terminals, in every shell that is here: none is run",
        2000,
        100,
        any_names,
    ),
]
