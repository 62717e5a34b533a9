"""A person is erased in six processes on PostgreSQL and RabbitMQ; some of them are down, and some killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from tandem.demo.client import Refused, eventually
from tandem.fhir.ownership import SERVICES
from tandem_tests.erased_person import ORDER, cared_for, complete, die, parameters
from tandem_tests.neighbourhood import MARK
from tandem_tests.running import ServiceTandem

DOWN, KILLED = "mdt-service", ("careplan-service", "metrics-service", "cohort-service")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=120) as client:
        yield client


async def named(system: ServiceTandem, words: set[str]) -> dict[str, set[str]]:
    """Columns in which any of these words stands, by the process whose database it is."""
    found: dict[str, set[str]] = {name: set() for name in system.databases}
    for name, url in system.databases.items():
        connection = await asyncpg.connect(url)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            for row in await connection.fetch(f"SELECT * FROM {table}"):
                for column, value in row.items():
                    shown = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).casefold()
                    if any(word.casefold() in shown for word in words):
                        found[name].add(f"{table}.{column}")
        await connection.close()
    return found


async def test_an_erasure_that_is_killed_is_carried_out_everywhere(
    services: ServiceTandem, http: httpx.AsyncClient
) -> None:
    here = await cared_for(http, services)
    operator = here.client(http, "operator")
    words = {here.person, here.nhs_number, MARK}
    held = await named(services, {here.person})
    assert all(held[name] for name in SERVICES), "every service holds something, or the test shows nothing"
    await die(operator, here.person)

    await asyncio.to_thread(services.processes[DOWN].stop)
    with pytest.raises(Refused) as refused:
        await operator.call("POST", f"Patient/{here.person}/$erase", parameters(**ORDER))
    assert refused.value.status == 503, "nobody knows whether care is ongoing there"
    assert (await operator.read(f"Patient/{here.person}"))["id"] == here.person
    services.processes[DOWN].start()
    await asyncio.to_thread(services.processes[DOWN].wait_ready)

    await operator.call("POST", f"Patient/{here.person}/$erase", parameters(**ORDER))
    for name in KILLED:
        services.processes[name].kill()
    for name in KILLED:
        services.processes[name].start()
    for name in KILLED:
        await asyncio.to_thread(services.processes[name].wait_ready)
    assert await eventually(lambda: complete(operator), operator.caught_up) is not None
    await operator.caught_up()
    left = await named(services, words)
    assert left == {name: set() for name in services.databases}
    with pytest.raises(Refused) as gone:
        await operator.call("POST", f"Patient/{here.person}/$erase", parameters(**ORDER))
    assert gone.value.status == 410
