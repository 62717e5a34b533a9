"""Publishing to RabbitMQ: one channel in confirm mode, opened anew after any fault."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import PublishError

from tandem.events.counters import UNROUTABLE
from tandem.events.kinds import matches, widened
from tandem.events.rabbitmq_connection import FAULTS, close_quietly, connect
from tandem.events.rabbitmq_messages import grouped, message_of
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import Outgoing, TransportUnavailable


class Publisher:
    """Publishes for the process. `consumers` names the known consumers and what they receive: their queues are
    declared from here too, so that their events wait for them even before they have first run."""

    def __init__(self, url: str, topology: Topology, consumers: Mapping[str, Sequence[str]], timeout: float) -> None:
        self._url = url
        self._topology = topology
        self._consumers = dict(consumers)
        self._timeout = timeout
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._opening = asyncio.Lock()

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Send all, in order and without waiting in between, then wait for every confirm."""
        groups = list(grouped(events))
        try:
            async with asyncio.timeout(self._timeout):
                exchange = await self._open()
                outcomes = await asyncio.gather(
                    *(exchange.publish(message, key, mandatory=True) for key, message in map(message_of, groups)),
                    return_exceptions=True,
                )
        except FAULTS as error:
            await self.close()
            raise TransportUnavailable(f"the broker cannot be reached: {type(error).__name__}") from error
        await self._judge(groups, outcomes)

    async def declare(self, consumer: str, kinds: Sequence[str]) -> None:
        """Declare the queue of a consumer now. Raises TransportUnavailable."""
        self._consumers[consumer] = tuple(kinds)
        try:
            async with asyncio.timeout(self._timeout):
                await self._open()
                assert self._connection is not None and self._channel is not None
                await self._topology.declare_queue(self._connection, self._channel, consumer, kinds)
        except FAULTS as error:
            await self.close()
            raise TransportUnavailable(f"the broker cannot be reached: {type(error).__name__}") from error

    async def close(self) -> None:
        """Drop the connection; the next publish opens another."""
        connection, self._connection = self._connection, None
        self._channel = self._exchange = None
        await close_quietly(connection)

    async def _open(self) -> AbstractExchange:
        async with self._opening:
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                await self.close()
                self._connection = await connect(self._url, self._timeout)
                self._channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
                self._exchange = await self._declare_all(self._connection, self._channel)
            return self._exchange

    async def _declare_all(self, connection: AbstractConnection, channel: AbstractChannel) -> AbstractExchange:
        exchange = await self._topology.declare_exchanges(connection, channel)
        for consumer, kinds in self._consumers.items():
            await self._topology.declare_queue(connection, channel, consumer, kinds)
        return exchange

    async def _judge(self, groups: Sequence[Sequence[Outgoing]], outcomes: Sequence[object]) -> None:
        refused: BaseException | None = None
        for group, outcome in zip(groups, outcomes, strict=True):
            if isinstance(outcome, PublishError) and not self._expected(group[0].kind):
                # Nobody is bound to this kind. A consumer that comes later reads it from the log.
                UNROUTABLE.labels(group[0].kind).inc(len(group))
            elif isinstance(outcome, BaseException):
                refused = refused or outcome
        if refused is not None:
            # After a return this also declares the queue again that has gone missing.
            await self.close()
            raise TransportUnavailable(f"the broker did not take all: {type(refused).__name__}") from refused

    def _expected(self, kind: str) -> bool:
        return any(matches(pattern, kind) for kinds in self._consumers.values() for pattern in widened(kinds))
