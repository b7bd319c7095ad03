"""Roles for who bears a provider's token: in AWS, and in rolecall's settings."""

from __future__ import annotations

import json
import shlex
import sys

from tests.world import browser

BROWSER = shlex.join([sys.executable, browser.__file__, "{url}", "login=ana", "password=x"])
"""Signs in whoever's page it is shown."""


def trust(company, url, client="rolecall", name="bearer") -> str:
    """A role for who has a token of an issuer; its ARN. The gateway checks such tokens from now."""
    iam = company.account().client("iam")
    provider = iam.create_open_id_connect_provider(
        Url=url, ClientIDList=[client], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    host = url.split("//")[1]
    company.strict.proofs.issuers.setdefault(url, set()).add(client)
    return company.account().role(
        name,
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{host}:aud": client}},
        },
    )


def entry(home, arn, name="bearer", **more):
    """A `[[roles]]` entry of a web identity."""
    said = {"name": name, "kind": "web-identity", "role_arn": arn} | more
    lines = [f"{key} = {json.dumps(value)}" for key, value in said.items()]
    before = home.settings_file.read_text() if home.settings_file.exists() else ""
    home.settings(before + "[[roles]]\n" + "\n".join(lines) + "\n")
