"""The help: every key of a screen, by section, made from the bindings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui.screens import keys
from tui.screens.dialog import lines
from tui.screens.scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rich.style import Style
    from textual.binding import BindingType
    from textual.widgets import Static

    from tui.widgets.pane import Look

_KEY = 10


class HelpScreen(Scrolling):
    """Key, what it does, and where it cannot run now, why.

    Args:
        look: how it is drawn.
        refused: why an action cannot run now, or None.
        written: how a binding's key is written.
        sections: the bindings; those of the picker where none are given.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "no", "close", id="help_close", tooltip="Close the help")
    ]

    def __init__(
        self,
        look: Look,
        refused: Callable[[str], str | None],
        written: Callable[[Binding], str],
        sections: Mapping[str, Iterable[Binding]] = keys.SECTIONS,
    ) -> None:
        super().__init__(look, "Keys", "esc closes", "help")
        self._refused = refused
        self._written = written
        self._sections = sections

    def read(self) -> Static:
        """The sections."""
        palette = self.look.palette
        said: list[list[tuple[str, Style]]] = []
        for section, bindings in self._sections.items():
            shown = [key for key in bindings if key.id not in _MERGED]
            if section == "rolecall":
                shown += keys.EVERYWHERE
            said += [[(section, palette.strong)]]
            for binding in shown:
                key = _MERGED_INTO.get(binding.id or "") or self._written(binding)
                reason = self._refused(binding.action)
                grey = reason is not None
                line = [(f"  {key:<{_KEY}}", palette.faint if grey else palette.accent)]
                line.append((binding.tooltip, palette.faint if grey else palette.base))
                said.append(line)
            said.append([])
        return lines(*said[:-1])


# Nine keys that do the same with nine favourites are one line.
_MERGED = {f"favourite_{number}" for number in range(2, 10)}
_MERGED_INTO = {"favourite_1": "1 … 9"}
