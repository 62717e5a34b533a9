"""Consuming from RabbitMQ: in order, acknowledged after the inbox has committed, resumed after every interruption.

The loop connects, declares and consumes from the start each time it has lost the broker. The client library's own
recovery is not used: it can come back without its consumer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from tandem.events.counters import UNREADABLE
from tandem.events.envelope import Received, UnreadableEnvelope, received
from tandem.events.rabbitmq_connection import CONNECT_SECONDS, close_quietly, connect
from tandem.events.rabbitmq_topology import Topology
from tandem.events.realtime import backoff
from tandem.events.transport import Attached, Deliver

_log = logging.getLogger(__name__)
_PREFETCH = 100
_TOGETHER = 512 * 1024
_Inbound = asyncio.Queue[AbstractIncomingMessage | None]


@dataclass(slots=True)
class QueueReader:
    """The consumer of one service's queue; `ready` is set while it is attached.

    Whoever cancels it sets `ending` first: the client library may forget a cancellation that comes in the moment in
    which it has its answer (`asyncio.wait_for` of Python 3.11 does), and would go on consuming.
    """

    url: str
    topology: Topology
    name: str
    kinds: Sequence[str]
    deliver: Deliver
    attached: Attached | None
    ready: asyncio.Event
    ending: bool = False

    async def run(self) -> None:
        """Consume until it is told to end."""
        UNREADABLE.labels(self.name)  # shown from the start: of a series that begins with 1 nobody sees an increase
        failures = 0
        while not self.ending:
            try:
                await self._consume()
                failures = 0
            except Exception as error:
                # Nothing was acknowledged that was not committed, so beginning again is always right.
                failures += 1
                _log.warning("the consumer %s lost the broker: %s", self.name, type(error).__name__)
            self.ready.clear()
            if not self.ending:
                await asyncio.sleep(backoff(failures + 1, first=0.1, longest=10.0))

    async def _consume(self) -> None:
        connection = await connect(self.url)
        try:
            inbound = _Inbound()
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._attach(connection, inbound)
            if not self.ending:
                self.ready.set()
            await self._work_off(inbound)
        finally:
            await close_quietly(connection)

    async def _attach(self, connection: AbstractConnection, inbound: _Inbound) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=_PREFETCH)
        queue = await self.topology.declare_queue(connection, channel, self.name, self.kinds)
        await self._notice_loss(channel, inbound)
        if self.attached is not None:
            self.attached()
        await queue.consume(inbound.put)

    async def _notice_loss(self, channel: AbstractChannel, inbound: _Inbound) -> None:
        def lost(*_: object) -> None:
            inbound.put_nowait(None)

        channel.close_callbacks.add(lost)
        # The broker cancels the consumer alone when the queue is deleted or its leader lost.
        underlay = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(lost)

    async def _work_off(self, inbound: _Inbound) -> None:
        while not self.ending:
            messages = await _waiting(inbound)
            if messages is None:
                return
            events: list[Received] = []
            last: AbstractIncomingMessage | None = None
            for message in messages:
                try:
                    events += received(message.body)
                    last = message
                except UnreadableEnvelope:
                    await self._bury(message)
            if last is not None:
                await self._hand_over(events)
                await last.ack(multiple=True)

    async def _bury(self, message: AbstractIncomingMessage) -> None:
        UNREADABLE.labels(self.name).inc()
        _log.error("the consumer %s dead-letters a message that cannot be read", self.name)
        await message.reject(requeue=False)

    async def _hand_over(self, events: Sequence[Received]) -> None:
        # The same events are tried again here, in place: giving them back would let later ones overtake.
        failures = 0
        while True:
            try:
                await self.deliver(events)
                return
            except Exception as error:
                failures += 1
                _log.warning("the inbox of %s cannot take events: %s", self.name, type(error).__name__)
                await asyncio.sleep(backoff(failures, first=0.05, longest=5.0))


async def _waiting(inbound: _Inbound) -> list[AbstractIncomingMessage] | None:
    """All messages that are there, at least one, up to about 512 kB of them; None when the connection is lost."""
    first = await inbound.get()
    if first is None:
        return None
    messages, size = [first], len(first.body)
    while not inbound.empty() and size < _TOGETHER:
        message = inbound.get_nowait()
        if message is None:
            return None
        messages.append(message)
        size += len(message.body)
    return messages
