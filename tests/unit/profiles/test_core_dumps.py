"""A process that holds keys leaves no core when it crashes; what a person runs in it may."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIMITS = "sed -n 's/^Max core file size *//p' /proc/{}/limits"
PATTERN = Path("/proc/sys/kernel/core_pattern")
# A limit of 0 does not keep Linux from handing a core to a program.
FORBIDDEN = "1" if PATTERN.exists() and PATTERN.read_text().startswith("|") else "0"


def raised():
    """In the child, before it is anything: as a developer's shell has it."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


needs_a_limit = pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="no core may be left here at all"
)
needs_proc = pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="no /proc")


def python(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        preexec_fn=raised,
    )


@needs_a_limit
def test_a_crash_leaves_no_core(tmp_path):
    crash = "import os; pid = os.fork() or os.abort(); print(os.WCOREDUMP(os.waitpid(pid, 0)[1]))"
    if python(crash, tmp_path).stdout != "True\n":
        pytest.skip("this machine keeps no cores")
    forbidden = f"from profiles.core_dumps import forbid; forbid(); {crash}"
    assert python(forbidden, tmp_path).stdout == "False\n"


@needs_a_limit
@needs_proc
@pytest.mark.parametrize("command", ["assume vault", "credential-process vault", "export vault"])
def test_commands_that_get_keys_leave_none(lonely_home, tmp_path, command):
    told = tmp_path / "told"
    vault = tmp_path / "vault"
    vault.write_text(f"#!/bin/sh\n{LIMITS.format('$PPID')} >{told}\nexit 1\n")
    vault.chmod(0o755)
    lonely_home.profile("vault", credential_process=vault)
    subprocess.run(
        [sys.executable, "-m", "tui", *command.split()],
        env=lonely_home.env | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        preexec_fn=raised,
    )
    assert told.read_text().split()[0] == FORBIDDEN


@needs_a_limit
def test_the_quick_answer_leaves_none(tmp_path):
    code = (
        "import resource, sys; sys.argv = ['rolecall', 'credential-process', 'x']\n"
        "import tui.__main__ as main\n"
        "def look(target): print(resource.getrlimit(resource.RLIMIT_CORE)[0]); return True\n"
        "main._answered = look; main.main(['credential-process', 'x'])"
    )
    assert python(code, tmp_path).stdout.strip() == FORBIDDEN


@needs_a_limit
@needs_proc
def test_the_persons_own_command_has_the_limit_that_it_would_have(tmp_path):
    code = (
        "import os\nfrom profiles import core_dumps\nfrom profiles.destinations import child\n"
        f"core_dumps.forbid()\nlook = ['sh', '-c', {LIMITS.format('self')!r}]\n"
        "child.run(look, os.environ)\ncore_dumps.forbid()\n"
        "print(open('/proc/self/limits').read().split('Max core file size')[1].split()[0],"
        " flush=True)\nchild.replace_process(look, os.environ)"
    )
    done = python(code, tmp_path)
    before, own, after = done.stdout.splitlines()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    allowed = "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    assert (before.split()[0], own, after.split()[0]) == (allowed, FORBIDDEN, allowed), done


def test_a_limit_of_nothing_stays(tmp_path):
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "from profiles import core_dumps as c; c.forbid(); c.allow()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    assert python(code, tmp_path).stdout == "(0, 0)\n"


@needs_a_limit
@pytest.mark.parametrize(("pattern", "limit"), [("|/usr/lib/crash %p", "1"), ("core", "0")])
def test_a_crash_reporter_gets_none_either(tmp_path, pattern, limit):
    (tmp_path / "pattern").write_text(pattern)
    code = (
        "import resource; from profiles import core_dumps as c; c.sys.platform = 'linux'\n"
        f"c._PATTERN = {str(tmp_path / 'pattern')!r}; c.forbid()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    assert python(code, tmp_path).stdout.strip() == limit
