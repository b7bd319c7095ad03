"""A request and its answer, as the demo's servers hand them around."""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    """What a client sent."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, an empty string where it is absent."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Response(NamedTuple):
    """What a client is told."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
