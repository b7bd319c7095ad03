"""Signing in to an IAM Identity Center portal: in a browser here, or with a code anywhere.

Sources: AWS CLI v2, `botocore/utils.py` (`SSOTokenFetcherAuth`, `SSOTokenFetcher`); RFC 7636
(PKCE), RFC 8252 section 7.3 (loopback redirect), RFC 8628 (device code).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from profiles import times
from profiles.errors import CredentialsFileUnwritable, LoginRequired, NetworkUnavailable
from profiles.files import sso_cache
from profiles.insight.portal_refusal import NOT_THIS_CLIENT, login_command, sign_in_refused
from profiles.insight.refusal import Refusal
from profiles.sources.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiles.files.turn import Turn
    from profiles.sources.sso_visit import Visit

PATIENCE = 600
"""Seconds that a person has for the browser; device codes say it themselves."""
TOKEN = {"accessToken": str, "expiresIn": int}
"""What an answer of CreateToken cannot do without."""
_REDIRECT = "http://127.0.0.1/oauth/callback"
_CALLBACK = "/oauth/callback"
_BROWSER_GRANTS = ("authorization_code", "refresh_token")
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DEFAULT_SCOPES = ("sso:account:access",)
# How a region answers that registers no clients for the authorization code.
_NO_BROWSER_SIGN_IN = (
    "InvalidRequestException",
    "InvalidClientMetadataException",
    "InvalidRedirectUriException",
    "UnsupportedGrantTypeException",
)
_NEAR_ITS_END = 15 * 60
_INTERVAL = 5
_SLOW_DOWN = 5
_LONGEST_INTERVAL = 60


def signed_in(visit: Visit, turn: Turn) -> dict[str, Any]:
    """A new sign-in, as the AWS CLI would keep it.

    Raises:
        PersonNeeded: nobody is there who could.
        LoginRequired: nobody did in time, or AWS did not take it.
        AccessDenied: the person said no.
        Cancelled: the person gave up.
        RolecallError: anything else that stood in the way.
    """
    visit.ask_for_person()
    try:
        if not visit.portal.legacy and not visit.device_code and visit.has_browser:
            try:
                registration = _registration(visit, for_browser=True)
            except Refusal as refusal:
                if refusal.code not in _NO_BROWSER_SIGN_IN:
                    raise
                visit.machine.log(f"{visit.portal.name}: no sign-in in the browser: {refusal}")
            else:
                return _by_browser(visit, turn, registration)
        return _by_device_code(visit, turn)
    except Refusal as refusal:
        raise sign_in_refused(refusal, visit.portal) from refusal


def token_of(
    visit: Visit, registration: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, Any]:
    """An answer of CreateToken, as the AWS CLI and botocore keep it.

    Args:
        registration: `clientId`, `clientSecret` and `registrationExpiresAt`.
    """
    portal = visit.portal
    token = {
        "startUrl": portal.start_url,
        "region": portal.region,
        "accessToken": answer["accessToken"],
        "expiresAt": times.rfc3339(visit.machine.now() + answer["expiresIn"]),
        "clientId": registration["clientId"],
        "clientSecret": registration["clientSecret"],
        "registrationExpiresAt": registration["registrationExpiresAt"],
    }
    if answer.get("refreshToken"):
        token["refreshToken"] = answer["refreshToken"]
    return token


def _by_browser(visit: Visit, turn: Turn, registration: Mapping[str, Any]) -> dict[str, Any]:
    """With an authorization code, that the browser brings to an address on this machine."""
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    until = visit.machine.now() + PATIENCE
    with Loopback(_CALLBACK, lambda fields: _belongs(fields, state)) as listener:
        url = _authorize_url(visit, registration["clientId"], listener.url, verifier, state)
        visit.show(turn, url, None, until)
        try:
            answer = listener.wait(visit.portal.name, until, visit.machine, visit.cancelled)
        except BaseException:
            # The browser tells nobody but the person that a registration counts no more: were it
            # the reason, it would be so every time.
            sso_cache.forget(visit.machine, sso_cache.registration_key(visit.portal))
            raise
    return _created(
        visit,
        registration,
        grantType="authorization_code",
        code=_code_in(answer),
        codeVerifier=verifier,
        redirectUri=listener.url,
    )


def _authorize_url(visit: Visit, client: str, redirect: str, verifier: str, state: str) -> str:
    from profiles.sources import sts

    digest = hashlib.sha256(verifier.encode()).digest()
    fields = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": redirect,
        "state": state,
        "code_challenge_method": "S256",
        "scopes": " ".join(visit.portal.scopes or _DEFAULT_SCOPES),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }
    base = sts.endpoint("register_client", visit.place, visit.machine, "sso-oidc")
    return f"{base}/authorize?{urlencode(fields, quote_via=quote)}"


def _belongs(fields: Mapping[str, str], state: str) -> bool:
    """Whether an answer is to this sign-in; a refusal may come without the state."""
    said = fields.get("state")
    if said is None:
        return "error" in fields
    return hmac.compare_digest(said.encode(), state.encode())


def _code_in(answer: Mapping[str, str]) -> str:
    """The code of a redirect.

    Raises:
        Refusal: it brings an error (RFC 6749 section 4.1.2.1), as a call would put it.
    """
    if code := answer.get("code"):
        return code
    error = answer.get("error", "no_code")
    shape = "".join(word.capitalize() for word in error.split("_")) + "Exception"
    said = " ".join(answer.get("error_description", error).split())
    raise Refusal(shape, said, 400, "authorize", None)


def _by_device_code(visit: Visit, turn: Turn) -> dict[str, Any]:
    """With a code that the person types or confirms on any machine."""
    registration = _registration(visit)
    try:
        started = _started(visit, registration)
    except Refusal as refusal:
        if refusal.code not in NOT_THIS_CLIENT:
            raise
        sso_cache.forget(visit.machine, sso_cache.registration_key(visit.portal))
        registration = _registration(visit)
        started = _started(visit, registration)
    until = visit.machine.now() + float(started["expiresIn"])
    interval = float(started.get("interval") or _INTERVAL)
    url = started.get("verificationUriComplete") or started["verificationUri"]
    visit.show(turn, url, started["userCode"], until)
    while True:
        visit.wait(min(visit.machine.now() + interval, until))
        if visit.machine.now() >= until:
            raise LoginRequired(
                f"nobody signed in to {visit.portal.name} in time", login_command(visit.portal)
            )
        try:
            return _created(
                visit, registration, grantType=_DEVICE_GRANT, deviceCode=started["deviceCode"]
            )
        except Refusal as refusal:
            if refusal.code == "SlowDownException":
                interval += _SLOW_DOWN
            elif refusal.code != "AuthorizationPendingException":
                raise
        except NetworkUnavailable as error:
            # RFC 8628 section 3.5: go on, less often.
            visit.machine.log(error.summary)
            interval = min(interval * 2, _LONGEST_INTERVAL)


def _started(visit: Visit, registration: Mapping[str, Any]) -> dict[str, Any]:
    return visit.call(
        "start_device_authorization",
        {
            "clientId": registration["clientId"],
            "clientSecret": registration["clientSecret"],
            "startUrl": visit.portal.start_url,
        },
        {"deviceCode": str, "userCode": str, "verificationUri": str, "expiresIn": int},
    )


def _created(visit: Visit, registration: Mapping[str, Any], **grant: str) -> dict[str, Any]:
    client = {key: registration[key] for key in ("clientId", "clientSecret")}
    answer = visit.call("create_token", client | grant, TOKEN)
    return token_of(visit, {**client, "registrationExpiresAt": registration["expiresAt"]}, answer)


def _registration(visit: Visit, *, for_browser: bool = False) -> dict[str, Any]:
    """The client that the AWS CLI or rolecall registered, or a new one."""
    portal, machine = visit.portal, visit.machine
    key = sso_cache.registration_key(portal)
    kept = sso_cache.read_registration(machine, key)
    if kept is not None:
        left = (sso_cache.end_of(kept) or 0) - machine.now()
        grants = kept.get("grantTypes") or ()
        if left >= _NEAR_ITS_END and ("authorization_code" in grants) == for_browser:
            return kept
    name = int(machine.now()) if portal.legacy else portal.name
    asked: dict[str, Any] = {"clientName": f"botocore-client-{name}", "clientType": "public"}
    if for_browser:
        asked |= {
            "grantTypes": list(_BROWSER_GRANTS),
            "redirectUris": [_REDIRECT],
            "issuerUrl": portal.start_url,
            "scopes": list(portal.scopes or _DEFAULT_SCOPES),
        }
    elif portal.scopes:
        asked["scopes"] = list(portal.scopes)
    needed = {"clientId": str, "clientSecret": str, "clientSecretExpiresAt": int}
    answer = visit.call("register_client", asked, needed)
    made = {
        "clientId": answer["clientId"],
        "clientSecret": answer["clientSecret"],
        "expiresAt": times.rfc3339(answer["clientSecretExpiresAt"]),
    }
    made |= {name: asked[name] for name in ("scopes", "grantTypes") if name in asked}
    try:
        sso_cache.write(machine, key, made)
    except CredentialsFileUnwritable as error:
        machine.log(error.summary)
    return made
