"""The HTTP server of a process: uvicorn with bounds, and an end that lets what has begun come to its end."""

from __future__ import annotations

import resource
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import Final

import uvicorn

from tandem.runtime.connections import SPARE, bounded_connection
from tandem.runtime.garbage_collection import spare_what_stays
from tandem.runtime.web import Front
from tandem.settings import Settings
from tandem.telemetry.tracing import stop_tracing

_STARTUP_FAILURE: Final = 3
"""The exit code that uvicorn itself gives."""
_BACKLOG: Final = 1024
"""Connections that the system accepts before the process does."""
_KEEP_ALIVE: Final = 75
_OTHER_FILES: Final = 256
"""Descriptors beside the clients' connections: databases, broker, the other services, files."""


class BoundedServer(uvicorn.Server):
    """Stops in two steps: first it is not ready any more and goes on answering for `drain` seconds, then it closes.

    A second signal leaves out the waiting.
    """

    def __init__(self, config: uvicorn.Config, front: Front, drain: int) -> None:
        super().__init__(config)
        self._front, self._drain = front, drain
        self._ticks_left: int | None = None
        front.overload.connections = self.server_state.connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and leave what stays out of the collection of garbage."""
        await super().startup(sockets)
        spare_what_stays()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        if self._drain and self._ticks_left is None and sig == signal.SIGTERM:
            self._front.overload.draining = True
            self._ticks_left = self._drain * 10
            return
        self._front.overload.draining = True
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop now."""
        if self._ticks_left is not None and not self.should_exit:
            self._ticks_left -= 1
            if self._ticks_left <= 0:
                super().handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)


def serve_front(front: Front, settings: Settings, host: str, port: int) -> None:
    """Serve until a signal ends it. Exits with 3 when the start fails."""
    _allow_files(settings.max_connections + SPARE + settings.pool_size + _OTHER_FILES)
    config = uvicorn.Config(
        front, host=host, port=port, log_config=None, log_level="warning", access_log=False, backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE, timeout_graceful_shutdown=settings.stop_seconds,
        http=bounded_connection(settings.max_connections, settings.transfer_seconds),
    )  # fmt: skip
    server = BoundedServer(config, front, settings.drain_seconds)
    # As uvicorn.run does: an interrupt is an ordinary end, and a start that failed is told by the exit code.
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    finally:
        stop_tracing()
    if not server.started:
        sys.exit(_STARTUP_FAILURE)


def _allow_files(wanted: int) -> None:
    """Raise the soft limit of open files as far as is needed and may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    may = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (may, hard))
