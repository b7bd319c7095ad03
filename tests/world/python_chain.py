"""What a client on botocore comes to, for each case of a JSON file, without a call that leaves it.

    python python_chain.py botocore|awscli CASES

For each case one of `{"method", "key", "region"}` and `{"error"}`. The interpreter may be the
system's, with the AWS CLI v2 of a distribution in it, which brings a botocore of its own.
"""

import json
import os
import shutil
import sys
from urllib.parse import parse_qs

try:
    import awscli.botocore.session as botocore_session
    from awscli.botocore.awsrequest import AWSResponse
except ImportError:
    import botocore.session as botocore_session
    from botocore.awsrequest import AWSResponse

END = "2999-01-01T00:00:00Z"
XML = (
    "<{0}Response xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><{0}Result>"
    "<Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
    f"<SessionToken>t</SessionToken><Expiration>{END}</Expiration></Credentials>"
    "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/x/y</Arn>"
    "<AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser>"
    "</{0}Result></{0}Response>"
)


class NothingSaid:
    """The options of a command line that has none."""

    command = "sts"

    def __getattr__(self, name):
        return None


class Raw:
    """A body that botocore reads from."""

    def __init__(self, text):
        self.text = text.encode()

    def stream(self, *_, **__):
        yield self.text


def answer(request, **_):
    """STS gives keys that are named after the role and who asked; the portal's are named SSO."""
    if b"/federation/credentials" in request.url.encode():
        keys = {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t"}
        text = json.dumps({"roleCredentials": keys | {"expiration": 32503680000000}})
        return AWSResponse(request.url, 200, {}, Raw(text))
    said = request.body
    said = said.decode() if isinstance(said, bytes) else said
    said = parse_qs(said) if isinstance(said, str) else {k: [v] for k, v in said.items()}
    action, role = said["Action"][0], said["RoleArn"][0].rpartition("/")[2]
    signed = str(request.headers.get("Authorization", ""))
    asker = signed.partition("Credential=")[2].partition("/")[0]
    key = f"{asker}>{role}" if asker else role
    return AWSResponse(request.url, 200, {}, Raw(XML.format(action, key)))


def session_of(client, profile):
    if client == "botocore":
        return botocore_session.Session(profile=profile)
    from awscli.clidriver import create_clidriver

    session = create_clidriver().session
    if profile:  # as `--profile` does
        session.set_config_variable("profile", profile)
    return session


def comes_to(client, profile, loader):
    try:
        session = session_of(client, profile)
        session.register_component("data_loader", loader)
        session.register("before-send", answer)
        if client == "awscli":
            # What the command line does before any command (clidriver, `main`).
            session.emit("session-initialized", session=session, parsed_args=NothingSaid())
        found = session.get_credentials()
        if found is None:
            return {"method": None, "key": None, "region": session.get_config_variable("region")}
        keys = found.get_frozen_credentials()
        region = session.get_config_variable("region")
    except Exception as error:  # noqa: BLE001 -- whatever it is, a person would see it
        return {"error": f"{type(error).__name__}: {error}"}
    return {"method": found.method, "key": keys.access_key, "region": region}


def main(client, path):
    loader = botocore_session.Session().get_component("data_loader")
    before = dict(os.environ)
    found = []
    with open(path) as file:
        cases = json.load(file)
    for case in cases:
        os.environ.clear()
        os.environ.update(before | case["env"])
        # The command line keeps sessions there, by role and not by who asked for it.
        shutil.rmtree(os.path.expanduser("~/.aws/cli"), ignore_errors=True)
        found.append(comes_to(client, case.get("profile"), loader))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
