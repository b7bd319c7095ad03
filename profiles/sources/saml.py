"""AssumeRoleWithSAML: with a response from the command line, a program, a browser or a paste."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from profiles.browser import has_browser, open_url
from profiles.catalogue.role import Role
from profiles.challenges import Assertion, Choice, SignIn
from profiles.errors import AccessDenied, RolecallError, UsageError
from profiles.files import cache
from profiles.guard import guard
from profiles.insight.trust import principal
from profiles.model import Arn
from profiles.quoted import quoted
from profiles.sources.asking import ask_sts, kept_or_new
from profiles.sources.federated import federated_arguments
from profiles.sources.loopback import Loopback
from profiles.sources.once import one_for_all
from profiles.sources.one_at_a_time import one_at_a_time
from profiles.sources.program import failed, printed
from profiles.sources.saml_response import Pair, SamlResponse, read_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiles.catalogue.chain import Hop
    from profiles.session import Session
    from profiles.sources.protocol import Way

PORT = 18520
"""Of the address that an identity provider posts to, `http://localhost:18520/saml`."""
PATIENCE = 600.0
"""Seconds that a sign-in in a browser is waited for."""
_FRESH = 240.0
"""Seconds that a response serves other roles too; AWS takes it for five minutes."""
_CALL = "AssumeRoleWithSAML"

_lately: dict[str, tuple[float, str]] = {}
"""What identity providers posted lately and when, by their address: never on a disk."""


class Saml:
    """A role's session for who an identity provider vouches for; no AWS keys are needed."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a role, from the cache or from STS.

        Raises:
            LoginRequired: there is no response, and nobody who could get one; or it is over.
            RolecallError: it cannot be had, and why.
        """
        del before
        role = hop.role
        assert role is not None  # noqa: S101 — only credential sources come without a role
        stage = way.catalogue.stage(role)
        arguments = federated_arguments(role, way, _CALL, stage, named=False)
        # The response is another each time, and stays out of the key. An entry that names no role
        # keeps the session of the one that was chosen.
        named = {"PrincipalArn": role.get("principal_arn")}
        key = cache.role_cache_key(
            arguments.given | named | ({} if role.role_arn else {"Entry": role.name})
        )
        session = kept_or_new(key, hop, way, lambda: _new(role, key, way))
        role_arn = role.role_arn or principal(str(session.identity))
        if role.role_arn is None and session.from_cache:
            _chosen(role, role_arn, way)
        return replace(
            session,
            role_arn=role_arn,
            source=None,
            notes=(*arguments.notes, *session.notes),
        )


def _new(role: Role, key: str, way: Way) -> Session:
    """A session from STS.

    What an identity provider posted serves no second time where it did not serve the first.
    """
    try:
        return _by_response(_response(role, way), role, key, way)
    except RolecallError:
        _lately.pop(role.get("saml_url") or "", None)
        raise


def _by_response(response: SamlResponse, role: Role, key: str, way: Way) -> Session:
    pair = _pair(response, role, way)
    chosen = role if role.role_arn else _chosen(role, pair.role_arn, way)
    stage = way.catalogue.stage(chosen)
    given = federated_arguments(role, way, _CALL, stage, named=False).given
    most = stage.max_duration if stage else None
    if most is not None and (response.session_duration or 0) > most:
        # Left to AWS, the response would have the say.
        given.setdefault("DurationSeconds", most)
    given |= {
        "RoleArn": pair.role_arn,
        "PrincipalArn": pair.principal_arn,
        "SAMLAssertion": response.encoded,
    }
    return ask_sts("assume_role_with_saml", given, chosen, None, key, way)


def _response(role: Role, way: Way) -> SamlResponse:
    """The identity provider's response, from where there is one."""
    given, now = way.request.saml_assertion, way.machine.now
    if given is not None:
        return read_response(given, now())
    argv, url = role.value("saml_command"), role.get("saml_url")
    if argv:
        setting = f"the saml_command of {role.name}"
        text = printed(argv, setting, way.machine, way.check)
        try:
            return read_response(text, now())
        except UsageError as error:
            raise failed(setting, f"in what it prints, {error.summary}") from error
    if url and has_browser(way.machine, way.catalogue.settings):
        return read_response(_posted(role, url, way), now())
    return read_response(way.ask(Assertion(role.name, url)), now())


def _posted(role: Role, url: str, way: Way) -> str:
    """What the identity provider posts to this machine after the person signed in."""
    port, name = role.value("port") or PORT, urlsplit(url).netloc

    def known() -> str | None:
        at, text = _lately.get(url, (0.0, ""))
        return text if 0 <= way.machine.now() - at < _FRESH else None

    def new() -> str:
        end = way.machine.now() + PATIENCE
        with (
            one_at_a_time(way, f"port {port}"),
            Loopback("/saml", lambda fields: bool(fields.get("SAMLResponse")), port=port) as here,
        ):
            again = f"rolecall assume {quoted(role.name)}"
            way.ask(SignIn(name, role.name, url, None, end, opened=True, again=again))
            open_url(way.machine, way.catalogue.settings, url)
            text = here.wait(name, end, way.machine, way.cancelled)["SAMLResponse"]
        _lately[url] = (way.machine.now(), text)
        return text

    return one_for_all(way, f"saml {url}", known, new)


def _pair(response: SamlResponse, role: Role, way: Way) -> Pair:
    """The role of the response that is meant, and its provider; the person's choice of several."""
    wanted, provider = role.role_arn, role.get("principal_arn")
    if response.encrypted and not response.pairs:
        if wanted and provider:
            return Pair(wanted, provider)
        raise UsageError(
            "the SAML response is encrypted: AWS can read its roles, and rolecall cannot",
            f"set role_arn and principal_arn for {role.name}",
        )
    found = [
        pair
        for pair in response.pairs
        if wanted in (None, pair.role_arn) and provider in (None, pair.principal_arn)
    ]
    if not found:
        offered = ", ".join(pair.role_arn for pair in response.pairs) or "no role at all"
        what = wanted or (f"a role by {provider}" if provider else "any role")
        raise AccessDenied(
            f"the SAML response does not offer {what}",
            f"it offers {offered}; the identity provider decides that",
        )
    if len(found) == 1:
        return found[0]
    options = {_told(pair, way): pair for pair in found}
    if len(options) < len(found):
        options = {f"{pair.role_arn} by {pair.principal_arn}": pair for pair in found}
    said = way.ask(Choice(role.name, "which role of the SAML response", tuple(options)))
    way.check()
    return options[said]


def _told(pair: Pair, way: Way) -> str:
    """A role as a person knows it: its account and its name."""
    arn = Arn.of_role(pair.role_arn)
    assert arn is not None  # noqa: S101 — a pair is only made of those
    name = way.catalogue.settings.accounts.get(arn.account_id, {}).get("name")
    account = f"{name} ({arn.account_id})" if name else arn.account_id
    return f"{account} {arn.role_name}"


def _chosen(role: Role, role_arn: str, way: Way) -> Role:
    """The role that an entry without one has come to; its stage is guarded now that it is known."""
    entry = {**(role.entry or {}), "role_arn": role_arn}
    chosen = Role(role.name, entry=entry, origin=role.origin)
    if role is way.target and way.catalogue.stage(chosen) != way.catalogue.stage(role):
        guard(way.catalogue, chosen, way.request, way.ask, f"hand out a session of {role_arn}")
    return chosen
