"""Asking STS for a session: the cache before it, MFA with it, AWS's no in plain words after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.challenges import TagValue
from profiles.errors import (
    AccessDenied,
    ClockSkew,
    Internal,
    NetworkUnavailable,
    PersonNeeded,
    Throttled,
    UsageError,
)
from profiles.files import cache
from profiles.files.aws_clock import aws_now
from profiles.files.state import load_state, record_answer
from profiles.insight.refusal import Refusal, explained
from profiles.sources import cached, mfa
from profiles.sources.arguments import has_open_tag
from profiles.sources.once import one_for_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.errors import RolecallError
    from profiles.session import Session
    from profiles.sources.arguments import Arguments
    from profiles.sources.protocol import Way

PATIENCE = 20.0
"""Seconds that another process is waited for: no longer than what hangs for itself takes."""


def started_from(
    hop: Hop, before: Callable[[], Session] | None
) -> tuple[Role, Callable[[], Session]]:
    """The role of a hop that cannot be the first, and what gets the session before it."""
    if hop.role is None or before is None:
        raise Internal(f"{hop.name} has nothing to start from")
    return hop.role, before


def fill_in_tags(role: Role, arguments: Arguments, way: Way) -> None:
    """Ask for the values of the session tags that the settings leave open (`{ask}`)."""
    open_tags = has_open_tag(role)
    for tag in arguments.given.get("Tags", ()):
        if tag["Value"] == "{ask}" and tag["Key"] in open_tags:
            suggestion = load_state(way.machine).suggestion(role.name, tag["Key"])
            try:
                tag["Value"] = way.ask(TagValue(tag["Key"], role.name, suggestion))
            except UsageError as error:
                if role is way.target:
                    raise
                raise UsageError(
                    error.summary,
                    f"run it in a terminal, or give the tag of {role.name} a value in the settings",
                ) from error
            record_answer(way.machine, role.name, tag["Key"], tag["Value"])


def kept_or_new(
    key: str,
    hop: Hop,
    way: Way,
    new: Callable[[], Session],
    person: Callable[[], object] | None = None,
) -> Session:
    """The cached session of a key, or a new one.

    Of many threads and processes that want it, one asks AWS. Where a new one cannot be had for want
    of a network, of the right time, of a person or of AWS's patience, what is left of the cached
    one is used and said so.

    Args:
        person: has a person do what `new` needs, where that has a turn of its own, in which all
            who wait are shown the same: before anybody waits for a session.
    """
    role = hop.name

    def left() -> Session | None:
        return cached.find(way.machine, key, role=role, source=None)

    def lasting() -> Session | None:
        found = left()
        return found if found is not None and cached.lasts(way.machine, key, found) else None

    if role in way.fresh:
        return replace(new(), cache_key=key)
    if found := lasting():
        return replace(found, cache_key=key)
    try:
        if person is not None:
            person()
        session = one_for_all(way, f"session {key}", lasting, new, PATIENCE)
        # Another thread may have got it under another name of the same role.
        return replace(session, role=role, cache_key=key)
    except (NetworkUnavailable, Throttled, ClockSkew, PersonNeeded) as error:
        known = left()
        if known is None:
            raise
        rest = times.words((known.expires_at or 0) - aws_now(way.machine))
        note = f"{error.summary}; the session from before is used, it lasts another {rest}"
        return replace(known, cache_key=key, notes=(note,))


def ask_sts(
    operation: str,
    given: dict[str, Any],
    role: Role,
    source: Session | None,
    key: str,
    way: Way,
    *,
    kept_as: str | None = None,
    proven: bool = False,
) -> Session:
    """A new session from STS, kept in the cache.

    Args:
        operation: `assume_role`, `get_session_token` …
        source: what signs the call; None for calls that are not signed.
        given: its parameters; a `SerialNumber` without its `TokenCode` asks for an MFA code.
        kept_as: whose session it is called, where it is not the role's own.
        proven: whether the source has MFA, so that nothing says that it lacks.

    Raises:
        RolecallError: what AWS's refusal means.
    """
    serial = given.get("SerialNumber")

    def call(code: str | None) -> dict[str, Any]:
        parameters = given if code is None else given | {"TokenCode": code}
        return _call(operation, parameters, role, source, way, proven=proven)

    asks = serial is not None and "TokenCode" not in given
    answer = mfa.with_code(way, role.name, str(serial), call) if asks else call(None)
    session = cached.of_response(answer, role=role.name, source=role.source)
    if session.account_id is not None:
        answer["Credentials"].setdefault("AccountId", session.account_id)
    cache.write_session(way.machine, key, answer, kept_as or role.name)
    told = replace(
        session,
        role=kept_as or role.name,
        role_arn=role.role_arn if operation.startswith("assume_role") else None,
        source=role.source if source else None,
    )
    return replace(session, notes=way.given(told))


def is_denial(error: RolecallError) -> bool:
    """Whether it is AWS's own `AccessDenied`, and not about the keys or the place."""
    refusal = error.__cause__
    return (
        isinstance(error, AccessDenied)
        and isinstance(refusal, Refusal)
        and refusal.code in ("AccessDenied", "AccessDeniedException")
    )


def _call(
    operation: str,
    parameters: dict[str, Any],
    role: Role,
    source: Session | None,
    way: Way,
    *,
    proven: bool,
) -> dict[str, Any]:
    from profiles.sources import sts

    way.check()
    try:
        answer = sts.call(
            operation,
            parameters,
            source.credentials if source else None,
            way.place,
            way.machine,
        )
    except Refusal as refusal:
        if refusal.offset is not None:
            way.clock(refusal.offset)
        raise explained(
            refusal,
            role=role.name,
            role_arn=role.role_arn,
            source=source.role if source else None,
            mfa_given=proven or "TokenCode" in parameters,
            external_id_given="ExternalId" in parameters,
            temporary=source is not None and source.credentials.session_token is not None,
        ) from refusal
    way.check()
    if answer.offset is not None:
        way.clock(answer.offset)
    return answer.data
