"""Messages that the broker has dead-lettered: no envelope of ours, or thrown out by a policy. They are in one queue.

What they hold may be anything, so nothing of it is shown: a message is named by a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import AMQPChannelError, ChannelNotFoundEntity

from tandem.events.rabbitmq_connection import FAULTS
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import TransportUnavailable

_DIGEST = 12


@dataclass(frozen=True, slots=True)
class BrokerDeadLetter:
    """One message: `id` is made of what it holds, `queue` where it was last, `reason` why it was taken away."""

    id: str
    queue: str
    reason: str
    bytes: int


async def list_broker_dead_letters(url: str, *, topology: Topology | None = None) -> list[BrokerDeadLetter]:
    """All that are there now; they stay. Raises TransportUnavailable."""
    async with _graveyard(url, topology or Topology()) as (_, messages):
        return [_letter(message) for message in messages]


async def replay_broker_dead_letters(url: str, ids: Collection[str] | None, *, topology: Topology | None = None) -> int:
    """Put these, or all, into the queues that they came from, at the end; answers how many.

    A message is taken out when the broker has it in its queue: an interruption leaves it in both, and the inbox takes
    an event once. One that came from nowhere stays. Raises TransportUnavailable.
    """
    count = 0
    async with _graveyard(url, topology or Topology()) as (channel, messages):
        for message in messages:
            letter = _letter(message)
            if letter.queue and (ids is None or letter.id in ids):
                again = aio_pika.Message(
                    message.body, content_type=message.content_type, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                )
                await channel.default_exchange.publish(again, letter.queue, mandatory=True)
                await message.ack()
                count += 1
    return count


async def discard_broker_dead_letters(url: str, ids: Collection[str], *, topology: Topology | None = None) -> int:
    """Throw these away; answers how many. Raises TransportUnavailable."""
    count = 0
    async with _graveyard(url, topology or Topology()) as (_, messages):
        for message in messages:
            if _letter(message).id in ids:
                await message.ack()
                count += 1
    return count


@asynccontextmanager
async def _graveyard(
    url: str, topology: Topology
) -> AsyncIterator[tuple[AbstractChannel, list[AbstractIncomingMessage]]]:
    """The messages of the queue; those that are not acknowledged go back to it."""
    try:
        connection = await aio_pika.connect(url, timeout=10)
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            yield channel, await _all(channel, topology.dead)
    except AMQPChannelError as error:
        raise TransportUnavailable(f"the broker refuses this to the user: {type(error).__name__}") from error
    except FAULTS as error:
        raise TransportUnavailable(f"the broker cannot be reached: {type(error).__name__}") from error


async def _all(channel: AbstractChannel, name: str) -> list[AbstractIncomingMessage]:
    try:
        queue = await channel.get_queue(name)
    except ChannelNotFoundEntity:
        return []  # no service has ever been here
    found: list[AbstractIncomingMessage] = []
    while (message := await queue.get(fail=False, timeout=10)) is not None:
        found.append(message)
    return found


def _letter(message: AbstractIncomingMessage) -> BrokerDeadLetter:
    deaths: Any = message.headers.get("x-death") or [{}]
    last = deaths[0]
    digest = hashlib.sha256(message.body).hexdigest()[:_DIGEST]
    return BrokerDeadLetter(digest, str(last.get("queue", "")), str(last.get("reason", "")), len(message.body))
