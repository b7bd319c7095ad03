"""Users, roles, buckets and MFA devices of an emulated AWS, known to its gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from tests.world.cloud import MAIN, Cloud
from tui.demo.account import Account, Statement, User, allow, trust
from tui.demo.rules import Device

if TYPE_CHECKING:
    from tests.world.strict import Strict

__all__ = ["Company", "Statement", "User", "allow", "trust"]


class Company:
    """Fills a cloud; what the gateway has to know, it is told."""

    def __init__(self, cloud: Cloud, strict: Strict):
        self.cloud = cloud
        self.strict = strict
        self._accounts: dict[str, Account] = {}

    def account(self, account_id=MAIN) -> Account:
        if account_id not in self._accounts:
            self._accounts[account_id] = self.cloud.account(account_id)
        return self._accounts[account_id]

    def user(self, name="ana", *may: Statement, account=MAIN) -> User:
        """A user with keys; without statements it may assume every role that trusts it."""
        with self.cloud.seeding():
            user = self.account(account).user(name, *(may or [allow("sts:AssumeRole")]))
        self.strict.knows(user.access_key_id, user.secret_access_key, user.arn)
        return user

    def role(
        self,
        name: str,
        *trusted: str,
        may: Statement | list[Statement] = (),
        external_id: str | None = None,
        hours: int = 1,
        mfa: bool = False,
        mfa_age: float | None = None,
        account=MAIN,
    ) -> str:
        """A role that trusts the ARNs; its own ARN.

        `mfa` and `mfa_age` are kept by the gateway: no emulator's role can be satisfied that asks
        for them.
        """
        statements = [may] if isinstance(may, dict) else list(may)
        with self.cloud.seeding():
            arn = self.account(account).role(
                name, trust(*trusted, external_id=external_id), *statements, hours=hours
            )
        self.strict.rules.limits[arn] = hours * 3600
        if mfa:
            self.strict.rules.mfa.add(arn)
        if mfa_age is not None:
            self.strict.rules.mfa_age[arn] = mfa_age
        return arn

    def bucket(self, name: str, objects=None, account=MAIN):
        with self.cloud.seeding():
            self.account(account).bucket(name, objects)

    def device(self, user: User, serial: str | None = None) -> tuple[str, pyotp.TOTP]:
        """The user's MFA device: its serial, and what shows the codes (`totp.now()`)."""
        serial = serial or user.arn.replace(":user/", ":mfa/")
        totp = pyotp.TOTP(pyotp.random_base32())
        self.strict.rules.devices[serial] = Device(
            user.arn, lambda code, now: totp.verify(code, for_time=int(now), valid_window=1)
        )
        return serial, totp
