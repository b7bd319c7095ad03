"""Sign-ins to OpenID Connect providers, kept so that nobody signs in twice.

They are rolecall's own (no AWS client knows them) and lie in its state folder, 0600 each.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiles import times
from profiles.files.atomic import discard, private_write
from profiles.files.state import load_json

if TYPE_CHECKING:
    from profiles.machine import Machine


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and what proves it.

    Attributes:
        subject: the provider's name of the person (`sub`).
        id_token: a JWT.
        expires_at: of the ID token, seconds since 1970.
        refresh_token: gets another ID token without the person; None where there is none.
    """

    subject: str
    id_token: str = field(repr=False)
    expires_at: float
    refresh_token: str | None = field(default=None, repr=False)


def kept_sign_in(machine: Machine, where: str) -> SignedIn | None:
    """What is kept of a sign-in, however old; None where there is nothing, or nothing proper.

    Args:
        machine: says in which folder.
        where: issuer and client, the same text for all who mean the same.
    """
    said = load_json(_path(machine, where))
    subject, token = said.get("subject"), said.get("id_token")
    end, refresh = times.known(said.get("expires_at")), said.get("refresh_token")
    if not isinstance(subject, str) or not isinstance(token, str):
        return None
    if end is None:
        return None
    return SignedIn(subject, token, end, refresh if isinstance(refresh, str) else None)


def keep_sign_in(machine: Machine, where: str, signed_in: SignedIn) -> None:
    """Keep a sign-in; where that cannot be done, the person is asked again next time."""
    said = {
        "where": where,
        "subject": signed_in.subject,
        "id_token": signed_in.id_token,
        "expires_at": signed_in.expires_at,
        "refresh_token": signed_in.refresh_token,
    }
    try:
        private_write(_path(machine, where), json.dumps(said, indent=1).encode())
    except OSError as error:
        machine.log(f"the sign-in is not kept: {error.strerror or error}")


def forget(machine: Machine, where: str) -> bool:
    """Remove what is kept of a sign-in; whether there was anything."""
    kept = kept_sign_in(machine, where) is not None
    discard(_path(machine, where))
    return kept


def _path(machine: Machine, where: str) -> str:
    name = hashlib.sha256(where.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return os.path.join(machine.state_folder, "sign-ins", f"{name}.json")
