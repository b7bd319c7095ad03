"""A service that is held against botocore's own model of it, in what it takes and what it says."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.parse
from typing import NamedTuple

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

from tui.demo.gateway import Gateway
from tui.demo.messages import Request, Response

_NAMESPACE = ":http://internal.amazon.com/coral/com.amazonaws."


class Call(NamedTuple):
    """An operation that was called, and with what, by the model's names."""

    operation: str
    params: dict


class Refused(Exception):
    """An error answer: its shape's name and what it says."""

    def __init__(self, shape: str, text: str):
        super().__init__(f"{shape}: {text}")
        self.shape = shape
        self.text = text


class Modelled(Gateway):
    """Rest-JSON services at one address; each operation is a method of its name.

    Attributes:
        services: botocore's names of them.
        calls: every operation called, in order.
    """

    services: tuple[str, ...]

    def __init__(self, upstream: str):
        self.calls: list[Call] = []
        self.lock = threading.Condition(threading.RLock())
        self._delays: dict[str, float] = {}
        self._failures: list[tuple[str, str, int, str]] = []
        self._operations: dict[tuple[str, str], tuple[str, OperationModel]] = {}
        loader = Loader()
        for service in self.services:
            model = ServiceModel(loader.load_service_model(service, "service-2"), service)
            for name in model.operation_names:
                found = model.operation_model(name)
                self._operations[found.http["method"], found.http["requestUri"]] = (service, found)
        super().__init__(upstream)

    # -- doors ------------------------------------------------------------------------------

    def count(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(call.operation == operation for call in list(self.calls))

    def last(self, operation: str) -> dict:
        """The parameters of the last call of an operation."""
        return next(c.params for c in reversed(list(self.calls)) if c.operation == operation)

    def until(self, operation: str, times: int = 1, timeout: float = 30):
        """Wait until an operation was called that often."""
        with self.lock:
            done = self.lock.wait_for(lambda: self.count(operation) >= times, timeout)
        assert done, f"no {operation} within {timeout} s: {[call.operation for call in self.calls]}"

    def delay(self, operation: str, seconds: float):
        """An operation takes that much longer from now on."""
        self._delays[operation] = seconds

    def fail(self, operation: str, shape: str, status: int, text: str, times: int = 1):
        """The next calls of an operation are answered with an error."""
        self._failures += [(operation, shape, status, text)] * times

    # ---------------------------------------------------------------------------------------

    def page(self, path: str, query: dict[str, str]) -> Response:
        """What a browser is told."""
        raise NotImplementedError

    def note(self, name: str, params: dict):
        """Remember a call, and wake who waits for it."""
        with self.lock:
            self.calls.append(Call(name, params))
            self.lock.notify_all()

    def answer(self, request: Request) -> Response:
        target = urllib.parse.urlsplit(request.target)
        query = dict(urllib.parse.parse_qsl(target.query, keep_blank_values=True))
        found = self._operations.get((request.method, target.path))
        if found is None:
            return self.page(target.path, query)
        service, operation = found
        try:
            params = _params(operation, request, query)
            self.note(operation.name, params)
            time.sleep(self._delays.get(operation.name, 0))
            if due := self._due(operation.name):
                return _error(service, *due[1:])
            with self.lock:
                method = getattr(self, snake(operation.name))
                said = method(**{snake(name): value for name, value in params.items()})
        except Refused as refused:
            return _error(service, refused.shape, _status(operation, refused), refused.text)
        _check(operation, said)
        return Response(200, [("Content-Type", "application/json")], json.dumps(said).encode())

    def _due(self, operation: str):
        with self.lock:
            for failure in self._failures:
                if failure[0] == operation:
                    self._failures.remove(failure)
                    return failure
        return None


def snake(name: str) -> str:
    """`createToken` and `CreateToken` as `create_token`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _params(operation: OperationModel, request: Request, query: dict) -> dict:
    """The parameters, from where the model puts them; refused where it refuses them."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Refused("InvalidRequestException", "no JSON") from error
    params, in_body = {}, set()
    for name, member in operation.input_shape.members.items():
        wire = member.serialization.get("name", name)
        where = member.serialization.get("location")
        if where == "header":
            value = request.header(wire.lower()) or None
        elif where == "querystring":
            value = query.get(wire)
        else:
            in_body.add(wire)
            value = body.get(wire)
        if value is not None:
            params[name] = int(value) if member.type_name == "integer" else value
    if unknown := set(body) - in_body:
        raise Refused("InvalidRequestException", f"unknown members: {sorted(unknown)}")
    report = ParamValidator().validate(params, operation.input_shape)
    if report.has_errors():
        raise Refused("InvalidRequestException", report.generate_report())
    return params


def _status(operation: OperationModel, refused: Refused) -> int:
    """The status that the model gives an error; one that it lacks is a defect of the stand-in."""
    if refused.shape == "ForbiddenException":  # the portal says it, its model does not
        return 403
    shapes = {each.name: each for each in operation.error_shapes}
    return shapes[refused.shape].metadata["error"]["httpStatusCode"]


def _error(service: str, shape: str, status: int, text: str) -> Response:
    if service == "sso-oidc":
        where = "sso.oidc/"
        said = {"error": snake(shape.removesuffix("Exception")), "error_description": text}
    else:
        where = "switchboard.portal/"
        said = {"message": text, "__type": f"com.amazonaws.switchboard.portal#{shape}"}
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", shape + _NAMESPACE + where),
    ]
    return Response(status, headers, json.dumps(said).encode())


def _check(operation: OperationModel, said: dict):
    """An answer that the model does not know is a defect of the stand-in."""
    shape = operation.output_shape
    if shape is None:
        assert not said, said
        return
    report = ParamValidator().validate(said, shape)
    assert not report.has_errors(), (operation.name, report.generate_report())
    assert set(said) <= set(shape.members), (operation.name, said)
