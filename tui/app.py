"""The full-screen app: wiring only."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import App
from textual.geometry import Size
from textual.theme import BUILTIN_THEMES

from profiles.errors import Cancelled, Internal
from profiles.switcher import Switcher
from tui.log import Log
from tui.screens import keys
from tui.screens.picker import PickerScreen
from tui.terminal import (
    BELL,
    KEEP_TITLE,
    TITLE_BACK,
    has_sixteen_colours,
    keeps_titles,
    notice,
    titled,
)
from tui.widgets.glyphs import glyphs_for
from tui.widgets.palette import meanings, palette_of
from tui.widgets.pane import Look
from tui.widgets.themes import DARK, OURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import Binding, BindingType
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.theme import Theme

    from profiles.clipboard import Tool
    from profiles.errors import RolecallError
    from profiles.machine import Machine
    from profiles.request import Request
    from profiles.session import Session
    from profiles.settings import Settings
    from tui.screens.errands import Errands

__all__ = ["RolecallApp", "choose", "pick", "run"]

_INLINE = 12
"""Lines of the picker under the prompt."""


def run(machine: Machine, filter_words: str = "") -> int:
    """Open the picker on the terminal; the exit status.

    Args:
        machine: its surroundings.
        filter_words: the filter to begin with.

    Raises:
        ConfigUnreadable: a file is there and cannot be read.
        Internal: a defect ended the app; the terminal is restored.
    """
    app = RolecallApp(_switcher(machine), filter_words)
    _run(app, machine)
    return app.return_code or 0


def choose(machine: Machine, filter_words: str, request: Request) -> Session:
    """Open the picker to take a role in it, for the shell that waits; that role's session.

    Args:
        machine: its surroundings.
        filter_words: the filter to begin with.
        request: what was asked of the session.

    Raises:
        Cancelled: none was taken.
        ConfigUnreadable, Internal: see `run`.
    """
    app = RolecallApp(_switcher(machine), filter_words, choosing=request)
    _run(app, machine)
    if app.handed is None:
        raise Cancelled("no role was taken", "the shell is as it was")
    return app.handed


def pick(machine: Machine, filter_words: str, *, inline: bool) -> str | None:
    """Open the picker to take a role's name in it, without a session; None where none was taken.

    Args:
        machine: its surroundings.
        filter_words: the filter to begin with.
        inline: take some lines under the prompt, and leave the rest of the terminal as it is.

    Raises:
        ConfigUnreadable, Internal: see `run`.
    """
    app = RolecallApp(_switcher(machine), filter_words, naming=True, inline=inline)
    _run(app, machine)
    return app.named


def _switcher(machine: Machine) -> Switcher:
    """The way through, that keeps what it does for the log's screen: nobody could read it now."""
    return Switcher(machine._replace(log=Log(machine.now)))


def _run(app: RolecallApp, machine: Machine) -> None:
    app.run(mouse=app.mouse)
    app.picker_ended()
    for entry in app.kept_log.entries:
        machine.log(entry.text)
    if app.defect is not None:
        from tui.report import keep_report

        path = keep_report(machine, app.defect)
        raise Internal(
            f"the picker stopped ({type(app.defect).__name__})",
            f"{path} says where, without names and values" if path else "rolecall -vv shows where",
        ) from app.defect


class RolecallApp(App[int], inherit_bindings=False):
    """The picker and the dialogs over it.

    Args:
        switcher: the one way through.
        filter_words: the filter to begin with.
        choosing: what is asked of the session that a shell waits for: `enter` hands it over.
        naming: `enter` gives the role's name, and no session is made.
        inline: draw some lines under the prompt.

    Attributes:
        handed: the session for that shell, once there is one.
        named: the name of the role that was taken.
        mouse: whether the mouse is the picker's.
        still: whether nothing is to move by itself.
        kept_log: what was done in this run.
        title_taken: what gives the window our title.
        title_given_back: what gives it its own again.
        defect: the exception that ended the app, if one did.
    """

    CSS_PATH = "app.tcss"
    TITLE = "rolecall"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = list(keys.EVERYWHERE)

    INLINE_PADDING = 0

    def __init__(
        self,
        switcher: Switcher,
        filter_words: str = "",
        *,
        choosing: Request | None = None,
        naming: bool = False,
        inline: bool = False,
    ) -> None:
        env = switcher.machine.env
        no_color = "NO_COLOR" in env
        self.inline = inline
        self._sixteen = not no_color and has_sixteen_colours(env)
        # Textual's own answer to NO_COLOR is greys; with the terminal's own colours it is none.
        super().__init__(ansi_color=True if no_color or self._sixteen else None)
        settings = switcher.catalogue.settings
        self.switcher = switcher
        self.choosing = choosing
        self.naming = naming
        self.handed: Session | None = None
        self.named: str | None = None
        log = switcher.machine.log
        self.kept_log = log if isinstance(log, Log) else Log(switcher.machine.now)
        self.mouse = settings.values.get("mouse") is not False
        if settings.values.get("motion") is False:
            self.animation_level = "none"
        self.still = self.animation_level == "none"
        self._bell = settings.values.get("bell") is True
        kept = keeps_titles(env)
        self.title_taken = KEEP_TITLE + titled(self.TITLE or "") if kept else ""
        self.title_given_back = TITLE_BACK if kept else ""
        self.defect: Exception | None = None
        self._errands: Errands | None = None
        self._words = filter_words
        self._plain = no_color
        self._glyphs = glyphs_for(env, ascii_wanted=settings.values.get("ascii") is True)
        self._remapped = settings.keys
        for theme in OURS:
            self.register_theme(theme)
        self._theme_said = settings.text("theme")
        self._begin_with(self._theme_of(settings))
        self.set_keymap(settings.keys)

    def _begin_with(self, theme: str) -> None:
        """Put a theme on before anything is styled; set later, it would be parsed twice."""
        self.set_reactive(App.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    @property
    def look(self) -> Look:
        """How everything is drawn in the theme that is on."""
        return Look(palette_of(self.theme_variables, no_color=self._plain), self._glyphs)

    @property
    def picker(self) -> PickerScreen:
        """The screen at the bottom."""
        return cast("PickerScreen", self.screen_stack[0])

    def picker_ended(self) -> None:
        """Stop what still runs, and give a write that is going on a moment."""
        if self._errands is not None:
            self._errands.close()

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, with ours for what themes of others leave open."""
        variables = super().get_css_variables()
        if self._sixteen and not self.current_theme.ansi:
            # Mixed colours come out as any of the sixteen, letters and ground alike.
            like = BUILTIN_THEMES["ansi-dark" if self.current_theme.dark else "ansi-light"]
            named = like.to_color_system().generate() | like.variables
            variables = {**self.get_theme_variable_defaults(), **named}
        self.theme_variables = variables | meanings(variables)
        return self.theme_variables

    def get_driver_class(self) -> type[Driver]:
        """Our own driver where Textual's is for Linux and macOS."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from tui.screens.quick_driver import InlineDriver, QuickDriver

        return InlineDriver if self.inline else QuickDriver

    @property
    def room(self) -> Size:
        """The columns and lines that the picker has."""
        width, height = self.size
        return Size(width, min(height, _INLINE)) if self.inline else self.size

    def get_default_screen(self) -> Screen[None]:
        """The picker."""
        screen = PickerScreen(self.switcher, self.look, self._words)
        self._errands = screen.errands
        return screen

    def on_mount(self) -> None:
        """Once the first frame stands, do what it did without."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        # After ctrl+z and fg Textual finds its size unchanged and draws nothing.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if not self.is_headless:
            # By themselves these would leave the terminal as the app had it.
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._ended_by, number)
        self.call_after_refresh(self._first_frame_stands)

    def _first_frame_stands(self) -> None:
        gc.freeze()
        gc.enable()
        self.picker.begin()
        if self.choosing is not None:
            self.picker.say("enter hands a role's session to the shell that waits")

    def give_name(self, name: str) -> None:
        """Leave, with the name of a role."""
        self.named = name
        self.exit(0)

    def hand_over(self, session: Session) -> None:
        """Leave, with the session for the shell that waits."""
        self.handed = session
        self.exit(0)

    def action_suspend_process(self) -> None:
        """Stop, as other programs do; not where a shell waits, which could not let us go on."""
        if self.choosing is None and not self.naming:
            super().action_suspend_process()

    def _ended_by(self, number: signal.Signals) -> None:
        self.exit(128 + number, return_code=128 + number)

    def _theme_changed(self, theme: Theme) -> None:
        del theme
        self.picker.use_look(self.look)

    def use_settings(self, settings: Settings) -> None:
        """Draw and listen by other settings from now on."""
        env = self.switcher.machine.env
        self._glyphs = glyphs_for(env, ascii_wanted=settings.values.get("ascii") is True)
        self._remapped = settings.keys
        self.set_keymap(settings.keys)
        if settings.text("theme") != self._theme_said:  # else one of the palette's may be on
            self._theme_said = settings.text("theme")
            self.theme = self._theme_of(settings)
        self.picker.use_look(self.look)
        self.picker.show_keys()

    def _theme_of(self, settings: Settings) -> str:
        named = settings.text("theme")
        return named if named is not None and named in self.available_themes else DARK.name

    # Keys --------------------------------------------------------------------------------

    def current_key(self, binding: Binding) -> str:
        """How the key of a binding is written, remapped or not."""
        own = self._remapped.get(binding.id or "")
        return keys.spelt(own) if own else keys.written(binding)

    def current_key_of(self, name: str) -> str:
        """The same, by the binding's id."""
        return self.current_key(keys.BY_ID[name])

    def action_leave(self) -> None:
        """Leave at once."""
        self.exit(130, return_code=130)

    # The clipboard -----------------------------------------------------------------------

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text that is no secret."""
        self.copy(text)

    def copy(
        self, text: str, then: Callable[[str], None] = lambda _: None, *, secret: bool = False
    ) -> None:
        """Copy a text, by the platform's tool or else by the terminal (OSC 52).

        Args:
            then: told what becomes of a secret, once it is copied; else an empty string.
            secret: whether to take it out again, where that can be done.
        """
        from profiles import clipboard

        # Names in AWS files may hold bytes that are no text; a clipboard has no place for them.
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        machine = self.switcher.machine
        found = clipboard.tools(machine.env)
        left = "the terminal keeps it" if secret else ""

        def copied(tool: Tool | None, _error: RolecallError | None) -> None:
            if tool is None:
                super(RolecallApp, self).copy_to_clipboard(text)
            if tool is None or not secret:
                then(left)
                return
            cleared = f"taken out again in {clipboard.CLEARED_AFTER} s"
            then(cleared if tool.alone else f"{cleared}, but the terminal keeps it")
            errands.start("clear", lambda *_: clipboard.clear_later(machine, text, tool), begun)

        def begun(started: object, _error: RolecallError | None) -> None:
            if not started:
                self.picker.say("the clipboard keeps it: what clears it did not start", warn=True)

        errands = self.picker.errands
        if not found:
            copied(None, None)
            return
        errands.start("copy", lambda *_: clipboard.copy(machine, text, found), copied)

    # The terminal ------------------------------------------------------------------------

    def tell_terminal(self, text: str) -> None:
        """Show a sentence in the terminal's own notifications, where it has them, and ring."""
        said = notice(self.switcher.machine.env, text) + (BELL if self._bell else "")
        if self._driver is not None and said:
            self._driver.write(said)

    def _handle_exception(self, error: Exception) -> None:
        """Keep the defect for whoever called `run`; a traceback with values could show secrets."""
        self.defect = self.defect or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()
