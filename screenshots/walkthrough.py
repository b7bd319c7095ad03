"""Renders the walkthrough of the README: one SVG that plays scenes of the picker one by one.

    python screenshots/walkthrough.py            writes it
    python screenshots/walkthrough.py --check    writes nothing; exit status 1 where it would change

The frames come from the app under a pilot, in the world of `build.py`; CSS plays them, so that
nothing is needed to see it but a browser. Where motion is not wanted it stands at its first frame.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import build  # noqa: E402  # found by the path above

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.app import RolecallApp

_SIZE = (100, 26)
_SESSIONS = {"data-dev-analyst": 7900, "data-staging-analyst": 598}
_RULE = re.compile(r"\.terminal-(r\d+) \{([^}]*)\}")
_CLASS = re.compile(r'class="terminal-(r\d+)"')
_DRAWN = re.compile(r"<text [^>]*>[^<]*</text>|<rect [^>]*/>")


class Step(NamedTuple):
    """A frame and how it is come to.

    Attributes:
        seconds: how long it is shown.
        keys: what is pressed before it.
    """

    seconds: float
    keys: tuple[str, ...] = ()


STEPS = (
    Step(2.0),
    Step(0.3, ("slash",)),
    *(Step(0.2, (letter,)) for letter in "pay"),
    Step(0.2, ("space",)),
    *(Step(0.2, (letter,)) for letter in "dev"),
    Step(1.2),
    Step(1.0, ("enter",)),
    Step(2.2, ("escape",)),
    Step(2.0, ("y",)),
    Step(0.6, ("escape",)),
    Step(2.6, ("i",)),
    Step(0.6, ("escape",)),
    Step(2.4, ("tab",)),
    Step(1.0, ("tab", "tab")),
    Step(2.4, ("question_mark",)),
    Step(0.8, ("escape",)),
)


def walkthrough() -> str:
    """The SVG."""
    with tempfile.TemporaryDirectory() as folder:
        frames = asyncio.run(_frames(Path(folder)))
    return _played(frames)


async def _frames(folder: Path) -> list[tuple[float, str]]:
    """Each frame with its seconds; one that is like that before it is shown longer."""
    found: list[tuple[float, str]] = []
    scene = build.Scene("walkthrough", _SIZE, _SESSIONS, build.nothing, signed_in=True)
    async with build.opened(scene, folder) as (app, pilot):
        for step in STEPS:
            for key in step.keys:
                await pilot.press(key)
            await _at_rest(app, pilot)
            svg = build.steady(app.export_screenshot(title="rolecall"))
            if found and found[-1][1] == svg:
                found[-1] = (found[-1][0] + step.seconds, svg)
            else:
                found.append((step.seconds, svg))
    return found


async def _at_rest(app: RolecallApp, pilot: Pilot[int]) -> None:
    """Wait until nothing goes on, and without the toasts: how long they stay is not ours."""
    await build.until(pilot, lambda: not app.picker.errands.running)
    app.clear_notifications()
    for _ in range(3):
        await pilot.pause()


def _played(frames: list[tuple[float, str]]) -> str:
    """One SVG of many: each shown at its time, over and over; what they share stands there once."""
    whole = sum(seconds for seconds, _ in frames)
    head, defs, _ = _parts(frames[0][1])
    colours: dict[str, str] = {}
    shared: dict[str, str] = {}
    rules, bodies, at = [], [], 0.0
    for number, (seconds, svg) in enumerate(frames):
        style, _, body = _parts(svg)
        own = {
            name: colours.setdefault(look, f"c{len(colours)}")
            for name, look in _RULE.findall(style)
        }
        body = _CLASS.sub(lambda found, own=own: f'class="{own[found[1]]}"', body)
        body = _DRAWN.sub(
            lambda found: f'<use href="#{shared.setdefault(found[0], f"e{len(shared)}")}"/>', body
        )
        bodies.append(f'<g id="f{number}">{body}</g>')
        start, end = 100 * at / whole, 100 * (at + seconds) / whole
        at += seconds
        first = "0%{visibility:hidden}" if number else ""
        shown = f"{start:.3f}%{{visibility:visible}}{end:.3f}%{{visibility:hidden}}"
        rules.append(f"@keyframes f{number}{{{first}{shown}100%{{visibility:hidden}}}}")
        seen = "hidden" if number else "visible"
        plays = f"animation:f{number} {whole:.2f}s step-end infinite"
        rules.append(f"#f{number}{{visibility:{seen};{plays}}}")
    # Where motion is not wanted, the first frame stands.
    rules.append("@media (prefers-reduced-motion:reduce){g[id^=f]{animation:none!important}}")
    rules += [f".{name} {{{look}}}" for look, name in colours.items()]
    once = [f'<g id="{name}">{drawn}</g>' for drawn, name in shared.items()]
    defs = "\n".join((defs.removesuffix("</defs>"), *once, "</defs>"))
    return "\n".join((_RULE.sub("", head), *rules, "</style>", defs, *bodies, "</svg>\n"))


def _parts(svg: str) -> tuple[str, str, str]:
    """Of a frame: all up to the end of its style, its definitions, what is drawn."""
    style, rest = svg.split("</style>", 1)
    defs, body = rest.split("</defs>", 1)
    return style, defs.strip() + "</defs>", body.rpartition("</svg>")[0].strip()


def main() -> int:
    """Write or check it."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    path = HERE / "walkthrough.svg"
    svg = walkthrough()
    changed = not path.exists() or path.read_text(encoding="utf-8") != svg
    if changed and "--check" not in sys.argv[1:]:
        path.write_text(svg, encoding="utf-8")
    print(f"the walkthrough, {'changed' if changed else 'not changed'}")
    return 1 if "--check" in sys.argv[1:] and changed else 0


if __name__ == "__main__":
    sys.exit(main())
