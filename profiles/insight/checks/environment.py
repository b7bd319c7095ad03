"""Variables that win over what the files say, that contradict each other, or that lead nowhere."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from profiles import times
from profiles.files.aws_clock import aws_now
from profiles.insight.finding import Finding
from profiles.quoted import quoted
from profiles.settings import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.machine import Machine

_KEY, _SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
_TOKENS = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
_ENDS = ("AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION")
_FILES = ("AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
# Variables that botocore obeys when they are empty, too.
_NAMES = {
    "AWS_PROFILE": "the name of a profile",
    "AWS_DEFAULT_PROFILE": "the name of a profile",
    "AWS_REGION": "the name of a region",
    "AWS_DEFAULT_REGION": "the name of a region",
}
# What rolecall itself sets in shells, beside its settings.
_OWN = {"ROLE", "EXPIRES_AT", "DEPTH", "CONFIG", "FEDERATION_ENDPOINT"}
_CLEARS = 'eval "$(rolecall unset)"'


def check(machine: Machine, catalogue: Catalogue) -> Iterator[Finding]:
    """Look at the variables of AWS and of rolecall."""
    env = machine.env
    yield from _keys(env, catalogue)
    yield from _ended(env, aws_now(machine))
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        name = env.get(variable)
        if name and name != "default" and name not in catalogue.files.profiles:
            yield Finding(
                "missing-profile", variable, f"no file has a profile {name}", f"unset {variable}"
            )
    yield from _contradicting(env)
    for variable, what in _NAMES.items():
        if env.get(variable) == "":
            yield Finding(
                "empty-variable",
                variable,
                f"it is set to nothing, which boto3 and the AWS CLI take for {what}",
                f"unset {variable}",
            )
    for variable in _FILES:
        path = env.get(variable)
        if path and not os.path.exists(path):
            yield Finding(
                "missing-file",
                variable,
                f"it names {path}, which is not there",
                f"unset {variable}",
            )
    for variable in sorted(name for name in env if name.startswith("AWS_ENDPOINT_URL")):
        if env[variable]:
            yield Finding(
                "endpoint",
                variable,
                f"calls go to {env[variable]} and not to AWS",
                f"unset {variable}, if that is not meant",
                broken=False,
            )
    yield from _misspelt(env)


def _keys(env: Mapping[str, str], catalogue: Catalogue) -> Iterator[Finding]:
    key, secret = env.get(_KEY), env.get(_SECRET)
    token = next((name for name in _TOKENS if env.get(name)), None)
    if bool(key) != bool(secret):
        there, lacks = (_KEY, _SECRET) if key else (_SECRET, _KEY)
        yield Finding("half-keys", there, f"{lacks} is not set beside it", _CLEARS)
    elif token and not key:
        yield Finding("half-keys", token, f"{_KEY} is not set beside it", _CLEARS)
    elif key and not env.get("ROLECALL_ROLE"):
        profile = env.get("AWS_PROFILE")
        if profile:
            yield Finding("shadowing", _KEY, f"it wins over AWS_PROFILE={profile}", _CLEARS)
        elif (default := catalogue.profile_role("default")) is not None and (
            default.has_keys or default.kind != "session-token"
        ):
            over = "it wins over the profile default, where none is named"
            yield Finding("shadowing", _KEY, over, _CLEARS, broken=False)


def _ended(env: Mapping[str, str], now: float) -> Iterator[Finding]:
    for variable in _ENDS:
        end = times.instant(env.get(variable, ""))
        if end is not None and end <= now and env.get(_KEY):
            role = env.get("ROLECALL_ROLE")
            yield Finding(
                "expired-session",
                variable,
                f"the session in the environment is over since {times.rfc3339(end)}",
                f"exit, and rolecall shell {quoted(role)}" if role else _CLEARS,
            )
            return


def _contradicting(env: Mapping[str, str]) -> Iterator[Finding]:
    for one, other, what in (
        ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "boto3 takes the second, AWS CLI v2 the first"),
        ("AWS_REGION", "AWS_DEFAULT_REGION", "newer SDKs take the first, boto3 the second"),
    ):
        if env.get(one) and env.get(other) and env[one] != env[other]:
            yield Finding(
                "contradiction",
                f"{one} and {other}",
                f"they differ ({env[one]}, {env[other]}): {what}",
                f"unset {other}",
            )


def _misspelt(env: Mapping[str, str]) -> Iterator[Finding]:
    known = {key.upper() for key in KNOWN} | _OWN
    for variable in sorted(name for name in env if name.startswith("ROLECALL_")):
        key = variable.removeprefix("ROLECALL_")
        if key in known:
            continue
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
        remedy = f"call it ROLECALL_{near[0]}" if near else f"unset {variable}"
        yield Finding("unknown-variable", variable, "rolecall knows no such setting", remedy)
