"""A role as somebody types it, field by field: checked as AWS checks it, and what is made of it.

RoleForm ──▸ wrong      what AWS or rolecall would refuse, by field
         ──▸ request    what is assumed now
         ──▸ entry      what is saved as a `[[roles]]` entry
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from profiles import times
from profiles.errors import RolecallError, UnknownTarget
from profiles.model import Arn
from profiles.request import Request
from profiles.sources.rules import (
    MOST_POLICY_ARNS,
    MOST_TAGS,
    policy_arn_problem,
    problem,
    region_problem,
    role_arn_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiles.switcher import Switcher

ASK = "{ask}"
_NEAREST_AMONG = 2000
"""Names among which the nearest is looked for while somebody types: more would be felt."""
_TEMPLATE = re.compile(r"\{(?:user|role)\}")
# The fields that are one text, in the order of the form, with AWS's name for each.
TEXTS = {
    "session_name": "RoleSessionName",
    "external_id": "ExternalId",
    "mfa_serial": "SerialNumber",
    "source_identity": "SourceIdentity",
}


class Tag(NamedTuple):
    """A session tag.

    Attributes:
        transitive: passed on to the sessions that are assumed with this one.
    """

    key: str
    value: str
    transitive: bool = False


class PolicyState(NamedTuple):
    """What a typed session policy is.

    Attributes:
        characters: that are sent, without the spaces between; None where it is no JSON.
        problem: why AWS would refuse it, or None.
    """

    characters: int | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleForm:
    """What was typed; an empty text is a field that says nothing.

    Attributes:
        duration: `1h`, `90m`, …
        policy: JSON.
        policy_arns: with spaces or line ends between them.
        name: of the entry that it is saved as.
    """

    role_arn: str = ""
    source: str = ""
    session_name: str = ""
    duration: str = ""
    external_id: str = ""
    mfa_serial: str = ""
    source_identity: str = ""
    region: str = ""
    tags: tuple[Tag, ...] = ()
    policy: str = ""
    policy_arns: str = ""
    name: str = ""

    @property
    def arns(self) -> tuple[str, ...]:
        """The ARNs of managed policies, one by one."""
        return tuple(re.split(r"[\s,]+", self.policy_arns.strip())) if self.policy_arns else ()

    def wrong(self, switcher: Switcher) -> dict[str, str]:
        """What would be refused and why, by the field's name; nothing is asked of AWS."""
        checks = (
            ("role_arn", self._role_arn(switcher)),
            ("source", self._source(switcher)),
            *((field, self._text(field, name)) for field, name in TEXTS.items()),
            ("duration", self._duration()),
            ("region", self._region()),
            ("tags", tag_problem(self.tags)),
            ("policy", policy_state(self.policy).problem if self.policy.strip() else None),
            ("policy_arns", self._policy_arns()),
        )
        found = {field: why for field, why in checks if why is not None}
        if "role_arn" not in found and "source" not in found:
            found = self._together(switcher) | found
        return found

    def request(self) -> Request:
        """What is asked for, besides the role.

        Raises:
            UsageError: the duration is none.
        """
        return Request(
            duration=times.duration(self.duration) if self.duration else None,
            session_name=self.session_name or None,
            source=self.source or None,
            mfa_serial=self.mfa_serial or None,
            external_id=self.external_id or None,
            source_identity=self.source_identity or None,
            tags=tuple((tag.key, tag.value) for tag in self.tags),
            transitive_tags=tuple(tag.key for tag in self.tags if tag.transitive),
            policy=_one_line(self.policy),
            policy_arns=self.arns,
            region=self.region or None,
        )

    def shown_request(self) -> Request:
        """The same as it may be shown: the external id is nobody's business."""
        asked = self.request()
        return replace(asked, external_id="****") if asked.external_id else asked

    def entry(self) -> dict[str, Any]:
        """The `[[roles]]` entry, its keys in the order of the README."""
        said: dict[str, Any] = {
            "name": self.name,
            "role_arn": self.role_arn,
            "source": self.source,
            "duration": self.duration,
            "session_name": self.session_name,
            "mfa_serial": self.mfa_serial,
            "external_id": self.external_id,
            "source_identity": self.source_identity,
            "region": self.region,
            "policy": self.policy.strip(),
            "policy_arns": list(self.arns),
            "transitive_tags": [tag.key for tag in self.tags if tag.transitive],
            "tags": {tag.key: tag.value for tag in self.tags},
        }
        return {key: value for key, value in said.items() if value}

    def name_problem(self, switcher: Switcher) -> str | None:
        """Why it cannot be saved under its name; None where it can."""
        if not self.name:
            return "a role needs a name"
        if not self.name.isprintable():
            return "a name is what can be printed"
        if self.name.startswith("arn:"):
            return "a name that looks like an ARN would never be found"
        if switcher.catalogue.get(self.name) is not None:
            return f"there is a role called {self.name} already"
        if not self.source:
            return "a saved role names its source"
        return None

    @property
    def usual_name(self) -> str:
        """A name to save it under: of its account and role."""
        found = Arn.of_role(self.role_arn)
        return f"{found.role_name}-{found.account_id}".lower() if found else ""

    def _role_arn(self, switcher: Switcher) -> str | None:
        why = role_arn_problem(self.role_arn) if self.role_arn else "it is what is assumed"
        if why is not None:
            return why
        try:
            role = switcher.catalogue.resolve(self.role_arn)
        except RolecallError as error:
            return error.summary
        if role.entry is None and role.kind != "role":
            return f"{role.name} is proven by others: enter on its row switches"
        return None

    def _source(self, switcher: Switcher) -> str | None:
        if not self.source or self._role_arn(switcher) is not None:
            return None
        catalogue = switcher.catalogue
        try:
            role = catalogue.resolve(self.role_arn)
            catalogue.hops(role, self.source)
        except UnknownTarget:
            return f"no profile or role is called {self.source!r}{self._nearest(switcher)}"
        except RolecallError as error:
            return error.summary
        before = catalogue.get(self.source)
        ours, theirs = self.role_arn.split(":")[1], _partition(before.role_arn if before else None)
        if theirs not in (None, ours):
            return f"{self.source} is of {theirs}, and can assume no role of {ours}"
        return None

    def _nearest(self, switcher: Switcher) -> str:
        import difflib

        names = {*switcher.catalogue.files.profiles, *switcher.catalogue.roles.names}
        if len(names) > _NEAREST_AMONG:
            return ""
        near = difflib.get_close_matches(self.source, names, n=1, cutoff=0.6)
        return f"; did you mean {near[0]}?" if near else ""

    def _text(self, field: str, parameter: str) -> str | None:
        text: str = getattr(self, field)
        if not text:
            return None
        return problem(parameter, _TEMPLATE.sub("user", text) if field == "session_name" else text)

    def _duration(self) -> str | None:
        try:
            if self.duration:
                times.duration(self.duration, times.ROLE_MAXIMUM)
        except RolecallError as error:
            return error.summary
        return None

    def _region(self) -> str | None:
        if not self.region:
            return None
        from profiles.destinations.console_page import region_partition

        ours, theirs = _partition(self.role_arn), region_partition(self.region)
        if (why := region_problem(self.region)) is not None:
            return why
        return f"it is of {theirs}, and the role of {ours}" if ours not in (None, theirs) else None

    def _policy_arns(self) -> str | None:
        if len(self.arns) > MOST_POLICY_ARNS:
            return f"{len(self.arns)} policies; AWS takes {MOST_POLICY_ARNS}"
        for arn in self.arns:
            if (why := policy_arn_problem(arn)) is not None:
                return why
        twice = next((arn for arn in self.arns if self.arns.count(arn) > 1), None)
        return f"{twice} is there twice" if twice else None

    def _together(self, switcher: Switcher) -> dict[str, str]:
        """What only the whole call shows: where it starts from, and for how long it may last."""
        from profiles.dry_call import dry_call

        try:
            without = replace(self, duration="", policy="").request()
            call = dry_call(switcher, switcher.catalogue.resolve(self.role_arn), without)
        except RolecallError as error:
            return {"source": error.summary}
        if not self.duration or self._duration() is not None:
            return {}
        return {"duration": call.limit} if times.duration(self.duration) > call.longest else {}


def tag_problem(tags: tuple[Tag, ...]) -> str | None:
    """Why AWS would refuse some tags; None where it would not."""
    if len(tags) > MOST_TAGS:
        return f"{len(tags)} tags; AWS takes {MOST_TAGS}"
    return next(_tag_problems(tags), None)


def policy_state(text: str) -> PolicyState:
    """What a session policy is, and what is wrong with it."""
    import json

    from profiles.sources.arguments import POLICY_LIMIT, compact_policy

    try:
        said = json.loads(text)
    except json.JSONDecodeError as error:
        return PolicyState(None, f"line {error.lineno}, column {error.colno}: {error.msg.lower()}")
    except RecursionError:
        return PolicyState(None, "it is nested too deeply")
    size = len(compact_policy(said))
    if not isinstance(said, dict):
        return PolicyState(size, "a policy is an object: {…}")
    if size > POLICY_LIMIT:
        return PolicyState(size, f"{size:,} characters; AWS takes {POLICY_LIMIT:,}")
    return PolicyState(size, None)


def _one_line(policy: str) -> str | None:
    """A policy as it is sent; what is no JSON stays as it is, to be refused."""
    import json

    from profiles.sources.arguments import compact_policy

    try:
        return compact_policy(json.loads(policy)) if policy.strip() else None
    except (ValueError, RecursionError):
        return policy


def _tag_problems(tags: tuple[Tag, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for tag in tags:
        why = problem("Key", tag.key)
        if why is not None:
            yield f"{tag.key}: {why}" if tag.key else f"the tag of {tag.value!r} has no key"
        # AWS tells keys apart by more than their case (API reference, AssumeRole, Tags).
        elif tag.key.casefold() in seen:
            yield f"{tag.key} is there twice"
        elif tag.key.lower().startswith("aws:"):
            yield f"{tag.key}: AWS keeps aws: for itself"
        elif tag.value != ASK and (why := problem("Value", tag.value)) is not None:
            yield f"{tag.key}: {why}"
        seen.add(tag.key.casefold())


def _partition(arn: str | None) -> str | None:
    return arn.split(":")[1] if arn and arn.count(":") > 4 else None
