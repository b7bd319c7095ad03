"""Every policy that `rolecall trust` makes, before linters that know IAM and before its grammar."""

import base64
import itertools
import json
import shutil
import subprocess
import warnings

import pytest
from cfnlint.api import lint_all
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

from profiles.catalogue.catalogue import Catalogue
from profiles.insight import trust
from profiles.insight.identity import Identity
from profiles.insight.trust_check import differences
from profiles.insight.trust_forms import cloudformation, terraform
from profiles.machine import Machine
from profiles.request import Request
from profiles.switcher import Switcher
from profiles.unattended import nobody
from tests.world.cloud import MAIN

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # setuptools would have parliament drop pkg_resources
    from parliament import analyze_policy_string

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SOURCES = {
    "a user": "iam::{account}:user/ana",
    "a user with a path": "iam::{account}:user/team/ana",
    "a role, or a chain": "sts::{account}:assumed-role/first/ana",
    "the account's root": "iam::{account}:root",
    "an instance profile": "sts::{account}:assumed-role/web-servers/i-0123456789abcdef0",
    "Identity Center": f"sts::{{account}}:assumed-role/{SSO}/ana@example.com",
}
OPTIONS = {
    "MFA": {"mfa_serial": "arn:aws:iam::123456789012:mfa/ana"},
    "external id": {"external_id": "x-1/a:b=c,@"},
    "source identity": {"source_identity": "ana"},
    "tags": {"tags": {"team": "pay"}},
}
REASONS = (None, "tag:ticket", "source-identity")
ISSUERS = (
    "https://token.actions.githubusercontent.com",
    "https://gitlab.example.com:8443/realms/corp",
    "https://accounts.google.com",
)


def roles():
    """What roles there are: source × partition × options × how a reason is sent."""
    options = [c for n in range(len(OPTIONS) + 1) for c in itertools.combinations(OPTIONS, n)]
    return itertools.product(SOURCES, PARTITIONS, options, REASONS)


def toml(name, settings):
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items() if key != "tags"]
    tags = settings.get("tags", {})
    inline = ", ".join(f"{key} = {json.dumps(value)}" for key, value in tags.items())
    return "\n".join(
        ["[[roles]]", f'name = "{name}"', *lines, *([f"tags = {{ {inline} }}"] if tags else [])]
    )


@pytest.fixture
def need_of(tmp_path, monkeypatch):
    """What one role needs; who its source is comes from here, and not from AWS."""

    def asked(settings, caller=None, reason=None):
        sent = f'send_reason = "{reason}"\n' if reason else ""
        path = tmp_path / ".config" / "rolecall" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{sent}{toml('x', settings)}\n")
        path.chmod(0o600)
        machine = Machine(env={}, home=str(tmp_path))
        switcher = Switcher(machine, Catalogue.load(machine))
        who = Identity(caller or "", MAIN, "AIDA", "", "")
        monkeypatch.setattr(trust, "caller_of", lambda *_, **__: who)
        role = switcher.catalogue.resolve("x")
        return trust.need_of(switcher, role, Request(), ask=nobody)

    return asked


@pytest.fixture
def needs(need_of, tmp_path):
    """Of every kind of role, by name."""
    found = {}
    for source, partition, chosen, reason in roles():
        settings = {"source": "environment", "role_arn": f"arn:{partition}:iam::{MAIN}:role/x"}
        for each in chosen:
            settings |= OPTIONS[each]
        caller = f"arn:{partition}:{SOURCES[source].format(account=MAIN)}"
        name = f"{source}, {partition}, {' + '.join(chosen) or 'plain'}, reason {reason}"
        found[name] = need_of(settings, caller, reason)
    for partition in PARTITIONS:
        arn = {"role_arn": f"arn:{partition}:iam::{MAIN}:role/x"}
        provider = f"arn:{partition}:iam::{MAIN}:saml-provider/adfs"
        saml = {"kind": "saml", "principal_arn": provider, "saml_url": "https://adfs/x"}
        found[f"SAML, {partition}"] = need_of(arn | saml)
        for number, issuer in enumerate(ISSUERS):
            said = {"iss": issuer, "aud": "sts.amazonaws.com", "sub": "repo:corp/app:ref:x"}
            body = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
            token = tmp_path / f"token{number}"
            token.write_text(f"e30.{body}.c2ln")
            settings = {"kind": "web-identity", "token_file": str(token)}
            found[f"OIDC of {issuer}, {partition}"] = need_of(arn | settings)
    return found


def linted(policy):
    """What parliament finds."""
    return [
        f"{each.issue}: {each.detail}"
        for each in analyze_policy_string(json.dumps(policy)).findings
    ]


# A trust policy has no resource, which is all that parliament does not know of them; and it cannot
# know the account's own OpenID Connect providers, whose names its condition keys begin with.
WITH_RESOURCE = {"Resource": f"arn:aws:iam::{MAIN}:role/x"}
OWN_PROVIDERS = (
    "UNKNOWN_FEDERATION_SOURCE: arn:",
    "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition",
)


def linted_trust(policy):
    statements = [each | WITH_RESOURCE for each in policy["Statement"]]
    found = linted(policy | {"Statement": statements})
    if "oidc-provider/" not in json.dumps(policy):
        return found
    hosts = [issuer.removeprefix("https://") for issuer in ISSUERS]
    return [
        each
        for each in found
        if not (each.startswith(OWN_PROVIDERS) and any(host in each for host in hosts))
    ]


def test_parliament_finds_nothing_in_any_policy(needs):
    wrong = []
    for name, need in needs.items():
        policy = trust.policy_of(need)
        wrong += [f"{name}: {text}" for text in linted_trust(policy)]
        caller = trust.caller_policy(need, f"arn:aws:iam::{MAIN}:role/x")
        if caller is not None:
            wrong += [f"{name}, the caller: {text}" for text in linted(caller)]
    assert len(needs) >= 800
    assert wrong == []


def test_parliament_is_awake():
    need = trust.Need(("AWS", f"arn:aws:iam::{MAIN}:root"), ("sts:AssumeRole",), {"sts:X": "x"})
    assert linted_trust(trust.policy_of(need))
    assert linted_trust(trust.policy_of(need._replace(actions=("sts:AsumeRole",), sent={})))
    assert linted_trust(trust.policy_of(need._replace(principal=("AWS", "ana"), sent={})))
    assert linted_trust(trust.policy_of(need._replace(sent={}))) == []


def test_iams_grammar_takes_every_policy_and_it_lets_the_source_in(needs):
    wrong = []
    for name, need in needs.items():
        policy = trust.policy_of(need)
        caller = trust.caller_policy(need, f"arn:aws:iam::{MAIN}:role/x")
        try:
            IAMTrustPolicyDocumentValidator(json.dumps(policy)).validate()
            if caller:
                IAMPolicyDocumentValidator(json.dumps(caller)).validate()
        except Exception as error:  # noqa: BLE001 -- moto has a class for each
            wrong.append(f"{name}: {error}")
        wrong += [f"{name}: {text}" for text in differences(need, policy)]
    assert wrong == []


@pytest.fixture
def differing(needs):
    """One need for each different policy, but for options: none of them, and all."""
    all_of_them = " + ".join(OPTIONS)
    return {
        name: need
        for name, need in needs.items()
        if need.principal[0] == "Federated"
        or f"{all_of_them}, reason None" in name
        or ", plain, reason None" in name
    }


def test_cfn_lint_finds_nothing_in_any_kind_of_template(differing):
    resources = {}
    for number, need in enumerate(differing.values()):
        made = json.loads(cloudformation(f"role-{number}", trust.policy_of(need)))
        resources |= made["Resources"]
    template = made | {"Resources": resources}
    assert len(resources) == len(differing)
    found = [str(match) for match in lint_all(json.dumps(template)) if match.rule.id[0] in "EW"]
    assert found == []


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
def test_terraform_reads_every_kind(differing, tmp_path):
    folder = tmp_path / "terraform"
    folder.mkdir()
    for number, need in enumerate(differing.values()):
        text = terraform(f"role {number}", trust.policy_of(need))
        (folder / f"{number}.tf").write_text(f"{text}\n")
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "."],
        cwd=folder,
        env={"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "")
