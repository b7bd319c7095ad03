"""The cache of console sign-ins (`aws login`) that is shared with the AWS CLI and the SDKs.

Source: botocore 1.43, `utils.LoginTokenLoader`, `utils.get_login_token_cache_directory`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from profiles.files.atomic import private_write
from profiles.files.state import load_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

_FOLDER = "AWS_LOGIN_CACHE_DIRECTORY"


def read_login(machine: Machine, session: str) -> dict[str, Any]:
    """A sign-in with its secrets, empty where there is none. It may be over.

    Args:
        machine: says where.
        session: what `login_session` says: the ARN of who signed in.
    """
    return load_json(_path(machine, session))


def write_login(machine: Machine, session: str, token: Mapping[str, Any]) -> None:
    """Keep a sign-in that was refreshed.

    Raises:
        OSError: it cannot be written; the old one is as it was.
    """
    import json

    private_write(_path(machine, session), json.dumps(token).encode())


def _path(machine: Machine, session: str) -> str:
    import hashlib

    folder = machine.env.get(_FOLDER)
    folder = os.path.expandvars(folder) if folder else "~/.aws/login/cache"
    if folder.startswith("~/"):
        folder = machine.home + folder[1:]
    name = hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
    return os.path.join(folder, f"{name}.json")
