"""A user behind an MFA device, roles that want it, and a person who has it in hand."""

from __future__ import annotations

import os
import threading

from profiles.challenges import MfaCode
from profiles.machine import Machine
from profiles.switcher import Switcher
from profiles.unattended import nobody
from tests.world.company import allow
from tui.demo.rules import Device


class Person:
    """Answers with codes that the device shows, each another; notes what was asked."""

    def __init__(self):
        self.asked: list[MfaCode] = []
        self.next = 100001
        self._lock = threading.Lock()

    def __call__(self, challenge):
        assert isinstance(challenge, MfaCode)
        with self._lock:
            self.asked.append(challenge)
            return self.code()

    def code(self):
        self.next += 1
        return str(self.next)


class MfaWorld:
    """A home whose user `base` has a device that shows every code starting with 1."""

    def __init__(self, company, home, strict):
        self.company, self.home, self.strict = company, home, strict
        self.user = company.user("ana", allow("sts:*"), allow("iam:ListMFADevices"))
        home.keys("base", self.user)
        home.env["AWS_DEFAULT_REGION"] = "eu-west-1"
        self.serial = self.device("mfa/ana")
        self.person = Person()

    def device(self, name, user=None):
        """Another device, of the user or of another."""
        user = user or self.user
        serial = user.arn[: user.arn.index(":user/") + 1] + name
        self.strict.rules.devices[serial] = Device(user.arn, lambda code, _: code.startswith("1"))
        return serial

    def role(self, name, *, hours=1, age=None, **settings):
        """A role that wants MFA, and its profile; the profile's name."""
        arn = self.company.role(name, self.user.arn, hours=hours, mfa=True, mfa_age=age)
        said = {"role_arn": arn, "source_profile": "base", "mfa_serial": self.serial} | settings
        self.home.profile(name, **{key: value for key, value in said.items() if value is not None})
        return name

    def switcher(self, **changes):
        machine = Machine(env=self.home.env, home=str(self.home.path))
        return Switcher(machine._replace(**changes))

    def session(self, name, request=None, *, ask=None, **changes):
        """The session of a role, with the person at hand."""
        switcher = self.switcher(**changes)
        role = switcher.catalogue.resolve(name)
        return switcher.session(role, request, ask=ask or self.person)

    def alone(self, name, request=None):
        """The same with nobody at hand."""
        return self.session(name, request, ask=nobody)

    def age(self, seconds):
        """Let the cached sessions have been made that long ago."""
        for file in self.cache.glob("*.json"):
            then = file.stat().st_mtime - seconds
            os.utime(file, (then, then))

    def forget_roles(self):
        """Take the sessions of roles from the cache; MFA sessions stay."""
        for file in self.cache.glob("*.json"):
            if "AssumedRoleUser" in file.read_text():
                file.unlink()

    @property
    def cache(self):
        return self.home.path / ".aws" / "cli" / "cache"
