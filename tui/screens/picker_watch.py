"""What the picker does by itself: the countdown, and reading files that others change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from profiles.files.aws_clock import SKEW, clock_offset
from profiles.files.reader import fingerprint
from profiles.model import Phase
from tui.memory import give_back
from tui.screens.picker_panes import PickerPanes

if TYPE_CHECKING:
    from textual.timer import Timer

    from profiles.errors import RolecallError
    from profiles.model import SessionStatus

_TICK = 1.0
_LOOK = 2.0
"""Seconds between looks at the files; between beats where nothing counts down."""
_WARN_AT = (60, 5 * 60, 15 * 60)
_WORDS = {60: "in a minute", 5 * 60: "in 5 minutes", 15 * 60: "in 15 minutes"}

Stamp = tuple[object, ...]


class PickerWatch(PickerPanes):
    """One timer: once a second while something counts down, else once in two."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: Timer | None = None
        self._pace = 0.0
        self._beats = 0
        self._warned: dict[str, int] = {}
        self._files: Stamp = self.facts.catalogue.files.fingerprint
        self._settings = self._settings_stamp()
        self._caches: Stamp = ()
        self._cleaned: set[tuple[str, float]] = set()

    def begin(self) -> None:
        """Read what the first frame did without, then start to watch."""
        self.read_sessions()
        self._keep_pace()
        self._tell_wrong_settings()
        self.errands.start("warm", self._warm_up, self._ask_machine)

    def _warm_up(self, *_: Any) -> None:
        """Prepare what the first letter and the first switch need, while nobody waits for it."""
        give_back()
        self.facts.catalogue.index  # noqa: B018  # made on first use
        from profiles.sources import sts

        warm = getattr(sts, "warm_up", None)
        if warm is not None:
            warm()

    def _ask_machine(self, *_: Any) -> None:
        """Show the machine's own roles, where it has some: on EC2, in ECS and in EKS."""

        def then(changed: Any, _error: RolecallError | None) -> None:
            if changed:
                self.use_catalogue(self.switcher.catalogue)
                self.read_sessions()

        self.errands.start("machine", lambda *_: self.switcher.ask_machine(), then)

    def read_sessions(self) -> None:
        """Read sessions, favourites and recents, beside the screen."""
        from profiles.files.state import load_state

        self._caches = self._cache_stamp()

        def work(*_: Any) -> Any:
            return self.switcher.statuses(), load_state(self.machine)

        def then(found: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
                return
            statuses, state = found
            self.facts.favourites = list(state.favourites)
            self.facts.recents = sorted(state.recents, key=lambda name: -state.recents[name][0])
            self.facts.frequent = state.frequent(self.machine.now())
            self.facts.filters = list(state.filters)
            self.facts.know(statuses)
            self._see_clock()
            self.sessions_changed()
            self._keep_pace()
            self._clean_up()

        self.errands.start("sessions", work, then)

    def _see_clock(self) -> None:
        """Count by AWS's clock where this machine's is off."""
        offset = self.switcher.clock_offset
        if offset is None:  # nothing was asked of AWS yet; a run before may have seen it
            offset = clock_offset(self.machine) or None
        self.top_line.skew = offset
        self.facts.skew = offset if offset is not None and abs(offset) > SKEW else 0.0

    def files_written(self) -> None:
        """Read again what a write of our own changed, without a word about it."""
        self._read_files()
        self._keep_pace()

    def _keep_pace(self) -> None:
        """Run the timer as often as there is need."""
        pace = _TICK if self.facts.counting else _LOOK
        if pace == self._pace:
            return
        self._pace = pace
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(pace, self._beat, name="clock")

    def _beat(self) -> None:
        self._beats += 1
        if self._pace == _TICK:
            self._count_down()
            self._clean_up()
        if self._pace == _LOOK or self._beats % 2 == 0:
            self._look_at_files()
        if self._pace == _TICK and not self.facts.counting:
            self._keep_pace()

    # The countdown -----------------------------------------------------------------------

    def _count_down(self) -> None:
        self.facts.rank()
        self.top_line.tick()
        self.roles.tick()
        self.board.tick()
        self.details.tick()
        now = self.facts.now()
        for status in self.facts.statuses:
            if status.expires_at is not None and 0 <= status.expires_at - now <= _WARN_AT[-1]:
                self._warn(status, status.expires_at - now)

    def _warn(self, status: SessionStatus, left: float) -> None:
        """Say it once when a session passes 15, 5 and 1 minute; not what was past at the start."""
        mark = next(limit for limit in _WARN_AT if left <= limit)
        key = f"{status.name} {status.expires_at}"
        before = self._warned.get(key)
        self._warned[key] = mark
        fresh = left > mark - 2 * _TICK
        if before == mark or not fresh or status.phase(self.facts.now()) is Phase.EXPIRED:
            return
        offer = self._offer(status)
        if offer is None:
            return
        text = f"{status.name} ends {_WORDS[mark]}{offer and f': {offer}'}"
        self.say(text, warn=True, timeout=12)
        self.host.tell_terminal(self.roles.look.said(text))
        self.show_keys()

    def _offer(self, status: SessionStatus) -> str | None:
        """What a warning offers; empty for nothing, None where there is nothing to warn of."""
        if self.facts.catalogue.get(status.name) is None:
            return ""
        return f"{self.host.current_key_of('renew')} renews it"

    def _clean_up(self) -> None:
        """Take out what has ended, where the settings say so; what fails is tried once."""
        if self.facts.catalogue.settings.values.get("clean_up") is not True:
            return
        now, trying = self.facts.now(), set(self.facts.trying)
        ended = {
            (status.name, status.expires_at)
            for status in self.facts.statuses
            if status.origin == "rolecall" and status.profile and status.name not in trying
            if status.expires_at is not None and status.expires_at <= now
        }
        if ended <= self._cleaned:
            return
        self._cleaned |= ended

        def work(*_: Any) -> Any:
            from profiles.dropping import drop_ended

            return drop_ended(self.machine, now, trying)

        def then(removed: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
            elif removed:
                gone = ", ".join(f"[{profile}]" for profile in removed)
                self.say(f"ended and taken out: {gone}")
                self.files_written()

        self.errands.start("clean up", work, then)

    # Files -------------------------------------------------------------------------------

    def _look_at_files(self) -> None:
        if self.facts.trying:
            return  # it may be our own write that is going on
        if self._file_stamp() != self._files:
            self._read_files(said="the AWS files changed: read again")
        elif self._settings_stamp() != self._settings:
            self._read_files(said="the settings changed: read again")
        elif self._cache_stamp() != self._caches:
            self.read_sessions()

    def _file_stamp(self) -> Stamp:
        return fingerprint(self.machine)

    def _cache_stamp(self) -> Stamp:
        """When the folders of sessions, and of who holds them, were last changed."""
        from profiles.files.running import folder as running_folder

        machine = self.machine
        folders = (machine.role_cache, machine.sso_cache, running_folder(machine))
        return tuple(map(_changed_at, folders))

    def _settings_stamp(self) -> int | None:
        """When the settings were last changed."""
        return _changed_at(self.machine.settings_file)

    def _read_files(self, *, said: str = "") -> None:
        """Read the roles again; the highlight stays on its role.

        Args:
            said: what is said of it.
        """
        self._files, self._settings = self._file_stamp(), self._settings_stamp()
        before = self.facts.catalogue.settings

        def then(catalogue: Any, error: RolecallError | None) -> None:
            if error is not None:
                self.say_error(error)
                return
            self.use_catalogue(catalogue)
            if catalogue.settings != before:
                self.host.use_settings(catalogue.settings)
            self.read_sessions()
            if said:
                self.say(said)
            if catalogue.settings.warnings != before.warnings:
                self._tell_wrong_settings()

        self.errands.start("files", lambda *_: self.switcher.reload(), then)

    def _tell_wrong_settings(self) -> None:
        """Say which settings did not load, the first of them."""
        wrong = self.facts.catalogue.settings.warnings
        if wrong:
            key, more = self.host.current_key_of("settings"), len(wrong) - 1
            rest = f"{more} more: {key} shows them" if more else f"{key} shows the settings"
            self.say(f"{wrong[0]}\n{rest}", warn=True, timeout=10)

    def use_catalogue(self, catalogue: Any) -> None:
        """Show other roles, the highlight where it was."""
        role = self.roles.role
        self.facts.use(catalogue)
        self.roles.lay_out(keep=role.name if role else None)
        self.details.show(self.role)
        self.show_keys()


def _changed_at(path: str) -> int | None:
    """When a file or folder was last changed; None where there is none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
