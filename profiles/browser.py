"""Opening an address in a person's browser, where there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profiles.machine import Machine
    from profiles.settings import Settings

_NONE = "none"
_DISPLAYS = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
# In a process of its own, which gets no terminal: a text browser would take it from who asks.
_SYSTEM = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def open_url(machine: Machine, settings: Settings, url: str) -> bool:
    """Open an address by the setting `browser`, else as the system would; whether it was opened.

    Args:
        url: `https://…`, or `http://` on this machine.
    """
    if not has_browser(machine, settings) or not url.startswith(("https://", "http://")):
        return False
    own = settings.argv("browser")
    argv = [word.replace("{url}", url) for word in own] or [sys.executable, "-c", _SYSTEM, url]
    if own and argv == list(own):
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
