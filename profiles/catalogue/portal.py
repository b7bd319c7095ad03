"""The portals of IAM Identity Center that roles come from, as the AWS config file names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from profiles.errors import ConfigUnreadable, RolecallError, UnknownTarget, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from profiles.catalogue.catalogue import Catalogue
    from profiles.catalogue.role import Role
    from profiles.files.section import Section

_NEEDED = ("sso_start_url", "sso_region")


class Portal(NamedTuple):
    """What one signs in to.

    Attributes:
        name: of the `sso-session` section; the start URL where a profile itself has the settings,
            as those of AWS CLI before 2.9 do.
        start_url: of the access portal.
        region: of Identity Center.
        scopes: `sso_registration_scopes`; empty where nobody said any.
        legacy: whether a profile itself has the settings: such a sign-in is never refreshed.
    """

    name: str
    start_url: str
    region: str
    scopes: tuple[str, ...] = ()
    legacy: bool = False


def portal_of(role: Role, sections: Mapping[str, Section]) -> Portal:
    """The portal of a role of kind `sso`.

    Args:
        sections: the `sso-session` sections, by name.

    Raises:
        ConfigUnreadable: its settings lack something or contradict themselves, as botocore has it
            (`credentials.SSOProvider`, `tokens.SSOTokenProvider`).
    """
    name = role.get("sso_session")
    if name is None:
        if role.entry is not None:
            raise ConfigUnreadable(f"{role.name} needs an sso_session")
        said = {key: role.get(key) for key in _NEEDED}
        return _portal(f"profile {role.name}", None, said)
    portal = session_portal(name, sections)
    for key, value in sections[name].settings.items():
        own = role.get(key)
        if role.entry is None and own is not None and own != value:
            raise ConfigUnreadable(
                f"{role.name} and [sso-session {name}] do not agree: {key} is {own} in the "
                f"profile and {value} in the session; AWS clients refuse that",
                f"remove {key} from the profile",
            )
    return portal


def session_portal(name: str, sections: Mapping[str, Section]) -> Portal:
    """The portal of an `sso-session` section.

    Raises:
        ConfigUnreadable: there is no such section, or it lacks something.
    """
    section = sections.get(name)
    if section is None:
        known = ", ".join(sections) or "none"
        raise ConfigUnreadable(
            f"there is no [sso-session {name}] in the config file; there is {known}",
            "aws configure sso-session adds one",
        )
    return _portal(f"sso-session {name}", name, section.settings)


def portal_problem(role: Role, sections: Mapping[str, Section]) -> str | None:
    """Why a role's portal cannot be used, one sentence; None where it can, or is not needed."""
    if role.kind != "sso":
        return None
    try:
        portal_of(role, sections)
    except ConfigUnreadable as error:
        return error.summary
    return None


def portals(catalogue: Catalogue) -> list[Portal]:
    """Every portal that the files name, sections first; those that cannot be used are left out."""
    sections = catalogue.files.sso_sessions
    found: dict[str, Portal] = {}
    for name in sections:
        try:
            found[name] = session_portal(name, sections)
        except ConfigUnreadable:
            continue
    for role in catalogue.roles:
        if role.kind == "sso" and role.get("sso_session") is None:
            try:
                portal = portal_of(role, sections)
            except ConfigUnreadable:
                continue
            found.setdefault(portal.name, portal)
    return list(found.values())


def permission_sets(
    roles: Iterable[Role], sections: Mapping[str, Section]
) -> Iterator[tuple[Role, Portal, str]]:
    """The permission sets among some roles, with portal and cache key; broken ones are left out."""
    from profiles.files.sso_cache import role_key

    for role in roles:
        if role.kind != "sso" or not role.account_id or not role.role_name:
            continue
        try:
            portal = portal_of(role, sections)
        except ConfigUnreadable:
            continue
        yield role, portal, role_key(role.role_name, role.account_id, portal)


def find_portal(catalogue: Catalogue, said: str | None) -> Portal:
    """The portal that a person means.

    Args:
        said: an `sso-session`'s name, the name of a profile or role that starts from one, or a
            start URL; None for the only one there is.

    Raises:
        UsageError: nothing was said, and there is none or more than one.
        UnknownTarget: none goes by it.
        ConfigUnreadable: its settings lack something or contradict themselves.
    """
    sections = catalogue.files.sso_sessions
    if said is not None and said in sections:
        return session_portal(said, sections)
    role = None if said is None else catalogue.get(said) or catalogue.profile_role(said)
    if role is not None and (behind := _sso_role(catalogue, role)) is not None:
        return portal_of(behind, sections)
    known = portals(catalogue)
    names = ", ".join(portal.name for portal in known)
    if said is None:
        if len(known) == 1:
            return known[0]
        if not known:
            raise UsageError("no file names an SSO session", "aws configure sso adds one")
        raise UsageError(f"which SSO session? There is {names}", "rolecall login SESSION")
    for portal in known:
        if same_url(portal.start_url, said):
            return portal
    if role is not None:
        raise UsageError(f"{role.name} does not start from an SSO session", f"there is {names}")
    raise UnknownTarget(
        f"no SSO session, role or start URL is called {said!r}",
        f"there is {names}" if names else "aws configure sso adds one",
    )


def same_url(one: str, other: str) -> bool:
    """Whether two start URLs are the same but for the end that browsers show."""
    return one.rstrip("#/") == other.rstrip("#/")


def _sso_role(catalogue: Catalogue, role: Role) -> Role | None:
    """The SSO role that a role is, or starts from."""
    try:
        hops = catalogue.hops(role)
    except RolecallError:
        return None
    return next((hop.role for hop in hops if hop.kind == "sso"), None)


def _portal(where: str, name: str | None, settings: Mapping[str, object]) -> Portal:
    missing = [key for key in _NEEDED if not isinstance(settings.get(key), str)]
    if missing:
        raise ConfigUnreadable(
            f"[{where}] lacks {' and '.join(missing)}", "aws configure sso asks for them"
        )
    start_url, region = str(settings["sso_start_url"]), str(settings["sso_region"])
    scopes = str(settings.get("sso_registration_scopes") or "")
    return Portal(
        name or start_url,
        start_url,
        region,
        tuple(filter(None, map(str.strip, scopes.split(",")))),
        legacy=name is None,
    )
