"""What each letter does in the plain form of the picker."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING

from profiles import times
from profiles.dropping import drop
from profiles.errors import RolecallError, UsageError
from profiles.files.aws_clock import aws_now
from profiles.files.state import toggle_favourite
from tui.plain.asking import agreed, ask, line, say
from tui.plain.handing import Handing

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.role import Role
    from profiles.machine import Machine
    from profiles.request import Request

_HELP = """\
NUMBER         switch: assume the role and write its profile
/WORDS         only roles that hold every word; / alone shows all again
n              the next page
o [ORDER]      another order: account, use, name or expiry
-              the role that was switched to before
a [ARN]        switch to a role by its ARN; without one, fill in a role, field by field
, [KEY [VALUE]] the settings; with a value, change one; with a key alone, unset it
d NUMBER       write a session to [default]
w NUMBER NAME  write a session to the profile NAME; the change is shown first
s NUMBER       a subshell with a session
S NUMBER       a subshell that renews its session
c NUMBER [SERVICE]  open the AWS console, at a service's page
y NUMBER       copy: variables, the profile, the ARN, command lines
e NUMBER       renew
x NUMBER       drop what was written
i NUMBER       details, and the way to the role
t NUMBER       the trust policy that the role needs
f NUMBER       favourite, or no longer; /favourite: shows them
L [NUMBER]     sign in to IAM Identity Center, or out of it
D              find the roles that a sign-in gives
u              undo the last write
l              the sessions and their time left
?              this help
q              quit; sessions stay"""


class Doing(Handing):
    """The commands."""

    def __init__(self, machine: Machine, query: str) -> None:
        super().__init__(machine, query)
        self.alone: dict[str, Callable[[str], None]] = {
            "?": lambda _: say(_HELP),
            "n": lambda _: self.next_page(),
            "o": self.reorder,
            "-": lambda _: self.previous(),
            "a": self.by_arn,
            ",": self.settings,
            "u": lambda _: self.undo(),
            "l": lambda _: self.sessions(),
            "L": self.sign_in_or_out,
            "D": lambda _: self.discover(),
        }
        self.of_roles: dict[str, Callable[[Role, str], None]] = {
            "s": lambda role, _: self.shell(role),
            "S": lambda role, _: self.renewing_shell(role),
            "d": lambda role, _: self.assume(role, default=True),
            "w": self.write_to,
            "c": self.console,
            "y": lambda role, _: self.copy(role),
            "e": lambda role, _: self.renew(role),
            "x": lambda role, _: self.drop(role),
            "i": lambda role, _: self.details(role),
            "t": lambda role, _: self.trust(role),
            "f": lambda role, _: self.favourite(role),
        }

    def ask_machine(self) -> None:
        """Have the machine's own roles in the lists to come: on EC2, in ECS and in EKS."""
        with contextlib.suppress(RolecallError):
            self.switcher.ask_machine()

    def do(self, said: str) -> None:
        """One line of the person's.

        Raises:
            RolecallError: it cannot be done, and why.
        """
        word, _, rest = said.partition(" ")
        if not said:
            self.show()
        elif said.startswith("/"):
            self.filter(said[1:])
        elif word in self.alone:
            self.alone[word](rest.strip())
        elif word in self.of_roles:
            number, _, more = rest.strip().partition(" ")
            self.of_roles[word](self.role(number), more.strip())
        else:
            self.assume(self.role(word))

    def assume(
        self,
        role: Role,
        profile: str = "",
        *,
        default: bool = False,
        request: Request | None = None,
    ) -> None:
        """Switch."""
        profiles = [profile] if profile else []
        assumed = self.switcher.assume(role, request, ask=ask, profiles=profiles, default=default)
        for note in assumed.notes:
            say(note)
        end = assumed.session.expires_at
        until = f", until {times.local_clock(end)}" if end else ""
        places = " ".join(f"[{name}]" for name in assumed.profiles)
        say(f"{role.name} is live, written to {places}{until}")
        self.switcher.reload()

    def by_arn(self, arn: str) -> None:
        """Switch to a role by its ARN, or fill one in, and assume or save it."""
        from tui.plain.forms import fill_in

        if arn:
            self.assume(self.switcher.catalogue.resolve(arn))
            return
        form = fill_in(self.switcher, line, say)
        if form is not None:
            self.assume(self.switcher.catalogue.resolve(form.role_arn), request=form.request())

    def settings(self, said: str) -> None:
        """Show the settings, or change one."""
        from tui.plain.forms import change_setting, show_settings

        key, _, value = said.partition(" ")
        if not key:
            show_settings(self.machine, say)
            return
        change_setting(self.machine, key, value.strip(), say)
        self.switcher.reload()

    def write_to(self, role: Role, profile: str) -> None:
        """Show the change, and switch after a yes."""
        profile = profile or line(f"profile [{self.switcher.profile_for(role)}]: ") or ""
        profile = profile or self.switcher.profile_for(role)
        say(self.switcher.preview(role, profiles=[profile]).rstrip())
        if agreed(f"write this to [{profile}]?"):
            self.assume(role, profile)

    def undo(self) -> None:
        """Put the file back that was written last."""
        change = self.switcher.undo()
        say(f"{change.path} is as it was before the last write")
        self.switcher.reload()

    def renew(self, role: Role) -> None:
        """A new session into the same profiles."""
        from profiles.renewal import renew

        renewed = renew(self.switcher, role.name, ask=ask)
        end = renewed.session.expires_at
        say(f"{role.name} is renewed{f', until {times.local_clock(end)}' if end else ''}")

    def drop(self, role: Role) -> None:
        """Remove what was written, after a yes."""
        if not agreed(f"remove the sessions of {role.name}?"):
            return
        dropped = drop(self.machine, self.switcher.catalogue, [role.name])
        say(f"removed {len(dropped.profiles)} profiles, {dropped.sessions} cached sessions")
        self.switcher.reload()

    def favourite(self, role: Role) -> None:
        """Make it a favourite, or no longer."""
        now_one = toggle_favourite(self.machine, role.name)
        say(f"{role.name} is {'a favourite' if now_one else 'no favourite any more'}")

    def trust(self, role: Role) -> None:
        """Print the trust policy that a role needs."""
        from profiles.insight.trust import trust_policy
        from profiles.request import Request

        say(json.dumps(trust_policy(self.switcher, role, Request(), ask=ask), indent=2))
        sys.stdout.flush()

    # Signing in --------------------------------------------------------------------------

    def discover(self) -> None:
        """Find what a sign-in gives, and list it.

        Raises:
            UsageError: there is nothing to sign in to.
        """
        from profiles.catalogue.portal import portals
        from profiles.discovery import discover_sso, new_places
        from profiles.sources.protocol import never
        from tui.plain.asking import choose

        found = {portal.name: portal for portal in portals(self.switcher.catalogue)}
        if not found:
            raise UsageError("no file names an SSO session", "aws configure sso adds one")
        name = choose("sign-ins", list(found), "sign-ins") if len(found) > 1 else next(iter(found))
        given = discover_sso(self.switcher, found[name], ask=ask, cancelled=never)
        new = len(list(new_places(self.switcher.catalogue, given)))
        say(f"roles of {name}: {len(given.places)}, without a profile: {new}; all are listed")
        self.switcher.reload()
        self.show()

    def sign_in_or_out(self, number: str) -> None:
        """Sign in to what a role starts from, or out of it; without a number, of all there are.

        Raises:
            UsageError: there is nothing to sign in to.
        """
        from profiles.catalogue.portal import find_portal, portals
        from profiles.portal_login import login
        from profiles.sign_out import sign_out
        from tui.plain.asking import choose

        catalogue = self.switcher.catalogue
        role = self.role(number) if number else None
        found = [find_portal(catalogue, role.name)] if role else portals(catalogue)
        if not found:
            raise UsageError("no file names an SSO session", "aws configure sso adds one")
        now = aws_now(self.machine)
        alive = {
            status.name: status
            for status in self.switcher.statuses()
            if status.origin == "sso" and status.seconds_left(now)
        }
        ways = {}
        for portal in found:
            ways[f"sign in to {portal.name}"] = (True, portal)
            status = alive.get(portal.name) or alive.get(portal.start_url)
            if status is not None:
                left = times.words(status.seconds_left(now) or 0)
                ways[f"sign out of {portal.name}, {left} left"] = (False, portal)
        taken = choose("sign-ins", list(ways), "sign-ins") if len(ways) > 1 else next(iter(ways))
        signing_in, portal = ways[taken]
        if signing_in:
            done = login(self.machine, catalogue, portal, ask=ask)
            say(f"signed in to {portal.name} until {times.local_clock(done.expires_at)}")
            return
        gone = sign_out(self.machine, catalogue, portal.name)
        for note in gone.notes:
            say(note)
        say(f"signed out of {portal.name}; {gone.sessions} cached sessions removed")
