"""Two transactions that each add half of what gives access: neither half is lost, whichever commits first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tandem.database.connection import Connection, Database
from tandem.identity.projection import project

OURS, NETWORK, PARTNER = "A81001", "U10001", "RXP01"
Change = tuple[str, str, dict[str, Any]]


async def waits_for_a_lock(database: Database) -> None:
    """Return once some transaction waits for another; on SQLite one that has begun waits until the other is done."""
    while database.dialect == "postgresql":
        async with database.read() as connection:
            if await connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ):
                return
        await asyncio.sleep(0)


async def apply(connection: Connection, change: Change, author: str = OURS) -> None:
    await project(connection, *change, author=author)


async def side_by_side(database: Database, first: Change, second: Change) -> None:
    """Make both changes in transactions that are open at the same time; the first commits while the second waits."""

    async def make_second() -> None:
        async with database.transaction() as connection:
            await apply(connection, second)

    async with database.transaction() as connection:
        await apply(connection, first)
        running = asyncio.create_task(make_second())
        waiting = asyncio.create_task(waits_for_a_lock(database))
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    await running


async def access(database: Database) -> set[tuple[str, str]]:
    async with database.read() as connection:
        return {(row["organisation"], row["reason"]) for row in await connection.fetch("SELECT * FROM access")}


async def pairs(world: Any) -> list[tuple[list[Change], Change, Change, set[tuple[str, str]]]]:
    """What is there before, two changes, and the access that both together give."""
    patient = ("Patient", "p1", world.patient("p1", OURS))
    by_id = ("Patient", "p1", {**world.patient("p1", None), "managingOrganization": {"reference": "Organization/o1"}})
    practice = ("Organization", "o1", world.organization("o1", OURS))
    member = ("OrganizationAffiliation", "m1", world.affiliation("m1", NETWORK, OURS, "member"))
    agreement = ("OrganizationAffiliation", "a1", world.affiliation("a1", OURS, PARTNER, signed=(OURS, PARTNER)))
    other = ("OrganizationAffiliation", "a2", world.affiliation("a2", OURS, "RXP02", signed=(OURS, "RXP02")))
    task = ("Task", "t1", world.task("t1", "p1", owner=PARTNER))
    second = ("Task", "t2", world.task("t2", "p1", owner="RXP02"))
    own, both = (OURS, "registered"), {(OURS, "registered"), (PARTNER, "agreement")}
    return [
        ([], patient, member, {own, (NETWORK, "network")}),
        ([], by_id, practice, {own}),
        ([patient], task, agreement, both),
        ([agreement], task, patient, both),
        ([patient, agreement, other], task, second, both | {("RXP02", "agreement")}),
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("swapped", [False, True])
async def test_neither_half_is_lost(world: Any, number: int, swapped: bool) -> None:
    before, first, second, expected = (await pairs(world))[number]
    for change in before:
        async with world.database.transaction() as connection:
            await apply(connection, change)
    await side_by_side(world.database, *((second, first) if swapped else (first, second)))
    assert await access(world.database) == expected
