"""AssumeRole goes where botocore would send it: address, signing region, CA and proxy.

Each case is a profile and an environment. What botocore does is not written down here: it is asked,
by the credentials of a plain session of that profile, with the request caught where it leaves.
"""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import botocore.httpsession
import botocore.session
import pytest
from botocore.exceptions import BotoCoreError, NoRegionError

from profiles.errors import RolecallError
from profiles.machine import Machine
from profiles.request import Request
from profiles.sources import sts
from profiles.switcher import Switcher

if TYPE_CHECKING:
    from collections.abc import Mapping

AWS = "arn:aws:iam::123456789012:role/reader"
CHINA = "arn:aws-cn:iam::123456789012:role/reader"
GOV = "arn:aws-us-gov:iam::123456789012:role/reader"
ISO = "arn:aws-iso:iam::123456789012:role/reader"
ISOB = "arn:aws-iso-b:iam::123456789012:role/reader"
KEYS = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"


class Sent(NamedTuple):
    """Where a request was going."""

    url: str
    region: str
    ca: object
    proxy: str | None


class Caught(Exception):
    """It goes no further."""


class Case(NamedTuple):
    """A profile's settings, an environment, and what else is in the config file."""

    profile: dict[str, str]
    env: Mapping[str, str] = MappingProxyType({})
    arn: str = AWS
    flag: str | None = None
    more: str = ""


IRELAND = {"region": "eu-west-1"}
URL = "http://127.0.0.1:9/somewhere"
SERVICES = (
    f"[services local]\nsts =\n  endpoint_url = {URL}\ns3 =\n  endpoint_url = http://s3.test\n"
)
CASES = {
    "region of the profile": Case(IRELAND),
    "region of a variable": Case({}, {"AWS_DEFAULT_REGION": "eu-north-1"}),
    "a variable before the profile": Case(IRELAND, {"AWS_DEFAULT_REGION": "eu-north-1"}),
    "a flag before both": Case(IRELAND, {"AWS_DEFAULT_REGION": "eu-north-1"}, flag="ap-south-1"),
    "no region": Case({}),
    "no region, fips": Case({"use_fips_endpoint": "true"}),
    "no region, dual-stack": Case({"use_dualstack_endpoint": "true"}),
    "no region, legacy": Case({"sts_regional_endpoints": "legacy"}),
    "no region, regional": Case({"sts_regional_endpoints": "regional"}),
    "legacy": Case(IRELAND | {"sts_regional_endpoints": "legacy"}),
    "legacy by a variable": Case(IRELAND, {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}),
    "regional by a variable": Case(
        IRELAND | {"sts_regional_endpoints": "legacy"}, {"AWS_STS_REGIONAL_ENDPOINTS": "regional"}
    ),
    "legacy in a region that came later": Case(
        {"region": "af-south-1", "sts_regional_endpoints": "legacy"}
    ),
    "aws-global": Case({"region": "aws-global"}),
    "china": Case({"region": "cn-north-1"}, arn=CHINA),
    "china, legacy": Case(
        {"region": "cn-northwest-1", "sts_regional_endpoints": "legacy"}, arn=CHINA
    ),
    "gov": Case({"region": "us-gov-west-1"}, arn=GOV),
    "gov, fips": Case({"region": "us-gov-east-1", "use_fips_endpoint": "true"}, arn=GOV),
    "iso": Case({"region": "us-iso-east-1"}, arn=ISO),
    "iso-b": Case({"region": "us-isob-east-1"}, arn=ISOB),
    "a region that nobody knows yet": Case({"region": "eu-west-9"}),
    "fips by the profile": Case({"region": "us-east-1", "use_fips_endpoint": "true"}),
    "fips by a variable": Case({"region": "us-west-2"}, {"AWS_USE_FIPS_ENDPOINT": "true"}),
    "no fips by a variable": Case(
        {"region": "us-west-2", "use_fips_endpoint": "true"}, {"AWS_USE_FIPS_ENDPOINT": "false"}
    ),
    "dual-stack by the profile": Case(IRELAND | {"use_dualstack_endpoint": "true"}),
    "dual-stack by a variable": Case(IRELAND, {"AWS_USE_DUALSTACK_ENDPOINT": "true"}),
    "fips and dual-stack": Case(
        {"region": "us-east-2", "use_fips_endpoint": "true", "use_dualstack_endpoint": "true"}
    ),
    "dual-stack in china": Case(
        {"region": "cn-north-1", "use_dualstack_endpoint": "true"}, arn=CHINA
    ),
    "endpoint_url": Case(IRELAND | {"endpoint_url": URL}),
    "services": Case(IRELAND | {"services": "local"}, more=SERVICES),
    "services before endpoint_url": Case(
        IRELAND | {"services": "local", "endpoint_url": "http://other.test"}, more=SERVICES
    ),
    "services of another service": Case(
        IRELAND | {"services": "local"}, more=SERVICES.replace("sts =", "sso =")
    ),
    "services that are not there": Case(IRELAND | {"services": "nowhere"}, more=SERVICES),
    "AWS_ENDPOINT_URL": Case(IRELAND, {"AWS_ENDPOINT_URL": URL}),
    "AWS_ENDPOINT_URL before the profile's": Case(
        IRELAND | {"endpoint_url": "http://other.test"}, {"AWS_ENDPOINT_URL": URL}
    ),
    "the profile's services and AWS_ENDPOINT_URL": Case(
        IRELAND | {"services": "local"}, {"AWS_ENDPOINT_URL": "http://other.test"}, more=SERVICES
    ),
    "AWS_ENDPOINT_URL_STS": Case(
        IRELAND | {"services": "local"},
        {"AWS_ENDPOINT_URL": "http://other.test", "AWS_ENDPOINT_URL_STS": URL},
        more=SERVICES,
    ),
    "AWS_ENDPOINT_URL_SSO is not for it": Case(IRELAND, {"AWS_ENDPOINT_URL_SSO": URL}),
    "ignored by a variable": Case(
        IRELAND | {"endpoint_url": URL},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL_STS": URL},
    ),
    "ignored by the profile": Case(
        IRELAND | {"endpoint_url": URL, "ignore_configured_endpoint_urls": "true"}
    ),
    "the source's endpoint is not the role's": Case(
        IRELAND, more=f"[profile base]\nendpoint_url = {URL}\nregion = ap-south-1\n"
    ),
    "endpoint_url with fips": Case(IRELAND | {"endpoint_url": URL, "use_fips_endpoint": "true"}),
    "defaults mode": Case(IRELAND | {"defaults_mode": "standard"}),
    "legacy by the defaults mode": Case(IRELAND | {"defaults_mode": "legacy"}),
    "ca of a variable": Case(IRELAND, {"AWS_CA_BUNDLE": "/ca/variable.pem"}),
    "ca of the profile": Case(IRELAND | {"ca_bundle": "/ca/profile.pem"}),
    "ca of both": Case(
        IRELAND | {"ca_bundle": "/ca/profile.pem"}, {"AWS_CA_BUNDLE": "/ca/variable.pem"}
    ),
    "ca of default is not the profile's": Case(
        IRELAND, more="[default]\nca_bundle = /ca/default.pem\nregion = sa-east-1\n"
    ),
    "region of default is not the profile's": Case({}, more="[default]\nregion = sa-east-1\n"),
    "another profile in the environment": Case(
        IRELAND, {"AWS_PROFILE": "other"}, more=f"[profile other]\nendpoint_url = {URL}\n"
    ),
    "empty variables": Case(
        IRELAND, {"AWS_ENDPOINT_URL": "", "AWS_CA_BUNDLE": "", "HTTPS_PROXY": ""}
    ),
    "ca of requests": Case(IRELAND, {"REQUESTS_CA_BUNDLE": "/ca/requests.pem"}),
    "proxy": Case(IRELAND, {"HTTPS_PROXY": "http://proxy.test:3128"}),
    "proxy in small letters": Case(IRELAND, {"https_proxy": "http://proxy.test:3128"}),
    "no proxy for aws": Case(
        IRELAND, {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": ".amazonaws.com"}
    ),
    "no proxy for others": Case(
        IRELAND, {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "example.test"}
    ),
    "no proxy at all": Case(IRELAND, {"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "*"}),
    "proxy for http alone": Case(IRELAND, {"HTTP_PROXY": "http://proxy.test:3128"}),
}


@pytest.fixture
def caught(monkeypatch):
    """Where the last request was going."""
    found = []

    def send(self, request):
        signed = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/", _text(request, "Authorization"))
        found.append(
            Sent(
                request.url,
                signed[1] if signed else "",
                self._verify,
                self._proxy_config.proxy_url_for(request.url),
            )
        )
        raise Caught

    monkeypatch.setattr(botocore.httpsession.URLLib3Session, "send", send)
    # A client lives as long as the process, whose environment does not change.
    monkeypatch.setattr(sts, "_clients", {})
    return found


def _text(request, name):
    value = request.headers[name]
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Sets a case up; the machine that it is."""

    def make(case):
        lines = [f"{key} = {value}" for key, value in case.profile.items()]
        config = tmp_path / "config"
        config.write_text(
            "\n".join(["[profile at]", f"role_arn = {case.arn}", "source_profile = base", *lines])
            + f"\n\n{case.more}"
        )
        credentials = tmp_path / "credentials"
        credentials.write_text(KEYS)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
        monkeypatch.setenv("HOME", str(tmp_path))
        for name, value in case.env.items():
            monkeypatch.setenv(name, value)
        return Machine(env=os.environ, home=str(tmp_path))

    return make


def botocores(case, caught):
    """Where botocore sends the AssumeRole of the profile, or its error's name."""
    session = botocore.session.Session(profile="at")
    if case.flag:
        session.set_config_variable("region", case.flag)
    return _outcome(lambda: session.get_credentials().get_frozen_credentials(), caught)


def ours(case, machine, caught):
    """Where rolecall sends it."""
    switcher = Switcher(machine)
    role = switcher.catalogue.resolve("at")
    return _outcome(lambda: switcher.session(role, Request(region=case.flag)), caught)


def _outcome(go, caught):
    caught.clear()
    try:
        go()
    except (Caught, BotoCoreError, RolecallError) as error:
        return caught[0] if caught else error
    raise AssertionError("nothing was sent")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_goes_where_botocore_sends_it(case, place, caught):
    machine = place(case)
    expected = botocores(case, caught)
    found = ours(case, machine, caught)
    if isinstance(expected, Sent):
        assert found == expected
    else:
        assert isinstance(found, RolecallError)
        assert found.summary == str(expected)


@pytest.mark.parametrize(
    ("arn", "url", "region"),
    [
        (AWS, "https://sts.amazonaws.com/", "us-east-1"),
        (CHINA, "https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
        (GOV, "https://sts.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        (ISO, "https://sts.us-iso-east-1.c2s.ic.gov/", "us-iso-east-1"),
        (ISOB, "https://sts.us-isob-east-1.sc2s.sgov.gov/", "us-isob-east-1"),
    ],
)
def test_without_a_region_the_roles_partition_says_where(place, caught, arn, url, region):
    case = Case({}, arn=arn)
    found = ours(case, place(case), caught)
    assert (found.url, found.region) == (url, region)


def test_without_a_region_an_endpoint_is_reached_where_botocore_gives_up(place, caught):
    case = Case({"endpoint_url": URL})
    machine = place(case)
    assert isinstance(botocores(case, caught), NoRegionError)
    found = ours(case, machine, caught)
    assert (found.url, found.region) == (URL, "us-east-1")


@pytest.mark.parametrize("other", [{}, {"AWS_DEFAULT_REGION": "eu-north-1"}])
def test_aws_region_counts_first_as_in_newer_sdks(place, caught, other):
    case = Case(IRELAND, {"AWS_REGION": "ap-south-1"} | other)
    assert ours(case, place(case), caught).url == "https://sts.ap-south-1.amazonaws.com/"


def test_an_entry_goes_where_the_nearest_profile_behind_it_goes(place, caught, tmp_path):
    case = Case({}, more=f"[profile base]\nendpoint_url = {URL}\nregion = eu-west-1\n")
    machine = place(case)
    settings = tmp_path / ".config" / "rolecall" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[[roles]]\nname = "at"\nrole_arn = "{AWS}"\nsource = "base"\n')
    found = ours(case, machine, caught)
    assert (found.url, found.region) == (URL, "eu-west-1")
