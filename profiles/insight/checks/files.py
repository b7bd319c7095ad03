"""The files themselves: found, readable, ours, closed to others, and whole."""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import TYPE_CHECKING

from profiles.errors import RolecallError
from profiles.files.reader import AwsFiles, read_aws_files
from profiles.files.trusted import distrusted
from profiles.insight.finding import Finding, Fix
from profiles.settings import programs_in, settings_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.machine import Machine

_FOR_OTHERS = 0o077
_CHANGED_BY_OTHERS = 0o022


def check(machine: Machine) -> Iterator[Finding]:
    """Look at the AWS files, the caches, the settings and the state folder."""
    yield from _named(machine)
    for path in (machine.config_file, machine.credentials_file):
        yield from _broken_link(path)
    yield from _closed(machine)
    try:
        files = read_aws_files(machine)
    except RolecallError as error:
        remedy = error.hint or "see that you may read it, and that it is a file of text"
        yield Finding("unreadable", "the AWS files", error.summary, remedy)
        return
    yield from _whole(files)


def _named(machine: Machine) -> Iterator[Finding]:
    """A variable that names a file that is not there."""
    for variable, path in (
        ("AWS_CONFIG_FILE", machine.config_file),
        ("AWS_SHARED_CREDENTIALS_FILE", machine.credentials_file),
        ("ROLECALL_CONFIG", machine.settings_file),
    ):
        if machine.env.get(variable) and not os.path.lexists(path):
            yield Finding(
                "missing-file",
                variable,
                f"it names {path}, which is not there",
                f"unset {variable}",
            )


def _broken_link(path: str) -> Iterator[Finding]:
    if os.path.islink(path) and not os.path.exists(path):
        to = os.path.realpath(path)
        yield Finding("broken-link", path, f"it links to {to}, which is not there", f"rm {path}")


def _closed(machine: Machine) -> Iterator[Finding]:
    """Keys are for their owner's eyes; what rolecall acts on, for their hands."""
    yield from _mode(machine.credentials_file, _FOR_OTHERS, "others can read it")
    for folder in (machine.role_cache, machine.sso_cache, machine.state_folder):
        yield from _folder(folder)
    for path in (os.path.dirname(machine.config_file), machine.config_file, machine.settings_file):
        for finding in _mode(path, _CHANGED_BY_OTHERS, "others can change it"):
            yield _looked_at_first(finding, machine.settings_file, machine.home)
    for path in (machine.config_file, machine.credentials_file, machine.settings_file):
        yield from _owner(path)


def _folder(folder: str) -> Iterator[Finding]:
    """A folder that has secrets in its files."""
    yield from _mode(folder, _FOR_OTHERS, "others can read it")
    try:
        with os.scandir(folder) as entries:
            paths = [entry.path for entry in entries if entry.name.endswith(".json")]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = f"chmod u+rwx {folder}, or see whose it is"
        yield Finding("unreadable", folder, f"it cannot be looked into: {reason}", remedy)
        return
    for path in paths:
        yield from _mode(path, _FOR_OTHERS, "others can read it")


def _mode(path: str, unwanted: int, says: str) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return
    # The caches are folders of the AWS CLI's making, which leaves them open: their files are not.
    if not mode & unwanted or (stat.S_ISDIR(os.stat(path).st_mode) and unwanted == _FOR_OTHERS):
        return
    wanted = mode & ~unwanted
    fix = Fix(f"chmod {wanted:o} {path}", partial(os.chmod, path, wanted))
    yield Finding("permissions", path, f"{says} ({mode:o})", fix.says, fix=fix)


def _looked_at_first(finding: Finding, settings: str, home: str) -> Finding:
    """The finding, without its fix where that would have programs trusted that nobody looked at."""
    inside = (settings, os.path.realpath(settings))
    ours = any(f"{each}/".startswith(f"{finding.where}/") for each in inside)
    try:
        judged = ours and distrusted(settings, home)
        named = programs_in(settings_table(settings)) if judged else ()
    except RolecallError:  # it is said to be unreadable, and none of its commands is run
        named = ()
    if not named:
        return finding
    remedy = f"look at the commands in {settings} ({', '.join(named)}), then {finding.remedy}"
    return finding._replace(remedy=remedy, fix=None)


def _owner(path: str) -> Iterator[Finding]:
    try:
        owner = os.stat(path).st_uid
    except OSError:
        return
    if owner != os.geteuid():
        yield Finding(
            "owner",
            path,
            f"it belongs to another user (uid {owner})",
            f"sudo chown {os.geteuid()} {path}",
            broken=False,
        )


def _whole(files: AwsFiles) -> Iterator[Finding]:
    """What an AWS client cannot read."""
    for problem in files.check():
        yield Finding(
            "duplicate-section" if "defined twice" in problem.reason else "syntax",
            f"{problem.path} line {problem.line}",
            problem.reason,
            "make them one" if "twice" in problem.reason else "mend that line",
        )
