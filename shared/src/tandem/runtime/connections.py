"""HTTP connections that cannot fill a process: bounded heads, time for a head, room made by closing idle ones.

uvicorn's connection over httptools, which itself sets no limit to a head and waits for one for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tandem.fhir.body import encode
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import JSON
from tandem.fhir.transfer import ABORT

MOST_HEAD: Final = 64 * 1024
"""Bytes of a request line with its header fields."""
HEAD_SECONDS: Final = 15.0
"""How long a client may take for them, from its first byte; and how long a new connection may be silent."""
SPARE: Final = 32
"""Connections beyond the limit that are read when none is idle, so that health can be asked for; every other request
is refused as long as there are more than the limit."""
TAKE_SECONDS: Final = 120.0
"""How long a client may take nothing of what is written for it, unless a server says otherwise."""


class BoundedConnection(HttpToolsProtocol):
    """One connection. The limits below are set once, by `bounded_connection`, for all of a server."""

    max_connections: int = 1000
    take_seconds: float = TAKE_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head = 0
        self._in_head = True
        self._refused = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._take_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, and make room when there are too many."""
        super().connection_made(transport)
        many = len(self.connections) > self.max_connections and not self._make_room()
        if many and len(self.connections) > self.max_connections + SPARE:
            self._refuse(Kind.UNAVAILABLE, "This process has too many connections just now", "retry-after: 2\r\n")
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._head_is_there()
        self._is_taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head of this request is too large already."""
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._head > MOST_HEAD:
                self._refuse(Kind.HEAD_TOO_LARGE, f"The header fields may take up to {MOST_HEAD} bytes")
                return
            # Some of it may be the body already: how large the head is shows when it is whole, or in what comes next.
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head and self._head_timer is None:
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins; it may be told to drop the connection."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {"call": self.transport.abort}}
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Its head is there: work on it."""
        self._in_head = False
        self._head_is_there()
        if self._head > MOST_HEAD and self._size_of_head() > MOST_HEAD:
            self._refuse(Kind.HEAD_TOO_LARGE, f"The header fields may take up to {MOST_HEAD} bytes")
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Its body is there: what comes next is another head."""
        if not self._refused:
            super().on_message_complete()
        self._in_head, self._head = True, 0

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, at once when the client has not even taken its last answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        """The client takes less than is written: whoever writes waits now, and would wait for ever."""
        super().pause_writing()
        if self._take_timer is None:
            self._take_timer = self.loop.call_later(self.take_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._is_taken()
        super().resume_writing()

    @property
    def idle(self) -> bool:
        """Whether no request is under way on it."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> bool:
        for each in self.connections:
            if each is not self and isinstance(each, BoundedConnection) and each.idle:
                each.connections.discard(each)
                each.transport.abort()
                return True
        return False

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_is_there(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _is_taken(self) -> None:
        if self._take_timer is not None:
            self._take_timer.cancel()
            self._take_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.idle or self.transport.is_closing():
            return
        if self._head:
            self._refuse(Kind.SLOW, f"The header fields were not there within {HEAD_SECONDS:g} seconds")
        else:
            self.transport.close()

    def _refuse(self, kind: Kind, text: str, headers: str = "") -> None:
        """Write an answer past the application, and close."""
        self._refused = True
        if not self.idle:
            # An answer is being written, and another one must not get into its middle.
            self.transport.abort()
            return
        body = encode(outcome_of(FhirError(kind, text)))
        head = f"HTTP/1.1 {kind.status} \r\n{headers}content-type: {JSON}\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


def bounded_connection(max_connections: int, take_seconds: float = TAKE_SECONDS) -> type[BoundedConnection]:
    """The connections of a server that may have so many at once, each of which may take nothing for so long."""
    limits = {"max_connections": max_connections, "take_seconds": take_seconds}
    return type("BoundedConnection", (BoundedConnection,), limits)
