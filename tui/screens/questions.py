"""What errands ask of a person: one dialog at a time, in the order they came."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from profiles.challenges import Assertion, Choice, Confirmation, MfaCode, SignIn, TagValue
from profiles.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.challenges import Challenge
    from tui.screens.errands import Asked, Errands
    from tui.screens.mfa_dialog import MfaDialog
    from tui.widgets.pane import Look

    Push = Callable[[Any, Callable[[Any], None]], None]


class Questions:
    """The queue of dialogs.

    Args:
        push: opens a dialog and calls back with its answer, None for no.
        errands: tells which questions still matter.
        now: the clock, seconds since 1970.
        browse: opens an address; whether it was opened.
        sharing: the names of errands that wait for the answer to the same question.
    """

    def __init__(
        self,
        push: Push,
        errands: Errands,
        now: Callable[[], float],
        browse: Callable[[str], bool],
        sharing: Callable[[Challenge], set[str]] = lambda _: set(),
    ) -> None:
        self._push = push
        self._errands = errands
        self._now = now
        self._browse = browse
        self._sharing = sharing
        self._waiting: deque[tuple[Asked, Look]] = deque()
        self._open: Any = None
        self._asked: Asked | None = None

    def ask(self, asked: Asked, look: Look) -> None:
        """Show the dialog of a question now, or when those before it are answered."""
        if not self._errands.counts(asked.errand):
            asked.answer.cancel()
            return
        if self._again(asked):
            return
        before = self._asked
        if before and before.errand is asked.errand and isinstance(before.challenge, SignIn):
            self.forget(asked.errand.name)  # the sign-in is over: its errand goes on
        self._waiting.append((asked, look))
        if self._open is None:
            self._next()
        self.count()

    def forget(self, name: str) -> None:
        """Close what an errand asked, once it is over."""
        self._waiting = deque(at for at in self._waiting if at[0].errand.name != name)
        self.count()
        if self._asked is not None and self._asked.errand.name == name and self._open is not None:
            dialog, self._open, self._asked = self._open, None, None
            dialog.answer(None)
            self._next()

    def _again(self, asked: Asked) -> bool:
        """Whether it is another try of a code that the open dialog sent."""
        before = self._asked
        if (
            before is None
            or before.errand is not asked.errand
            or not isinstance(asked.challenge, MfaCode)
            or not isinstance(before.challenge, MfaCode)
        ):
            return False
        self._asked = asked
        dialog: MfaDialog = self._open
        dialog.again(asked.challenge)
        return True

    def _next(self) -> None:
        while self._waiting:
            asked, look = self._waiting.popleft()
            if self._errands.counts(asked.errand):
                self._show(asked, look)
                return

    def _show(self, asked: Asked, look: Look) -> None:
        self._asked = asked
        match asked.challenge:
            case MfaCode() as challenge:
                from tui.screens.mfa_dialog import MfaDialog

                self._open = MfaDialog(look, challenge, self._sent)
            case Confirmation() as challenge:
                from tui.screens.guard_dialog import GuardDialog

                self._open = GuardDialog(look, challenge)
            case TagValue() as challenge:
                from tui.screens.tag_dialog import TagDialog

                self._open = TagDialog(look, challenge)
            case SignIn() as challenge:
                from tui.screens.sign_in_dialog import SignInDialog

                self._open = SignInDialog(look, challenge, self._now, self._browse)
                asked.answer.set_result("")  # it waits for the sign-in, not for an answer
            case Assertion() as challenge:
                from tui.screens.assertion_dialog import AssertionDialog

                self._open = AssertionDialog(look, challenge)
            case Choice(role, question, options):
                from tui.screens.menu import Menu

                taken = [(option, option) for option in options]
                above = [[(look.said(question), look.palette.base)]]
                self._open = Menu(look, role, taken, above=above)
        dialog = self._open
        self.count()
        self._push(dialog, lambda answer: self._closed(dialog, answer))

    def count(self) -> None:
        """Have the open dialog say how many more there are."""
        if self._open is None or self._asked is None:
            return
        names = {asked.errand.name for asked, _ in self._waiting}
        names |= self._sharing(self._asked.challenge) - {self._asked.errand.name}
        self._open.waiting(len(names))

    def _sent(self, code: str) -> None:
        """A code was typed: it goes on, and the dialog stays until AWS has said yes."""
        if self._asked is not None and not self._asked.answer.done():
            self._asked.answer.set_result(code)

    def _closed(self, dialog: Any, answer: str | None) -> None:
        if dialog is not self._open:
            return
        asked, self._open, self._asked = self._asked, None, None
        if asked is not None:
            if answer is not None and not asked.answer.done():
                asked.answer.set_result(answer)
            elif not asked.answer.done():
                # That is a no of this one's: others that wait for the same are asked themselves.
                asked.errand.cancelled.set()
                name = asked.errand.name.partition(":")[2]
                asked.answer.set_exception(Cancelled(f"stopped: {name}"))
            elif answer is None:
                # The code is on its way, or the sign-in: what comes of it is not wanted any more.
                asked.errand.cancelled.set()
        self._next()
