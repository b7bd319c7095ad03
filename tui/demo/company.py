"""The example company of the demo: six accounts, their roles, and the files of one employee.

Run as `python -m tui.demo.company EMULATOR ENDPOINT HOME`; prints what the gateway has to know
as JSON. A process of its own, because the demo itself does not have to load the AWS SDK.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tui.demo.account import Account, Statement, allow, trust

LEARNAWS = "111122223333"
MFA_CODE = "123456"
MFA_SERIAL = f"arn:aws:iam::{LEARNAWS}:mfa/the-code-is-{MFA_CODE}"
"""Named so that the dialog which asks for the code shows it."""

ACCOUNTS = {
    LEARNAWS: ("learnaws", "development"),
    "123456789012": ("payments-prod", "production"),
    "210987654321": ("payments-staging", "staging"),
    "234567890123": ("payments-dev", "development"),
    "345678901234": ("data-prod", "production"),
    "456789012345": ("data-dev", "development"),
}
BUCKETS = {
    LEARNAWS: ("my-learnaws-test-bucket", {"hello.txt": b"hello\n", "notes/monday.md": b"# Mon\n"}),
    "123456789012": ("payments-prod-ledger", {"2026/11/23.csv": b"id,amount\n1,12.50\n"}),
    "210987654321": ("payments-staging-ledger", {"2026/11/23.csv": b"id,amount\n1,0.01\n"}),
    "234567890123": ("payments-dev-ledger", {"sample.csv": b"id,amount\n"}),
    "345678901234": ("data-prod-lake", {"events/part-0.json": b"{}\n", "README": b"The lake.\n"}),
    "456789012345": ("data-dev-lake", {"events/part-0.json": b"{}\n"}),
}

READ = allow("s3:Get*", "s3:List*")
HOP = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
ALL = allow("*")


class Role(NamedTuple):
    """One role, and how the employee's files speak of it.

    Attributes:
        profile: its name in the files.
        account: the account's name.
        role: its name in AWS.
        may: its permissions.
        source: the profile it is assumed from.
        hours: how long its sessions last at most.
        mfa: its trust policy wants a code.
        external_id: its trust policy wants this.
        refuses: its trust policy does not know the source.
        extra: further settings of the profile.
    """

    profile: str
    account: str
    role: str
    may: tuple[Statement, ...] = (READ,)
    source: str = "base"
    hours: int = 1
    mfa: bool = False
    external_id: str | None = None
    refuses: bool = False
    extra: tuple[tuple[str, str], ...] = ()


ROLES = (
    Role("s3-reader", "learnaws", "s3-reader", (READ, HOP)),
    Role("data-hub", "learnaws", "DataHub", (HOP,), hours=4),
    Role("auditor", "learnaws", "Auditor", hours=12),
    Role("payments-prod-admin", "payments-prod", "Admin", (ALL,), mfa=True),
    Role("payments-prod-readonly", "payments-prod", "ReadOnly", hours=4),
    Role("payments-prod-billing", "payments-prod", "Billing"),
    Role("payments-prod-ledger", "payments-prod", "LedgerReader", source="s3-reader"),
    Role("payments-prod-deploy", "payments-prod", "Deploy", source="payments-staging-deploy"),
    Role("payments-prod-break-glass", "payments-prod", "BreakGlass", (ALL,), refuses=True),
    Role("payments-staging-admin", "payments-staging", "Admin", (ALL,), hours=4),
    Role("payments-staging-readonly", "payments-staging", "ReadOnly", hours=12),
    Role(
        "payments-staging-deploy",
        "payments-staging",
        "Deploy",
        (READ, HOP),
        source="payments-dev-deploy",
    ),
    Role("payments-staging-support", "payments-staging", "Support"),
    Role("payments-dev-admin", "payments-dev", "Admin", (ALL,), hours=12),
    Role("payments-dev-readonly", "payments-dev", "ReadOnly", hours=12),
    Role("payments-dev-deploy", "payments-dev", "Deploy", (READ, HOP), hours=4),
    Role("data-prod-admin", "data-prod", "Admin", (ALL,), mfa=True),
    Role("data-prod-analyst", "data-prod", "Analyst", source="data-hub"),
    Role("data-prod-readonly", "data-prod", "ReadOnly", extra=(("duration_seconds", "900"),)),
    Role("data-prod-partner", "data-prod", "Partner", external_id="kestrel-7Q2"),
    Role("data-dev-admin", "data-dev", "Admin", (ALL,), hours=12),
    Role("data-dev-analyst", "data-dev", "Analyst", source="data-hub"),
    Role("data-dev-readonly", "data-dev", "ReadOnly", hours=12),
)
SUPPORT = Role("payments-dev-support", "payments-dev", "Support")
"""In the settings rather than in a profile: only there can a role ask for a ticket's number."""


class Facts(NamedTuple):
    """What the gateway has to know of the company.

    Attributes:
        user: the employee's ARN.
        access_key: the employee's.
        limits: MaxSessionDuration by role ARN.
        mfa: the roles that want a code.
    """

    user: str
    access_key: str
    limits: dict[str, int]
    mfa: list[str]


def found(emulator: str, endpoint: str, home: Path) -> Facts:
    """Found the company on an empty emulator, and write the employee's files.

    Args:
        emulator: its address.
        endpoint: the address that the files name.
        home: the employee's home folder.
    """
    ids = {name: account for account, (name, _) in ACCOUNTS.items()}
    arns = {
        role.profile: f"arn:aws:iam::{ids[role.account]}:role/{role.role}"
        for role in (*ROLES, SUPPORT)
    }
    accounts = {account: Account(emulator, account) for account in ACCOUNTS}
    user = accounts[LEARNAWS].user("learnaws-test-user", HOP)
    # A trust policy can name a role that is not there yet, so that any order will do.
    for role in (*ROLES, SUPPORT):
        source = arns.get(role.source, user.arn)
        trusted = f"arn:aws:iam::{ids[role.account]}:root" if role.refuses else source
        trusts = trust(trusted, external_id=role.external_id)
        accounts[ids[role.account]].role(role.role, trusts, *role.may, hours=role.hours)
    for account, (name, objects) in BUCKETS.items():
        accounts[account].bucket(name, objects)

    aws = home / ".aws"
    _write(aws / "config", _config(endpoint, arns))
    _write(
        aws / "credentials",
        f"[base]\naws_access_key_id = {user.access_key_id}\n"
        f"aws_secret_access_key = {user.secret_access_key}\n",
    )
    settings = _settings(arns)
    _write(home / ".config" / "rolecall" / "config.toml", settings)
    if sys.platform == "darwin":
        _write(home / "Library" / "Application Support" / "rolecall" / "config.toml", settings)
    return Facts(
        user.arn,
        user.access_key_id,
        {arns[role.profile]: role.hours * 3600 for role in (*ROLES, SUPPORT)},
        [arns[role.profile] for role in ROLES if role.mfa],
    )


def _config(endpoint: str, arns: dict[str, str]) -> str:
    sections = [
        "# The example company of `rolecall demo`. Change what you like: it is gone when you quit.",
        "[profile base]\nregion = eu-west-1\nservices = demo",
    ]
    for role in ROLES:
        lines: list[tuple[str, Any]] = [
            ("role_arn", arns[role.profile]),
            ("source_profile", role.source),
            ("region", "eu-central-1" if role.account.startswith("data") else "eu-west-1"),
        ]
        if role.mfa:
            lines.append(("mfa_serial", MFA_SERIAL))
        if role.external_id:
            lines.append(("external_id", role.external_id))
        lines += [*role.extra, ("services", "demo")]
        body = "\n".join(f"{key} = {value}" for key, value in lines)
        sections.append(f"[profile {role.profile}]\n{body}")
    services = "\n".join(
        f"{service} =\n  endpoint_url = {endpoint}" for service in ("sts", "s3", "iam")
    )
    sections.append(f"[services demo]\n{services}")
    return "\n\n".join(sections) + "\n"


def _settings(arns: dict[str, str]) -> str:
    accounts = "\n".join(
        f'[accounts.{account}]\nname = "{name}"\nstage = "{stage}"\n'
        for account, (name, stage) in ACCOUNTS.items()
    )
    return (
        f"{accounts}\n"
        '[stages.production]\nmatch = ["*-prod*"]\ncolour = "red"\nconfirm = "ask"\n\n'
        '[stages.staging]\nmatch = ["*-staging*"]\ncolour = "yellow"\n\n'
        '[stages.development]\nmatch = ["*-dev*"]\ncolour = "green"\n\n'
        f'[[roles]]\nname = "{SUPPORT.profile}"\nrole_arn = "{arns[SUPPORT.profile]}"\n'
        'source = "base"\nregion = "eu-west-1"\ntags = { ticket = "{ask}" }\n'
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    json.dump(found(sys.argv[1], sys.argv[2], Path(sys.argv[3]))._asdict(), sys.stdout)
