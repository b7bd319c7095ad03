"""The only file that makes AWS clients: STS first of all, given keys and one profile's settings.

botocore's own configuration parser takes seconds on thousands of profiles, so its session is
handed the one profile that matters here (regions, endpoints, retries, proxies, CA bundle and the
rest mean what they mean to botocore), and the keys go in by name.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.session
from botocore import exceptions as boto_errors
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import JSONFileLoader, create_loader
from botocore.parsers import ResponseParserError

from profiles.errors import ConfigUnreadable, NetworkUnavailable, RolecallError, UsageError
from profiles.insight.refusal import Refusal
from profiles.sources import unreached
from profiles.sources.answer import (
    Answer,
    Said,
    is_whole,
    offset_of,
    one_line,
    refusal_of,
    seconds_of,
)
from profiles.sources.patience import WHOLE, in_time, pauses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from profiles.machine import Machine
    from profiles.session import Credentials
    from profiles.sources.surroundings import Surroundings

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 10
ATTEMPTS = 2
_PROFILE = "rolecall"
# Keys and ways to keys: rolecall has resolved those already.
_NOT_CLIENT_SETTINGS = (
    "aws_",
    "role_",
    "source_profile",
    "credential_",
    "sso_",
    "web_identity",
    "mfa_",
    "external_id",
    "duration_seconds",
    "login_session",
    "x_",
)
# Where no region is named. The partition `aws` has addresses for all regions, which botocore takes
# then, unless an endpoint is configured: calls to that are signed for a region all the same.
_PARTITION_REGION = {
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1",
}
_SIGNED_FOR = "us-east-1"
_GLOBAL = "https://sts.amazonaws.com/"
_LARGEST = 4 * 1024 * 1024
"""Bytes that an answer may have; AWS's have some thousands."""
_SERVICES = ["iam", "organizations", "signin", "sso", "sso-oidc", "sts"]
# The names that these have in botocore's table of endpoints.
_CALLED = {"sts", "iam", "portal.sso", "oidc", "signin", "organizations"}


class _Session(botocore.session.Session):  # type: ignore[misc]
    """A botocore session whose configuration is handed in, not read."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._handed_in = config
        super().__init__()
        self.set_config_variable("profile", _PROFILE)

    @property
    def full_config(self) -> dict[str, Any]:
        return self._handed_in


class _Models(JSONFileLoader):  # type: ignore[misc]
    """Reads botocore's models; its table of endpoints without what is never called.

    Whole, that table takes seven megabytes, most of them for regions of services of no use here.
    """

    def load_file(self, file_path: str) -> Any:
        if os.path.basename(file_path) != "endpoints":
            return super().load_file(file_path)
        try:
            with open(f"{file_path}.json", encoding="utf-8") as file:
                return json.load(file, object_hook=_trimmed)
        except FileNotFoundError:  # compressed, or another one's
            return super().load_file(file_path)


def _trimmed(said: dict[str, Any]) -> dict[str, Any]:
    """A JSON object as it is kept: of a partition's services, those that are called."""
    if not said:
        return _EMPTY
    return {name: said[name] for name in _CALLED & said.keys()} if "sts" in said else said


_EMPTY: dict[str, Any] = {}
_lock = threading.Lock()
_loader: Any = None
_clients: dict[tuple[object, ...], Any] = {}
_sessions: dict[tuple[str, str, bool], _Session] = {}


def warm_up() -> None:
    """Load what the first call needs (service model, endpoint rules), so that it does not wait."""
    with _lock:
        _made("sts", None, {}, {}, _SIGNED_FOR)


def call(
    operation: str,
    parameters: Mapping[str, Any],
    credentials: Credentials | None,
    surroundings: Surroundings,
    machine: Machine,
    *,
    service: str = "sts",
    headers: Callable[[str], Mapping[str, str]] | None = None,
) -> Answer:
    """One call of STS, or of another service that sessions come from.

    Args:
        operation: botocore's name: `assume_role`, `get_session_token`, `get_caller_identity`.
        parameters: as botocore takes them.
        credentials: what signs it; None for unsigned calls.
        service: botocore's name: `sts`, `iam`, `sso`, `sso-oidc`, `signin`.
        headers: makes headers of the request's own for its URL.

    Raises:
        Refusal: AWS answered with an error.
        NetworkUnavailable: it was not reached, or gave no answer in time.
        UsageError: a parameter is not of AWS's form.
    """
    began = time.monotonic()
    waits = pauses()
    while True:
        left = began + WHOLE - time.monotonic()
        try:
            return _once(
                operation, parameters, credentials, surroundings, machine, service, headers, left
            )
        except Refusal as refusal:
            wait = next(waits, None) if refusal.is_throttled else None
            if wait is None:
                raise
            wait = max(wait, refusal.retry_after or 0)
            if time.monotonic() + wait > began + WHOLE:
                raise
            machine.log(f"AWS asks to slow down: again in {wait:.1f} s")
        time.sleep(wait)


def _once(
    operation: str,
    parameters: Mapping[str, Any],
    credentials: Credentials | None,
    surroundings: Surroundings,
    machine: Machine,
    service: str,
    headers: Callable[[str], Mapping[str, str]] | None,
    seconds: float,
) -> Answer:
    """One call, over in so many seconds whatever answers, or does not."""
    began = time.monotonic()
    arrived = _Arrived()

    def said(what: str) -> None:
        machine.log(f"AWS {service} {operation}: {what} after {time.monotonic() - began:.1f} s")

    def asked(*, regional: bool = False) -> dict[str, Any]:
        client = _client(service, credentials, surroundings, machine.env, regional=regional)

        def work() -> dict[str, Any]:
            _thread.arrived, _thread.headers = arrived, headers
            found: dict[str, Any] = getattr(client, operation)(**parameters)
            if not is_whole(client, operation, found):
                raise ResponseParserError("what was promised is not in it")
            return found

        return in_time(work, began + seconds - time.monotonic())

    try:
        try:
            data = asked()
        except (boto_errors.ConnectionError, boto_errors.ProxyConnectionError) as error:
            # STS's global address can be down alone, and a region's own does the same.
            if arrived.url != _GLOBAL:
                raise
            said(f"no answer of {_GLOBAL} ({type(error).__name__}), asking a region's own")
            data = asked(regional=True)
    except boto_errors.ClientError as error:
        if arrived.is_foreign:
            said(f"no answer of AWS ({arrived.status})")
            raise arrived.meaning(ResponseParserError(), operation) from error
        refusal = refusal_of(error.response, operation, machine.now())
        said(f"refused ({refusal.code})")
        raise refusal from error
    except boto_errors.ParamValidationError as error:
        raise UsageError(one_line(str(error.kwargs.get("report", error)))) from error
    except TimeoutError as error:
        said("no answer in time")
        raise NetworkUnavailable(
            f"AWS did not come to an end with its answer in {WHOLE:.0f} s",
            f"{unreached.CACHE_WORKS}; try again",
        ) from error
    except UnicodeEncodeError:
        raise UsageError(
            f"{operation}: a value is no text: it holds bytes that are no UTF-8"
        ) from None
    # botocore takes an answer apart as if it were AWS's; what is none fails in many ways.
    except (
        boto_errors.BotoCoreError,
        ResponseParserError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        said(f"no answer ({type(error).__name__})")
        raise arrived.meaning(error, operation) from error
    said("answered")
    return Answer(Said(data), offset_of(data.get("ResponseMetadata", {}), machine.now()))


class _Arrived:
    """What came back last on the wire in one call, whether botocore can make sense of it or not.

    Attributes:
        url: where the last request went.
        status: of the last answer; 0 where there was none.
        retry_after: its header, in seconds, where it was a number.
        is_foreign: it is none that AWS gives; botocore takes a page for an error's message.
    """

    url = ""
    status = 0
    is_foreign = False
    retry_after: float | None = None

    def meaning(self, error: Exception, operation: str) -> Exception:
        """What an answer that cannot be read is: load balancers say no in pages of their own."""
        unread = not isinstance(error, boto_errors.BotoCoreError)
        if unread and self.status == 429:
            return Refusal("429", "", 429, operation, None, retry_after=self.retry_after)
        if unread:
            return unreached.unread(self.status)
        return translated(error)


# In which call this thread is, and what makes that call's own headers: a client is shared, and two
# calls of it at once would else carry each other's.
_thread = threading.local()


def _add_headers(params: dict[str, Any], **_: Any) -> None:
    """Give a request the headers that the call of this thread has of its own."""
    headers: Callable[[str], Mapping[str, str]] | None = getattr(_thread, "headers", None)
    if headers is not None:
        params["headers"].update(headers(params["url"]))


def _sending(client: Any) -> Callable[..., AWSResponse]:
    """Send a client's requests as it would, but take in no more of an answer than AWS's have."""
    from urllib3 import exceptions as wire_errors

    in_json = "json" in client.meta.service_model.metadata["protocol"]
    session = client._endpoint.http_session  # noqa: SLF001  # botocore has no other way to it

    def send(request: Any, **_: Any) -> AWSResponse:
        request.stream_output = True
        arrived: _Arrived = getattr(_thread, "arrived", None) or _Arrived()
        arrived.url, arrived.status, arrived.retry_after = request.url, 0, None
        answer = session.send(request)
        body, left = [], _LARGEST
        try:
            for piece in answer.raw.stream():
                body.append(piece)
                left -= len(piece)
                if left < 0:
                    answer.raw.close()
                    raise ResponseParserError("too long for an answer of AWS")
        except wire_errors.ReadTimeoutError as error:
            raise boto_errors.ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except wire_errors.HTTPError as error:
            raise boto_errors.ConnectionClosedError(
                endpoint_url=request.url, error=error
            ) from error
        arrived.status = answer.status_code
        arrived.retry_after = seconds_of(answer.headers.get("retry-after"))
        whole = b"".join(body)
        arrived.is_foreign = 300 <= answer.status_code < 400 or (
            in_json and whole.strip()[:1] not in {b"", b"{"}
        )
        return AWSResponse(request.url, answer.status_code, answer.headers, _Read(whole))

    return send


class _Read(NamedTuple):
    """A body that has arrived, as botocore reads one."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.body


def endpoint(operation: str, surroundings: Surroundings, machine: Machine, service: str) -> str:
    """The address that an unsigned operation's calls go to, without its path.

    Args:
        operation: botocore's name; all its parameters are texts.

    Raises:
        RolecallError: there is none for that region and these settings.
    """
    try:
        client = _client(service, None, surroundings, machine.env)
        name = client.meta.method_to_api_mapping[operation]
        model = client.meta.service_model.operation_model(name)
        needed = dict.fromkeys(model.input_shape.required_members, "-")
        url = str(client.generate_presigned_url(operation, Params=needed))
    except boto_errors.BotoCoreError as error:
        raise translated(error) from error
    return url.partition(model.http["requestUri"])[0]


def default_credentials(machine: Machine) -> tuple[Credentials, str | None] | None:
    """The keys that a client would use now by botocore's whole chain, and its region.

    Raises:
        RolecallError: the chain stops with an error.
    """
    from profiles.session import Credentials as Keys

    session = botocore.session.Session()
    region = machine.region()
    try:
        found = session.get_credentials()
        if found is None:
            return None
        frozen = found.get_frozen_credentials()
        region = region or session.get_config_variable("region")
    except boto_errors.ClientError as error:
        raise refusal_of(error.response, "assume_role", machine.now()) from error
    except boto_errors.BotoCoreError as error:
        raise translated(error) from error
    except OSError as error:
        # botocore opens a web identity's token without a word of its own.
        raise ConfigUnreadable(
            f"cannot read {error.filename}: {(error.strerror or str(error)).lower()}",
            "check AWS_WEB_IDENTITY_TOKEN_FILE",
        ) from error
    return (
        Keys(frozen.access_key, frozen.secret_key, frozen.token or None, method=found.method),
        region,
    )


def instance_credentials(machine: Machine, *, patience: float | None = None) -> Credentials | None:
    """The session of EC2's metadata service by botocore's own fetcher; None where none answers.

    Args:
        machine: its environment may name another address, or forbid to ask.
        patience: seconds for each request, tried once; None for what is configured.

    Raises:
        RolecallError: it answers with something else.
    """
    from botocore import credentials as providers
    from botocore.utils import InstanceMetadataFetcher, resolve_imds_endpoint_mode

    session = _Session({"profiles": {_PROFILE: {}}})
    setting = session.get_config_variable
    fetcher = InstanceMetadataFetcher(
        timeout=patience or setting("metadata_service_timeout"),
        num_attempts=1 if patience else setting("metadata_service_num_attempts"),
        env=dict(machine.env),
        user_agent=session.user_agent(),
        config={
            "ec2_metadata_service_endpoint": setting("ec2_metadata_service_endpoint"),
            "ec2_metadata_service_endpoint_mode": resolve_imds_endpoint_mode(session),
            "ec2_metadata_v1_disabled": setting("ec2_metadata_v1_disabled"),
        },
    )
    return _provided(providers.InstanceMetadataProvider(iam_role_fetcher=fetcher))


def container_credentials(machine: Machine, *, patience: float | None = None) -> Credentials | None:
    """The session of a container's endpoint by botocore's own provider; None where none is named.

    Args:
        machine: its environment names the endpoint.
        patience: seconds for the request, tried once; None for botocore's own.

    Raises:
        RolecallError: the endpoint gives none.
    """
    from botocore import credentials as providers

    fetcher = None
    if patience is not None:
        from botocore.httpsession import URLLib3Session
        from botocore.utils import ContainerMetadataFetcher

        fetcher = ContainerMetadataFetcher(URLLib3Session(timeout=patience))
        fetcher.RETRY_ATTEMPTS = 1
    return _provided(providers.ContainerProvider(dict(machine.env), fetcher))


def _provided(provider: Any) -> Credentials | None:
    from profiles.session import Credentials as Keys

    try:
        found = in_time(provider.load, WHOLE)
        if found is None:
            return None
        frozen = found.get_frozen_credentials()
    except TimeoutError as error:
        raise NetworkUnavailable(
            "the machine's own credentials did not come in time", "try again"
        ) from error
    except boto_errors.BotoCoreError as error:
        raise translated(error) from error
    # botocore keeps the end to itself, and has no other name for it.
    end = getattr(found, "_expiry_time", None)
    return Keys(
        frozen.access_key,
        frozen.secret_key,
        frozen.token or None,
        expires_at=end.timestamp() if end else None,
        method=found.method,
    )


def _client(
    service: str,
    credentials: Credentials | None,
    surroundings: Surroundings,
    env: Mapping[str, str],
    *,
    regional: bool = False,
) -> Any:
    """A client, made once for each identity and place: making one takes longer than its call."""
    settings = {
        key: value
        for key, value in surroundings.settings.items()
        if not key.startswith(_NOT_CLIENT_SETTINGS)
    }
    region = surroundings.region or _PARTITION_REGION.get(surroundings.partition)
    who = (
        (credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
        if credentials
        else ()
    )
    own = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    endpoints = (env.get(own), env.get("AWS_ENDPOINT_URL"))
    place = (repr(sorted(settings.items())), repr(surroundings.services))
    key = (service, who, region, endpoints, regional, *place)
    with _lock:
        client = _clients.get(key)
        if client is None:
            client = _made(
                service, credentials, surroundings.services, settings, region, regional=regional
            )
            if len(_clients) >= 64:
                _clients.pop(next(iter(_clients)))
            _clients[key] = client
    return client


def _made(
    service: str,
    credentials: Credentials | None,
    services: Mapping[str, Any],
    settings: Mapping[str, Any],
    region: str | None,
    *,
    regional: bool = False,
) -> Any:
    if regional:
        region = region or _SIGNED_FOR
    session = _session(services, settings, region, regional=regional)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=50,
    )
    keys: dict[str, str | None] = {}
    if credentials is None:
        from botocore import UNSIGNED

        config = config.merge(Config(signature_version=UNSIGNED))
    else:
        keys = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
            "aws_session_token": credentials.session_token,
        }
    try:
        client = None
        with contextlib.suppress(boto_errors.NoRegionError):
            client = session.create_client(service, region_name=region, config=config, **keys)
        if client is None or client.meta.region_name is None:
            client = session.create_client(service, region_name=_SIGNED_FOR, config=config, **keys)
        client.meta.events.register("before-call", _add_headers)
        client.meta.events.register("before-send", _sending(client))
    except boto_errors.BotoCoreError:
        raise
    except ValueError as error:
        raise ConfigUnreadable(
            one_line(str(error)), "check AWS_ENDPOINT_URL, endpoint_url and [services]"
        ) from error
    return client


def _session(
    services: Mapping[str, Any],
    settings: Mapping[str, Any],
    region: str | None,
    *,
    regional: bool,
) -> _Session:
    """A session, made once for the clients of all regions: it takes twice as long as a client."""
    global _loader  # noqa: PLW0603 — one loader keeps the service models of all sessions
    profile = {key: said for key, said in settings.items() if key != "region" or region is None}
    key = (repr(sorted(profile.items())), repr(services), regional)
    session = _sessions.get(key)
    if session is None:
        session = _Session({"profiles": {_PROFILE: profile}, "services": dict(services)})
        if regional:
            session.set_config_variable("sts_regional_endpoints", "regional")
        if _loader is None:
            _loader = create_loader(session.get_config_variable("data_path"))
            _loader.file_loader = _Models()
            # botocore would look through the folders of four hundred services for their names.
            _loader.list_available_services = lambda _: _SERVICES
        session.register_component("data_loader", _loader)
        if len(_sessions) >= 64:
            _sessions.pop(next(iter(_sessions)))
        _sessions[key] = session
    return session


def translated(error: Exception) -> RolecallError:
    """What went wrong on this side of AWS, in one line."""
    text = one_line(str(error))
    reason = repr(error.kwargs.get("error")) if isinstance(error, boto_errors.BotoCoreError) else ""
    if isinstance(error, boto_errors.SSLError):
        return unreached.tls(text)
    if isinstance(error, boto_errors.ProxyConnectionError):
        return unreached.proxy(text, reason)
    if isinstance(error, (boto_errors.ConnectTimeoutError, boto_errors.ReadTimeoutError)):
        return unreached.late(text)
    if isinstance(error, (boto_errors.ConnectionError, boto_errors.HTTPClientError)):
        return unreached.nowhere(text, reason)
    if isinstance(error, (ResponseParserError, ValueError)):
        return unreached.unread(0)
    if isinstance(error, boto_errors.ProfileNotFound):
        return ConfigUnreadable(
            f"AWS_PROFILE names a profile that no file has: {error.kwargs.get('profile')}",
            "unset AWS_PROFILE, or name another: rolecall list shows them",
        )
    if isinstance(error, boto_errors.InvalidRegionError):
        return ConfigUnreadable(
            f"no region is called {error.kwargs.get('region_name')!r}",
            "check --region, AWS_REGION, AWS_DEFAULT_REGION and the profile's region",
        )
    return ConfigUnreadable(text, "rolecall list shows which profiles can be used")
