"""The settings screen: every setting with its value's origin, and every key, changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Static

from profiles.errors import RolecallError
from profiles.settings import KNOWN, RENEW, load_settings, setting_value
from profiles.settings_writer import save_binding, save_setting
from tui.screens import keys
from tui.screens.remapping import refused_key
from tui.screens.settings_rows import IN_FILE, rows_of
from tui.widgets.filter_line import FilterLine
from tui.widgets.keys_footer import FooterKey, KeysFooter
from tui.widgets.settings_list import KEY, SETTING, SettingsList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.types import CSSPathType

    from profiles.machine import Machine
    from profiles.settings import Settings
    from tui.app import RolecallApp
    from tui.widgets.pane import Look, Pane
    from tui.widgets.settings_list import Row


class SettingsScreen(Screen[None], inherit_bindings=False):
    """Lines that are changed where they stand.

    Args:
        look: how it is drawn.
        machine: where the file and the environment are.
        settings: as they were last read.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = "settings.tcss"
    AUTO_FOCUS = "#settings"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.SETTINGS)

    def __init__(self, look: Look, machine: Machine, settings: Settings) -> None:
        super().__init__()
        self.look = look
        self.machine = machine
        self.settings = settings
        self._error = ""
        self.list = SettingsList(look, _short(machine))
        self.footer = KeysFooter(look)
        self.note = Static(id="note", markup=False)

    @property
    def host(self) -> RolecallApp:
        """The app, by its own class."""
        return cast("RolecallApp", self.app)

    def compose(self) -> ComposeResult:
        """The list, what is said of a line, the keys."""
        yield from (self.footer, self.note, self.list)

    def on_mount(self) -> None:
        """Read the file as it is now."""
        self.host.theme_changed_signal.subscribe(self, lambda _: self.use_look(self.host.look))
        self._read()

    def use_look(self, look: Look) -> None:
        """Draw everything in another look."""
        self.look = self.list.look = self.footer.look = look
        self.list.refresh()
        self.footer.refresh()
        self._explain()

    def on_resize(self) -> None:
        """Give the note one line where there are few."""
        self.set_class(self.app.size.height < 12, "-low")

    # What is shown -----------------------------------------------------------------------

    def _read(self) -> bool:
        """Read the file again; whether it could be, and said what is shown."""
        try:
            settings = load_settings(self.machine)
        except RolecallError as error:
            self._show()
            self._fail(error)
            return False
        same = settings == self.settings
        if not same:
            self.settings = settings
            self.host.use_settings(settings)
        self._show()
        return same

    def _show(self) -> None:
        self.list.show(rows_of(self.settings, self.host.current_key))
        self._explain()

    def _explain(self) -> None:
        """Say what the highlighted line is for, or what is wrong."""
        row, palette = self.list.row, self.look.palette
        text = Text()
        if self._error:
            text.append(
                f"{self.look.glyphs.expired} {self.look.said(self._error)}", palette.critical
            )
        elif self.list.waiting:
            text.append("the key to be pressed for it from now on; esc leaves it", palette.base)
        elif row is not None:
            origin = f"[{row.origin}] " if row.origin else ""
            text.append(self.look.said(origin), palette.accent)
            text.append(self.look.said(row.about), palette.base)
        self.note.update(text)
        self._show_keys()

    def _show_keys(self) -> None:
        if self.list.waiting:
            shown = [FooterKey("esc", "stop", "stop")]
        elif self.list.typing is not None:
            shown = [FooterKey("enter", "save", "take"), FooterKey("esc", "stop", "stop")]
        else:
            bindings = (keys.BY_ID[name] for name in keys.FOOTER_SETTINGS)
            shown = [
                FooterKey(self.host.current_key(key), key.description, key.action)
                for key in bindings
            ]
        self.footer.show(shown)

    def _fail(self, error: RolecallError) -> None:
        self._error = " ".join(filter(None, (error.summary, error.hint)))
        self._explain()

    # Keys --------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """Type into a line, take the key that is waited for, or run a key's action."""
        event.stop()
        event.prevent_default()
        if self.app.screen is not self:  # typed ahead, for what opens or what was below
            self.app.post_message(Key(event.key, event.character))
        elif self.list.waiting:
            self._pressed(event.key)
        elif self.list.typing is not None:
            self._typed(event.key, event.character)
        else:
            self._error = ""
            found = self.active_bindings.get(event.key)
            if found is not None and found.node is self:
                await self.run_action(found.binding.action)
            self._explain()

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the line."""
        event.stop()
        if self.list.typing is not None:
            self.list.typing.insert(event.text)
            self._judge()

    def on_pane_pointed(self, message: Pane.Pointed) -> None:
        """A click highlights; a second one on the same row changes it."""
        message.stop()
        if self.list.typing is None and not self.list.waiting:
            self._error = ""
            if self.list.point(message.index):
                self.action_change()
            self._explain()

    async def on_keys_footer_pressed(self, message: KeysFooter.Pressed) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action)

    def action_stop(self) -> None:
        """Leave the line as it was."""
        self.list.typing, self.list.waiting, self._error = None, False, ""
        self.list.refresh()
        self._explain()

    def action_take(self) -> None:
        """Save what was typed."""
        row, typing = self.list.row, self.list.typing
        if row is None or typing is None:
            return
        if self._judge():
            self.action_stop()
            self._save(row, typing.text.strip() or None)

    def _typed(self, key: str, character: str | None) -> None:
        if key == "enter":
            self.action_take()
        elif key == "escape":
            self.action_stop()
        elif self.list.typing is not None and self.list.typing.key(key, character):
            self._judge()

    def _judge(self) -> bool:
        """Say what is wrong with what is typed; whether nothing is."""
        row, typing = self.list.row, self.list.typing
        self._error = ""
        if row is not None and typing is not None and typing.text.strip():
            try:
                setting_value(row.name, typing.text.strip())
            except RolecallError as error:
                self._error = error.summary
        self.list.refresh()
        self._explain()
        return not self._error

    # Changing ----------------------------------------------------------------------------

    def action_change(self) -> None:
        """Change the highlighted line."""
        row = self.list.row
        if row is None or self._refused(row):
            return
        if row.kind == KEY:
            self.list.waiting = True
        elif row.name == "theme":
            self._choose_theme(row)
        elif KNOWN[row.name][0] == "flag":
            self._save(row, "false" if (row.value or row.usual) == "true" else "true")
        elif KNOWN[row.name][0] == "renew":
            self._choose(row)
        else:
            self.list.typing = FilterLine(row.value)
        self.list.refresh()

    def _refused(self, row: Row) -> bool:
        """Say why a line cannot be changed here; whether it cannot."""
        if row.kind not in (SETTING, KEY):
            self._error = IN_FILE
        elif row.origin == "environment":
            variable = f"ROLECALL_{row.name.upper()}"
            self._error = f"{variable} is set in the environment and counts before the file"
        return bool(self._error)

    def action_reset(self) -> None:
        """Take the highlighted line out of the file."""
        row = self.list.row
        if row is None or self._refused(row):
            return
        if row.origin == "default":
            self._error = f"{row.name} is not in the file"
        elif row.kind == KEY:
            self._bind(row, None)
        else:
            self._save(row, None)

    def _choose(self, row: Row) -> None:
        from tui.screens.menu import Menu

        options = [(word, word) for word in RENEW]
        self.app.push_screen(Menu(self.look, row.name, options), self._chosen(row))

    def _choose_theme(self, row: Row) -> None:
        from tui.screens.theme_menu import ThemeMenu

        before = self.app.theme
        self.app.push_screen(
            ThemeMenu(self.look, self.app.available_themes, before), self._chosen(row)
        )

    def _chosen(self, row: Row) -> Callable[[str | None], None]:
        def chosen(value: str | None) -> None:
            if value is not None:
                self._save(row, value)

        return chosen

    def _save(self, row: Row, text: str | None) -> None:
        """Write one setting, unless others changed it since it was read."""

        def write() -> None:
            save_setting(self.machine, row.name, text)

        self._write(row, write)

    def _bind(self, row: Row, key: str | None) -> None:
        def write() -> None:
            save_binding(self.machine, row.name, key)

        self._write(row, write)

    def _write(self, row: Row, write: Callable[[], None]) -> None:
        try:
            now = load_settings(self.machine)
            if self._in_file(now, row) != self._in_file(self.settings, row):
                self._read()
                self._error = f"{row.name} was changed by others meanwhile: this is what it is now"
                self._explain()
                return
            write()
        except RolecallError as error:
            self._fail(error)
            return
        self.host.picker.files_written()  # stages, accounts and roles may be others now
        self._error = ""
        self._read()

    def _in_file(self, settings: Settings, row: Row) -> object:
        return settings.keys.get(row.name) if row.kind == KEY else settings.values.get(row.name)

    def _pressed(self, key: str) -> None:
        """Give the highlighted binding the key that was pressed."""
        row = self.list.row
        self.list.waiting = False
        self.list.refresh()
        if row is None or key == "escape":
            self._explain()
            return
        binding = keys.BY_ID[row.name]
        self._error = refused_key(binding, key, self.settings.keys) or ""
        if not self._error:
            self._bind(row, key)
        self._explain()

    # The file ----------------------------------------------------------------------------

    def action_edit_file(self) -> None:
        """Hand the terminal to the person's editor, and read what it left."""
        from tui.editor import edit_settings
        from tui.screens.handing import hand_terminal

        status, failure = hand_terminal(
            self.app, "the editor", lambda terminal: edit_settings(self.machine, terminal)
        )
        self._read()
        self.host.picker.files_written()
        if failure is not None:
            self._fail(failure)
        elif status and not self._error:
            self._error = f"the editor ended with status {status}"
        self._explain()

    # Moving ------------------------------------------------------------------------------

    def action_down(self) -> None:
        """One line down."""
        self.list.move(1)

    def action_up(self) -> None:
        """One line up."""
        self.list.move(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self.list.move(self.list.page)

    def action_page_up(self) -> None:
        """A page up."""
        self.list.move(-self.list.page)

    def action_first(self) -> None:
        """To the first line."""
        self.list.move_to_end(last=False)

    def action_last(self) -> None:
        """To the last line."""
        self.list.move_to_end(last=True)

    def action_help(self) -> None:
        """Every key of this screen."""
        from tui.screens.help import HelpScreen

        sections = {"Settings": keys.SETTINGS}
        self.app.push_screen(HelpScreen(self.look, lambda _: None, self.host.current_key, sections))

    def action_close(self) -> None:
        """Back to the roles."""
        self.dismiss()


def _short(machine: Machine) -> str:
    """The file, from the home folder on where it lies there."""
    path, home = machine.settings_file, machine.home
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path
