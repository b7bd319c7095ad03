"""`rolecall trust`: the trust policy that a role needs for its source, or has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from profiles.errors import UsageError
from profiles.insight import trust_forms
from profiles.insight.trust import caller_policy, need_of, policy_of
from profiles.insight.trust_check import AS_FAR_AS_TOLD, differences, is_sure, real_policy
from tui.commands.options import Parser, add_session_options, command_parser, request_of
from tui.commands.sessions import opened
from tui.prompts import on_terminal
from tui.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from profiles.machine import Machine

_FORMS: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "terraform": trust_forms.terraform,
    "cloudformation": trust_forms.cloudformation,
    "cli": trust_forms.cli,
}


def parser() -> Parser:
    """Its options."""
    found = command_parser(
        "trust",
        "Print the trust policy that a role needs so that its source may assume it, ready to "
        "paste. Who the source is gets asked of AWS. With --check the role's real one is read and "
        "compared; the exit status is 1 where it does not let the source in.",
        "  rolecall trust payments-prod-admin\n  rolecall trust payments-prod-admin --check\n"
        "  rolecall trust payments-prod-admin --caller\n"
        "  rolecall trust payments-prod-admin --terraform",
    )
    found.add_argument("target", metavar="TARGET", help="a role's name, its ARN, or ACCOUNT/ROLE")
    form = found.add_mutually_exclusive_group()
    add = form.add_argument
    add("--check", action="store_true", help="read the real one, and say what is different")
    add("--caller", action="store_true", help="what the source's own policies have to allow")
    add("--terraform", dest="form", action="store_const", const="terraform", help="as HCL")
    add("--cloudformation", dest="form", action="store_const", const="cloudformation", help="JSON")
    add("--cli", dest="form", action="store_const", const="cli", help="the AWS CLI's command")
    add_session_options(found)
    return found


def run(args: argparse.Namespace, machine: Machine) -> int:
    """Print the policy, or what is different."""
    request = request_of(args)
    switcher = opened(machine, quietly=args.json)
    role = switcher.catalogue.resolve(args.target)
    need = need_of(switcher, role, request, ask=on_terminal)
    if args.check:
        policy = real_policy(switcher, role, request, ask=on_terminal)
        found = differences(need, policy)
        if args.json:
            print(json.dumps({"trusted": not found, "differences": found}, indent=1))
        elif found:
            print("\n".join(f"- {printable(text)}" for text in found))
        else:
            known = "" if is_sure(need, policy) else AS_FAR_AS_TOLD
            print(f"{printable(role.name)} trusts {printable(need.principal[1])}{known}")
        return 1 if found else 0
    if args.caller:
        allowed = caller_policy(need, str(role.role_arn))
        if allowed is None:
            raise UsageError(f"{role.name} is assumed without AWS keys: no policy of a caller's")
        print(json.dumps(allowed, indent=2))
        return 0
    policy = policy_of(need)
    name = role.role_name or role.name
    print(_FORMS[args.form](name, policy) if args.form else json.dumps(policy, indent=2))
    return 0
