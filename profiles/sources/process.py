"""Credentials from a program: the `credential_process` of a profile.

The format is that of "Sourcing credentials with an external process" in the AWS SDKs and Tools
Reference Guide, version 1.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from profiles import times
from profiles.errors import ConfigUnreadable, CredentialsExpired, SourceLoop
from profiles.files.aws_clock import aws_now
from profiles.session import Credentials, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from profiles.catalogue.chain import Hop
    from profiles.sources.protocol import Way

# A vault may wait for a finger on a key; a program that hangs must not hang us for ever.
TIMEOUT = 60.0
LONGEST = 32_768
"""Letters of a command line: taking a far longer one apart takes minutes."""
_ASKING = "ROLECALL_ASKING"
"""The profiles whose programs are being run: a program may be rolecall's own, in any disguise."""
_BETWEEN = "\x1f"


class Process:
    """What the program prints; no shell reads its command line, as in botocore."""

    def session(self, hop: Hop, before: Callable[[], Session] | None, way: Way) -> Session:
        """The program's credentials.

        Raises:
            SourceLoop: the program is rolecall's own credential process.
            ConfigUnreadable: it cannot be run, fails, or prints something else.
            CredentialsExpired: what it gives is over already.
        """
        del before
        argv = self._argv(hop)
        way.check()
        try:
            done = way.machine.run(argv, self._env(hop, way.machine.env), TIMEOUT)
        except FileNotFoundError as error:
            raise self._failed(hop, f"there is no command {argv[0]!r}") from error
        except (OSError, TimeoutError) as error:
            raise self._failed(hop, str(error)) from error
        way.check()
        if done.status:
            said = " ".join(done.stderr.split())[-300:]
            raise self._failed(hop, said or f"it ended with status {done.status}")
        credentials = self._read(hop, done.stdout)
        if credentials.expires_at is not None and credentials.expires_at <= aws_now(way.machine):
            raise CredentialsExpired(
                f"the credential_process of {hop.name} gave a session that ended at "
                f"{times.rfc3339(credentials.expires_at)}",
                f"run it by hand to see why: {shlex.join(argv)}",
            )
        return Session(
            role=hop.name,
            credentials=credentials,
            expires_at=credentials.expires_at,
            account_id=credentials.account_id,
            source=hop.name,
        )

    def _argv(self, hop: Hop) -> list[str]:
        command = hop.role.get("credential_process") if hop.role else None
        if len(command or "") > LONGEST:
            raise self._failed(hop, f"its command line has more than {LONGEST:,} letters")
        try:
            argv = shlex.split(command or "")
        except ValueError as error:
            raise self._failed(hop, f"its command line is broken ({error})") from error
        if not argv:
            raise self._failed(hop, "it names no command")
        return argv

    def _env(self, hop: Hop, env: Mapping[str, str]) -> dict[str, str]:
        """The environment of the program, which tells a rolecall in it what it was run for.

        Raises:
            SourceLoop: this rolecall was itself run for the same profile.
        """
        asking = [*filter(None, env.get(_ASKING, "").split(_BETWEEN)), hop.name]
        if hop.name in asking[:-1]:
            raise SourceLoop(
                f"the credential_process of {hop.name} comes back to it: {' ─▸ '.join(asking)}",
                "let it name the role that it stands for instead",
            )
        return {**env, _ASKING: _BETWEEN.join(asking)}

    def _read(self, hop: Hop, text: str) -> Credentials:
        try:
            said: Any = json.loads(text)
        except (ValueError, RecursionError):
            raise self._failed(hop, "it prints no JSON") from None
        if not isinstance(said, dict) or said.get("Version") != 1:
            raise self._failed(hop, 'it prints no object with "Version": 1')
        for key in ("AccessKeyId", "SecretAccessKey"):
            if not isinstance(said.get(key), str) or not said[key]:
                raise self._failed(hop, f"{key} is missing in what it prints")
        end = said.get("Expiration")
        expires = times.instant(end) if isinstance(end, str) else None
        if end is not None and expires is None:
            raise self._failed(hop, f"its Expiration is no time: {end!r}")
        token, account = said.get("SessionToken"), said.get("AccountId")
        return Credentials(
            said["AccessKeyId"],
            said["SecretAccessKey"],
            session_token=token if isinstance(token, str) and token else None,
            expires_at=expires,
            account_id=str(account) if account else None,
            method="custom-process",
        )

    def _failed(self, hop: Hop, why: str) -> ConfigUnreadable:
        return ConfigUnreadable(
            f"the credential_process of {hop.name} gave no credentials: {why}",
            "run it by hand to see what it says",
        )
