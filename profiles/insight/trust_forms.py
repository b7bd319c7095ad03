"""A trust policy as Terraform, CloudFormation and the AWS CLI take it."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_IN_NAMES = re.compile(r"\W+", re.ASCII)


def terraform(role_name: str, policy: Mapping[str, Any]) -> str:
    """A data source, and the role that uses it.

    `${` and `%{` begin a template in Terraform; doubled they are themselves.
    """
    name = _NOT_IN_NAMES.sub("_", role_name).strip("_").lower() or "role"
    name = f"_{name}" if name[0].isdigit() else name
    blocks = "\n".join(_terraform_statement(each) for each in policy["Statement"])
    return (
        f'data "aws_iam_policy_document" "{name}_trust" {{\n{blocks}\n}}\n\n'
        f'resource "aws_iam_role" "{name}" {{\n'
        f"  name               = {_quoted(role_name)}\n"
        f"  assume_role_policy = data.aws_iam_policy_document.{name}_trust.json\n}}"
    )


def cloudformation(role_name: str, policy: Mapping[str, Any]) -> str:
    """A template with the role, in JSON."""
    name = re.sub(r"[^A-Za-z0-9]", "", role_name) or "Role"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": role_name, "AssumeRolePolicyDocument": dict(policy)},
    }
    return json.dumps(
        {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {name: role}}, indent=2
    )


def cli(role_name: str, policy: Mapping[str, Any]) -> str:
    """The command that sets the policy of a role that exists."""
    said = shlex.quote(json.dumps(policy))
    return (
        f"aws iam update-assume-role-policy --role-name {shlex.quote(role_name)} "
        f"--policy-document {said}"
    )


def _terraform_statement(statement: Mapping[str, Any]) -> str:
    actions = statement["Action"]
    actions = [actions] if isinstance(actions, str) else actions
    [(kind, who)] = statement["Principal"].items()
    lines = [
        "  statement {",
        f"    actions = [{', '.join(map(_quoted, actions))}]",
        "    principals {",
        f"      type        = {_quoted(kind)}",
        f"      identifiers = [{_quoted(who)}]",
        "    }",
    ]
    for test, wanted in statement.get("Condition", {}).items():
        for variable, value in wanted.items():
            lines += [
                "    condition {",
                f"      test     = {_quoted(test)}",
                f"      variable = {_quoted(variable)}",
                f"      values   = [{_quoted(value)}]",
                "    }",
            ]
    return "\n".join([*lines, "  }"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
