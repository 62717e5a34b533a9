"""RabbitMQ's definitions: what a service declares by itself, and rights for its work and for nothing else."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused

from tandem.deployment.broker_definitions import password_hash, topology_definitions, user_definitions
from tandem.events.envelope import Received, encode_event
from tandem.events.event import Event
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_topology import Topology
from tandem.events.transport import Outgoing
from tandem.runtime.process import consumers
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.rabbitmq_server import NoVirtualHosts, delete_user, import_definitions
from tandem_tests.server import Server

GUARD = 60.0
KINDS = ("fhir.Task.*", "tandem.round.held")


@dataclass
class Broker:
    """A virtual host with the definitions of two services in it, one user for each."""

    topology: Topology
    one: str
    other: str
    urls: dict[str, str]


@pytest.fixture
def broker(rabbitmq_server: Server, new_amqp_url: NewAmqpUrl) -> Iterator[Broker]:
    parts, mark = urlsplit(new_amqp_url()), secrets.token_hex(4)
    host, topology = unquote(parts.path[1:]), Topology(f"test-{mark}")
    passwords = {f"{name}-{mark}": secrets.token_urlsafe(12) for name in ("mdt-service", "metrics-service")}
    bound = topology_definitions(dict.fromkeys(passwords, KINDS), topology, host)
    try:
        import_definitions(rabbitmq_server, bound | user_definitions(passwords, topology, host))
    except NoVirtualHosts as reason:
        skip_loudly("RabbitMQ with definitions of a test's own", str(reason), service=True)
    address = parts.netloc.rpartition("@")[2]
    urls = {name: parts._replace(netloc=f"{name}:{secret}@{address}").geturl() for name, secret in passwords.items()}
    yield Broker(topology, *passwords, urls)
    for name in passwords:
        delete_user(rabbitmq_server, name)


@pytest.fixture
async def channel(broker: Broker) -> AsyncIterator[AbstractChannel]:
    """Of the first of the two users."""
    connection = await aio_pika.connect(broker.urls[broker.one])
    async with connection:
        yield await connection.channel()


async def test_a_service_publishes_and_consumes_with_no_more_rights_than_its_own(broker: Broker) -> None:
    seen: asyncio.Queue[int] = asyncio.Queue()

    async def deliver(events: list[Received]) -> None:
        for event, _ in events:
            seen.put_nowait(event.position)

    event = Event(
        id="1", kind="fhir.Task.create", source=broker.one, time=datetime(2020, 7, 1, tzinfo=UTC), position=7,
        subject="Task/1/_history/1", data={},
    )  # fmt: skip
    sending = RabbitTransport(broker.urls[broker.one], consumers={broker.one: KINDS}, topology=broker.topology)
    taking = RabbitTransport(broker.urls[broker.other], topology=broker.topology)
    try:
        async with asyncio.timeout(GUARD):
            await taking.subscribe(broker.other, KINDS, deliver)
            await taking.until_attached(broker.other)
            await sending.publish([Outgoing(7, event.kind, encode_event(event))])
            assert await seen.get() == 7
    finally:
        await sending.close()
        await taking.close()


async def test_its_own_queue_is_made_again_when_it_was_lost(broker: Broker, channel: AbstractChannel) -> None:
    await channel.queue_delete(broker.topology.queue(broker.one))
    sending = RabbitTransport(broker.urls[broker.one], topology=broker.topology)
    async with asyncio.timeout(GUARD):
        await sending.declare(broker.one, KINDS)
    await sending.close()
    found = await channel.get_queue(broker.topology.queue(broker.one))
    assert found.declaration_result.message_count == 0


async def test_the_queue_of_another_cannot_be_read(broker: Broker, channel: AbstractChannel) -> None:
    queue = await channel.get_queue(broker.topology.queue(broker.other), ensure=False)
    with pytest.raises(ChannelAccessRefused):
        await queue.get(fail=False)


async def test_the_queue_of_another_cannot_be_emptied_or_deleted(broker: Broker, channel: AbstractChannel) -> None:
    with pytest.raises(ChannelAccessRefused):
        await channel.queue_delete(broker.topology.queue(broker.other))


async def test_unreadable_messages_cannot_be_read(broker: Broker, channel: AbstractChannel) -> None:
    queue = await channel.get_queue(broker.topology.dead, ensure=False)
    with pytest.raises(ChannelAccessRefused):
        await queue.get(fail=False)


async def test_the_exchange_cannot_be_deleted(broker: Broker, channel: AbstractChannel) -> None:
    with pytest.raises(ChannelAccessRefused):
        await channel.exchange_delete(broker.topology.exchange)


async def test_nothing_else_can_be_made(broker: Broker, channel: AbstractChannel) -> None:
    with pytest.raises(ChannelAccessRefused):
        await channel.declare_queue("other", durable=True)


def test_the_kept_file_is_what_the_services_declare(pytestconfig: pytest.Config) -> None:
    kept = json.loads((pytestconfig.rootpath / "deploy/rabbitmq/definitions.json").read_text())
    assert kept == topology_definitions(consumers()), "run `make routes`"


def test_every_service_has_its_queue_and_bindings() -> None:
    made = topology_definitions({"mdt-service": ("fhir.Task.create",)})
    assert [each["name"] for each in made["queues"]] == ["tandem.dead", "tandem.mdt-service"]
    assert [(each["source"], each["destination"]) for each in made["bindings"]] == [
        ("tandem.dead", "tandem.dead"), ("tandem.fhir", "tandem.mdt-service"),
    ]  # fmt: skip
    assert {each["arguments"]["x-queue-type"] for each in made["queues"]} == {"quorum"}


def test_rights_name_whole_names() -> None:
    [rights] = user_definitions({"mdt-service": "secret"})["permissions"]
    assert rights == {
        "user": "mdt-service", "vhost": "/", "configure": r"^(tandem\.mdt-service)$",
        "write": r"^(tandem\.mdt-service|tandem\.fhir|tandem\.dead)$", "read": r"^(tandem\.mdt-service|tandem\.fhir)$",
    }  # fmt: skip


def test_a_password_is_kept_as_a_hash_that_only_changes_with_it() -> None:
    assert "secret" not in json.dumps(user_definitions({"mdt-service": "secret"}))
    assert password_hash("secret") == password_hash("secret") != password_hash("secrets")
