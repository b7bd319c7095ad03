"""What rolecall stands on: Python and its packages, the secret store, a browser."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from profiles.browser import has_browser
from profiles.errors import RolecallError
from profiles.files.key_names import key_names
from profiles.insight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine

_OLDEST = {"botocore": (1, 43), "textual": (8, 2)}


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Look at what is installed and what the roles need of it."""
    for package, oldest in _OLDEST.items():
        found = metadata.version(package)
        if tuple(int(part) for part in found.split(".")[:2]) < oldest:
            wanted = ".".join(map(str, oldest))
            yield Finding(
                "version", package, f"it is {found}, and rolecall needs {wanted}", "pipx reinstall"
            )
    stored = key_names(machine)
    if stored:
        from profiles import key_store

        try:
            key_store.names(machine)
        except RolecallError as error:
            yield Finding(
                "keyring", f"keys {', '.join(stored)}", error.summary, error.hint or "unlock it"
            )
    signs_in = any(role.kind in ("sso", "saml") for role in catalogue.roles)
    if signs_in and not has_browser(machine, catalogue.settings):
        yield Finding(
            "browser",
            "sign-ins",
            "there is no browser here that could be opened",
            "rolecall login --device-code shows a code for a browser elsewhere",
            broken=False,
        )
