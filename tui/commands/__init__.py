"""One file per verb: its parser, its call, its output."""

from __future__ import annotations

# name → (how it is called, what it does); the module has the same name, `-` written `_`,
# and a trailing `_` where the name is a word of Python's.
COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("[--json] [--filter WORDS]", "every role, from the files alone"),
    "assume": ("TARGET", "get a session and write it to a credentials profile"),
    "shell": ("[TARGET]", "a subshell with the session in its environment"),
    "exec": ("TARGET -- COMMAND…", "one command with the session in its environment"),
    "export": ("TARGET [--format F]", 'variables for eval "$(rolecall export TARGET)"'),
    "pick": ("[--inline] [WORDS…]", "a role's name, chosen in the picker; makes no session"),
    "use": ("[TARGET]", "the session in the calling shell, by the function of init"),
    "unset": ("[--format F]", "clears every variable that export sets"),
    "credential-process": ("TARGET", "the session as JSON, for a profile's credential_process"),
    "serve": ("TARGET [--imds]", "an endpoint on this machine that renews the session"),
    "console": ("TARGET [--service S]", "the AWS console as a role, in the browser"),
    "status": ("[TARGET] [--json]", "every session and its time left, whoever made it"),
    "whoami": ("[TARGET]", "who AWS says you are, and where the credentials came from"),
    "renew": ("TARGET…", "a new session into the same profiles"),
    "drop": ("TARGET…", "removes what rolecall wrote, and its cached sessions"),
    "login": ("[SESSION]", "signs in to IAM Identity Center, for the AWS CLI as well"),
    "logout": ("[SESSION]", "ends sign-ins to it, and removes what came from them"),
    "discover": ("sso|organizations", "finds the accounts and roles that you have at AWS"),
    "undo": ("", "puts back the AWS file that rolecall wrote last, as it was before"),
    "explain": ("TARGET|--env", "who wins, what is passed over, the hops, and why one fails"),
    "history": ("[WORDS…] [--json]", "what was assumed here, when, from where and why"),
    "trust": ("TARGET", "the trust policy that the role needs for its source"),
    "doctor": ("[--fix] [--json]", "what is wrong with AWS access here, and what helps"),
    "keys": ("add|list|rm [NAME]", "long-lived keys in the system's own store, not in a file"),
    "init": ("bash|zsh|fish|…", "the shell's function, completions and prompt helper"),
    "config": ("[get|set|path|edit]", "settings; a profile that runs credential-process"),
    "demo": ("[COMMAND…]", "everything, on an emulated AWS; touches none of your files"),
}


def module_of(command: str) -> str:
    """The module that holds a command."""
    name = command.replace("-", "_")
    return f"tui.commands.{name}_" if command in ("exec", "list") else f"tui.commands.{name}"
