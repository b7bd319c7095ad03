"""The dialog of a sign-in in a browser: where to go, with which code, and for how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.widgets import Static

from profiles.times import countdown
from tui.screens.dialog import Dialog, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from profiles.challenges import SignIn
    from tui.widgets.pane import Look

_AROUND = 14
"""Lines of the dialog beside its QR code."""
_BLOCKS = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
_PAPER = Style(color="#ffffff", bgcolor="#000000")


class SignInDialog(Dialog[str]):
    """Stays until the sign-in is done, and closes by itself; esc stops it.

    Args:
        look: how it is drawn.
        challenge: the sign-in.
        now: the clock, seconds since 1970.
        browse: opens an address; whether it was opened.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "browse", "open", id="sign_in_browse", tooltip="Open it in the browser"),
        Binding("y", "copy", "copy", id="sign_in_copy", tooltip="Copy the address"),
    ]

    def __init__(
        self,
        look: Look,
        challenge: SignIn,
        now: Callable[[], float],
        browse: Callable[[str], bool],
    ) -> None:
        super().__init__(look, f"Sign in to {challenge.name}", "o opens it · y copies · esc stops")
        self._challenge = challenge
        self._now = now
        self._browse = browse
        self._said = "the browser is open: go on there" if challenge.opened else ""
        self._state = Static(id="state", markup=False)
        self.add_class("-sign-in")

    def content(self) -> Iterable[Widget]:
        """What to do, the address, the code, and the same as a QR code where it fits."""
        palette, said = self.look.palette, self.look.said
        challenge = self._challenge
        if challenge.role != challenge.name:
            yield lines(
                [(said(challenge.role), palette.strong), (" waits for it", palette.muted)], []
            )
        yield lines([(said(challenge.url), palette.base)])
        if challenge.code:
            yield lines(
                [],
                [("The code there: ", palette.muted), (said(challenge.code), palette.strong)],
                [],
            )
            code = self._qr_code(challenge.url)
            if code is not None:
                yield Static(code, id="qr", markup=False)
        yield self._state

    def on_mount(self) -> None:
        """Count the time it still waits."""
        self._tick()
        self.set_interval(1, self._tick, name="sign-in")

    def action_browse(self) -> None:
        """Open the address."""
        self.run_worker(self._opened(), exclusive=True)

    async def _opened(self) -> None:
        opened = await asyncio.to_thread(self._browse, self._challenge.url)
        self._said = "opened in the browser" if opened else "there is no browser here: copy it"
        self._tick()

    def action_copy(self) -> None:
        """Copy the address."""
        self.app.copy_to_clipboard(self._challenge.url)
        self._said = "copied"
        self._tick()

    def _tick(self) -> None:
        palette = self.look.palette
        left = max(int(self._challenge.expires_at - self._now()), 0)
        text = Text(f"waiting, {countdown(left)} left", palette.muted)
        if self._said:
            text.append(f" · {self._said}", palette.base)
        self._state.update(text)

    def _qr_code(self, url: str) -> Text | None:
        """The address for a phone's camera, two rows a line; None where it does not fit.

        A code has to be dark on light, with a light margin, whatever the theme (ISO 18004).
        """
        if not self.look.glyphs.unicode:
            return None
        import segno

        rows = [tuple(row) for row in segno.make_qr(url, error="l").matrix_iter(border=2)]
        size = self.app.size
        if len(rows) // 2 + _AROUND > size.height or len(rows) + 8 > size.width:
            return None
        rows.append((0,) * len(rows[0]))
        text = Text("\n").join(
            Text("".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)), _PAPER)
            for upper, lower in zip(rows[::2], rows[1::2], strict=False)
        )
        text.no_wrap = True
        return text
