"""Who is erased is looked for by every NHS number they had, and nobody by a number that is somebody else's now."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.canonical import NHS_NUMBER
from tandem.database.tables import declare_kernel_tables
from tandem.events.envelope import decode
from tandem.identity.projection import project
from tandem.retention.erasing import erase
from tandem.retention.log_sweep import sweep_range

HER, OTHER = "5643a7bf-4ceb-4401-b003-361c4440f93b", "0c1d9a52-8f0e-4a55-9a4f-1f2f5f0c7d11"
OLD, NEW = "9990001234", "9990005678"


@pytest.fixture
def service() -> Any:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    return SimpleNamespace(metadata=metadata, erases={})


def patient(number: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": number}]}


async def known_by_two_numbers(node: Any) -> None:
    """She had a number that was replaced; here only events have told of her."""
    async with node.database.transaction() as connection:
        for number in (OLD, NEW):
            await project(connection, "Patient", HER, patient(number))


async def erased(node: Any, service: Any) -> None:
    async with node.database.transaction() as connection:
        went = await erase(connection, service, HER)
        after: int | None = 0
        while after is not None:
            _, after = await sweep_range(connection, went.traces, after)


def about(*numbers: str) -> bytes:
    people = [{"identifier": {"system": NHS_NUMBER, "value": number}} for number in numbers]
    return json.dumps({"member": people, "note": " and ".join(numbers)}).encode()


async def test_what_names_a_number_that_was_replaced_is_changed(owner: Any, service: Any, kit: Any) -> None:
    await known_by_two_numbers(owner)
    await owner.write(replace(kit.fact("a"), body=about(OLD, "99900012345")), replace(kit.fact("b"), body=about(NEW)))
    await owner.write(replace(kit.fact("c"), body=about("999 000 1234")))
    await owner.sequence()
    await erased(owner, service)
    told = [decode(envelope).data for envelope in await owner.page()]
    assert told == [
        {"member": [{}, {"identifier": {"system": NHS_NUMBER, "value": "99900012345"}}],
         "note": "erased and 99900012345"},
        {"member": [{}], "note": "erased"},
        {"member": [{}], "note": "erased"},
    ]  # fmt: skip
    assert await owner.column("SELECT nhs_number FROM former_nhs_number") == []


async def test_jobs_and_what_waits_go_by_it_too(consumer: Any, service: Any, kit: Any) -> None:
    await known_by_two_numbers(consumer)
    group = replace(kit.change("3", 2), patient=None, body=about(OLD))
    await consumer.inbox().receive([kit.received(group)])
    async with consumer.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO job (id, request, kind, state, owner, caller, created, updated)"
            " VALUES ('1', $1, 'k', 'completed', 'A81001', $2, 0, 0)", about(OLD), b"{}",
        )  # fmt: skip
    await erased(consumer, service)
    assert await consumer.column("SELECT id FROM job") == []
    [envelope] = await consumer.column("SELECT envelope FROM parked")
    assert decode(envelope).data == {"member": [{}], "note": "erased"}


async def test_a_number_that_is_somebody_elses_now_stays_theirs(owner: Any, service: Any, kit: Any) -> None:
    await known_by_two_numbers(owner)
    async with owner.database.transaction() as connection:
        await project(connection, "Patient", OTHER, patient(OLD))
    await owner.write(replace(kit.fact("a"), body=about(OLD)), replace(kit.fact("b"), body=about(NEW)))
    await owner.sequence()
    await erased(owner, service)
    kept, changed = [decode(envelope).data for envelope in await owner.page()]
    assert kept == json.loads(about(OLD))
    assert changed == {"member": [{}], "note": "erased"}
    assert await owner.column("SELECT nhs_number FROM patient") == [OLD]
