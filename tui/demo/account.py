"""One AWS account to be filled: users, roles, buckets, by real calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Statement = dict[str, Any]


def allow(*actions: str, on: str | Iterable[str] = "*") -> Statement:
    """A policy's statement that allows actions on resources."""
    resources = [on] if isinstance(on, str) else list(on)
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def trust(*principals: str, external_id: str | None = None) -> Statement:
    """A trust policy's statement: ARNs that may assume the role, perhaps with an external id."""
    said: Statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principals[0] if len(principals) == 1 else list(principals)},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }
    if external_id is not None:
        said["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return said


class User(NamedTuple):
    """A user with one pair of keys."""

    arn: str
    access_key_id: str
    secret_access_key: str


class Account:
    """An account of an emulated AWS, acted on as its root.

    Args:
        endpoint: the emulator's address.
        account_id: twelve digits.
        headers: sent with every request (an emulator's way to be told the account).
    """

    def __init__(
        self, endpoint: str, account_id: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.id = account_id
        self._endpoint = endpoint
        self._headers = dict(headers or {})
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A botocore client of the account's root."""
        if service not in self._clients:
            self._clients[service] = self._make(service)
        return self._clients[service]

    def user(self, name: str, *may: Statement) -> User:
        """A user with keys, allowed what the statements say."""
        iam = self.client("iam")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if may:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=_policy(may))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return User(arn, key["AccessKeyId"], key["SecretAccessKey"])

    def role(
        self, name: str, trusts: Statement | list[Statement], *may: Statement, hours: int = 1
    ) -> str:
        """A role: who may assume it, what it may do, how long its sessions last; its ARN."""
        iam = self.client("iam")
        arn = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=_policy([trusts] if isinstance(trusts, dict) else trusts),
            MaxSessionDuration=hours * 3600,
        )["Role"]["Arn"]
        if may:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_policy(may))
        return str(arn)

    def bucket(self, name: str, objects: Mapping[str, bytes] | None = None) -> None:
        """A bucket with objects."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        for key, body in (objects or {}).items():
            s3.put_object(Bucket=name, Key=key, Body=body)

    def _make(self, service: str) -> Any:
        from botocore.config import Config

        client = _session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self._endpoint,
            aws_access_key_id=self.id,
            aws_secret_access_key="test",  # noqa: S106  # the emulator's own, known to all
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                max_pool_connections=20,
            ),
        )
        if self._headers:
            client.meta.events.register("before-sign", self._add_headers)
        return client

    def _add_headers(self, request: Any, **_: Any) -> None:
        for name, value in self._headers.items():
            request.headers[name] = value


_SESSION: list[Any] = []


def _session() -> Any:
    """One for all accounts: it holds the service models, which take long to read."""
    if not _SESSION:
        import botocore.session

        _SESSION.append(botocore.session.Session())
    return _SESSION[0]


def _policy(statements: Iterable[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
