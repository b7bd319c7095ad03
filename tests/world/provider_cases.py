"""Files, variables and chains by the hundred, each a case for the clients' provider chains."""

import itertools
import json

from profiles.files.reader import read_aws_files
from profiles.insight.provider_chain import CLIENTS, chain_of
from profiles.machine import Machine

ARN = "arn:aws:iam::123456789012:role"
KEYS = "aws_access_key_id = {}\naws_secret_access_key = s\n"
SSO = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"
LEGACY_SSO = SSO.replace(
    "sso_session = corp", "sso_start_url = https://x/start\nsso_region = eu-west-1"
)
WEB = f"role_arn = {ARN}/WEB\nweb_identity_token_file = TOKEN\n"


def role(source="base", key="source_profile"):
    return f"role_arn = {ARN}/ROLE\n{key} = {source}\n"


FACETS = {
    "role": role(),
    "web-identity": WEB,
    "sso": SSO,
    "process": "credential_process = PROCESS\n",
    "config-keys": KEYS.format("CONFIG"),
    "credentials-keys": KEYS.format("CREDENTIALS"),
}
# What one profile says: its part of the config file, and its part of the credentials file.
SHAPES = {
    "nothing": ("", ""),
    "a role of keys": (role(), ""),
    "a role of a role": (role("mid"), ""),
    "a role of a role of a role": (role("top"), ""),
    "a role of a process": (role("proc"), ""),
    "a role of Identity Center": (role("ssop"), ""),
    "a role of a web identity": (role("webp"), ""),
    "a role of its own keys": (role("SELF"), KEYS.format("CREDENTIALS")),
    "a role of its own keys, in config": (role("SELF") + KEYS.format("CONFIG"), ""),
    "a role of itself": (role("SELF"), ""),
    "a role of the environment": (role("Environment", "credential_source"), ""),
    "a role of a container": (role("EcsContainer", "credential_source"), ""),
    "a role of nothing that is known": (role("Envronment", "credential_source"), ""),
    "a role of two sources": (role() + "credential_source = Environment\n", ""),
    "a role of no source": (f"role_arn = {ARN}/ROLE\n", ""),
    "a role of no source, and a process": (f"role_arn = {ARN}/ROLE\n{FACETS['process']}", ""),
    "a role of a profile that is gone": (role("gone"), ""),
    "a role of a profile that is gone, and a process": (role("gone") + FACETS["process"], ""),
    "a role of a profile without keys": (role("void"), ""),
    "a role of a circle": (role("loop"), ""),
    "a source without a role": ("source_profile = base\n", ""),
    "keys": ("", KEYS.format("CREDENTIALS")),
    "keys, in config": (KEYS.format("CONFIG"), ""),
    "keys, in both": (KEYS.format("CONFIG"), KEYS.format("CREDENTIALS")),
    "a session": ("", KEYS.format("CREDENTIALS") + "aws_session_token = t\n"),
    "half keys": ("", "aws_access_key_id = CREDENTIALS\n"),
    "half keys, and a process": (FACETS["process"], "aws_access_key_id = CREDENTIALS\n"),
    "half keys, in config": ("aws_access_key_id = CONFIG\n", ""),
    "half keys, in config, and a process": (
        f"aws_access_key_id = CONFIG\n{FACETS['process']}",
        "",
    ),
    "the other half": ("", "aws_secret_access_key = s\n"),
    "keys in two halves": ("aws_secret_access_key = s\n", "aws_access_key_id = CREDENTIALS\n"),
    "a process": (FACETS["process"], ""),
    "Identity Center": (SSO, ""),
    "Identity Center, without a session": (LEGACY_SSO, ""),
    "Identity Center, of a session that is gone": (SSO.replace("corp", "gone"), ""),
    "Identity Center, and keys": (SSO, KEYS.format("CREDENTIALS")),
    "a sign-in without an account": ("sso_session = corp\n", ""),
    "a web identity": (WEB, ""),
    "a web identity without a role": ("web_identity_token_file = TOKEN\n", ""),
}
IN_THE_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"}
ENV_WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN", "AWS_ROLE_ARN": f"{ARN}/ENVWEB"}
VARIABLES = {
    "keys": IN_THE_ENVIRONMENT,
    "web identity": ENV_WEB,
    "profile": {"AWS_PROFILE": "x"},
    "other profile": {"AWS_DEFAULT_PROFILE": "y", "AWS_PROFILE": "x"},
}
ENVIRONMENTS = [
    (),
    ("keys",),
    ("profile",),
    ("keys", "profile"),
    ("web identity",),
    ("web identity", "profile"),
    ("keys", "web identity", "profile"),
    ("other profile",),
]
# How a client comes to a profile, and what else there is: the profile's name in the files, that
# which is named to the client itself, and variables.
SETTINGS = {
    "as default": ("default", None, {}),
    "by AWS_PROFILE": ("x", None, {"AWS_PROFILE": "x"}),
    "by AWS_DEFAULT_PROFILE": ("x", None, {"AWS_DEFAULT_PROFILE": "x", "AWS_REGION": "r-1"}),
    "by --profile": ("x", "x", {"AWS_DEFAULT_REGION": "d-1"}),
    "by --profile, with keys": ("x", "x", IN_THE_ENVIRONMENT),
    "by a quoted name": ("my x", None, {"AWS_PROFILE": "my x"}),
    "with keys": ("default", None, IN_THE_ENVIRONMENT),
    "with keys, by AWS_PROFILE": ("x", None, {"AWS_PROFILE": "x"} | IN_THE_ENVIRONMENT),
    "with half keys": ("x", None, {"AWS_PROFILE": "x", "AWS_ACCESS_KEY_ID": "ENV"}),
    "with the other half": ("default", None, {"AWS_SECRET_ACCESS_KEY": "s"}),
    "with a web identity": ("x", None, {"AWS_PROFILE": "x"} | ENV_WEB),
    "with a role's ARN alone": ("default", None, {"AWS_ROLE_ARN": f"{ARN}/ENVWEB"}),
    "with a container": (
        "x",
        None,
        {"AWS_PROFILE": "x", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "ENDPOINT"},
    ),
    "with a token alone": (
        "x",
        None,
        {"AWS_PROFILE": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": "TOKEN"},
    ),
    "with empty keys": (
        "default",
        None,
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_DEFAULT_REGION": ""},
    ),
    "with an empty AWS_PROFILE": ("default", None, {"AWS_PROFILE": "", "AWS_REGION": ""}),
    "with an empty AWS_DEFAULT_PROFILE": (
        "x",
        None,
        {"AWS_DEFAULT_PROFILE": "", "AWS_PROFILE": "x"},
    ),
    "with another profile missing": ("x", None, {"AWS_PROFILE": "gone"}),
    "with keys and a missing profile": ("x", None, {"AWS_PROFILE": "gone"} | IN_THE_ENVIRONMENT),
    "without a config file": ("default", None, {"AWS_CONFIG_FILE": "HOME/none"}),
    "with credentials elsewhere": (
        "default",
        None,
        {
            "AWS_SHARED_CREDENTIALS_FILE": "HOME/elsewhere",
            "AWS_REGION": "r",
            "AWS_DEFAULT_REGION": "d",
        },
    ),
}


def subsets():
    """Every mix of ways in one profile; a role and a web identity share the role's ARN."""
    for count in range(len(FACETS) + 1):
        for facets in itertools.combinations(FACETS, count):
            if not {"role", "web-identity"} <= set(facets):
                yield facets


class Case:
    """Files and an environment, in a folder of their own."""

    def __init__(self, at, named, config, credentials, variables, name="x", profile=None):
        self.named = named
        self.profile = profile
        (at / ".aws").mkdir(parents=True)
        (at / "token").write_text("a token")
        for program, key in (("process", "PROCESS"), ("proc", "PROC")):
            said = json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "s"})
            (at / program).write_text(f"#!/bin/sh\necho '{said}'\n")
            (at / program).chmod(0o700)

        def filled(text):
            text = text.replace("= PROCESS", f"= {at / 'process'}")
            text = text.replace("= PROC\n", f"= {at / 'proc'}\n").replace("HOME", str(at))
            return text.replace("TOKEN", str(at / "token")).replace("= SELF", f"= {name}")

        header = "default" if name == "default" else f"profile {name}"
        header = f'profile "{name}"' if " " in name else header
        default = "" if name == "default" else "[default]\nregion = eu-west-1\n"
        (at / ".aws" / "config").write_text(
            filled(
                f"{default}[{header}]\n{config}region = eu-central-1\n"
                "[profile y]\nregion = eu-west-1\n[profile void]\nregion = x\n"
                f"[profile mid]\nrole_arn = {ARN}/MID\nsource_profile = base\n"
                f"[profile top]\nrole_arn = {ARN}/TOP\nsource_profile = mid\n"
                f"[profile loop]\nrole_arn = {ARN}/LOOP\nsource_profile = pool\n"
                f"[profile pool]\nrole_arn = {ARN}/POOL\nsource_profile = loop\n"
                f"[profile proc]\ncredential_process = PROC\n[profile ssop]\n{SSO}"
                f"[profile webp]\n{WEB.replace('WEB', 'WEBP')}"
                "[sso-session corp]\nsso_start_url = https://x/start\nsso_region = eu-west-1\n"
            )
        )
        own = f"[{name}]\n{credentials}" if credentials else ""
        (at / ".aws" / "credentials").write_text(f"[base]\n{KEYS.format('BASE')}{own}")
        (at / "elsewhere").write_text(f"[{name}]\n{KEYS.format('CREDENTIALS')}region = e-1\n")
        self.env = {
            "HOME": str(at),
            "AWS_CONFIG_FILE": str(at / ".aws" / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(at / ".aws" / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        } | {key: filled(value) for key, value in variables.items()}
        self.machine = Machine(env=self.env, home=str(at))
        self.files = read_aws_files(self.machine)

    def said(self, client):
        """What rolecall says that the client does."""
        [found] = [each for each in CLIENTS if each.name == client]
        return chain_of(found, self.env, self.files, self.profile)


def mixes(folder, profile=None):
    """Every mix of ways in one profile, in eight environments."""
    for number, (facets, named) in enumerate(itertools.product(subsets(), ENVIRONMENTS)):
        own = "".join(FACETS[each] for each in facets if each != "credentials-keys")
        keys = FACETS["credentials-keys"] if "credentials-keys" in facets else ""
        variables = {k: v for each in named for k, v in VARIABLES[each].items()}
        words = f"{' + '.join(facets) or 'nothing'} with {', '.join(named) or 'nothing'}"
        yield Case(folder / f"mix{number}", words, own, keys, variables, profile=profile)


def chains(folder, endpoint):
    """Every shape of a profile, in every setting; the container's keys are at an endpoint."""
    for number, (shape, setting) in enumerate(itertools.product(SHAPES, SETTINGS)):
        name, profile, variables = SETTINGS[setting]
        variables = {key: value.replace("ENDPOINT", endpoint) for key, value in variables.items()}
        config, credentials = SHAPES[shape]
        yield Case(
            folder / f"chain{number}",
            f"{shape}, {setting}",
            config,
            credentials,
            variables,
            name,
            profile,
        )
