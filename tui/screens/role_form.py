"""The form by which a role is assumed by its ARN, with everything that AssumeRole takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.containers import Container, VerticalScroll
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static, TextArea

from profiles import times
from profiles.dry_call import dry_call
from profiles.errors import RolecallError
from profiles.role_form import ASK, RoleForm, policy_state
from profiles.sources.arguments import POLICY_LIMIT
from profiles.sources.rules import MOST_POLICY_ARNS
from tui.same_command import assume_command
from tui.screens import keys
from tui.screens.call_view import call_view
from tui.screens.dialog import Dialog
from tui.widgets.form_fields import Field, Mark, TagTable, focus_in, line_input
from tui.widgets.json_area import JsonArea
from tui.widgets.line_input import TypedArea

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.binding import Binding, BindingType
    from textual.timer import Timer
    from textual.types import CSSPathType
    from textual.widget import Widget

    from profiles.switcher import Switcher
    from tui.widgets.pane import Look

WIDE = 100
"""Columns from which the call stands beside the fields."""
_WAIT = 0.05
"""Seconds without a letter after which the form is checked."""
_STEP = 15 * 60
"""Seconds that a key makes a duration longer or shorter."""
_UNASKED = 3600
"""Seconds that AWS gives where no duration is asked for."""
_CELLS = 20
"""Columns of the bar of a duration."""


class _Line(NamedTuple):
    """A field of one line: its name, label, what stands in it while it is empty, and its length."""

    name: str
    label: str
    hint: str
    most: int


_LINES = (
    _Line("role_arn", "Role ARN", "arn:aws:iam::123456789012:role/NAME", 2048),
    _Line("source", "Source", "a profile, a role, or env; empty: the default", 300),
    _Line("session_name", "Session name", "what CloudTrail shows; {user} {role}", 64),
    _Line("duration", "Duration", "15m to 12h; empty: AWS decides", 12),
    _Line("external_id", "External id", "where the trust policy wants one", 1224),
    _Line("mfa_serial", "MFA device", "arn:aws:iam::123456789012:mfa/NAME", 256),
    _Line("source_identity", "Identity", "kept through all that is assumed with it", 64),
    _Line("region", "Region", "of the session: eu-west-1", 30),
)
_TAGS, _POLICY, _ARNS, _NAME = "tags", "policy", "policy_arns", "name"


class Filled(NamedTuple):
    """What the form was closed with.

    Attributes:
        form: what was typed.
        saved: it is in the settings now; else it is to be assumed.
    """

    form: RoleForm
    saved: bool


class RoleFormDialog(Dialog[Filled]):
    """Fields at the left, the call at the right; checked while somebody types.

    Args:
        look: how it is drawn.
        switcher: knows the sources, and what would be sent.
        form: to begin with.
        save: writes it to the settings.
        copy: copies a text.
        written: how a binding's key is written.

    Attributes:
        form: what is typed, as last looked at.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = ["dialog.tcss", "role_form.tcss"]
    AUTO_FOCUS = "#role_arn"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.FORM)

    def __init__(
        self,
        look: Look,
        switcher: Switcher,
        form: RoleForm,
        save: Callable[[RoleForm], None],
        copy: Callable[[str], None],
        written: Callable[[Binding], str],
    ) -> None:
        said = self._said = {key.id: written(key) for key in keys.FORM}
        super().__init__(
            look,
            "Assume by ARN",
            f"enter assumes · {said['form_help']} keys · {said['form_save']} saves"
            f" · {said['form_look']} call",
        )
        self.form = form
        self._switcher = switcher
        self._save, self._copy, self._written = save, copy, written
        self._fields: dict[str, Field] = {}
        self._state = Static(id="state", markup=False)
        self._call = Static(id="call", markup=False)
        self._timer: Timer | None = None
        self._left: Widget | None = None
        self.add_class("-form")

    # What it is made of ------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The fields, the call, and a line for what was done."""
        with Container(id="both"):
            with VerticalScroll(id="fields", can_focus=False):
                yield from self._made_fields()
            with VerticalScroll(id="call-scroll"):
                yield self._call
        yield self._state

    def _made_fields(self) -> Iterable[Field]:
        form, look = self.form, self.look
        for name, label, hint, most in _LINES:
            entry = line_input(getattr(form, name), hint, most, hidden=name == "external_id")
            entry.id = name
            if name == "source":
                entry.suggester = SuggestFromList(self._sources())
            yield self._field(name, label, entry)
        yield self._field(_TAGS, "Tags", TagTable(look, form.tags))
        policy = JsonArea(
            look, form.policy, id=_POLICY, placeholder="JSON; empty: all of the role's"
        )
        yield self._field(_POLICY, "Policy", policy)
        hint = "arn:aws:iam::aws:policy/ReadOnlyAccess, one a line"
        arns = TypedArea(form.policy_arns, id=_ARNS, compact=True, placeholder=hint)
        yield self._field(_ARNS, "Policy ARNs", arns)
        saved_as = line_input(form.name, "a name, to save it by", 200)
        saved_as.id = _NAME
        yield self._field(_NAME, "Save as", saved_as)

    def _field(self, name: str, label: str, entry: Widget) -> Field:
        if isinstance(entry, TextArea):
            entry.cursor_blink = False
        field = self._fields[name] = Field(self.look, name, label, entry)
        return field

    def _sources(self) -> list[str]:
        """What a role can start from, as far as it can be typed."""
        catalogue = self._switcher.catalogue
        names = ("env", *catalogue.files.profiles, *catalogue.roles.names)
        return [name for name in dict.fromkeys(names) if name.isprintable()]

    def on_mount(self) -> None:
        """Show what is wrong with what it begins with."""
        self._fit()
        self._check()

    def on_resize(self) -> None:
        """Put the call beside the fields, or behind a key."""
        self._fit()

    def _fit(self) -> None:
        wide = self.app.size.width >= WIDE
        self.set_class(wide, "-wide")
        self.set_class(self.app.size.height < 16, "-low")
        self.set_class(self.app.size.width < 60, "-narrow")

    # Checking ----------------------------------------------------------------------------

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Mark.Turned)
    def _typed(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_WAIT, self._check)

    def read(self) -> RoleForm:
        """What is typed now."""
        texts = {name: self.query_one(f"#{name}", Input).value.strip() for name, *_ in _LINES}
        areas = {name: self.query_one(f"#{name}", TextArea).text for name in (_POLICY, _ARNS)}
        name = self.query_one(f"#{_NAME}", Input).value.strip()
        return RoleForm(**texts, **areas, name=name, tags=self.query_one(TagTable).tags)

    def _check(self) -> dict[str, str]:
        """Show what is wrong, and the call; what is wrong, by field."""
        form = self.form = self.read()
        wrong = form.wrong(self._switcher)
        untouched = form == RoleForm()
        for name, field in self._fields.items():
            field.say(None if untouched else wrong.get(name), self._note(name, form, wrong))
        self._call.update(call_view(self.look, self._switcher, form, wrong))
        return wrong

    def _note(self, name: str, form: RoleForm, wrong: dict[str, str]) -> str:
        """What is said below a field that is right."""
        if name == _POLICY and form.policy.strip():
            characters = policy_state(form.policy).characters
            return f"{characters or 0:,} of {POLICY_LIMIT:,} characters"
        if name == _ARNS and form.arns:
            return f"{len(form.arns)} of {MOST_POLICY_ARNS}"
        if name == "duration" and form.duration and not wrong:
            return self._share(form)
        return ""

    def _share(self, form: RoleForm) -> str:
        """How much of what the session may last at most is asked for."""
        longest = self._longest(form)
        glyphs = self.look.glyphs
        full = round(_CELLS * times.duration(form.duration) / longest)
        bar = glyphs.filled * full + glyphs.empty * (_CELLS - full)
        longer, shorter = (self._said[name] for name in ("form_longer", "form_shorter"))
        return f"{bar} of {times.words(longest)} · {longer} {shorter}"

    def _longest(self, form: RoleForm) -> int:
        """Seconds that the session may last, as far as the files tell."""
        role = self._switcher.catalogue.resolve(form.role_arn)
        return dry_call(self._switcher, role, form.request()).longest

    def _say(self, text: str, *, wrong: bool = False) -> None:
        from rich.text import Text

        palette = self.look.palette
        self._state.update(Text(self.look.said(text), palette.critical if wrong else palette.base))

    def _refuse(self, wrong: dict[str, str]) -> bool:
        """Show the first field that is wrong; whether there is one."""
        name = next((name for name in self._fields if name in wrong), None)
        if name is None:
            return False
        field = self._fields[name]
        field.say(wrong[name])
        self._say(f"not yet: {wrong[name]}", wrong=True)
        self.remove_class("-call")
        self.call_after_refresh(focus_in, field.entry)
        return True

    # Keys --------------------------------------------------------------------------------

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        self.action_assume()

    def action_assume(self) -> None:
        """Close it, and assume the role."""
        wrong = self._check()
        asks = next((tag.key for tag in self.form.tags if tag.value == ASK), None)
        if asks is not None:
            wrong.setdefault(_TAGS, f"{asks}: {ASK} is for saved roles; give its value")
        if not self._refuse(wrong):
            self.answer(Filled(self.form, saved=False))

    def action_save(self) -> None:
        """Write it to the settings, and close it."""
        wrong = self._check()
        if self._refuse(wrong):
            return
        if not self.form.name:
            self.query_one(f"#{_NAME}", Input).value = self.form.usual_name
            self._say("under this name? the same key again saves it")
            focus_in(self._fields[_NAME].entry)
            return
        why = self.form.name_problem(self._switcher)
        if why is not None:
            self._refuse({"source" if not self.form.source else _NAME: why})
            return
        try:
            self._save(self.form)
        except RolecallError as error:
            self._say(" ".join(filter(None, (error.summary, error.hint))), wrong=True)
            return
        self.answer(Filled(self.form, saved=True))

    def action_copy(self) -> None:
        """Copy the command line that does the same, its external id included."""
        if not self._refuse(self._check()):
            self._copy(assume_command(self.form.role_arn, self.form.request()))
            self._say("copied: the command line")

    def action_look(self) -> None:
        """Show the call in the fields' place, or the fields again."""
        shown = self.toggle_class("-call").has_class("-call")
        if shown:
            self._left, entry = self.focused, self.query_one("#call-scroll")
        else:
            entry = self._left or self._fields["role_arn"].entry
        self.call_after_refresh(focus_in, entry)

    def action_clear(self) -> None:
        """Empty every field."""
        for entry in self.query(Input):
            entry.value = ""
        for area in self.query(TextArea):
            area.text = ""
        for mark in self.query(Mark):
            mark.on = False
            mark.refresh()
        focus_in(self._fields["role_arn"].entry)

    def action_longer(self) -> None:
        """A step longer, at most as long as it may last."""
        self._step(_STEP)

    def action_shorter(self) -> None:
        """A step shorter, at least what AWS takes."""
        self._step(-_STEP)

    def _step(self, by: int) -> None:
        """Make the duration longer or shorter, to a whole step; from none, to what AWS gives."""
        form = self.read()
        wrong = form.wrong(self._switcher)
        longest = times.ROLE_MAXIMUM if wrong else self._longest(form)
        seconds = _UNASKED
        if form.duration and "duration" not in wrong:
            asked = times.duration(form.duration)
            before = asked // _STEP if by > 0 else -(-asked // _STEP)
            seconds = before * _STEP + by
        kept = max(times.MINIMUM, min(seconds, longest))
        self.query_one("#duration", Input).value = times.typed(kept)

    def action_next_field(self) -> None:
        """To the next field."""
        self.focus_next()

    def action_last_field(self) -> None:
        """Back a field."""
        self.focus_previous()

    def action_help(self) -> None:
        """Every key of the form."""
        from tui.screens.help import HelpScreen

        sections = {"Assume by ARN": keys.FORM}
        self.app.push_screen(HelpScreen(self.look, lambda _: None, self._written, sections))

    def action_no(self) -> None:
        """Close it; what was typed is kept for the next time."""
        self.form = self.read()
        super().action_no()
