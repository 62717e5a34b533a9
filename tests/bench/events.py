"""Events: from commit to consumer over RabbitMQ, and how many a second the relay and an inbox manage."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle
from statistics import median
from typing import Any

import aio_pika
import asyncpg
import httpx
from places import Place
from sample import PATIENTS, PRACTICE, TASKS_EACH, patient_id, task
from seeding import seed

from tandem.database.connection import Connection, open_database
from tandem.events.envelope import Received, encode_batch, encode_event, received
from tandem.events.event import Event
from tandem.events.inbox import Inbox
from tandem.events.lease import Lease
from tandem.events.rabbitmq import RabbitTransport
from tandem.events.rabbitmq_topology import Topology
from tandem.events.relay import Relay, Round
from tandem.fhir.body import encode
from tandem.service import Listener, Work

RATE = 200
KINDS = ("fhir.Task.*",)
GROUP = 50
"""Events a message, as the relay groups them."""


async def latency(place: Place, *, seconds: float, rounds: int) -> dict[str, Any]:
    """Milliseconds from the answer of a create to its event at a consumer, at 200 creates a second; beside it a bare
    publish and consume of the same bytes through a queue of the same kind."""
    database = place.database("mdt-service")
    await seed(database, PATIENTS * TASKS_EACH)
    service = place.service("mdt-service", database)
    heard: dict[str, float] = {}

    async def deliver(events: Sequence[Received]) -> None:
        now = time.perf_counter()
        for event, _ in events:
            heard[event.resource_id or ""] = now

    transport = RabbitTransport(place.amqp_url)
    await transport.subscribe("bench-consumer", KINDS, deliver)
    await transport.until_attached("bench-consumer")
    ours: list[list[float]] = []
    floor: list[list[float]] = []
    count = int(RATE * seconds)
    limits = httpx.Limits(max_connections=16, max_keepalive_connections=16)
    async with httpx.AsyncClient(base_url=service.url, timeout=60, limits=limits) as http:
        headers = {"authorization": f"Bearer {place.token(PRACTICE)}", "content-type": "application/fhir+json",
                   "prefer": "return=minimal"}  # fmt: skip
        # Of many people, for writes about one person wait for each other.
        bodies = cycle([encode(task(patient_id(number))) for number in range(1, PATIENTS + 1)])

        async def create() -> tuple[str, float]:
            answer = await http.post("/fhir/Task", content=next(bodies), headers=headers)
            answer.raise_for_status()
            return answer.headers["location"].split("/Task/")[1].split("/", 1)[0], time.perf_counter()

        await _paced(create, RATE)
        for _ in range(rounds):
            floor.append(await _bare(place.amqp_url, next(bodies), count))
            heard.clear()
            committed = dict(await _paced(create, count))
            await _until(lambda: committed.keys() <= heard.keys())  # noqa: B023
            ours.append([(heard[each] - at) * 1e3 for each, at in committed.items()])
    await transport.close()
    service.stop()
    return {
        "floor": _percentiles(floor), "tandem": _percentiles(ours),
        "times": round(median(_at(mine, 0.95) / _at(least, 0.95) for mine, least in zip(ours, floor, strict=True)), 2),
    }  # fmt: skip


async def _paced(create: Any, count: int) -> list[Any]:
    """`create` so many times, 200 a second, whatever the earlier ones take."""
    started, tasks = time.perf_counter(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(create()))
    return list(await asyncio.gather(*tasks))


async def _bare(url: str, body: bytes, count: int) -> list[float]:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(200)
        queue = await channel.declare_queue("bench-floor", durable=True, arguments={"x-queue-type": "quorum"})
        sent: dict[str, float] = {}
        taken: list[float] = []

        async def take(message: Any) -> None:
            taken.append((time.perf_counter() - sent[message.correlation_id]) * 1e3)
            await message.ack()

        async def publish() -> None:
            name = str(uuid.uuid4())
            sent[name] = time.perf_counter()
            message = aio_pika.Message(body, correlation_id=name, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, "bench-floor")

        tag = await queue.consume(take)
        await _paced(publish, count)
        await _until(lambda: len(taken) == count)
        await queue.cancel(tag)
    return taken


async def _until(held: Any) -> None:
    async with asyncio.timeout(60):
        while not held():
            await asyncio.sleep(0.005)


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _percentiles(rounds: list[list[float]]) -> dict[str, float]:
    return {
        f"p{int(share * 100)}_ms": round(median(_at(one, share) for one in rounds), 2) for share in (0.5, 0.95, 0.99)
    }


async def relay(place: Place, *, events: int, rounds: int) -> dict[str, Any]:
    """Events a second from a full outbox to the broker, beside the same bytes published without more."""
    url = place.database("mdt-service")
    await seed(url, PATIENTS * TASKS_EACH)
    pairs = []
    for number in range(rounds):
        pairs.append((await _publish_bare(place.amqp_url, events), await _relay(place, url, events, number)))
    return _rates(pairs)


async def _relay(place: Place, url: str, events: int, number: int) -> float:
    raw = await asyncpg.connect(url)
    await raw.execute(
        "WITH l AS (INSERT INTO log (event_id, kind, type, resource_id, version, at, patient, author, granted, body)"
        " SELECT $1 || i, 'fhir.Task.create', 'Task', $1 || i, 1, 0, $2, $3, 1, $4 FROM generate_series(1, $5::int) i"
        " RETURNING id) INSERT INTO outbox (log_id, txid) SELECT id, pg_current_xact_id()::text::bigint FROM l",
        f"bench-{number}-", patient_id(1), PRACTICE, encode(task(patient_id(1))), events,
    )  # fmt: skip
    await raw.close()
    database = await open_database(url, pool_size=4)
    transport = RabbitTransport(place.amqp_url, topology=Topology("bench-relay"), consumers={"bench-relay": KINDS})
    await transport.declare("bench-relay", KINDS)
    loop = Relay(database, "mdt-service", transport, Lease(database, "relay", holder=str(uuid.uuid4())))
    while await loop.round() is Round.STANDBY:
        await asyncio.sleep(0.1)
    done, started = 0, time.perf_counter()
    while await loop.round() is Round.PROGRESS:
        done += 500
    elapsed = time.perf_counter() - started
    await transport.close()
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM lease")
    await database.close()
    return (events - 500) / elapsed


async def _publish_bare(url: str, events: int) -> float:
    message = encode_batch([_envelope(number) for number in range(1, GROUP + 1)])
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue("bench-publish", durable=True, arguments={"x-queue-type": "quorum"})
        started = time.perf_counter()
        for _ in range(events // 500):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(
                        aio_pika.Message(message, delivery_mode=aio_pika.DeliveryMode.PERSISTENT), "bench-publish"
                    )
                    for _ in range(500 // GROUP)
                )
            )
        return events / (time.perf_counter() - started)


async def inbox(place: Place, *, events: int, rounds: int) -> dict[str, Any]:
    """Events a second that an inbox applies exactly once, 50 a transaction, with one row written for each; beside it
    the same rows in one statement a transaction, each event decoded."""
    url = place.database("metrics-service")
    raw = await asyncpg.connect(url)
    await raw.execute("CREATE TABLE bench_seen (event_id text PRIMARY KEY)")
    database = await open_database(url, pool_size=2)

    async def note(event: Event, work: Work) -> None:
        await work.connection.execute("INSERT INTO bench_seen (event_id) VALUES ($1)", event.id)

    pairs = []
    for number in range(rounds):
        batches = [
            encode_batch([_envelope(number * events + start + place_) for place_ in range(GROUP)])
            for start in range(0, events, GROUP)
        ]
        started = time.perf_counter()
        for batch in batches:
            await _fold_bare(raw, [event.id for event, _ in received(batch)])
        bare = events / (time.perf_counter() - started)
        mine = Inbox(database, "metrics-service", (Listener("bench", KINDS, note),), _work)
        await raw.execute("TRUNCATE bench_seen, inbox, inbox_version")
        started = time.perf_counter()
        for batch in batches:
            await mine.receive(received(batch))
        pairs.append((bare, events / (time.perf_counter() - started)))
        assert await raw.fetchval("SELECT count(*) FROM bench_seen") == events, "every event, and once"
        await raw.execute("TRUNCATE bench_seen, inbox, inbox_version")
    await database.close()
    await raw.close()
    return _rates(pairs)


async def _fold_bare(connection: Any, ids: list[str]) -> None:
    await connection.execute(
        "WITH i AS (INSERT INTO inbox (consumer, event_id, at) SELECT 'metrics-service', u, 0 FROM unnest($1::text[]) u"
        " RETURNING event_id), v AS (INSERT INTO inbox_version (consumer, subject, version)"
        " SELECT 'metrics-service', u, 1 FROM unnest($1::text[]) u)"
        " INSERT INTO bench_seen (event_id) SELECT event_id FROM i",
        ids,
    )


class _BareWork:
    """Only what the handler above uses."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.now = datetime.now(UTC)


def _work(connection: Connection, event: Event) -> Any:
    return _BareWork(connection)


def _envelope(number: int) -> bytes:
    name = f"20000000-0000-4000-8000-{number:012d}"
    event = Event(
        id=name, kind="fhir.Task.create", source="mdt-service", time=datetime(2020, 7, 1, tzinfo=UTC),
        subject=f"Task/{name}/_history/1", type="Task", resource_id=name, version=1,
        patient=patient_id(1), author=PRACTICE, position=number + 1, data=task(patient_id(1)),
    )  # fmt: skip
    return encode_event(event)


def _rates(pairs: list[tuple[float, float]]) -> dict[str, Any]:
    return {
        "floor": {"per_second": round(median(one[0] for one in pairs))},
        "tandem": {"per_second": round(median(one[1] for one in pairs))},
        "ratio": round(median(one[1] / one[0] for one in pairs), 3),
    }
