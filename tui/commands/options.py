"""The options that all commands which get a session share, and the request they make."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from profiles import times
from profiles.errors import UsageError

if TYPE_CHECKING:
    from profiles.request import Request

RENEWING = "an endpoint instead of keys, which renews the session before it ends"
_LARGEST_FILE = 1024 * 1024


class Parser(argparse.ArgumentParser):
    """A parser whose errors are rolecall's."""

    def error(self, message: str) -> NoReturn:
        """Refuse the call.

        Raises:
            UsageError: always.
        """
        raise UsageError(message, f"{self.prog} --help")


def command_parser(name: str, does: str, examples: str, kind: type[Parser] = Parser) -> Parser:
    """A command's parser: what it does in a sentence, and examples below the options."""
    made = kind(
        prog=f"rolecall {name}",
        description=does,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument(
        "-v", "--verbose", action="count", default=0, help="say what is done, on standard error"
    )
    return made


def add_session_options(to: argparse.ArgumentParser) -> None:
    """The options of everything that gets a session."""
    group = to.add_argument_group("the session")
    add = group.add_argument
    add("--duration", metavar="D", help="how long it lasts: 15m to 12h, session tokens to 36h")
    add("--session-name", metavar="N", help="its name in CloudTrail")
    add("--source", metavar="SOURCE", help="start from this profile, role or `env` instead")
    add("--mfa-serial", metavar="S", help="the MFA device")
    add("--mfa-code", metavar="C", help="its six digits; asked for where missing")
    add("--external-id", metavar="X", help="the external id that the trust policy wants")
    add("--source-identity", metavar="S", help="who is behind it, kept through all hops")
    add("--tag", metavar="K=V", action="append", default=[], help="a session tag; repeatable")
    add("--transitive-tag", metavar="K", action="append", default=[], help="passed on by chains")
    add("--saml-assertion", metavar="FILE|-", help="the identity provider's SAML response")
    add("--policy", metavar="FILE|JSON", help="a session policy")
    add(
        "--policy-arn", metavar="ARN", action="append", default=[], help="a managed one; repeatable"
    )
    add("--region", metavar="R", help="the region of the session")
    add("--reason", metavar="TEXT", help="why, for the history")
    add("--fresh", action="store_true", help="ignore cached sessions")
    add("--yes", action="store_true", help="answer the question that a stage asks")
    add("--confirm", metavar="NAME", help="the account's name, where a stage wants it typed")
    add("--json", action="store_true", help="print JSON")


def needed(text: str) -> int:
    """Seconds that a command takes, as they are typed: `90m`, `45s`, `1h30m`.

    Raises:
        UsageError: not a duration, or longer than any session lasts.
    """
    return times.duration(text, minimum=1)


def request_of(args: argparse.Namespace) -> Request:
    """What the options ask for.

    Raises:
        UsageError: a duration, code or tag that is none.
    """
    from profiles.request import Request
    from profiles.sources.arguments import check_tags
    from profiles.sources.mfa import checked

    return Request(
        duration=None if args.duration is None else times.duration(args.duration),
        session_name=args.session_name,
        source=args.source,
        mfa_serial=args.mfa_serial,
        mfa_code=None if args.mfa_code is None else checked(args.mfa_code),
        external_id=args.external_id,
        source_identity=args.source_identity,
        tags=tuple(check_tags(tag) for tag in args.tag),
        transitive_tags=tuple(args.transitive_tag),
        policy=args.policy,
        policy_arns=tuple(args.policy_arn),
        region=args.region,
        fresh=args.fresh,
        yes=args.yes,
        confirm=args.confirm,
        reason=(args.reason or "").strip() or None,
        saml_assertion=None if args.saml_assertion is None else _content(args.saml_assertion),
    )


def _content(path: str) -> str:
    """The text of a file, `-` for standard input.

    Raises:
        UsageError: it cannot be read.
    """
    import sys

    if path == "-" and sys.stdin is not None and sys.stdin.isatty():
        from tui.prompts import pasted

        return pasted("paste the SAML response here (it is not shown), then enter twice: ")
    try:
        with open(0 if path == "-" else path, encoding="utf-8", closefd=path != "-") as file:
            return file.read(_LARGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"cannot read the SAML response {path}: {why.lower()}") from error
