"""What the variables of a terminal say it can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def shows_unicode(env: Mapping[str, str]) -> bool:
    """Whether the locale is UTF-8, or nothing says otherwise.

    The locale's variables say it (POSIX, "Environment Variables", 8.2); where none is set, a
    terminal of today is UTF-8. Python itself sets `LC_CTYPE=C.UTF-8` over a C locale (PEP 538),
    so that one counts only where `LANG` does not say otherwise.
    """
    said = locale_of(env)
    return not said or "utf8" in said.lower().replace("-", "")


def locale_of(env: Mapping[str, str]) -> str:
    """The locale that letters are in; empty where nothing says one."""
    said = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if said == "C.UTF-8" and not env.get("LC_ALL") and env.get("LANG"):
        return env["LANG"]
    return said


def has_all_colours(env: Mapping[str, str]) -> bool:
    """Whether colours are sent as they are, by the variable that terminals agreed on."""
    return env.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit")
