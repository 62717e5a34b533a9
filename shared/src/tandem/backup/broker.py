"""The broker at a restore: nothing that was published before it may reach a consumer after it.

What is on its way is in the owners' logs as well, as far as it was in the backup; each consumer reads that for itself
when it finds its queue. So a queue without a reader is emptied. One whose reader goes on is waited for: a mark is put
behind what waits in it, and the mark in the reader's inbox says that all before it is applied or parked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from tandem.backup.refusal import Refused
from tandem.clock import from_micros
from tandem.database.connection import Database
from tandem.events.envelope import encode_event
from tandem.events.event import Event
from tandem.events.rabbitmq_connection import FAULTS
from tandem.events.rabbitmq_topology import Topology
from tandem.events.realtime import now_micros
from tandem.ids import IdSource

MARK = "tandem.restore.begun"
"""The kind of a mark. No service listens to it, so an inbox notes its id and does nothing."""
_LOOK_AGAIN = 0.2


async def clear_queues(url: str, consumers: Iterable[str], *, topology: Topology | None = None) -> None:
    """Empty the queues of these consumers, as far as there are any. Raises Refused when one of them is being read, and
    then none is emptied; and when the broker is away, or refuses it to the user."""
    names = topology or Topology()
    async with _connected(url) as connection:
        there = [name for name in map(names.queue, consumers) if await _readers(connection, name) is not None]
        for name in there:
            if await _readers(connection, name):
                raise Refused(f"the queue {name} is being read: stop the services before a restore")
        for name in there:
            channel = await connection.channel()
            queue = await channel.get_queue(name)
            await queue.purge()


async def pass_marks(
    url: str, service: str, consumers: Mapping[str, Database], ids: IdSource, seconds: float, *,
    topology: Topology | None = None,
) -> None:  # fmt: skip
    """Have nothing of the service's events on the way to these consumers: empty the queues that nobody reads, and wait
    until the readers of the others are past what waits in them now.

    Raises Refused when one is not past it after so many seconds, or the broker is away or refuses it to the user;
    nothing is lost then.
    """
    names = topology or Topology()
    async with _connected(url) as connection:
        waited: dict[str, str] = {}
        for consumer in consumers:
            queue = names.queue(consumer)
            readers = await _readers(connection, queue)
            if readers is None:
                continue
            channel = await connection.channel()
            if readers == 0:
                await (await channel.get_queue(queue)).purge()
            else:
                waited[consumer] = await _mark(channel, queue, service, ids)
        await _until_past(waited, consumers, seconds)


async def _mark(channel: AbstractChannel, queue: str, service: str, ids: IdSource) -> str:
    event = Event(id=ids.new(), kind=MARK, source=service, time=from_micros(now_micros()))
    message = aio_pika.Message(encode_event(event), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await channel.default_exchange.publish(message, queue, mandatory=True)
    return event.id


async def _until_past(waited: Mapping[str, str], consumers: Mapping[str, Database], seconds: float) -> None:
    late = dict(waited)
    try:
        async with asyncio.timeout(seconds):
            while late:
                for consumer, mark in list(late.items()):
                    async with consumers[consumer].read() as connection:
                        if await connection.fetchval("SELECT 1 FROM inbox WHERE event_id = $1", mark):
                            del late[consumer]
                if late:
                    await asyncio.sleep(_LOOK_AGAIN)
    except TimeoutError:
        raise Refused(f"{', '.join(late)} had not taken what waits at the broker after {seconds:g} s") from None


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AbstractConnection]:
    try:
        connection = await aio_pika.connect(url, timeout=10)
    except FAULTS as error:
        raise Refused(f"the broker cannot be reached: {type(error).__name__}") from None
    try:
        async with connection:
            yield connection
    except FAULTS as error:
        raise Refused(f"the broker did not do it: {type(error).__name__}; is it up, and may the user?") from error


async def _readers(connection: AbstractConnection, queue: str) -> int | None:
    """How many read the queue; None when there is no such queue, which closes the channel that asks."""
    channel = await connection.channel()
    try:
        found = await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        return None
    readers = found.declaration_result.consumer_count or 0
    await channel.close()
    return readers
