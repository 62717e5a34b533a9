"""A load generator that costs little: kept connections, ready-made requests, the next one when an answer is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit


@dataclass(slots=True)
class Tally:
    """What came of one spell of load; `seconds` are the latencies of the answers with the wanted status."""

    elapsed: float = 0.0
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed


def request_bytes(method: str, url: str, token: str | None, body: bytes = b"") -> bytes:
    """One HTTP/1.1 request."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"host: {parts.netloc}", "accept: application/fhir+json"]
    if token is not None:
        lines.append(f"authorization: Bearer {token}")
    if body:
        lines += ["content-type: application/fhir+json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Client(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], status: bytes, tally: Tally) -> None:
        self._requests, self._status, self._tally = requests, status, tally
        self._buffer = bytearray()
        self._whole = -1
        self._sent = 0.0
        self.stopping = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._whole = -1
        self._sent = time.perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._whole < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            place = head.find(b"content-length:")
            length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            self._whole = end + 4 + length
        if len(self._buffer) < self._whole:
            return
        if self._buffer[9:12] == self._status:
            self._tally.seconds.append(time.perf_counter() - self._sent)
        else:
            self._tally.refused += 1
        del self._buffer[: self._whole]
        if self.stopping:
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.stopping:
            self._tally.refused += 1
        if not self.done.done():
            self.done.set_result(None)


async def spell(url: str, requests: list[bytes], *, status: int, clients: int, seconds: float) -> Tally:
    """Load for so many seconds from so many connections, all of which take from the same requests in turn."""
    parts = urlsplit(url)
    tally = Tally()
    source = cycle(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()

    def client() -> _Client:
        return _Client(source, str(status).encode(), tally)

    made = [(await loop.create_connection(client, parts.hostname or "", parts.port or 80))[1] for _ in range(clients)]
    await asyncio.sleep(seconds)
    for each in made:
        each.stopping = True
    tally.elapsed = time.perf_counter() - started
    counted = len(tally.seconds)
    await asyncio.gather(*(each.done for each in made))
    del tally.seconds[counted:]
    return tally
