"""Bodies in and answers out, each within a time: a client that is slow on purpose holds little, and not for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tandem.fhir.admission import Visit
from tandem.fhir.outcome import FhirError, Kind

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ABORT = "tandem.abort"
"""The ASGI extension by which our server lets a connection be dropped: its `call` takes no arguments."""
_PIECE = 256 * 1024
"""An answer above this is written piece by piece, each once the client has taken most of the one before."""


async def read_body(headers: dict[str, str], receive: Receive, limit: int, visit: Visit, seconds: float) -> bytes:
    """The whole body. `seconds` is for all of it.

    Raises FhirError TOO_LARGE above `limit` bytes, SLOW when it takes too long, BAD_REQUEST when the client leaves,
    and what `visit.hold` raises.
    """
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:18]) > limit:
        raise _too_large(limit)
    if declared == "0" and "transfer-encoding" not in headers:
        return await _read(receive, limit, visit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit, visit)
    except TimeoutError:
        # What is still to come would be taken for the next request.
        raise FhirError(
            Kind.SLOW, f"The body was not there within {seconds:g} seconds", headers={"Connection": "close"}
        ) from None


async def _read(receive: Receive, limit: int, visit: Visit) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise FhirError(Kind.BAD_REQUEST, "The client went away")
        chunk = message.get("body", b"")
        if chunk:
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            visit.hold(len(chunk))
            chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def send_body(scope: Scope, send: Send, body: bytes, seconds: float) -> None:
    """Write the body; a client that has not taken it within `seconds` loses the connection."""
    if len(body) <= _PIECE:
        await send({"type": "http.response.body", "body": body})
        return
    try:
        async with asyncio.timeout(seconds):
            for start in range(0, len(body), _PIECE):
                more = start + _PIECE < len(body)
                await send({"type": "http.response.body", "body": body[start : start + _PIECE], "more_body": more})
    except TimeoutError:
        extension = scope.get("extensions", {}).get(ABORT)
        if extension is not None:
            extension["call"]()


def _too_large(limit: int) -> FhirError:
    return FhirError(Kind.TOO_LARGE, f"A body may take up to {limit} bytes")
