"""Files as people and AWS clients have them, to be made wrong; their keys open nothing."""

from __future__ import annotations

import hashlib
import json

NOW = 1_795_473_067.0
ROLES = tuple(f"role-{number}" for number in range(8))
_KEYS = {
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "SessionToken": "IQoJb3JpZ2luX2VjEXAMPLE//token+of==",
    "Expiration": "2026-11-24T23:31:07UTC",
}

CONFIG_SECTIONS = (
    "# of the house\n[default]\nregion = eu-west-1\noutput = json\n\n",
    "[profile base]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n\n",
    *(
        f"[profile {name}]\nrole_arn = arn:aws:iam::{111122223333 + at}:role/team/{name}\n"
        f"source_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/ana\n\n"
        for at, name in enumerate(ROLES)
    ),
    '[profile "with space"]\nrole_arn = arn:aws:iam::123456789012:role/Spaced\n'
    "source_profile = base\nexternal_id = a=b:c\n\n",
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
    "sso_registration_scopes = sso:account:access\n\n",
    "[profile portal]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = View\n\n",
    "[profile outside]\ncredential_process = /opt/bin/vault --for 'a b'\n\n",
    "[profile token]\nrole_arn = arn:aws:iam::123456789012:role/Ci\n"
    "web_identity_token_file = ~/token\n\n",
    "[profile signed-in]\nlogin_session = arn:aws:iam::123456789012:user/ana\n\n",
    "[services local]\nsts =\n  endpoint_url = http://127.0.0.1:9\n",
)
CREDENTIALS_SECTIONS = (
    "; mine\n[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n"
    f"aws_secret_access_key = {_KEYS['SecretAccessKey']}\n\n",
    *(
        f"[{name}-session]\naws_access_key_id = ASIAIOSFODNN7EXAMP{at:02}\n"
        f"aws_secret_access_key = {_KEYS['SecretAccessKey']}\n"
        f"aws_session_token = {_KEYS['SessionToken']}\n"
        f"x_security_token_expires = 2026-11-24T23:31:07Z\nx_rolecall = {name}\n\n"
        for at, name in enumerate(ROLES[:4])
    ),
    "[other tool]\r\naws_access_key_id=ASIAOTHER00000000000\r\n"
    f"aws_secret_access_key={_KEYS['SecretAccessKey']}\r\naws_session_token=x\r\n\n",
    "[last]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\naws_secret_access_key = je7MtGbClwBF/2Z\n",
)
SETTINGS = """\
write_to = "{name}-session"
duration = "1h"
renew = "ask"
mfa_command = ["ykman", "oath", "accounts", "code", "-s", "{serial}"]
browser = ["firefox", "--private-window", "{url}"]
clean_up = false
[accounts.123456789012]
name = "payments-prod"
stage = "production"
[stages.production]
match = ["*prod*", "*:role/Break*"]
colour = "red"
confirm = "type"
max_duration = "30m"
[keys]
order = "b"
[[roles]]
name = "entry"
role_arn = "arn:aws:iam::123456789012:role/Entry"
source = "base"
tags = { team = "payments", ticket = "{ask}" }
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
[[roles]]
name = "by-saml"
kind = "saml"
saml_command = ["idp", "--print"]
[[roles]]
name = "by-token"
kind = "web-identity"
role_arn = "arn:aws:iam::123456789012:role/Ci"
token_command = ["token"]
port = 8400
"""
CACHED = {
    "Credentials": _KEYS | {"AccountId": "123456789012"},
    "AssumedRoleUser": {
        "AssumedRoleId": "AROA:ana",
        "Arn": "arn:aws:sts::123456789012:assumed-role/Cached/ana",
    },
    "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {"date": "x"}},
}
SSO_TOKEN = {
    "startUrl": "https://corp.awsapps.com/start",
    "region": "eu-west-1",
    "accessToken": "aoaEXAMPLE",
    "expiresAt": "2026-11-24T23:31:07Z",
    "clientId": "client",
    "clientSecret": "secret",
    "registrationExpiresAt": "2027-02-24T23:31:07Z",
    "refreshToken": "aorEXAMPLE",
}
LOGIN = {
    "accessToken": {
        "accessKeyId": _KEYS["AccessKeyId"],
        "secretAccessKey": _KEYS["SecretAccessKey"],
        "sessionToken": _KEYS["SessionToken"],
        "accountId": "123456789012",
        "expiresAt": "2026-11-24T23:31:07Z",
    },
    "tokenType": "aws_sigv4",
    "refreshToken": "refresh",
    "clientId": "arn:aws:signin:::devtools/same-device",
    "idToken": "e30.e30.e30",
    "dpopKey": "-----BEGIN EC PRIVATE KEY-----",
}
STATE = {
    "favourites": ["role-1", "with space"],
    "recents": {"role-1": [NOW - 60, NOW - 7200], "role-2": [NOW]},
    "answers": {"entry": {"ticket": "T-1"}},
    "arns": {"found": {"role_arn": "arn:aws:iam::123456789012:role/Found", "kind": "role",
                       "source": "base"}},
    "filters": ["prod", "stage:production"],
    "made": ["/home/ana/.aws/credentials"],
    "hinted": 3,
}  # fmt: skip
DISCOVERED = {
    "sso corp": [["123456789012", "payments-prod", "View"], ["210987654321", "", "Admin"]],
    "organizations base": [["333344445555", "data-dev", "OrganizationAccountAccessRole"]],
}
RUNNING = {"where": "shell (pid 1)", "pid": 1, "began": "12345", "role": "role-1",
           "expires_at": NOW + 60, "mark": "0123456789abcdef"}  # fmt: skip
ASKED = {"sessions": [{"role": "role-1", "profile": "role-1-session",
                       "session": "0123456789abcdef", "options": {"duration": 3600}}]}  # fmt: skip
MADE = {"cached": ["role-5", "ASIAIOSFODNN7EXAMPLE"]}
CODES = {"0" * 64: NOW - 5.5}
SIGN_IN = {"where": "https://issuer client openid", "subject": "ana", "id_token": "e30.e30.e30",
           "expires_at": NOW + 600, "refresh_token": "refresh"}  # fmt: skip

_STATE = ".local/state/rolecall"
SSO_FILE = f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json"
LOGIN_FILE = (
    ".aws/login/cache/"
    + hashlib.sha256(b"arn:aws:iam::123456789012:user/ana").hexdigest()
    + ".json"
)
SIGN_IN_FILE = f"{_STATE}/sign-ins/{hashlib.sha256(b'issuer').hexdigest()[:32]}.json"
JSON_FILES = {
    ".aws/cli/cache/cached.json": CACHED,
    SSO_FILE: SSO_TOKEN,
    LOGIN_FILE: LOGIN,
    f"{_STATE}/state.json": STATE,
    f"{_STATE}/discovered.json": DISCOVERED,
    f"{_STATE}/running/1-0.json": RUNNING,
    f"{_STATE}/asked.json": ASKED,
    f"{_STATE}/sessions.json": MADE,
    f"{_STATE}/mfa-codes.json": CODES,
    SIGN_IN_FILE: SIGN_IN,
}
"""By their place in a home: the caches, and what rolecall remembers."""
FILES = {
    ".aws/config": "".join(CONFIG_SECTIONS).encode(),
    ".aws/credentials": "".join(CREDENTIALS_SECTIONS).encode(),
    ".config/rolecall/config.toml": SETTINGS.encode(),
    # A session that stands beside those made wrong, to be there whatever becomes of them.
    ".aws/cli/cache/beside.json": json.dumps(
        CACHED | {"AssumedRoleUser": {"Arn": "arn:aws:sts::123456789012:assumed-role/Beside/ana"},
                  "Credentials": CACHED["Credentials"] | {"AccessKeyId": "ASIABESIDE0000000000"}}
    ).encode(),
    **{place: json.dumps(said).encode() for place, said in JSON_FILES.items()},
}  # fmt: skip
"""The whole home."""
