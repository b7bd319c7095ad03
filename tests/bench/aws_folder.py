"""A large company's AWS files, made up: as many profiles as wanted, of every kind.

The same seed gives the same profiles.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random
from string import ascii_letters, digits
from typing import NamedTuple

PRODUCTS = [
    "atlas", "beacon", "cargo", "canvas", "compass", "courier", "depot", "dispatch", "fares",
    "fleet", "freight", "gateway", "harbour", "insight", "invoices", "itinerary", "journal",
    "kiosk", "ledger", "lighthouse", "manifest", "meridian", "mosaic", "notices", "orbit",
    "parcels", "passport", "payments", "pilot", "quotes", "refunds", "registry", "relay",
    "rewards", "roster", "signal", "tariffs", "tickets", "treasury", "voyage",
]  # fmt: skip
PARTS = [
    "api", "app", "batch", "data", "edge", "events", "files", "jobs", "lake", "model", "ops",
    "web",
]  # fmt: skip
CELLS = ["", "-eu", "-us"]
MORE_CELLS = ["-ap", "-ca", "-me", "-sa"]
"""Of the largest companies alone."""
STAGES = ["dev", "test", "staging", "prod", "sandbox"]
ROLES = [
    "Admin", "ReadOnly", "Developer", "Operator", "Billing", "Auditor", "Deployer", "Support",
    "DBA", "BreakGlass",
]  # fmt: skip
REGIONS = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2"]
TEAMS = ["platform", "finance", "logistics", "whoever is on call"]
SSO_SESSIONS = {"main": "us-east-1", "partners": "eu-west-1"}
SOURCES = ["base", "base-eu"]
"""Profiles with keys that roles start from; `default` is another."""

_KINDS = {
    "role": 48,
    "chain": 10,
    "sso": 22,
    "keys": 6,
    "process": 5,
    "web-identity": 5,
    "metadata": 4,
}
_KEY_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = ascii_letters + digits + "+/"

Settings = dict[str, "str | dict[str, str]"]


class AwsFolder(NamedTuple):
    """What is in the files.

    Attributes:
        config: the text of the config file.
        credentials: that of the credentials file.
        kinds: how many profiles there are of each kind; the sources count as keys.
        plain: names and ARNs of roles outside production that `base` assumes as they are.
        keys: of `base`: its key id and secret.
    """

    config: str
    credentials: str
    kinds: Counter[str]
    plain: dict[str, str]
    keys: tuple[str, str]


def aws_folder(
    count: int, *, sts: str = "", live: int = 0, ends: str = "", seed: int = 7
) -> AwsFolder:
    """Make up the files.

    Args:
        count: profiles besides the sources.
        sts: where the roles are to find STS; else where AWS is.
        live: so many roles have a session that rolecall wrote.
        ends: when those sessions end, RFC 3339.
        seed: another one gives other profiles.
    """
    return _Writer(Random(seed), sts).folder(count, live, ends)


class _Writer:
    def __init__(self, random: Random, sts: str):
        self.random = random
        self.sts = sts
        self.config: list[str] = []
        self.credentials: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.plain: dict[str, str] = {}
        self.chainable: list[str] = []

    def folder(self, count: int, live: int, ends: str) -> AwsFolder:
        self.section(self.config, "default", {"region": "eu-west-1", "output": "json"})
        keys = self.keys("AKIA")
        for name in ("default", *SOURCES):
            self.section(self.credentials, name, keys if name == "base" else self.keys("AKIA"))
            self.kinds["keys"] += 1
        for name, region in SSO_SESSIONS.items():
            url = f"https://example-{name}.awsapps.com/start"
            said = {"sso_start_url": url, "sso_region": region}
            self.section(self.config, f"sso-session {name}", said)
        queue = {"endpoint_url": "http://localhost:9324"}
        self.section(self.config, "services local", {"sqs": queue})
        for name, account, role in self.names(count):
            kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
            if kind == "chain" and not self.chainable:
                kind = "role"
            self.profile(name, kind, account, role)
        for name in list(self.plain)[:live]:
            self.written(name, ends)
        return AwsFolder(
            "\n".join(self.config), "\n".join(self.credentials), self.kinds, self.plain,
            tuple(keys.values()),
        )  # fmt: skip

    def names(self, count: int):
        """Account by account: a profile's name, its account, its role."""
        cells = CELLS if count <= 50_000 else CELLS + MORE_CELLS
        accounts = list(product(PRODUCTS, PARTS, cells, STAGES))
        self.random.shuffle(accounts)
        made = 0
        for at, (owner, part, cell, stage) in enumerate(accounts):
            roles = self.random.sample(ROLES, self.random.randint(6, 9))
            for role in roles[: count - made]:
                name = f"{owner}-{part}{cell}-{stage}-{role.lower()}"
                yield name, f"{100_000_000_000 + at * 7_919_191:012}", role
                made += 1
            if made >= count:
                return
        raise ValueError(f"there are names for {made} profiles")

    def profile(self, name: str, kind: str, account: str, role: str):
        arn = f"arn:aws:iam::{account}:role/{role}"
        said: Settings = {}
        if kind in ("role", "chain", "metadata", "web-identity"):
            said["role_arn"] = arn
        if kind == "role":
            said["source_profile"] = source = self.random.choice([*SOURCES, "base"])
            more = self.role_settings()
            if source == "base" and not more and "-prod-" not in name:
                self.plain[name] = arn
            said |= more
            self.chainable.append(name)
        elif kind == "chain":
            said["source_profile"] = self.random.choice(self.chainable)
            self.chainable.append(name)
        elif kind == "metadata":
            said["credential_source"] = self.random.choice(["Ec2InstanceMetadata", "EcsContainer"])
        elif kind == "web-identity":
            said["web_identity_token_file"] = "/var/run/secrets/tokens/aws"
        elif kind == "sso":
            said["sso_session"] = self.random.choice(list(SSO_SESSIONS))
            said["sso_account_id"] = account
            said["sso_role_name"] = role
        elif kind == "process":
            said["credential_process"] = f"/usr/local/bin/vault aws {account} --role {role}"
        else:
            self.section(self.credentials, name, self.keys("AKIA"))
        said["region"] = self.random.choice(REGIONS)
        if self.random.random() < 0.1:
            said["s3"] = {"addressing_style": "path", "max_concurrent_requests": "20"}
        if self.sts:
            said["endpoint_url"] = self.sts
        elif self.random.random() < 0.02:
            said["services"] = "local"
        self.kinds[kind] += 1
        self.section(self.config, f"profile {name}", said)

    def role_settings(self) -> Settings:
        said: Settings = {}
        for share, key, value in (
            (0.2, "mfa_serial", "arn:aws:iam::999988887777:mfa/ana"),
            (0.1, "external_id", f"partner-{self.random.randrange(10_000)}"),
            (0.2, "duration_seconds", self.random.choice(["900", "3600"])),
            (0.1, "role_session_name", "ana"),
        ):
            if self.random.random() < share:
                said[key] = value
        return said

    def written(self, name: str, ends: str):
        """A session as rolecall writes it."""
        said = self.keys("ASIA")
        said["aws_session_token"] = self.letters(_SECRET, 480)
        said["aws_account_id"] = self.plain[name].split(":")[4]
        said["x_security_token_expires"] = ends
        said["x_rolecall"] = name
        self.section(self.credentials, f"{name}-session", said)

    def keys(self, prefix: str) -> Settings:
        return {
            "aws_access_key_id": prefix + self.letters(_KEY_ID, 16),
            "aws_secret_access_key": self.letters(_SECRET, 40),
        }

    def letters(self, alphabet: str, length: int) -> str:
        return "".join(self.random.choices(alphabet, k=length))

    def section(self, lines: list[str], header: str, said: Settings):
        """A section as people write them: some with a comment, some without blanks around `=`."""
        if self.random.random() < 0.08:
            lines.append(f"# {self.random.choice(TEAMS)}, since 20{self.random.randint(17, 26)}")
        lines.append(f"[{header}]")
        between = "=" if self.random.random() < 0.1 else " = "
        for key, value in said.items():
            if isinstance(value, str):
                lines.append(f"{key}{between}{value}")
            else:
                lines.append(f"{key}{between}".rstrip())
                lines += [f"    {inner} = {setting}" for inner, setting in value.items()]
        lines.append("")
