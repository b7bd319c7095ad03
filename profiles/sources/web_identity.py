"""AssumeRoleWithWebIdentity: with a token from a file, from a program, or from a sign-in."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from profiles.errors import LoginRequired
from profiles.files import cache
from profiles.files.sign_ins import kept_sign_in
from profiles.sources.asking import ask_sts, kept_or_new
from profiles.sources.federated import federated_arguments
from profiles.sources.oidc_sign_in import Client, signed_in
from profiles.sources.program import failed, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiles.catalogue.chain import Hop
    from profiles.catalogue.role import Role
    from profiles.files.sign_ins import SignedIn
    from profiles.machine import Machine
    from profiles.session import Session
    from profiles.sources.arguments import Arguments
    from profiles.sources.protocol import Way

# What programs call the token in the JSON that some print, the best first.
_IN_JSON = ("id_token", "idToken", "token", "access_token")


class WebIdentity:
    """A role's session for the bearer of an OIDC token; no AWS keys are needed."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The session of a role, from the cache or from STS.

        Raises:
            LoginRequired: the token's file cannot be read or is empty, or nobody can sign in.
            RolecallError: it cannot be had, and why.
        """
        del before
        role = hop.role
        assert role is not None  # noqa: S101 — only credential sources come without a role
        stage = way.catalogue.stage(role)
        arguments = federated_arguments(role, way, "AssumeRoleWithWebIdentity", stage, named=True)
        told_by: dict[str, Any]
        client = Client.of(role)
        if client is not None:
            session = _by_sign_in(client, role, arguments, hop, way)
        elif role.value("token_command"):
            argv = role.value("token_command")
            told_by = {"TokenCommand": list(argv)}
            session = _session(
                arguments,
                told_by,
                hop,
                way,
                lambda: _by_command(role, argv, way.machine, way.check),
            )
        else:
            token = _in_file(role, way.machine)
            # As in the AWS CLI since its 1.46: another token may be another person's.
            told_by = {"WebIdentityToken": token}
            session = _session(arguments, told_by, hop, way, token.strip)
        return replace(
            session,
            role_arn=role.role_arn,
            source=None,
            notes=(*arguments.notes, *session.notes),
        )


def _session(
    arguments: Arguments,
    told_by: Mapping[str, Any],
    hop: Hop,
    way: Way,
    get_token: Callable[[], str],
) -> Session:
    """The cached session, or a new one.

    Args:
        arguments: the call's own.
        told_by: what tells the bearer in the cache key.
        get_token: called when the cache has no session.
    """
    key = cache.role_cache_key({**arguments.given, **told_by})
    return kept_or_new(key, hop, way, lambda: _ask_aws(arguments, key, hop, way, get_token()))


def _ask_aws(arguments: Arguments, key: str, hop: Hop, way: Way, token: str) -> Session:
    assert hop.role is not None  # noqa: S101 — as above
    parameters = {
        **arguments.given,
        "RoleSessionName": arguments.session_name,
        "WebIdentityToken": token,
    }
    return ask_sts("assume_role_with_web_identity", parameters, hop.role, None, key, way)


def _by_sign_in(client: Client, role: Role, arguments: Arguments, hop: Hop, way: Way) -> Session:
    def key_of(who: SignedIn) -> str:
        told_by = {"Issuer": client.issuer, "ClientId": client.client_id, "Subject": who.subject}
        return cache.role_cache_key({**arguments.given, **told_by})

    def ask_aws(who: SignedIn) -> Session:
        return _ask_aws(arguments, key_of(who), hop, way, who.id_token)

    def new() -> Session:
        who = signed_in(client, role, way) if kept else known
        try:
            return ask_aws(who)
        except LoginRequired as error:
            # AWS calls a token too old that the provider has not, and knows of ones taken back.
            way.machine.log(f"{role.name}: {error.summary}; getting another token")
            return ask_aws(signed_in(client, role, way, refused=who.id_token))

    # Whose session it is, only a sign-in tells; one that is over still tells it.
    kept = kept_sign_in(way.machine, client.where)
    known = kept or signed_in(client, role, way)
    return kept_or_new(key_of(known), hop, way, new)


def token_of(role: Role, machine: Machine) -> str:
    """The token of a role that has a file or a program for it.

    Raises:
        LoginRequired: the file cannot be read or is empty.
        RolecallError: the program fails.
    """
    argv = role.value("token_command")
    return _by_command(role, argv, machine) if argv else _in_file(role, machine).strip()


def _by_command(
    role: Role,
    argv: tuple[str, ...],
    machine: Machine,
    check: Callable[[], None] | None = None,
) -> str:
    """The token that a program prints: itself, or in a JSON object."""
    setting = f"the token_command of {role.name}"
    text = printed(argv, setting, machine, check).strip()
    if text.startswith("{"):
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise failed(setting, "it prints neither a token nor JSON") from None
        text = next((said[key] for key in _IN_JSON if isinstance(said.get(key), str)), "")
    if not text or len(text.split()) != 1:
        raise failed(setting, "it prints no token")
    return text


def _in_file(role: Role, machine: Machine) -> str:
    """The file's content as it is: the cache key counts every byte of it."""
    path = role.get("web_identity_token_file") or ""
    whole = os.path.expandvars(path)
    if whole.startswith("~/"):
        whole = machine.home + whole[1:]
    try:
        with open(whole, encoding="utf-8") as file:
            token = file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise LoginRequired(
            f"{role.name} wants the token in {path}, which cannot be read: {reason.lower()}",
            "get a token from your identity provider into that file",
        ) from error
    if not token.strip():
        raise LoginRequired(
            f"{role.name} wants the token in {path}, which is empty",
            "get a token from your identity provider into that file",
        )
    return token
