"""A home of real-looking files, and all that reads them without a network, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import time
from typing import TYPE_CHECKING

from profiles.destinations.environment import variables
from profiles.errors import ConfigUnreadable, RolecallError
from profiles.files import login_cache, sign_ins, sso_cache
from profiles.files.asked import asked_with
from profiles.files.state import load_state
from profiles.insight.checks import environment, files, leftovers, sources
from profiles.machine import Completed, Machine
from profiles.quick_answer import answer
from profiles.request import Request
from profiles.switcher import Switcher
from tests.storm.real_files import FILES, NOW, ROLES
from tui.commands import list_, status

if TYPE_CHECKING:
    from pathlib import Path

STATE = ".local/state/rolecall"
_LIST = list_.parser().parse_args([])
_LIST_JSON = list_.parser().parse_args(["--json"])
_STATUS = status.parser().parse_args([])
_STATUS_JSON = status.parser().parse_args(["--json"])
_VERSION = "storm"
_SAID = Request(yes=True, confirm="payments-prod", mfa_code="123456")


class House:
    """The home, and one file of it made wrong at a time.

    Attributes:
        said: what programs of the person's own print.
        longest: seconds that one command took, the most of all.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.said = ""
        self.longest = 0.0
        self.machine = Machine(
            env={"HOME": str(folder), "USER": "ana", "AWS_EC2_METADATA_DISABLED": "true"},
            home=str(folder),
            now=lambda: NOW,
            run=lambda *_: Completed(0, self.said, ""),
        )
        for place, data in FILES.items():
            self._write(place, data)

    @contextlib.contextmanager
    def having(self, place: str, data: bytes):
        """For the time of a block, a file holds something else."""
        self._write(place, data)
        try:
            yield
        finally:
            if place in FILES:
                self._write(place, FILES[place])
            else:
                (self.folder / place).unlink()

    def _write(self, place: str, data: bytes):
        path = self.folder / place
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o600)

    def look(self) -> dict[str, dict]:
        """The rows of `list` by name; everything else that only looks is looked at too.

        Raises:
            RolecallError: a file cannot be read at all.
        """
        rows = json.loads(self._printed(list_, _LIST_JSON))
        self._printed(list_, _LIST)
        return {row["name"]: row for row in rows}

    def sessions(self) -> set[str]:
        """The names of the rows of `status`, read in every form."""
        self._printed(status, _STATUS)
        return {row["name"] for row in json.loads(self._printed(status, _STATUS_JSON))}

    def remembered(self):
        """Read what rolecall and others keep."""
        state = load_state(self.machine)
        state.frequent(NOW)
        refused = f"{STATE}/asked.json"
        for role in ROLES:
            try:
                asked_with(self.machine, role, f"{role}-session", None)
            except ConfigUnreadable as error:  # a session policy may be in that file
                refused = error.summary
        assert f"{STATE}/asked.json" in refused
        login_cache.read_login(self.machine, "arn:aws:iam::123456789012:user/ana")
        sign_ins.kept_sign_in(self.machine, "issuer")
        sso_cache.sso_tokens(self.machine, ["corp"])
        answer("role-1", _VERSION, self.machine.env)

    def examined(self):
        """What `doctor` says, but for the network and the tools."""
        list(files.check(self.machine))
        catalogue = self.switcher().catalogue
        for look in (sources, leftovers, environment):
            list(look.check(self.machine, catalogue))

    def switcher(self) -> Switcher:
        return Switcher(self.machine)

    def tried(self, name: str):
        """A session of a role, if it can be had: nobody is there to be asked."""
        switcher = self.switcher()
        role = switcher.catalogue.get(name)
        if role is None:
            return
        try:
            with self._timed():
                session = switcher.session(role, _SAID)
        except RolecallError:
            return
        finally:
            self._tidy()
        assert repr(session).startswith("Session(")
        with contextlib.suppress(RolecallError):
            variables(session)

    def _tidy(self):
        """As it was before a session was kept."""
        for folder in (".aws/cli/cache", f"{STATE}/turns", f"{STATE}/answers"):
            for path in (self.folder / folder).glob("*"):
                if str(path.relative_to(self.folder)) not in FILES:
                    path.unlink()
        for place in (f"{STATE}/clock.json", f"{STATE}/history.jsonl"):
            (self.folder / place).unlink(missing_ok=True)
        for place in (f"{STATE}/sessions.json", f"{STATE}/mfa-codes.json"):
            self._write(place, FILES[place])

    def _printed(self, command, args) -> str:
        said = io.StringIO()
        with (
            self._timed(),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            command.run(args, self.machine)
        return said.getvalue()

    @contextlib.contextmanager
    def _timed(self):
        """Measured by this thread's own work: others may want the machine, too."""
        start = time.thread_time()
        try:
            yield
        finally:
            self.longest = max(self.longest, time.thread_time() - start)
