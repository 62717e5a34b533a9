"""A parked event about somebody else is retried as an erasure left it, also when it was read before."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import MetaData

from tandem.database.tables import declare_kernel_tables
from tandem.events import parking
from tandem.events.event import Event
from tandem.events.inbox import Inbox
from tandem.retention.erasing import erase
from tandem.service import Listener, Work

HER = "5643a7bf-4ceb-4401-b003-361c4440f93b"
KIND = "tandem.clock.breached"


async def test_what_was_taken_out_of_it_has_no_effect(consumer: Any, kit: Any) -> None:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    service: Any = SimpleNamespace(metadata=metadata, erases={})
    told: list[Any] = []

    async def listen(event: Event, work: Work) -> None:
        told.append(event.data)

    body = json.dumps({"member": [f"Patient/{HER}", "Patient/another"]}).encode()
    event = kit.received(replace(kit.fact("a", KIND), body=body))
    async with consumer.database.transaction() as connection:
        await parking.park(connection, consumer.name, event, "retry", attempts=1, next_at=0, at=0)
    async with consumer.database.read() as connection:
        [row] = await parking.due_retries(connection, consumer.name, 1, 10)
    async with consumer.database.transaction() as connection:
        await erase(connection, service, HER)
    inbox = Inbox(
        consumer.database, consumer.name, [Listener("test", (KIND,), listen)],
        lambda connection, _: kit.work(connection), now=consumer.now,
    )  # fmt: skip
    await inbox.retry(row)
    assert told == [{"member": ["Patient/erased", "Patient/another"]}]
    assert await consumer.parked() == {}
