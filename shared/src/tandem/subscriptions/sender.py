"""Sending a notification: https with a checked certificate, no redirect followed, nothing of the answer kept.

It speaks through a bare connection pool, because a client keeps cookies and follows what the environment says.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

import httpcore

from tandem.subscriptions.addresses import CheckedNetwork
from tandem.subscriptions.hosts import Host
from tandem.subscriptions.notification import Outgoing

TIMEOUT = 10.0
"""Seconds from the look-up of the name to the end of the answer."""
_ANSWER = 16 * 1024
_CONNECTIONS, _IDLE, _IDLE_SECONDS = 100, 20, 30.0
_FAULTS = (
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, TimeoutError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the HTTP status, or None and the class of the error."""

    status: int | None
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the endpoint has taken it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """Why not, in a few words that quote nothing."""
        return f"HTTP {self.status}" if self.status is not None else self.error


class Sender:
    """Sends to registered hosts; one pool of connections for each way of trusting."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._pools: dict[tuple[bool, Path | None], httpcore.AsyncConnectionPool] = {}

    async def send(self, request: Outgoing, host: Host) -> Answer:
        """One attempt, of `timeout` seconds at most."""
        try:
            async with asyncio.timeout(self._timeout):
                return Answer(await self._exchange(request, host))
        except _FAULTS as error:
            return Answer(None, type(error).__name__)

    async def close(self) -> None:
        """Close all connections."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()

    async def _exchange(self, request: Outgoing, host: Host) -> int:
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        async with self._pool(host).stream(
            request.method, request.url, headers=headers, content=request.body, extensions={"timeout": limits}
        ) as response:
            # A short answer is read so that the connection can be used again; a long one is cut off.
            size = 0
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > _ANSWER:
                    break
            status: int = response.status
            return status

    def _pool(self, host: Host) -> httpcore.AsyncConnectionPool:
        trust = (host.private, host.ca)
        if trust not in self._pools:
            self._pools[trust] = httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(cafile=str(host.ca) if host.ca else None),
                max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE, keepalive_expiry=_IDLE_SECONDS,
                network_backend=CheckedNetwork(host.private),
            )  # fmt: skip
        return self._pools[trust]
