"""Secrets that can be told anywhere, a home that is full of them, and the look for where they went.

None has the form of a real key: what hides them is that nothing shows them, not how they look.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import stat
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SECRETS = {
    name: f"planted-{name}-q7w2e9"
    for name in (
        "long-lived-secret",
        "environment-secret",
        "environment-token",
        "session-secret",
        "session-token",
        "sso-access-token",
        "sso-refresh-token",
        "client-secret",
        "sign-in-token",
        "password",
    )
}
MFA_CODE = "731905"
SESSION = ("session-secret", "session-token")
KEY_ID = "AKIAPLANTED000000000"


def found_in(data: bytes) -> set[str]:
    """The names of the secrets in some bytes, as they are or as programs write them."""
    return {
        name
        for name, forms in _FORMS.items()
        if any(form in data for form in forms)
    }  # fmt: skip


def _forms(secret: str) -> tuple[bytes, ...]:
    plain = secret.encode()
    # Base64 of a text that it stands in, at each of three places; its ends are what is beside it.
    inside = [base64.b64encode(b"\0" * at + plain)[4:-4] for at in range(3)]
    return (plain, plain.hex().encode(), quote(secret, safe="").encode(), *inside)


_FORMS = {name: _forms(secret) for name, secret in SECRETS.items()}


class Home:
    """A home with secrets in every place that may have them, and helpers that tell what they get.

    Attributes:
        path: the home.
        env: what commands see.
        told: a folder outside of it, where each helper leaves its arguments and environment.
        given: a folder outside of it, with what a person hands to commands.
    """

    def __init__(self, folder: Path, url: str):
        self.path, self.told, self.given = (folder / name for name in ("home", "told", "given"))
        for made in (self.path / ".aws", self.path / "tmp", self.told, self.given / "bin"):
            made.mkdir(mode=0o700, parents=True)
        self.assertion = self.given / "assertion"
        self.token = self.given / "token"
        self.token.write_text(SECRETS["sign-in-token"])
        self.env = {
            "HOME": str(self.path),
            "TMPDIR": str(self.path / "tmp"),
            "PATH": f"{self.given / 'bin'}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/sh",
            "USER": "ana",
            "EDITOR": str(self._helper("editor", "")),
            "DISPLAY": ":7",
            "AWS_ENDPOINT_URL": url,
            "ROLECALL_FEDERATION_ENDPOINT": f"{url}/federation",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRETS["environment-secret"],
            "AWS_SESSION_TOKEN": SECRETS["environment-token"],
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": SECRETS["environment-token"],
            "TEST_STORE": str(folder / "store.json"),
            "PYTHON_KEYRING_BACKEND": "tests.world.key_store.TestStore",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._fill()
        self.before = {path: path.read_bytes() for path in self._files()}
        self._folders = set(self.path.rglob("*")) - self.before.keys()

    def _helper(self, name: str, says: str) -> Path:
        path = self.given / "bin" / name
        path.write_text(
            "#!/bin/sh\n"
            # Whoever runs this is to read it, whatever the umask of rolecall.
            "umask 077\n"
            f"cat /proc/$$/cmdline >{self.told}/{name}.$$.argv\n"
            f"cat /proc/$$/environ >{self.told}/{name}.$$.env\n"
            f"printf '%s' '{says}'\n"
        )
        path.chmod(0o755)
        return path

    def _fill(self):
        said = json.dumps(
            {
                "Version": 1,
                "AccessKeyId": KEY_ID,
                "SecretAccessKey": SECRETS["session-secret"],
                "SessionToken": SECRETS["session-token"],
                "Expiration": _utc(3600),
            }
        )
        vault, broken = self._helper("vault", said), self._helper("broken", said[:-20])
        for name, says in (("browser", ""), ("xclip", ""), ("ask", MFA_CODE)):
            self._helper(name, says)
        mfa = self._helper("code", f"your code is {MFA_CODE}")
        token = self._helper("token-of", SECRETS["sign-in-token"])
        role = "role_arn = arn:aws:iam::123456789012:role"
        self._write(
            ".aws/config",
            f"[profile reader]\n{role}/reader\nsource_profile = base\nregion = eu-west-1\n\n"
            f"[profile with-mfa]\n{role}/guarded\nsource_profile = base\n"
            "mfa_serial = arn:aws:iam::111122223333:mfa/ana\n\n"
            f"[profile outside]\ncredential_process = {vault}\n\n"
            f"[profile broken]\ncredential_process = {broken}\n\n"
            f"[profile by-file]\n{role}/Ci\nweb_identity_token_file = {self.token}\n\n"
            "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
            "sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n\n"
            "[profile portal]\nsso_session = corp\nsso_account_id = 123456789012\n"
            "sso_role_name = View\n",
        )
        self._write(
            ".aws/credentials",
            f"[base]\naws_access_key_id = {KEY_ID}\n"
            f"aws_secret_access_key = {SECRETS['long-lived-secret']}\n"
            f"# aws_secret_access_key = {SECRETS['password']}\n",
        )
        self._write(
            ".config/rolecall/config.toml",
            f'mfa_command = ["{mfa}"]\nbrowser = ["{self.given}/bin/browser", "{{url}}"]\n'
            f'ask_with = ["{self.given}/bin/ask", "{{question}}"]\n'
            f'[[roles]]\nname = "by-saml"\nkind = "saml"\n'
            f'[[roles]]\nname = "by-token"\nkind = "web-identity"\n'
            f'role_arn = "arn:aws:iam::123456789012:role/Ci"\ntoken_command = ["{token}"]\n',
        )
        self._write(f".aws/sso/cache/{_SSO}.json", json.dumps(sso_token(3600)))

    def _write(self, place: str, text: str):
        path = self.path / place
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)

    def as_before(self):
        """Every file as it was in the beginning; what helpers told is forgotten."""
        for path in self.path.iterdir():
            if path not in self._folders:
                shutil.rmtree(path)
        for path in self._files():
            if path not in self.before:
                path.unlink()
        for path, data in self.before.items():
            path.write_bytes(data)
            path.chmod(0o600)
        for path in self.told.iterdir():
            path.unlink()

    def misplaced(self) -> list[str]:
        """Secrets in files that are not meant to have them, and what others could read."""
        wrong = []
        for path in self._files():
            place = str(path.relative_to(self.path))
            allowed = next((may for start, may in _PLACES if place.startswith(start)), ())
            lost = found_in(path.read_bytes()) - set(allowed)
            wrong += [f"{name} in {place}" for name in lost]
            if path not in self.before and stat.S_IMODE(path.stat().st_mode) != 0o600:
                wrong.append(f"{place} has the mode {path.stat().st_mode:o}")
        for folder in set(self.path.rglob("*")) - self._folders:
            if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) != 0o700:
                wrong.append(f"the folder {folder} has the mode {folder.stat().st_mode:o}")
        return wrong

    def overheard(self) -> list[str]:
        """Secrets among what helpers were given."""
        wrong = []
        for path in self.told.iterdir():
            helper, _, what = path.name.partition(".")[0], *path.name.rpartition(".")[1:]
            found = found_in(path.read_bytes())
            # A credential_process is run with all that there is, as the AWS SDKs run it.
            if what == "env" and helper in ("vault", "broken"):
                continue
            wrong += [f"{name} in the {what} of {helper}" for name in found]
        return wrong

    def _files(self) -> Iterable[Path]:
        return [path for path in self.path.rglob("*") if path.is_file()]


def sso_token(lasting: float) -> dict[str, str]:
    """A sign-in as the AWS CLI keeps it."""
    return {
        "startUrl": "https://corp.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": SECRETS["sso-access-token"],
        "expiresAt": _utc(lasting),
        "clientId": "client",
        "clientSecret": SECRETS["client-secret"],
        "registrationExpiresAt": _utc(90 * 86400),
        "refreshToken": SECRETS["sso-refresh-token"],
    }


def _utc(later: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + later))


_SSO = hashlib.sha1(b"corp").hexdigest()
_AS_WRITTEN = ("long-lived-secret", "password", *SESSION)
_PLACES = (
    (".aws/credentials", _AS_WRITTEN),
    (".local/state/rolecall/undo/", _AS_WRITTEN),
    (".aws/cli/cache/", SESSION),
    (".aws/sso/cache/", ("sso-access-token", "sso-refresh-token", "client-secret")),
)
"""Where which secrets lie, by how a place in the home begins: docs/security.md has the same."""
