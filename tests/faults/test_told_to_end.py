"""A consumer that is told to end while it connects to RabbitMQ ends, whatever it was about to do."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Sequence

import aio_pika
import pytest

from tandem.events.envelope import Received
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_connection import connect
from tandem.events.rabbitmq_topology import Topology

ROUNDS, STEPS = 40, 60
"""Connecting and declaring takes the loop some fifty steps."""
GUARD = 60.0
"""A hanging test ends after so many seconds; none depends on it."""


async def nobody(_: Sequence[Received]) -> None:
    """Takes events."""


async def test_at_any_step_of_connecting(amqp_url: str) -> None:
    chance = random.Random(1)
    topology = Topology(f"ending-{secrets.token_hex(4)}")
    for _ in range(ROUNDS):
        transport = RabbitTransport(amqp_url, topology=topology)
        await transport.subscribe("consumer", ["tandem.round.held"], nobody)
        _, task = transport._consumers["consumer"]
        for _ in range(chance.randrange(STEPS)):
            # Most steps wait for the broker's next answer, which takes longer than a turn of the loop.
            await asyncio.sleep(0 if chance.random() < 0.7 else chance.random() * 0.004)
        async with asyncio.timeout(GUARD):
            await transport.close()
        assert task.done()
    # The client library still tidies up after connections that were broken off, and sends heartbeats over one that was
    # made in the moment in which it was given up.
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for each in rest:
        each.cancel()
    async with asyncio.timeout(GUARD):
        await asyncio.gather(*rest, return_exceptions=True)


async def test_in_the_moment_in_which_the_connection_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    async def slowly(address: object) -> object:
        return await made

    monkeypatch.setattr(aio_pika, "connect", slowly)
    task = asyncio.create_task(connect("amqp://broker/"))
    await asyncio.sleep(0)
    made.set_result(object())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_broker_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def never(address: object) -> object:
        asked.append(str(address))
        return await asyncio.Event().wait()

    monkeypatch.setattr(aio_pika, "connect", never)
    with pytest.raises(TimeoutError):
        await connect("amqp://broker/", seconds=0.01)
    with pytest.raises(TimeoutError):
        await connect("amqp://broker/?heartbeat=3", seconds=0.01)
    assert asked == ["amqp://broker/?heartbeat=10", "amqp://broker/?heartbeat=3"]
