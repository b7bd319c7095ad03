"""The fast paths import neither the AWS SDK nor Textual, and the layers hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = {"boto3", "botocore", "textual", "rich", "dataclasses", "pathlib", "filelock"}


@pytest.mark.parametrize(
    "words", ["--help", "--version", "list", "list --json", "status", "status --json"]
)
def test_a_fast_command_imports_nothing_heavy(tmp_path, words):
    heavy = HEAVY | ({"json", "argparse"} if words.startswith("--") else set())
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[profile x]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n"
    )
    code = (
        "import sys; from tui.__main__ import main; main(sys.argv[1:]);"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        env={"HOME": str(tmp_path), "SHELL": "/bin/bash"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not heavy & set(done.stderr.split())


def test_a_known_session_is_printed_with_hardly_an_import():
    code = "import sys, tui.__main__, profiles.quick_answer; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not {"re", "json", "typing", "subprocess", "tui.commands"} & set(done.stdout.split())


def test_the_app_imports_no_aws_sdk_before_its_first_frame():
    code = "import sys, tui.app; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not {"boto3", "botocore"} & set(done.stdout.split())


def test_the_layers_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_only_one_place_writes_under_the_aws_folder():
    """Besides `profiles/files`, nothing opens a file for writing or renames one."""
    writing = ("open(", "os.replace", "os.rename", "os.open", "shutil.", "os.unlink", "os.remove")
    for path in (ROOT / "profiles").rglob("*.py"):
        if "files" in path.parts:
            continue
        for line in path.read_text().splitlines():
            if any(call in line for call in writing):
                assert "open(" in line, (path, line)
                assert not any(f'"{mode}"' in line for mode in ("w", "wb", "a", "ab", "r+")), (
                    path,
                    line,
                )
