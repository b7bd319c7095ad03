"""Addresses of the AWS console, and of who signs in to it, by partition.

Sources: AWS General Reference, "AWS Management Console endpoints" and "AWS Sign-In endpoints";
botocore's endpoint rules of `signin`; the IAM User Guide, "Enable custom identity broker access
to the AWS console".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from profiles.destinations.console_services import GLOBAL, HOME, SERVICES
from profiles.errors import SourceUnsupported, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.catalogue.role import Role

FEDERATION_ENDPOINT = "ROLECALL_FEDERATION_ENDPOINT"


class _Hosts(NamedTuple):
    """Those of one partition.

    Attributes:
        signin: takes sessions.
        console: has the pages; a region stands before it.
        logout: ends a session and leads on, which in the partition `aws` only one region does.
    """

    signin: str
    console: str
    logout: str


_HOSTS = {
    "aws": _Hosts(
        "signin.aws.amazon.com", "console.aws.amazon.com", "us-east-1.signin.aws.amazon.com"
    ),
    "aws-cn": _Hosts("signin.amazonaws.cn", "console.amazonaws.cn", "signin.amazonaws.cn"),
    "aws-us-gov": _Hosts(
        "signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com", "signin.amazonaws-us-gov.com"
    ),
    "aws-eusc": _Hosts(
        "eusc-de-east-1.signin.amazonaws-eusc.eu",
        "console.amazonaws-eusc.eu",
        "eusc-de-east-1.signin.amazonaws-eusc.eu",
    ),
}
_BY_REGION = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
_ISOLATED = {
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}


def partition_of(role: Role, region: str | None) -> str:
    """The partition of a role: its ARN's, else that of a region."""
    arn = (role.role_arn or "").split(":")
    if len(arn) > 5 and arn[0] == "arn" and arn[1]:
        return arn[1]
    return region_partition(region or "")


def region_partition(region: str) -> str:
    """The partition that a region belongs to, by its name."""
    prefixes = {**_BY_REGION, **_ISOLATED}
    return next((name for at, name in prefixes.items() if region.startswith(at)), "aws")


def page(partition: str, region: str | None, service: str | None, *, asked: bool = False) -> str:
    """The address of a service's page, or of the console's first one.

    Args:
        partition: `aws`, `aws-cn` …
        region: that it shows, where it belongs to the partition; None for the person's last.
        service: a name of `SERVICES`; None for the first page.
        asked: whether the person named the region.

    Raises:
        UsageError: there is no such service, or the region asked for is another partition's.
        SourceUnsupported: the console of that partition cannot be reached from here.
    """
    hosts = _hosts(partition)
    if region and region_partition(region) != partition:
        if asked:
            raise UsageError(
                f"{region} is no region of the partition {partition}", "leave out --region"
            )
        region = None
    path, _, fragment = _path(service).partition("#")
    regional = f"{region}." if region and service not in GLOBAL else ""
    query = f"?{urlencode({'region': region})}" if region else ""
    return f"https://{regional}{hosts.console}/{path}{query}{f'#{fragment}' if fragment else ''}"


def federation_endpoint(partition: str, env: Mapping[str, str]) -> str:
    """Where a session is given for a sign-in token, and where the token is taken.

    Raises:
        SourceUnsupported: see `page`.
    """
    return env.get(FEDERATION_ENDPOINT) or f"https://{_hosts(partition).signin}/federation"


def login_url(endpoint: str, destination: str, token: str) -> str:
    """The link that signs in; whoever has it, is in."""
    fields = {
        "Action": "login",
        "Issuer": "rolecall",
        "Destination": destination,
        "SigninToken": token,
    }
    return f"{endpoint}?{urlencode(fields, quote_via=quote, safe='')}"


def after_logout(link: str, partition: str, env: Mapping[str, str]) -> str:
    """A link that ends the console session of before, then signs in.

    The sign-in has to be at the same address as the end, else AWS does not lead on to it.
    """
    parts = urlsplit(link)
    if not env.get(FEDERATION_ENDPOINT):
        parts = parts._replace(netloc=_hosts(partition).logout)
    ending = parts._replace(path=f"{parts.path.rpartition('/')[0]}/oauth", query="").geturl()
    return f"{ending}?Action=logout&redirect_uri={quote(parts.geturl(), safe='')}"


def portal_url(start_url: str, account_id: str, role_name: str, destination: str) -> str:
    """The link of an access portal that signs in; it says nothing that is secret.

    Source: IAM Identity Center User Guide, "Create shortcut links to AWS Management Console
    destinations".
    """
    fields = {"account_id": account_id, "role_name": role_name, "destination": destination}
    base = start_url.partition("#")[0].rstrip("/")
    return f"{base}/#/console?{urlencode(fields, quote_via=quote, safe='')}"


def _path(service: str | None) -> str:
    if service is None:
        return HOME
    if service not in SERVICES:
        import difflib

        near = difflib.get_close_matches(service.lower(), SERVICES, n=3, cutoff=0.5)
        raise UsageError(
            f"there is no service {service!r}"
            + (f"; did you mean {' or '.join(near)}?" if near else ""),
            f"one of {', '.join(SERVICES)}",
        )
    return SERVICES[service]


def _hosts(partition: str) -> _Hosts:
    found = _HOSTS.get(partition)
    if found is None:
        raise SourceUnsupported(
            f"the console of the partition {partition} has no public address to link to",
            "open it as your organisation says; its sessions work in the other commands",
        )
    return found
