"""Everything that can be wrong with AWS access on this machine, each with what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.catalogue.catalogue import Catalogue
from profiles.errors import ConfigUnreadable, RolecallError
from profiles.insight.checks import (
    clock,
    environment,
    files,
    key_names,
    leftovers,
    sources,
    terminal,
    tools,
)
from profiles.insight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.machine import Machine


def examine(machine: Machine) -> Iterator[Finding]:
    """Look at everything; what is wrong comes as it is found, the files first, the network last."""
    yield from files.check(machine)
    try:
        catalogue = Catalogue.load(machine)
    except ConfigUnreadable as error:
        if error.summary.startswith("the settings"):
            yield _settings(error)
        return  # the files said it
    except RolecallError as error:
        yield _settings(error)
        return
    for warning in catalogue.settings.warnings:
        yield Finding("settings", machine.settings_file, warning, "rolecall config edit")
    yield from key_names.check(machine)
    for look in (sources, leftovers, environment, tools, terminal, clock):
        yield from look.check(machine, catalogue)


def _settings(error: RolecallError) -> Finding:
    return Finding(
        "settings", "the settings", error.summary, error.hint or "rolecall config edit opens them"
    )
