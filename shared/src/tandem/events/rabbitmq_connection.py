"""Connections to RabbitMQ that end: each step has a time limit, and a broker that falls silent is noticed."""

from __future__ import annotations

import asyncio
import logging

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError
from yarl import URL

_log = logging.getLogger(__name__)
FAULTS = (AMQPError, OSError, TimeoutError, RuntimeError)
"""How a lost or refused connection shows itself in the client library."""
CONNECT_SECONDS = 10.0
HEARTBEAT_SECONDS = 10
"""A broker that is not heard for some three times as long is given up by the client library; unless the URL says
another `heartbeat`."""
_CLOSE_SECONDS = 5.0


async def connect(url: str, seconds: float = CONNECT_SECONDS) -> AbstractConnection:
    """A connection with heartbeats. Raises one of FAULTS, TimeoutError after `seconds`."""
    address = URL(url)
    if "heartbeat" not in address.query:
        address = address.update_query(heartbeat=HEARTBEAT_SECONDS)
    # Not by the library's own time limit: that is asyncio.wait_for, which on Python 3.11 forgets a cancellation that
    # comes in the moment in which the connection is made, and who was told to end goes on.
    async with asyncio.timeout(seconds):
        return await aio_pika.connect(address)


async def close_quietly(connection: AbstractConnection | None) -> None:
    """Close a connection that may be broken already: how it ends does not matter any more, so that is logged only."""
    if connection is None or connection.is_closed:
        return
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await connection.close()
    except FAULTS as error:
        _log.debug("a broker connection did not close in order: %s", type(error).__name__)
