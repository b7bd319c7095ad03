"""Who one is to AWS: GetCallerIdentity, by a target's credentials or a client's own choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.catalogue.role import Role
from profiles.errors import UsageError
from profiles.insight.refusal import Refusal, explained
from profiles.sources.environment import environment_keys
from profiles.sources.keys import profile_keys
from profiles.sources.kinds import unsupported
from profiles.sources.surroundings import Surroundings, surroundings_of

if TYPE_CHECKING:
    from profiles.challenges import Ask
    from profiles.request import Request
    from profiles.session import Credentials
    from profiles.switcher import Switcher


class Identity(NamedTuple):
    """Who one is to AWS.

    Attributes:
        arn: the caller's.
        account_id: twelve digits.
        user_id: AWS's id of the caller.
        method: where the credentials came from, in botocore's words.
        source: the profile, role or variable that gave them.
    """

    arn: str
    account_id: str
    user_id: str
    method: str
    source: str


def whoami(switcher: Switcher, target: str | None, request: Request, *, ask: Ask) -> Identity:
    """The identity of a target's session, or of what a client would use now.

    Raises:
        UsageError: a client would find no credentials.
        RolecallError: there are no credentials, or AWS does not know them.
    """
    if target is None:
        return _of_a_client(switcher, request, ask)
    catalogue = switcher.catalogue
    role = catalogue.get(target) or catalogue.profile_role(target) or catalogue.resolve(target)
    return _of(switcher, role, request, ask)


def _of(switcher: Switcher, role: Role, request: Request, ask: Ask) -> Identity:
    profile = switcher.catalogue.files.profiles.get(role.name)
    holds_keys = profile is not None and profile.get("aws_access_key_id") is not None
    if profile is not None and holds_keys and role.kind == "session-token":
        at = Role(role.name, profile=profile)
        return _asked(switcher, profile_keys(profile), at, request, role.name)
    session = switcher.session(role, request, ask=ask, change="ask AWS who it is", needs=0)
    return _asked(switcher, session.credentials, role, request, role.name)


def caller_of(switcher: Switcher, role: Role, request: Request, *, ask: Ask) -> Identity:
    """Who would assume a role: the identity of the hop before it.

    Raises:
        RolecallError: that cannot be told.
    """
    session = switcher.session_before(role, request, ask=ask)
    return _asked(switcher, session.credentials, role, request, session.role)


def _of_a_client(switcher: Switcher, request: Request, ask: Ask) -> Identity:
    """The environment's keys, else `AWS_PROFILE`, else what botocore's chain comes to."""
    from profiles.sources import sts

    env = switcher.machine.env
    keys = environment_keys(env)
    if keys is not None:
        place = Surroundings({}, {}, request.region or switcher.machine.region())
        return _identified(switcher, keys, place, "the environment")
    name = switcher.machine.profile() or "default"
    role = switcher.catalogue.get(name)
    if role is not None and role.entry is not None:
        # A client knows nothing of rolecall's own entries, and follows the profile.
        role = switcher.catalogue.profile_role(name)
    # For botocore a web identity of the environment comes right after a profile that is a role.
    bearer = bool(env.get("AWS_WEB_IDENTITY_TOKEN_FILE")) and (role is None or role.kind != "role")
    known = [] if bearer or role is None else switcher.catalogue.hops(role)
    if role is not None and known and all(not unsupported(hop.kind) for hop in known):
        return _of(switcher, role, request, ask)
    found = sts.default_credentials(switcher.machine)
    if found is None:
        raise UsageError(
            "a client would find no credentials now",
            "set AWS_PROFILE, or name a role: rolecall whoami ROLE",
        )
    keys, region = found
    at = Role(name, profile=switcher.catalogue.files.profiles.get(name))
    source = "the environment" if bearer else f"profile {name}"
    return _identified(switcher, keys, surroundings_of(switcher.catalogue, at, region), source)


def _asked(
    switcher: Switcher, keys: Credentials, role: Role, request: Request, source: str
) -> Identity:

    region = switcher.region(role, request)
    place = surroundings_of(switcher.catalogue, switcher.rooted(role, request), region)
    return _identified(switcher, keys, place, source)


def _identified(
    switcher: Switcher, keys: Credentials, place: Surroundings, source: str
) -> Identity:
    from profiles.sources import sts

    try:
        answer = sts.call("get_caller_identity", {}, keys, place, switcher.machine)
    except Refusal as refusal:
        if refusal.offset is not None:
            switcher.saw_offset(refusal.offset)
        raise explained(
            refusal,
            role=source,
            role_arn=None,
            source=source,
            temporary=keys.session_token is not None,
        ) from refusal
    if answer.offset is not None:
        switcher.saw_offset(answer.offset)
    data = answer.data
    return Identity(data["Arn"], data["Account"], data["UserId"], keys.method, source)
