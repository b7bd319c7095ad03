"""What is done with every command, where secrets could come to light."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.storm.planted import KEY_ID, MFA_CODE, SECRETS, SESSION

if TYPE_CHECKING:
    from tests.storm.planted import Home

_STORED = f"{KEY_ID}\n{SECRETS['password']}\n"


class Scene(NamedTuple):
    """One call of a command.

    Attributes:
        words: behind `rolecall`.
        shows: the names of the secrets that its standard output is there to show.
        typed: what stands on its standard input.
        ends: whether it ends by itself.
        env: what is different in its environment.
    """

    words: tuple[str, ...]
    shows: tuple[str, ...] = ()
    typed: str = ""
    ends: bool = True
    env: tuple[tuple[str, str], ...] = ()


def _said(line: str, *shows: str, **more) -> Scene:
    return Scene(tuple(line.split()), shows, **more)


_ROLES = ("reader", "with-mfa", "outside", "broken", "by-file", "by-token", "portal")


def scenes(home: Home) -> dict[str, list[Scene]]:
    """By command; each at least once, a failure of it among them where it can fail."""
    saml = f"assume by-saml --saml-assertion {home.assertion}"
    return {
        "list": [_said("list"), _said("list --json")],
        "assume": [
            *(_said(f"assume {role}") for role in _ROLES),
            *(_said(f"assume {role} --json") for role in _ROLES[:3]),
            _said("assume reader --dry-run"),
            _said(f"assume with-mfa --mfa-code {MFA_CODE}"),
            _said("assume reader --source env"),
            _said(saml),
            _said("assume nobody"),
        ],
        "shell": [_said("shell reader"), _said("shell reader --renewing"), _said("shell broken")],
        "exec": [
            _said("exec reader -- true"),
            _said("exec reader -- no-such-program"),
            _said("exec reader --renewing -- true"),
        ],
        "export": [
            *(_said(f"export reader --format {form}", *SESSION) for form in ("bash", "json", "nu")),
            _said("export broken"),
        ],
        "pick": [_said("pick"), _said("pick --inline")],
        "use": [_said("use reader"), _said("use reader --format bash", *SESSION)],
        "unset": [_said("unset"), _said("unset --format fish")],
        "credential-process": [
            _said("credential-process reader", *SESSION),
            _said("credential-process reader", *SESSION),
            _said("credential-process broken"),
            _said("credential-process with-mfa", *SESSION),
        ],
        "serve": [_said("serve reader", ends=False), _said("serve broken")],
        "console": [
            _said("console reader", ends=False),
            _said("console reader --print", "sign-in-token"),
            _said("console nobody"),
        ],
        "status": [_said("status"), _said("status --json"), _said("status nobody")],
        "whoami": [_said("whoami"), _said("whoami reader"), _said("whoami --json")],
        "renew": [_said("renew reader"), _said("renew --all --json")],
        "drop": [_said("drop reader"), _said("drop --all")],
        "login": [
            _said("login corp"),
            _said("login corp --device-code --no-browser"),
            _said("login corp --device-code --no-browser --json"),
        ],
        "logout": [_said("logout corp"), _said("logout corp --json")],
        "discover": [_said("discover sso corp"), _said("discover organizations base")],
        "undo": [_said("undo"), _said("undo --json")],
        "explain": [
            _said("explain reader"),
            _said("explain --env"),
            _said("explain reader --try"),
            _said("explain broken --try"),
        ],
        "trust": [_said("trust reader"), _said("trust by-token"), _said("trust reader --check")],
        "history": [
            _said("history"),
            _said("history --json"),
            _said("history --cloudtrail"),
            _said("history --delete"),
        ],
        "doctor": [_said("doctor"), _said("doctor --json")],
        "keys": [
            _said("keys add kept", typed=_STORED),
            _said("keys list"),
            _said("keys add kept", typed=f"{SECRETS['password']}\n{KEY_ID}\n"),
            _said("keys rm kept --json"),
        ],
        "init": [_said("init bash"), _said("init nu")],
        "config": [
            _said("config"),
            _said("config path"),
            _said("config set region eu-west-1"),
            _said("config credential-process reader --as served"),
            _said("config edit"),
        ],
        "demo": [_said("demo --help")],
    }
