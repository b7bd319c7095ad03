"""The picker a line at a time: a numbered list with prompts, for screen readers."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING

from profiles import times
from profiles.catalogue.sessions import by_role, states
from profiles.challenges import (
    Assertion,
    Challenge,
    Choice,
    Confirmation,
    MfaCode,
    Presence,
    SignIn,
    TagValue,
)
from profiles.destinations.shell import Subshell
from profiles.dropping import drop
from profiles.errors import Cancelled, RolecallError, UsageError
from profiles.files.state import load_state, toggle_favourite
from profiles.switcher import Switcher
from tui.prompts import numbered, pasted, picked, sign_in_lines
from tui.same_command import same_command
from tui.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.switcher import Assumed

PAGE = 20
_HELP = """\
NUMBER       switch: assume the role and write its profile
/WORDS       only roles that hold every word; / alone shows all again
n            the next page
s NUMBER     a subshell with a session
d NUMBER     write a session to [default]
w NUMBER NAME  write a session to the profile NAME
e NUMBER     renew
x NUMBER     drop what was written
i NUMBER     details
f NUMBER     favourite, or no longer
a            assume a role by its ARN, or save it
set          the settings; set KEY VALUE changes one, set KEY leaves it to rolecall
u            undo the last write
l            the sessions and their time left
?            this help
q            quit; sessions stay"""


def run(machine: Machine, query: str = "") -> int:
    """Serve prompts until `q` or the end of the input."""
    plain = _Plain(machine, query)
    plain.show()
    threading.Thread(target=plain.ask_machine, name="rolecall-machine", daemon=True).start()
    while True:
        line = _line("rolecall> ")
        if line is None or line in ("q", "quit", "exit"):
            return 0
        try:
            plain.do(line)
        except RolecallError as error:
            _say(f"rolecall: {error.summary}")
            if error.hint:
                _say(f"  hint: {error.hint}")


def chosen(machine: Machine, query: str = "") -> str:
    """The name of the role that a person picks from the list.

    Raises:
        Cancelled: they picked none.
    """
    plain = _Plain(machine, query)
    plain.show()
    while True:
        line = _line("number, or /words: ")
        if line is None or line in ("", "q"):
            raise Cancelled("no role chosen")
        if line.startswith("/"):
            plain.filter(line[1:])
            continue
        try:
            return plain.role(line).name
        except RolecallError as error:
            _say(f"rolecall: {error.summary}")


class _Plain:
    """The list as it stands, and what its commands do."""

    def __init__(self, machine: Machine, query: str) -> None:
        self.machine = machine
        self.switcher = Switcher(machine)
        self.query = query
        self.first = 0
        self.roles: list[Role] = []
        self.actions: dict[str, Callable[[Role, str], None]] = {
            "s": self.shell,
            "d": lambda role, _: self.assume(role, default=True),
            "w": self.assume,
            "e": lambda role, _: self.renew(role),
            "x": lambda role, _: self.drop(role),
            "i": lambda role, _: self.details(role),
            "f": lambda role, _: self.favourite(role),
        }

    def ask_machine(self) -> None:
        """Have the machine's own roles in the lists to come: on EC2, in ECS and in EKS."""
        with contextlib.suppress(RolecallError):
            self.switcher.ask_machine()

    def do(self, line: str) -> None:
        """One line of the person's."""
        word, _, rest = line.partition(" ")
        if not line:
            self.show()
        elif line.startswith("/"):
            self.filter(line[1:])
        elif word == "?":
            _say(_HELP)
        elif word == "n":
            self.first = self.first + PAGE if self.first + PAGE < len(self.roles) else 0
            self.show()
        elif word == "u":
            change = self.switcher.undo()
            _say(f"{change.path} is as it was before the last write")
        elif word == "l":
            self.sessions()
        elif word == "a":
            self.by_arn()
        elif word == "set":
            self.settings(rest.strip())
        elif word in self.actions:
            number, _, name = rest.strip().partition(" ")
            self.actions[word](self.role(number), name.strip())
        else:
            self.assume(self.role(word))

    def by_arn(self) -> None:
        """Fill in a role, and assume it."""
        from tui.plain_forms import fill_in

        form = fill_in(self.switcher, _line, _say)
        if form is not None:
            role = self.switcher.catalogue.resolve(form.role_arn)
            self.say_assumed(role, self.switcher.assume(role, form.request(), ask=_ask))

    def settings(self, said: str) -> None:
        """Show the settings, or change one."""
        from tui.plain_forms import change_setting, show_settings

        key, _, value = said.partition(" ")
        if not key:
            show_settings(self.machine, _say)
            return
        change_setting(self.machine, key, value.strip(), _say)
        self.switcher.reload()

    def filter(self, query: str) -> None:
        """Show what holds every word."""
        self.query, self.first = query.strip(), 0
        self.show()

    def show(self) -> None:
        """One page of the list."""
        catalogue = self.switcher.catalogue
        now = self.machine.now()
        sessions = by_role(self.switcher.statuses(), now)
        favourites = set(load_state(self.machine).favourites)
        known = states(sessions, favourites, now)
        self.roles = catalogue.search(self.query, known)
        if not catalogue.roles:
            _say("no AWS file has a role yet; rolecall demo shows what it would be like")
            return
        if not self.roles:
            _say(f"no role matches {self.query!r}: {catalogue.index.why_none(self.query, known)}")
            _say("/ shows all")
            return
        page = self.roles[self.first : self.first + PAGE]
        for number, role in enumerate(page, self.first + 1):
            session, stage = sessions.get(role.name), catalogue.stage(role)
            parts = [f"{number}. {role.name}"]
            if role.account_id is not None:
                parts.append(f"account {catalogue.heading(role) or role.account_id}")
            if role.name in favourites:
                parts.append("favourite")
            if stage is not None:
                parts.append(stage.name)
            if session is not None:
                left = session.seconds_left(now)
                parts.append(f"{session.phase(now)}{f', {times.words(left)} left' if left else ''}")
            elif problem := catalogue.problem(role):
                parts.append(f"cannot be used: {problem}")
            _say(", ".join(parts))
        last = self.first + len(page)
        more = "; n for more" if last < len(self.roles) else ""
        _say(f"{self.first + 1} to {last} of {len(self.roles)}{more}; ? for help")

    def role(self, number: str) -> Role:
        """The role of a number in the list.

        Raises:
            UsageError: it is none.
        """
        if not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= len(self.roles):
            raise UsageError(f"not a number of the list: {number!r}", "? for help")
        return self.roles[int(number) - 1]

    def assume(self, role: Role, profile: str = "", *, default: bool = False) -> None:
        """Switch."""
        profiles = [profile] if profile else []
        assumed = self.switcher.assume(role, ask=_ask, profiles=profiles, default=default)
        self.say_assumed(role, assumed)

    def say_assumed(self, role: Role, assumed: Assumed) -> None:
        """Say where the session is, and for how long."""
        for note in assumed.notes:
            _say(note)
        end = assumed.session.expires_at
        until = f", until {times.local_clock(end)}" if end else ""
        _say(f"{role.name} is live, written to [{assumed.profile}]{until}")

    def shell(self, role: Role, rest: str) -> None:
        """A subshell, then the list again."""
        del rest
        session = self.switcher.session(role, ask=_ask, change="open a shell with a session of it")
        _say(f"a shell with {role.name}; exit comes back")
        sys.stdout.flush()
        Subshell(self.machine).deliver(session)
        self.show()

    def renew(self, role: Role) -> None:
        """A new session into the same profiles."""
        renewed = self.switcher.renew(role.name, ask=_ask)
        end = renewed.session.expires_at
        _say(f"{role.name} is renewed{f', until {times.local_clock(end)}' if end else ''}")

    def drop(self, role: Role) -> None:
        """Remove what was written, after a yes."""
        if (_line(f"remove the sessions of {role.name}? [y/N] ") or "").lower() not in ("y", "yes"):
            return
        dropped = drop(self.machine, self.switcher.catalogue, [role.name])
        _say(f"removed {len(dropped.profiles)} profiles, {dropped.sessions} cached sessions")

    def favourite(self, role: Role) -> None:
        """Make it a favourite, or no longer."""
        now_one = toggle_favourite(self.machine, role.name)
        _say(f"{role.name} is {'a favourite' if now_one else 'no favourite any more'}")

    def details(self, role: Role) -> None:
        """What is known of a role, a line each."""
        catalogue = self.switcher.catalogue
        stage = catalogue.stage(role)
        _say(f"name: {role.name}")
        for name, value in (
            ("account", " ".join(filter(None, (catalogue.heading(role), role.account_id)))),
            ("stage", stage.name if stage else None),
            ("role", role.role_arn),
            ("chain", " to ".join(catalogue.chain(role))),
            ("region", self.switcher.region(role)),
            ("written to", f"[{self.switcher.profile_for(role)}]"),
            ("problem", catalogue.problem(role)),
            ("same as", same_command("switch", role.name)),
        ):
            if value:
                _say(f"{name}: {value}")

    def sessions(self) -> None:
        """Every session and its time left."""
        now = self.machine.now()
        found = self.switcher.statuses()
        for status in found:
            left = status.seconds_left(now)
            time_left = "end not known" if left is None else f"{times.words(left)} left"
            where = f", written to {' '.join(status.destinations)}" if status.destinations else ""
            _say(f"{status.name}: {status.phase(now)}, {time_left}, by {status.origin}{where}")
        if not found:
            _say("no session")


def _ask(challenge: Challenge) -> str:
    """Ask in the same way as everything else here: a line on standard output, a line back."""
    match challenge:
        case MfaCode(serial, role, rejected):
            if rejected:
                _say(rejected)
            prompt = f"MFA code of {serial} for {role}: "
        case Confirmation(role, stage, account, None, change):
            said = _line(f"{role} is {stage} ({account}): this will {change}; go on? [y/N] ")
            if (said or "").lower() not in ("y", "yes"):
                raise Cancelled(f"{role}: not confirmed")
            return "yes"
        case Confirmation(role, stage, account, typed, change):
            _say(f"{role} is {stage}: this will {change}")
            prompt = f"type {typed} to go on: "
        case TagValue(key, role, suggestion):
            prompt = f"{key} (session tag of {role}){f' [{suggestion}]' if suggestion else ''}: "
            return _line(prompt) or suggestion
        case Presence():
            return ""
        case SignIn():
            _say("\n".join(sign_in_lines(challenge)))
            return ""
        case Assertion(role, url):
            _say(f"{role}: copy the SAML response{f' of {url}' if url else ''}")
            return pasted("paste it here, then enter twice: ")
        case Choice(role, question, options):
            _say("\n".join([f"{role}: {question}:", *numbered(options)]))
            return picked(_line(f"1 to {len(options)}: ") or "", challenge)
    said = _line(prompt)
    if not said:
        raise Cancelled(f"{challenge.role}: stopped")
    return said


def _line(prompt: str) -> str | None:
    sys.stdout.write(printable(prompt))
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stdout.write("\n")
        return None
    return line.strip()


def _say(text: str) -> None:
    sys.stdout.write("\n".join(map(printable, text.split("\n"))) + "\n")
