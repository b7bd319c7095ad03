"""Everything that is written goes through `atomic`: whole or not at all, and private."""

from __future__ import annotations

import ast
from pathlib import Path

import profiles

ROOT = Path(profiles.__file__).parents[1]
# The demo's own home is made anew each time; the others write to a terminal or to /dev/null.
ELSEWHERE = {
    "tui/demo/company.py",
    "tui/demo/emulator.py",
    "tui/streams.py",
    "tui/screens/handing.py",
    "tui/commands/run.py",
    "tui/commands/serve.py",
}
MOVES = {"replace", "rename", "renames", "link", "truncate", "ftruncate", "mkfifo", "copyfile"}


def writes(call):
    """What a call writes with, by its look; None where it only reads."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    of = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if of in {"os", "shutil"} and name in MOVES:
        return f"{of}.{name}"
    if name in {"write_text", "write_bytes", "NamedTemporaryFile", "mkstemp"}:
        return name
    if name != "open" or of in {"webbrowser", "browser"}:
        return None
    said = [ast.unparse(each) for each in (*call.args, *(k.value for k in call.keywords))]
    if of == "os":
        return None if any("O_RDONLY" in each for each in said) else name
    modes = [each.strip("'") for each in said if each[:1] == "'" and len(each) <= 5]
    return name if any(set(mode) & set("wax+") for mode in modes) else None


def test_nothing_else_writes_files():
    found = {
        f"{path.relative_to(ROOT)}: {what}"
        for folder in ("profiles", "tui")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and (what := writes(node))
        if str(path.relative_to(ROOT)) not in ELSEWHERE
    }
    assert found == {"profiles/files/atomic.py: os.replace", "profiles/files/atomic.py: open"}


def test_what_writes_is_seen():
    for text in ("open(p, 'w')", "open(p, mode='ab')", "os.open(p, os.O_WRONLY | os.O_CREAT)"):
        assert writes(ast.parse(text).body[0].value) == "open"
    for text in ("open(p, 'rb')", "os.open(p, os.O_RDONLY)", "text.replace('a', 'b')"):
        assert writes(ast.parse(text).body[0].value) is None
