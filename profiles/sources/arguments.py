"""What a call of AssumeRole or GetSessionToken is given, and the cache key that follows from it.

Light: `list` and `status` use it to tell whose session a cache file is, without the AWS SDK.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import (
    ConfigUnreadable,
    RolecallError,
    RoleChainTooLong,
    SessionTooLong,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role
    from profiles.model import Stage
    from profiles.request import Request
    from profiles.settings import Settings

_NOT_IN_SESSION_NAME = re.compile(r"[^\w+=,.@-]", re.ASCII)
POLICY_LIMIT = 2048


class Arguments:
    """The parameters of one call.

    Attributes:
        given: what a person or a file said: the parameters that make the cache key.
        session_name: for CloudTrail; part of `given` only where somebody set it.
        notes: sentences for the person: a duration that was lowered.
    """

    __slots__ = ("given", "notes", "session_name")

    def __init__(self, given: dict[str, Any], session_name: str, notes: tuple[str, ...]) -> None:
        self.given = given
        self.session_name = session_name
        self.notes = notes


def duration_of(
    role: Role,
    settings: Settings,
    request: Request | None,
    stage: Stage | None,
    *,
    maximum: int,
    chained: bool,
) -> tuple[int | None, tuple[str, ...]]:
    """Seconds to ask for, None to leave it to AWS, and notes on what was lowered.

    Order: flag, `ROLECALL_DURATION`, the role's entry, the settings file, the AWS profile. What a
    person asked for by flag or variable and cannot have is an error; a default is lowered.

    Raises:
        UsageError: asked for more than AWS gives to any of that kind.
        SessionTooLong, RoleChainTooLong: asked for more than can be had here.
    """
    by_entry = role.get("duration_seconds") if role.entry is not None else None
    by_profile = role.get("duration_seconds") if role.entry is None else None
    asked = request.duration if request else None
    if asked is None and settings.origins.get("duration") == "environment":
        asked = settings.seconds("duration")
    seconds = asked
    if seconds is None and by_entry is not None:
        seconds = int(by_entry)
    if seconds is None:
        seconds = settings.seconds("duration")
    if seconds is None and by_profile is not None:
        # botocore passes over a duration that is no number.
        seconds = int(by_profile) if by_profile.isascii() and by_profile.isdigit() else None
    notes: list[str] = []
    limits: list[tuple[int, type[RolecallError], str]] = [
        (maximum, UsageError, f"a session of {role.name} lasts {times.words(maximum)} at most")
    ]
    if chained:
        limits.append(
            (
                times.CHAIN_MAXIMUM,
                RoleChainTooLong,
                f"{role.name} is assumed with another role's session: AWS allows 1h at most",
            )
        )
    if stage is not None and stage.max_duration is not None:
        limits.append(
            (
                stage.max_duration,
                SessionTooLong,
                f"sessions of {stage.name} last {times.words(stage.max_duration)} at most",
            )
        )
    for limit, error, why in limits:
        if seconds is not None and seconds > limit:
            if asked is not None:
                raise error(why, f"ask for {times.words(limit)} or less")
            notes.append(f"{why}; lowered from {times.words(seconds)}")
            seconds = limit
    if seconds is None and stage is not None and stage.max_duration is not None:
        # Unset, AWS gives an hour (a user's token twelve); a stage's bound still holds.
        unset = times.CHAIN_MAXIMUM if maximum == times.ROLE_MAXIMUM else times.ROLE_MAXIMUM
        if stage.max_duration < unset:
            seconds = stage.max_duration
    return seconds, tuple(notes)


def role_arguments(
    role: Role,
    settings: Settings,
    request: Request | None = None,
    stage: Stage | None = None,
    *,
    chained: bool = False,
    user: str = "user",
    reason: str | None = None,
) -> Arguments:
    """The parameters of AssumeRole for a role.

    Tags, policies and source identity are in `given` too: botocore's key has no place for them,
    so they make a key of their own.

    Args:
        reason: why the switch is made, where the request is not this role's own: every hop of a way
            sends the same, for a source identity cannot change on it.

    Raises:
        UsageError: a parameter that AWS would refuse by its form.
        SessionTooLong, RoleChainTooLong: see `duration_of`.
        ConfigUnreadable: the policy's file cannot be read.
    """
    seconds, notes = duration_of(
        role, settings, request, stage, maximum=times.ROLE_MAXIMUM, chained=chained
    )
    given: dict[str, Any] = {"RoleArn": role.role_arn}
    asked = asked_name(role, settings, request)
    if asked:
        given["RoleSessionName"] = session_name(asked, role.name, user)
    serial = (request.mfa_serial if request else None) or role.get("mfa_serial")
    external = (request.external_id if request else None) or role.get("external_id")
    identity = (request.source_identity if request else None) or role.get("source_identity")
    for key, value in (
        ("ExternalId", external),
        ("SerialNumber", serial),
        ("DurationSeconds", seconds),
        ("SourceIdentity", identity),
    ):
        if value is not None:
            given[key] = value
    why = reason_of(settings, request.reason if request else reason)
    tags, because = _with_reason(role, settings, request, why)
    given |= {"SourceIdentity": because, **given} if because else {}
    given |= tags
    transitive = (request.transitive_tags if request else ()) or role.value("transitive_tags")
    if transitive:
        given["TransitiveTagKeys"] = list(transitive)
    given |= policies(role, settings, request)
    return Arguments(
        given, given.get("RoleSessionName") or session_name("{user}", role.name, user), notes
    )


def token_arguments(
    role: Role,
    settings: Settings,
    request: Request | None = None,
    stage: Stage | None = None,
) -> Arguments:
    """The parameters of GetSessionToken, which knows a duration and an MFA device alone.

    Raises:
        SessionTooLong: see `duration_of`.
    """
    seconds, notes = duration_of(
        role, settings, request, stage, maximum=times.TOKEN_MAXIMUM, chained=False
    )
    given: dict[str, Any] = {}
    serial = (request.mfa_serial if request else None) or role.get("mfa_serial")
    if serial:
        given["SerialNumber"] = serial
    if seconds is not None:
        given["DurationSeconds"] = seconds
    return Arguments(given, "", notes)


def federation_arguments(
    role: Role,
    settings: Settings,
    request: Request | None = None,
    stage: Stage | None = None,
    *,
    user: str = "user",
    reason: str | None = None,
) -> Arguments:
    """The parameters of GetFederationToken.

    Args:
        reason: see `role_arguments`.

    Raises:
        UsageError: a policy that AWS would refuse by its form.
        SessionTooLong: see `duration_of`.
        ConfigUnreadable: the policy's file cannot be read.
    """
    seconds, notes = duration_of(
        role, settings, request, stage, maximum=times.TOKEN_MAXIMUM, chained=False
    )
    name = session_name(
        asked_name(role, settings, request) or "{user}", role.name, user, longest=32
    )
    given: dict[str, Any] = {"Name": name}
    if seconds is not None:
        given["DurationSeconds"] = seconds
    why = reason_of(settings, request.reason if request else reason)
    given |= _with_reason(role, settings, request, why)[0]
    given |= policies(role, settings, request)
    return Arguments(given, name, notes)


def session_tags(role: Role, request: Request | None) -> Mapping[str, Any]:
    """`Tags`, where given; a flag's value counts before the entry's."""
    tags = dict(role.value("tags") or {})
    tags.update(request.tags if request else ())
    return {"Tags": [{"Key": key, "Value": tags[key]} for key in tags]} if tags else {}


def reason_of(settings: Settings, asked: str | None) -> str | None:
    """Why a session is assumed: what was asked with, else the settings'; blanks alone are none."""
    return (asked or "").strip() or (settings.text("reason") or "").strip() or None


def _with_reason(
    role: Role, settings: Settings, request: Request | None, reason: str | None
) -> tuple[Mapping[str, Any], str | None]:
    """`Tags`, the reason among them where it is sent as one; and a `SourceIdentity` that it makes.

    A tag or source identity that was said outright counts before it.
    """
    tags = session_tags(role, request)
    how = settings.text("send_reason")
    if how is None or reason is None:
        return tags, None
    if how == "source-identity":
        # Two letters to 64 (API reference, AssumeRole, SourceIdentity), as in a session's name.
        return tags, session_name(reason, role.name, "user")
    key = how.partition(":")[2]
    if any(tag["Key"] == key for tag in tags.get("Tags", ())):
        return tags, None
    # Letters and digits of every script, and some signs (API reference, Tag, Value).
    sent = {"Key": key, "Value": re.sub(r"[^\w .:/=+\-@]", "-", reason)[:256]}
    return {"Tags": [*tags.get("Tags", ()), sent]}, None


def policies(role: Role, settings: Settings, request: Request | None) -> Mapping[str, Any]:
    """`Policy` (compact JSON) and `PolicyArns`, where given.

    Raises:
        UsageError: no JSON, or longer than the 2,048 characters that AWS takes.
        ConfigUnreadable: the file cannot be read.
    """
    import json

    found: dict[str, Any] = {}
    said = (request.policy if request else None) or role.get("policy")
    if said:
        text = said
        if not said.lstrip().startswith("{"):
            import os.path

            beside = os.path.dirname(settings.path) if not (request and request.policy) else ""
            path = os.path.join(beside, said)
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is no text"
                raise ConfigUnreadable(f"cannot read the policy {path}: {why.lower()}") from error
        try:
            compact = compact_policy(json.loads(text))
        except ValueError as error:
            raise UsageError(f"the session policy is no JSON: {error}") from error
        if len(compact) > POLICY_LIMIT:
            raise UsageError(
                f"the session policy has {len(compact)} characters; AWS takes {POLICY_LIMIT}",
                "put the rest into managed policies: --policy-arn",
            )
        found["Policy"] = compact
    arns = (request.policy_arns if request else ()) or role.value("policy_arns")
    if arns:
        found["PolicyArns"] = [{"arn": arn} for arn in arns]
    return found


def compact_policy(said: Any) -> str:
    """A policy as it is sent, and counted: without spaces between its parts."""
    import json

    return json.dumps(said, separators=(",", ":"))


def session_name(template: str, role: str, user: str, longest: int = 64) -> str:
    r"""A session's name: the template filled in and cleaned to `[\w+=,.@-]{2,64}`.

    The pattern is AssumeRole's own (API reference, RoleSessionName); a federated user's name has
    32 characters at most (GetFederationToken, Name).
    """
    name = template.replace("{user}", user).replace("{role}", role)
    name = _NOT_IN_SESSION_NAME.sub("-", name)[:longest]
    return name if len(name) >= 2 else f"{name}--"[:2] if name else "rolecall"


def asked_name(role: Role, settings: Settings, request: Request | None) -> str | None:
    """The template of a session's name, None where nobody set one; ordered as `duration_of`."""
    own = role.get("role_session_name")
    return (
        (request.session_name if request else None)
        or settings.variable("session_name")
        or (own if role.entry is not None else None)
        or settings.text("session_name")
        or own
    )


def has_open_tag(role: Role) -> list[str]:
    """The keys of the tags whose value a person is to give (`{ask}`)."""
    return [key for key, value in (role.value("tags") or {}).items() if value == "{ask}"]


def check_tags(text: str) -> tuple[str, str]:
    """A tag said as `KEY=VALUE`.

    Raises:
        UsageError: it has no `=`, or no key.
    """
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"not a tag: {text!r}", "say it like --tag team=payments")
    return key, value
