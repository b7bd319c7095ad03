"""Opening an address in a person's browser, where there is one."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine
    from profiles.settings import Settings

_NONE = "none"
_DISPLAYS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
# In a process of its own, which gets no terminal: a text browser would take it from who asks.
_SYSTEM = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_PLACEHOLDERS = ("account", "account_id", "role")
# A Firefox extension's own addresses, such as `ext+container:name=…&url=…`.
_EXTENSION = re.compile(r"ext\+[a-z-]+:")
# Names become folders and containers: nothing leads out of a folder, or reads as an option.
_NOT_IN_NAMES = re.compile(r"[^\w.@ -]+")


def open_url(
    machine: Machine, settings: Settings, url: str, names: Mapping[str, str] | None = None
) -> bool:
    """Open an address by the setting `browser`, else as the system would; whether it was opened.

    Args:
        url: `https://…`, or `http://` on this machine.
        names: for `{account}`, `{account_id}` and `{role}` in the setting, which are empty for
            a sign-in, that is of no role.
    """
    if not has_browser(machine, settings) or not url.startswith(("https://", "http://")):
        return False
    own = settings.argv("browser")
    values = {name: _cleaned((names or {}).get(name, "")) for name in _PLACEHOLDERS} | {"url": url}
    argv = [_filled(word, values) for word in own] or [sys.executable, "-c", _SYSTEM, url]
    if own and not any("{url}" in word for word in own):
        argv.append(url)
    try:
        return machine.start(argv, machine.env_without_keys)
    except OSError as error:
        machine.log(f"browser: {argv[0]}: {error.strerror or error}")
        return False


def has_browser(machine: Machine, settings: Settings) -> bool:
    """Whether a browser is worth a try: not with `browser = "none"`, nor without any display."""
    own = settings.argv("browser")
    if own:
        return own != (_NONE,)
    return sys.platform in ("darwin", "win32") or any(map(machine.env.get, _DISPLAYS))


def only_prints(settings: Settings) -> bool:
    """Whether addresses are to be printed instead: `browser = "none"`."""
    return settings.argv("browser") == (_NONE,)


def _filled(word: str, values: Mapping[str, str]) -> str:
    """A word of the setting; inside an address of an extension values are written as there."""
    inside = _EXTENSION.match(word) is not None
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", quote(value, safe="") if inside else value)
    return word


def _cleaned(name: str) -> str:
    return _NOT_IN_NAMES.sub("-", name).strip(" .-")
