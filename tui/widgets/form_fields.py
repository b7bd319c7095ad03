"""The fields of a form: a label, what is typed, and below it what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from profiles.role_form import Tag
from tui.widgets.line_input import TypedInput
from tui.widgets.text import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.widgets.pane import Look


class Field(Vertical):
    """A labelled widget, with a line below it that is there only while it says something.

    Args:
        look: how it is drawn.
        name: the field's.
        label: at its left.
        entry: where it is typed.
    """

    def __init__(self, look: Look, name: str, label: str, entry: Widget) -> None:
        super().__init__(id=f"field-{name}", classes="field")
        self.look = look
        self.entry = entry
        self._label = Static(Text(label, look.palette.muted), classes="label", markup=False)
        self._note = Static(classes="note", markup=False)
        self._note.display = False

    def compose(self) -> ComposeResult:
        """The line, and the note."""
        with Horizontal(classes="line"):
            yield self._label
            yield self.entry
        yield self._note

    def say(self, wrong: str | None, note: str = "") -> None:
        """Show what is wrong, else a note, else nothing."""
        palette, glyphs, said = self.look.palette, self.look.glyphs, self.look.said
        if wrong is not None:
            self._note.update(Text(f"{glyphs.expired} {said(wrong)}", palette.critical))
        else:
            self._note.update(Text(said(note), palette.muted))
        self._note.display = bool(wrong or note)


class Mark(Widget, can_focus=True):
    """A box to tick.

    Attributes:
        on: whether it is ticked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "tick", id="form_tick", tooltip="Tick it, or no longer")
    ]

    class Turned(Message):
        """It was ticked, or is no longer."""

    def __init__(self, look: Look, word: str, *, on: bool = False) -> None:
        super().__init__(classes="mark")
        self.look = look
        self.word = word
        self.on = on

    def action_turn(self) -> None:
        """Tick it, or no longer."""
        self.on = not self.on
        self.refresh()
        self.post_message(self.Turned())

    def on_click(self) -> None:
        """A click turns it."""
        self.action_turn()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one
        """`[x] passed on`."""
        palette, cells = self.look.palette, self.size.width
        style = palette.accent if self.on else palette.muted
        text = cut(f"[{'x' if self.on else ' '}] {self.word}", cells, "")
        line = [Segment(f"{text:<{cells}}", style + palette.cursor if self.has_focus else style)]
        return Strip(line, cells)


class TagTable(Vertical):
    """Session tags, one a line; the last line is empty and waits for another."""

    def __init__(self, look: Look, tags: Iterable[Tag] = ()) -> None:
        super().__init__(id="tags")
        self.look = look
        self._first = tuple(tags)

    def compose(self) -> ComposeResult:
        """A line for each, and an empty one."""
        for tag in (*self._first, Tag("", "")):
            yield _TagRow(self.look, tag)

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Those that were typed."""
        tags = (row.tag for row in self.query(_TagRow))
        return tuple(tag for tag in tags if tag.key or tag.value)

    def on_input_changed(self) -> None:
        """Keep an empty line at the end."""
        last = self.query(_TagRow).last()
        if last.tag.key or last.tag.value:
            self.mount(_TagRow(self.look, Tag("", "")))


class _TagRow(Horizontal):
    """A key, a value, and whether it is passed on."""

    def __init__(self, look: Look, tag: Tag) -> None:
        super().__init__(classes="tag")
        self._key = line_input(tag.key, "key", 128)
        self._value = line_input(tag.value, "value, or {ask}", 256)
        self._mark = Mark(look, "passed on", on=tag.transitive)

    def compose(self) -> ComposeResult:
        """The line."""
        yield from (self._key, self._value, self._mark)

    @property
    def tag(self) -> Tag:
        """What was typed."""
        return Tag(self._key.value.strip(), self._value.value.strip(), self._mark.on)


def line_input(text: str, hint: str, most: int, *, hidden: bool = False) -> Input:
    """A field of one line."""
    made = TypedInput(text, placeholder=hint, max_length=most, password=hidden, compact=True)
    made.cursor_blink = False
    return made


def focus_in(widget: Widget) -> None:
    """Give the keyboard to the first part of a widget that takes it."""
    parts = [widget, *cast("Iterable[Widget]", widget.query("*"))]
    next((part for part in parts if part.focusable), widget).focus()
