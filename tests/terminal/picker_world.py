"""A small company to open the picker on: real files, a real catalogue, a clock that stands still.

Only the way to AWS is canned: what it answers, and when, is said by the test.
"""

from __future__ import annotations

import threading
import time
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from profiles.insight.refusal import Refusal
from profiles.machine import Completed, Machine
from profiles.model import Arn
from profiles.request import Request
from profiles.sources import sts
from profiles.sources.answer import Answer
from profiles.switcher import Switcher
from tui.app import RolecallApp

NOW = 1795473067.0  # 2026-11-24T…; a whole second, so that nothing rounds
CONFIG = """\
[default]
region = eu-west-1

[profile base]
region = eu-west-1

[profile payments-prod-admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = base
region = eu-west-1
mfa_serial = arn:aws:iam::111122223333:mfa/ana

[profile payments-prod-readonly]
role_arn = arn:aws:iam::123456789012:role/ReadOnly
source_profile = base

[profile payments-prod-billing]
role_arn = arn:aws:iam::123456789012:role/Billing
source_profile = payments-prod-admin

[profile payments-dev-admin]
role_arn = arn:aws:iam::210987654321:role/Admin
source_profile = base
external_id = dev-4711

[profile payments-dev-readonly]
role_arn = arn:aws:iam::210987654321:role/ReadOnly
source_profile = base

[profile data-dev-analyst]
role_arn = arn:aws:iam::333344445555:role/Analyst
source_profile = base

[profile data-dev-engineer]
role_arn = arn:aws:iam::333344445555:role/Engineer
source_profile = payments-dev-admin

[profile data-staging-analyst]
role_arn = arn:aws:iam::444455556666:role/Analyst
source_profile = base

[profile data-staging-broken]
role_arn = arn:aws:iam::444455556666:role/Broken
source_profile = nobody-knows
"""
CREDENTIALS = """\
# Ana's own
[base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"""
SETTINGS = """\
[accounts.123456789012]
name = "payments-prod"

[accounts.210987654321]
name = "payments-dev"

[stages.production]
match = ["*prod*"]
confirm = "ask"

[stages.staging]
match = ["*staging*"]
"""


class Clock:
    """Stands still until it is set."""

    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at


class CannedAws:
    """Stands where the calls of STS leave for AWS, and answers what the test wants.

    Attributes:
        lasting: seconds that sessions last.
        refusals: by role ARN, what is raised.
        gates: by role ARN, what is waited for before an answer.
        code: the MFA code that is accepted.
        asked: the ARNs of the roles that were asked for.
    """

    def __init__(self):
        self.lasting = 3600
        self.refusals = {}
        self.gates = {}
        self.code = "654321"
        self.asked = []
        self._made = 0

    def call(self, operation, parameters, _credentials, _surroundings, machine, *, service="sts"):
        if service != "sts":
            raise Refusal("AccessDenied", "not authorized", 403, operation, None)
        if parameters.get("TokenCode", self.code) != self.code:
            text = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
            raise Refusal("AccessDenied", text, 403, operation, None)
        if operation == "get_caller_identity":
            ana = "arn:aws:iam::111122223333:user/ana"
            return Answer({"Arn": ana, "Account": "111122223333", "UserId": "AIDA"}, 0.0)
        if operation == "get_session_token":
            return Answer(self._credentials(machine, 12 * 3600), 0.0)
        arn = parameters["RoleArn"]
        self.asked.append(arn)
        if arn in self.gates:
            self.gates[arn].wait(60)  # a busy machine takes its time
        if arn in self.refusals:
            raise self.refusals[arn]
        _, account, name = Arn.of_role(arn)
        user = {
            "AssumedRoleId": "AROA:ana",
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/ana",
        }
        data = self._credentials(machine, self.lasting) | {"AssumedRoleUser": user}
        return Answer(data, 0.0)

    def _credentials(self, machine, lasting):
        self._made += 1
        return {
            "Credentials": {
                "AccessKeyId": f"ASIA{self._made:016}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": datetime.fromtimestamp(machine.now() + lasting, UTC),
            }
        }


def machine(
    home, *, config=CONFIG, credentials=CREDENTIALS, settings=SETTINGS, env=None, hints=False
):
    """A machine whose home has these files; None leaves a file out."""
    (home / ".aws").mkdir(exist_ok=True)
    (home / ".config" / "rolecall").mkdir(parents=True, exist_ok=True)
    for path, text in (
        (home / ".aws" / "config", config),
        (home / ".aws" / "credentials", credentials),
        (home / ".config" / "rolecall" / "config.toml", settings),
    ):
        if text is not None:
            path.write_text(text)
    if not hints:
        state = home / ".local" / "state" / "rolecall"
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (state / "state.json").exists():
            (state / "state.json").write_text('{"hinted": 3}')
    variables = {
        "LANG": "C.UTF-8",
        "USER": "ana",
        "SHELL": "/bin/bash",
        "AWS_EC2_METADATA_DISABLED": "true",
        **(env or {}),
    }

    def run(*_):
        return Completed(0, "", "")

    return Machine(env=variables, home=str(home), now=Clock(), run=run)


async def sessions_read(app, pilot):
    """Wait until the app knows the sessions that there are."""
    picker = app.picker
    while not picker._caches or {"sessions", "hints"} & picker.errands.running.keys():
        await pilot.pause(0.01)


class Desk:
    """The app on a machine, with a pilot's hands."""

    def __init__(self, app, pilot, switcher, aws):
        self.app = app
        self.pilot = pilot
        self.switcher = switcher
        self.aws = aws
        self.picker = app.picker
        self.clock = switcher.machine.now

    async def press(self, *keys):
        """Press keys, and wait until nothing moves."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text):
        """Type letters."""
        await self.press(*({" ": "space", "-": "minus"}.get(letter, letter) for letter in text))

    async def settle(self):
        """Wait until the errands that do not wait for a gate are done."""
        for _ in range(3):
            await self.pilot.pause()
        await self.pilot.pause(0.02)

    async def until(self, holds, seconds=5):
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it never came:\n" + self.screen()
            await self.pilot.pause(0.01)
        await self.pilot.pause()

    async def go_to(self, name):
        """Highlight a role."""
        self.picker.roles.go_to(name)
        self.picker.follow()
        await self.pilot.pause()

    def screen(self):
        """What is seen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(s.text for s in strip).rstrip() for strip in strips)

    @property
    def toasts(self):
        """What the toasts say."""
        return "\n".join(note.message for note in self.app._notifications)

    @property
    def highlighted(self):
        """The name of the highlighted role."""
        role = self.picker.roles.role
        return role.name if role else None

    def beat(self, seconds=0):
        """Let time go by, and the clock's timer come round twice, so that files are looked at."""
        self.clock.at += seconds
        self.picker._beat()
        self.picker._beat()

    def hold(self, name):
        """Have AWS wait before it answers for a role; the gate to open."""
        gate = self.aws.gates[self.arn(name)] = threading.Event()
        return gate

    def arn(self, name):
        """A role's ARN."""
        return self.switcher.catalogue.get(name).role_arn

    @property
    def asked(self):
        """The names of the roles that AWS was asked for."""
        return [self.switcher.catalogue.resolve(arn).name for arn in self.aws.asked]


@contextmanager
def canned_aws():
    """AWS as the tests have it, for as long as the context lasts."""
    aws = CannedAws()
    with patch.object(sts, "call", aws.call), patch.object(sts, "warm_up", lambda: None):
        yield aws


def switcher_with(made, aws, sessions):
    """A switcher whose roles have written sessions of so many seconds."""
    switcher = Switcher(made)
    for name, seconds in (sessions or {}).items():
        aws.lasting = seconds
        role = switcher.catalogue.get(name)
        code = aws.code if role.get("mfa_serial") else None
        switcher.assume(role, Request(yes=True, mfa_code=code))
    aws.lasting = 3600
    aws.asked.clear()
    switcher.reload()
    return switcher


@asynccontextmanager
async def desk(home_or_machine, *, size=(120, 30), sessions=None, words="", naming=False, **files):
    """The picker, open on a machine with sessions of so many seconds."""
    made = home_or_machine
    if not isinstance(made, Machine):
        made = machine(home_or_machine, **files)
    with canned_aws() as aws:
        switcher = switcher_with(made, aws, sessions)
        app = RolecallApp(switcher, words, naming=naming)
        async with app.run_test(size=size) as pilot:
            at = Desk(app, pilot, switcher, aws)
            await sessions_read(app, pilot)
            await at.settle()
            try:
                yield at
            finally:
                for gate in aws.gates.values():
                    gate.set()
