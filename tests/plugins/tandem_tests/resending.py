"""A client whose answers get lost: it sends every write a second time, word for word, as clients do after a timeout."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import httpx

from tandem.demo.client import FhirClient

_REQUESTS = count(1)
_READS = ("GET", "HEAD")
TAKEN_OR_KNOWN = frozenset({200, 201, 204, 409, 412, 422})
"""What a write that was taken may answer when it comes again: the same, or that it was done already."""


class ResendingClient(FhirClient):
    """Sends each write twice under one X-Request-ID, the second after the first answer; the caller gets the first."""

    async def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One of two answers: that of the write that was taken, if one was."""
        if method in _READS:
            return await super().request(method, path, body, **headers)
        headers = {"X_Request_ID": f"resent-{next(_REQUESTS)}", **headers}
        first, second = await self._twice(method, path, body, headers)
        taken, other = (first, second) if first.status_code < 400 else (second, first)
        if taken.status_code < 400:
            assert other.status_code in TAKEN_OR_KNOWN, (method, path, other.status_code, other.text)
        return taken

    async def _twice(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[httpx.Response, httpx.Response]:
        first = await super().request(method, path, body, **headers)
        return first, await super().request(method, path, body, **headers)


class ImpatientClient(ResendingClient):
    """Sends the second while the first is under way."""

    async def _twice(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[httpx.Response, httpx.Response]:
        send = super(ResendingClient, self).request
        first, second = await asyncio.gather(send(method, path, body, **headers), send(method, path, body, **headers))
        return first, second
