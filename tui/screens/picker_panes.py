"""The picker's panes: what they are made of and how they share the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tui.screens import keys
from tui.screens.errands import Errands
from tui.widgets.details import Details
from tui.widgets.facts import Facts
from tui.widgets.keys_footer import FooterKey, KeysFooter
from tui.widgets.role_list import RoleList
from tui.widgets.sessions_board import SessionsBoard
from tui.widgets.text import clean
from tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.binding import Binding
    from textual.geometry import Size

    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.switcher import Switcher
    from tui.app import RolecallApp
    from tui.widgets.pane import Look, Pane

WIDE = 100
"""Columns from which all three panes stand side by side."""
TWO = 80
"""Columns from which the details stand beside the list."""
_HIGH = 16
"""Lines below which the sessions get no pane of their own."""
_PANES = ("roles", "board", "details")
_ALONE = ("roles", "details", "board")
"""Where one is seen at a time: what is known of the highlighted role is a key away."""


# A screen only as a whole, in `PickerScreen`: Textual takes a third of a millisecond for each class
# of its own, and the picker's parts are eleven.
if TYPE_CHECKING:
    from textual.screen import Screen

    _Part = Screen[None]
else:
    _Part = object


class PickerPanes(_Part):
    """The panes, laid out by the room there is.

    Args:
        switcher: the one way through.
        look: how everything is drawn.
        words: the filter to begin with.
    """

    AUTO_FOCUS = "#roles"

    def __init__(self, switcher: Switcher, look: Look, words: str = "") -> None:
        super().__init__()
        self.switcher = switcher
        self.machine = switcher.machine
        self.facts = Facts(switcher.catalogue, self.machine.now, switcher.overruled)
        self.errands = Errands(self.post_message)
        self.roles = RoleList(look, self.facts, words)
        self.board = SessionsBoard(look, self.facts)
        self.details = Details(look, self.facts)
        self.top_line = TopLine(look, self.facts, self.machine)
        self.footer = KeysFooter(look)
        self.pane = _PANES[0]
        self._left = _PANES[0]
        self.details.show(self.roles.role)

    def compose(self) -> ComposeResult:
        """The panes between two lines."""
        self.lay_out(self.host.room)
        yield from (self.top_line, self.footer, self.details, self.roles, self.board)

    @property
    def host(self) -> RolecallApp:
        """The app, by its own class."""
        return cast("RolecallApp", self.app)

    @property
    def panes(self) -> Iterator[Pane]:
        """The framed ones."""
        yield from (self.roles, self.board, self.details)

    # Room --------------------------------------------------------------------------------

    def lay_out(self, size: Size) -> None:
        """Share the screen out: three panes, two, or one, by its columns and lines."""
        cells, lines = size
        wide = cells >= WIDE and lines >= _HIGH
        beside = cells >= TWO
        if self.pane in ("roles", "board"):
            self._left = self.pane
        alone = None if beside else self.pane
        left = "roles" if wide else self._left
        shown = {
            "roles": left == "roles" if alone is None else alone == "roles",
            "board": (wide or left == "board") if alone is None else alone == "board",
            "details": alone is None or alone == "details",
        }
        for pane in self.panes:
            pane.display = shown[pane.id or ""]
        self.roles.closed = not wide
        self.board.joined = wide
        self.set_class(not beside, "-alone")
        self.set_class(lines < 6, "-low")
        self.set_class(lines < 4, "-lower")
        self.fit_board(wide=wide, lines=lines)
        self._name_tabs(wide=wide, beside=beside)

    def fit_board(self, *, wide: bool, lines: int) -> None:
        """Give the board the lines its sessions take, a third of the screen at most."""
        height: int | str = "1fr"
        if wide:
            height = min(self.board.line_count, max(lines // 3 - 2, 1)) + 2
        if self.board.styles.height is None or self.board.styles.height.value != height:
            self.board.styles.height = height

    def _name_tabs(self, *, wide: bool, beside: bool) -> None:
        """Name the panes that `tab` brings, in the titles of those that hide them."""
        count = len(self.facts.statuses)
        sessions = f"Sessions {count}" if count else "Sessions"
        dot = f" {self.roles.look.glyphs.dot} "
        hidden = [] if wide else [sessions]
        details = [] if beside else ["Details"]
        self.roles.tabs = "".join(dot + name for name in (*details, *hidden))
        self.board.tabs = "" if wide else "".join(dot + name for name in ("Roles", *details))
        self.details.tabs = "" if beside else f"{dot}{sessions}{dot}Roles"

    def on_resize(self) -> None:
        """Share the screen out anew."""
        self.lay_out(self.host.room)

    def show_pane(self, name: str) -> None:
        """Give a pane the keyboard, and the room if it had none."""
        self.pane = name
        self.lay_out(self.host.room)
        self.get_widget_by_id(name).focus()
        self.show_keys()

    def step_pane(self, by: int) -> None:
        """Go to another pane."""
        panes = _PANES if self.host.room.width >= TWO else _ALONE
        self.show_pane(panes[(panes.index(self.pane) + by) % len(panes)])

    @property
    def current(self) -> RoleList | SessionsBoard | Details:
        """The pane that the keyboard moves in."""
        return {"roles": self.roles, "board": self.board, "details": self.details}[self.pane]  # type: ignore[return-value]

    # What is shown -----------------------------------------------------------------------

    @property
    def role(self) -> Role | None:
        """The role that actions are about: the highlighted one, or the highlighted session's.

        In the details it is the one that they show: they may have been come to from a session.
        """
        if self.pane != "roles":
            about = self.board.status if self.pane == "board" else self.details.role
            return self.facts.catalogue.get(about.name) if about else None
        return self.roles.role

    def use_look(self, look: Look) -> None:
        """Draw everything in another look."""
        for widget in (*self.panes, self.top_line, self.footer):
            widget.look = look  # type: ignore[attr-defined]
            widget.refresh()
        self.details.renewed()

    def follow(self) -> None:
        """Show the details of what is highlighted now, and the keys that work on it."""
        self._show_details()
        self.show_keys()

    def _show_details(self) -> None:
        role = self.role
        alone = self.board.status if self.pane == "board" and role is None else None
        about = (role, alone) != (self.details.role, self.details.status)
        if about and self.pane != "details":
            self.details.show(role, alone)

    def sessions_changed(self) -> None:
        """Draw what depends on sessions."""
        if self.roles.by_sessions:
            role = self.roles.role
            self.roles.lay_out(keep=role.name if role else None)
        self.board.renewed()
        self.details.renewed()
        self._show_details()
        self.roles.refresh()
        self.top_line.tick()
        self.lay_out(self.host.room)
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that matter now in the footer."""
        names: tuple[str, ...]
        if self.roles.filter.editing:
            names = keys.FOOTER_TYPING
        elif self.role is not None and self.role.name in self.facts.trying:
            names = keys.FOOTER_TRYING
        elif self.host.naming:
            names = keys.FOOTER_NAMING
        else:
            names = keys.FOOTER_SESSIONS if self.pane == "board" else keys.FOOTER
        shown = [self._footer_key(keys.BY_ID[name]) for name in names]
        if names is keys.FOOTER_SESSIONS:
            go = self._footer_key(keys.BY_ID["switch"])
            shown.insert(0, go._replace(word="to its role"))
        if names is keys.FOOTER_TYPING:  # letters are typed now: the arrows move
            arrows = "↑ ↓" if self.roles.look.glyphs.unicode else "up down"
            shown.insert(1, FooterKey(arrows, "move", "down"))
        self.footer.show(shown)

    def _footer_key(self, binding: Binding) -> FooterKey:
        own = self.host.current_key(binding)
        refused = self.refused(binding.action) is not None
        named = self.host.naming and binding.action == "switch"
        return FooterKey(own, "take" if named else binding.description, binding.action, refused)

    def beyond_naming(self, action: str) -> bool:
        """Whether `rolecall pick` leaves it alone: that takes a name, others make the session."""
        makes = (key.action for key in keys.SECTIONS["Switch"])
        return action in makes and action not in ("switch", "cancel")

    def refused(self, action: str) -> str | None:
        """Why an action cannot run now; None where it can."""
        raise NotImplementedError

    # Words -------------------------------------------------------------------------------

    def say(self, text: str, *, warn: bool = False, timeout: float = 6) -> None:
        """Say something in a toast, a sentence a line."""
        text = "\n".join(self.roles.look.said(clean(line)) for line in text.split("\n"))
        severity = "warning" if warn else "information"
        self.notify(text, severity=severity, timeout=timeout, markup=False)  # type: ignore[arg-type]

    def say_error(self, error: RolecallError) -> None:
        """Say what failed and what to do."""
        self.machine.log(f"failed ({error.code}): {error.summary}")
        text = "\n".join(self.roles.look.said(t) for t in (error.summary, error.hint) if t)
        self.notify(text, severity="error", timeout=10, markup=False)
