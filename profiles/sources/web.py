"""Small JSON answers over HTTPS from who is not AWS, bounded in time and in size.

Proxies, and a CA of one's own, are those of the environment: `HTTPS_PROXY`, `NO_PROXY`,
`AWS_CA_BUNDLE`, `REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE`.
"""

from __future__ import annotations

import ipaddress
import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from profiles.errors import ConfigUnreadable, NetworkUnavailable
from profiles.sources.patience import WHOLE, in_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.machine import Machine

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
_WHOLE = 20.0
_LARGEST = 1024 * 1024
_CA_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: of HTTP.
        said: the JSON object; None where it is anything else.
        offset: seconds that the other's clock is ahead, where it tells.
    """

    status: int
    said: dict[str, Any] | None
    offset: float | None

    def __repr__(self) -> str:
        """Without what it says: that may be a token."""
        return f"Answer({self.status})"


def is_safe(url: str) -> bool:
    """Whether an address may be given secrets: HTTPS, or plain HTTP on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host)


def ask(url: str, machine: Machine, fields: Mapping[str, str] | None = None) -> Answer:
    """Get an address, or post a form to it; redirects are not followed.

    Args:
        url: where.
        machine: whose proxies and CA bundle count.
        fields: of the form; None to get.

    Raises:
        ConfigUnreadable: the address is plain HTTP, or none.
        NetworkUnavailable: nothing answers in time, or what answers is not trusted.
    """
    if not is_safe(url):
        raise ConfigUnreadable(f"not an https address: {url}", "tokens are never sent in the clear")
    host = urlsplit(url).netloc
    try:
        return in_time(lambda: _asked(url, host, machine, fields), WHOLE)
    except TimeoutError as error:
        raise NetworkUnavailable(f"{host} gave no answer in time", "try again") from error


def _asked(url: str, host: str, machine: Machine, fields: Mapping[str, str] | None) -> Answer:
    import requests

    try:
        with requests.Session() as session:
            # The environment is handed in, and nobody's .netrc has a say here.
            session.trust_env = False
            with session.request(
                "GET" if fields is None else "POST",
                url,
                data=fields,
                headers={"Accept": "application/json"},
                proxies=_proxies(url, machine.env),
                verify=next(filter(None, map(machine.env.get, _CA_BUNDLES)), True),
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response, host)
                date = response.headers.get("Date")
                return Answer(response.status_code, _object(body), _offset(date, machine.now()))
    except requests.exceptions.SSLError as error:
        raise NetworkUnavailable(
            f"the connection to {host} is not trusted: {_reason(error)}",
            "behind a proxy with its own certificate, set AWS_CA_BUNDLE to its CA file",
        ) from error
    except requests.exceptions.ProxyError as error:
        raise NetworkUnavailable(
            f"the proxy to {host} does not answer", "check HTTPS_PROXY and NO_PROXY"
        ) from error
    except requests.exceptions.Timeout as error:
        raise NetworkUnavailable(f"{host} gave no answer in time", "try again") from error
    except (requests.exceptions.RequestException, OSError) as error:
        raise NetworkUnavailable(
            f"{host} cannot be reached: {_reason(error)}", "check the network, then try again"
        ) from error


def _body(response: Any, host: str) -> bytes:
    body = b""
    end = time.monotonic() + _WHOLE
    for chunk in response.iter_content(4096):
        body += chunk
        if len(body) > _LARGEST or time.monotonic() > end:
            raise NetworkUnavailable(
                f"{host} does not come to an end with its answer", "check what answers there"
            )
    return body


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _proxies(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """The proxy of an address, as curl and the AWS CLI choose it."""
    parts = urlsplit(url)
    no_proxy = env.get("no_proxy") or env.get("NO_PROXY") or ""
    # A CGI's HTTP_PROXY is what its client says; only the small letters count for http.
    names = ["http_proxy"] if parts.scheme == "http" else ["https_proxy", "HTTPS_PROXY"]
    found = next(filter(None, map(env.get, [*names, "all_proxy", "ALL_PROXY"])), None)
    bypassed: Any = vars(urllib.request)["proxy_bypass_environment"]  # typeshed has none of it
    if not found or (no_proxy and bypassed(parts.netloc, {"no": no_proxy})):
        return {}
    return {parts.scheme: found}


def _offset(date: str | None, now: float) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(date or "").timestamp() - now
    except (ValueError, TypeError):
        return None


def _reason(error: BaseException) -> str:
    """The innermost cause in few words: urllib3 wraps it in objects and addresses."""
    at: BaseException = error
    while True:
        inner = getattr(at, "reason", None) or next(
            (each for each in at.args if isinstance(each, BaseException)), None
        )
        if not isinstance(inner, BaseException) or inner is at:
            break
        at = inner
    said = getattr(at, "strerror", None) or getattr(at, "verify_message", None) or str(at)
    text = " ".join(str(said).split("object at 0x")[-1].split(": ")[-1].split())[:200].lower()
    return text if text.isprintable() else "what came back is no HTTP"
