"""Why AWS was not reached, by what the wire said: the step that failed, and what helps there."""

from __future__ import annotations

import re

from profiles.errors import ConfigUnreadable, NetworkUnavailable, RolecallError

CACHE_WORKS = "sessions in the cache still work"
PORTAL = "a proxy or captive portal may stand between: open a web page, then try again"
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_NO_BUNDLE = ("No such file", "Permission denied", "Is a directory", "[X509")
_OF_TIME = ("has expired", "not yet valid")
_OF_TRUST = ("CERTIFICATE_VERIFY_FAILED", "doesn't match", "certificate")
_NO_NAME = ("NameResolutionError", "Failed to resolve", "gaierror", "Name or service")


def tls(text: str) -> RolecallError:
    """A connection that TLS ended.

    Args:
        text: what OpenSSL and Python say of it, on one line.
    """
    if any(part in text for part in _NO_BUNDLE):
        return ConfigUnreadable(
            f"the CA bundle cannot be read: {text}",
            "AWS_CA_BUNDLE, or the profile's ca_bundle, has to name a file of PEM certificates",
        )
    said = f"the connection to AWS is not trusted: {text}"
    if any(part in text for part in _OF_TIME):
        return NetworkUnavailable(
            said, "look whether this machine's clock is right: date; else the proxy's CA is too old"
        )
    if any(part in text for part in _OF_TRUST):
        return NetworkUnavailable(
            said, "behind a proxy with its own certificate, set AWS_CA_BUNDLE to its CA file"
        )
    return NetworkUnavailable(f"what answers for AWS speaks no TLS: {text}", PORTAL)


def proxy(text: str, reason: str) -> RolecallError:
    """A proxy that did not pass the call on.

    Args:
        text: of the error, in which no password is.
        reason: of the error's cause, for its status alone.
    """
    found = _TUNNEL.search(reason)
    if found is None:
        return NetworkUnavailable(
            f"the proxy does not answer: {text}", "check HTTPS_PROXY and NO_PROXY"
        )
    if found[1] == "407":
        return proxy_wants_name()
    return NetworkUnavailable(
        f"the proxy does not let the call through to AWS: it answers {found[1]}",
        "have AWS's address allowed there, or leave it out of the proxy with NO_PROXY",
    )


def proxy_wants_name() -> RolecallError:
    """A proxy's 407."""
    return NetworkUnavailable(
        "the proxy wants a name and a password, or does not take those it was given",
        "HTTPS_PROXY takes them as http://NAME:PASSWORD@HOST:PORT",
    )


def nowhere(text: str, reason: str) -> RolecallError:
    """Nobody at the address, or no address for the name."""
    if any(part in reason for part in _NO_NAME):
        return NetworkUnavailable(
            f"DNS knows no address for AWS: {text}",
            f"check the network, the VPN, and the region or endpoint; {CACHE_WORKS}",
        )
    return NetworkUnavailable(f"AWS cannot be reached: {text}", f"{CACHE_WORKS}; try again")


def late(text: str) -> RolecallError:
    """Somebody who keeps silent."""
    return NetworkUnavailable(f"AWS gave no answer in time: {text}", f"{CACHE_WORKS}; try again")


def unread(status: int) -> RolecallError:
    """An answer that is none of AWS's."""
    if status == 407:
        return proxy_wants_name()
    if status >= 500 and status != 511:
        return NetworkUnavailable(
            f"what answers for AWS has trouble ({status})", f"{CACHE_WORKS}; try again"
        )
    return NetworkUnavailable("what answered is not AWS: its answer cannot be read", PORTAL)
