"""Production, staging, development: which stage a role belongs to, by pattern."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role
    from profiles.model import Stage
    from profiles.settings import Settings


_ANY = "[^\\n]*"


class Stages:
    """The stages of the settings, compiled once.

    An account's own `stage` comes first; then the first stage, in the settings' order, one of
    whose globs matches the account's name or id, the role's name or ARN, or the profile's name.
    """

    def __init__(self, settings: Settings) -> None:
        self._stages: tuple[tuple[Stage, re.Pattern[str]], ...] = tuple(
            (stage, _pattern(stage.match)) for stage in settings.stages if stage.match
        )
        by_name = {stage.name: stage for stage in settings.stages}
        self._accounts: Mapping[str, Stage] = {
            account: by_name[entry["stage"]]
            for account, entry in settings.accounts.items()
            if entry.get("stage") in by_name
        }

    def of(self, role: Role, account_name: str | None) -> Stage | None:
        """The role's stage; None where no pattern matches."""
        account = role.account_id
        if account is not None and account in self._accounts:
            return self._accounts[account]
        if not self._stages:
            return None
        subject = (
            f"{role.name}\n{account_name or ''}\n{account or ''}\n{role.role_name or ''}\n"
            f"{role.role_arn or ''}"
        ).lower()
        for stage, pattern in self._stages:
            if pattern.search(subject):
                return stage
        return None


def _pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all globs, each against one whole line, whatever its case.

    A `*` at an end needs no anchor there: `*prod*` is a plain search for `prod`, which ten
    thousand roles do not notice.
    """
    lines = []
    for glob in globs:
        inner = glob.strip("*")
        # `translate` gives `(?s:BODY)\Z`; a line is to end at its newline instead.
        body = (
            translate(inner.lower()).removeprefix("(?s:").removesuffix(")\\Z").removesuffix(")\\z")
        )
        start = "" if glob.startswith("*") else "^"
        end = "" if glob.endswith("*") else "$"
        lines.append(f"{start}(?:{body.replace('.*', _ANY)}){end}")
    return re.compile("|".join(lines), re.MULTILINE)
