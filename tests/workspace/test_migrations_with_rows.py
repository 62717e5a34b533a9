"""Every earlier schema of every service, with rows in it, becomes today's: no row is lost, and what is kept is read.

At each version every table gets rows of that day, made from the tables as they then are; then the next version is
applied. So each version is applied to a database that holds rows of all versions before it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, Table, create_engine, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import Float, Integer, LargeBinary

from tandem.clock import SystemClock
from tandem.database.connection import open_database
from tandem.database.migrate import drift, migrate, pending, versions_of
from tandem.fhir.kernel import Kernel
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.writing import Writing
from tandem.gateway.service import service as gateway
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.ids import RandomIds
from tandem.service import Service

_ROWS = 2
_BODY = b'{"resourceType":"Basic","id":"of-the-fill"}'
_BASE = "http://tandem.test/fhir"
_ALEMBIC = "alembic_version"
SERVICES = [gateway, *(point.load() for point in sorted(entry_points(group="tandem.services")))]

REWRITTEN = {("careplan-service", "plan_clock")}
"""Tables whose rows a version says anew; what becomes of them is tested with real rows below."""

Filled = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
"""By table: the rows that were put in, by primary key or else by all values, as they were then."""


def value_of(column: Column[Any], table: str, version: str, number: int) -> Any:
    """A value of the column's type that says where it is from; numbers are unique in their column."""
    serial = int(version) * 1000 + number
    if isinstance(column.type, LargeBinary):
        return _BODY
    if isinstance(column.type, Float):
        return serial + 0.5
    if isinstance(column.type, Integer):
        return serial
    return f"{table}.{column.name}/{version}/{number}"


def fill(connection: Connection, version: str, filled: Filled) -> None:
    """Put rows into every table, and note them."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name == _ALEMBIC:
            continue
        for number in range(1, _ROWS + 1):
            row = {column.name: value_of(column, table.name, version, number) for column in table.columns}
            connection.execute(table.insert().values(row))
            filled.setdefault(table.name, {})[key_of(table, row)] = row


def key_of(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    named = [column.name for column in table.primary_key.columns] or sorted(row)
    return tuple(row[name] for name in named)


def missing(connection: Connection, filled: Filled, service: str) -> list[str]:
    """The rows that are gone, or hold other values than they were given; of a table said anew, how many are gone."""
    metadata = MetaData()
    metadata.reflect(connection)
    faults: list[str] = []
    for name, rows in filled.items():
        held = [dict(row._mapping) for row in connection.execute(select(metadata.tables[name]))]
        if (service, name) in REWRITTEN:
            faults += [f"{name}: {len(held)} of {len(rows)}"] if len(held) != len(rows) else []
            continue
        for row in rows.values():
            if not any(row.items() <= each.items() for each in held):
                faults.append(f"{name}: {row}")
    return faults


def unique_columns(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        primary = inspector.get_pk_constraint(table)["constrained_columns"]
        if primary and table != _ALEMBIC:
            yield table, primary


async def run(url: str, work: Any) -> Any:
    """Run `work(connection)` in a transaction on either database."""
    if url.startswith("sqlite"):
        engine: Engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            return work(connection)
    opened: AsyncEngine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    try:
        async with opened.begin() as bound:
            return await bound.run_sync(work)
    finally:
        await opened.dispose()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_rows_of_every_earlier_schema_are_all_there(service: Service, database_url: str) -> None:
    filled: Filled = {}
    for version in versions_of(service):
        await migrate(service, database_url, to=version)
        await run(database_url, lambda connection, at=version: fill(connection, at, filled))
    assert not await pending(service, database_url)
    assert await drift(service, database_url) == []
    assert await run(database_url, lambda connection: missing(connection, filled, service.name)) == []
    assert set(filled) == set(service.metadata.tables)


def store(connection: Connection, service: Service) -> None:
    """One resource of each type that the service owns, in two versions, as the first release stored them."""
    metadata = MetaData()
    metadata.reflect(connection, only=["resource", "log"])
    resource, log = metadata.tables["resource"], metadata.tables["log"]
    for number, kind in enumerate(each.name for each in service.types):
        for version in (1, 2):
            row = {
                "id": 500_000 + 10 * number + version, "event_id": f"{kind}/{version}", "kind": f"fhir.{kind}.update",
                "type": kind, "resource_id": "old", "version": version, "at": version, "granted": 1,
                "author": "A81001", "body": body_of(kind, version),
            }  # fmt: skip
            connection.execute(log.insert().values(row))
        held = {
            "key": 500_000 + number, "type": kind, "id": "old", "version": 2, "updated": 2, "deleted": 0,
            "log_id": 500_000 + 10 * number + 2, "author": "A81001", "custodian": "A81001",
        }  # fmt: skip
        connection.execute(resource.insert().values(held))


def body_of(kind: str, version: int) -> bytes:
    return b'{"resourceType":"%b","id":"old","meta":{"versionId":"%d"}}' % (kind.encode(), version)


async def everything_stored_is_read(service: Service, url: str) -> None:
    """Read, vread and history give what the first release stored, to whom they gave it then."""
    database = await open_database(url)
    clock, ids, patients = SystemClock(), RandomIds(), PatientDirectory()
    writing = Writing(service, database, clock, ids, patients, _BASE, lambda: None)
    routes = Routes(Kernel(service, database, clock, ids, validator(), patients, writing, _BASE, b"secret"))
    caller = Caller("X26", scopes={"*": ALL_LETTERS}, operator=True)

    async def get(path: str) -> Any:
        answer = await routes.answer(FhirRequest("GET", path, "", {}, b"", _BASE, "request", "correlation", caller))
        assert answer.status == 200, (path, answer.body)
        return json.loads(answer.body)

    try:
        for kind in (each.name for each in service.types):
            assert await get(f"{kind}/old") == json.loads(body_of(kind, 2))
            assert await get(f"{kind}/old/_history/1") == json.loads(body_of(kind, 1))
            assert len((await get(f"{kind}/old/_history"))["entry"]) == 2
    finally:
        await database.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_the_first_schema_becomes_today_s_in_one_go(service: Service, database_url: str) -> None:
    first, filled = versions_of(service)[0], Filled()
    await migrate(service, database_url, to=first)
    await run(database_url, lambda connection: fill(connection, first, filled))
    await run(database_url, lambda connection: store(connection, service))
    await asyncio.gather(*(migrate(service, database_url) for _ in range(2)))
    assert await drift(service, database_url) == []
    assert await run(database_url, lambda connection: missing(connection, filled, service.name)) == []
    await everything_stored_is_read(service, database_url)
    keys = await run(database_url, lambda connection: dict(unique_columns(connection)))
    declared = {
        name: [column.name for column in table.primary_key.columns]
        for name, table in service.metadata.tables.items() if table.primary_key.columns
    }  # fmt: skip
    assert {name: sorted(columns) for name, columns in keys.items()} == {
        name: sorted(columns) for name, columns in declared.items()
    }


async def test_running_clocks_of_plans_are_carried_over(database_url: str) -> None:
    """careplan-service 0006: clocks are named by their cause, agreements are known by themselves, timers say whose."""
    service = next(each for each in SERVICES if each.name == "careplan-service")
    await migrate(service, database_url, to="0005")

    def before(connection: Connection) -> None:
        kind = "agreed-within-seven-days"
        row = {"kind": kind, "plan": "plan", "patient": "p", "policy": kind, "starts": 1, "due": 8}
        for name, more in (("running", {}), ("stopped", {"stopped": 5})):
            connection.execute(table(connection, "plan_clock").insert().values({"residency": name, **row, **more}))
        plan = {"id": "plan", "patient": "p", "status": "active", "agreed": 5}
        connection.execute(table(connection, "shared_plan").insert().values(plan))
        timer = {"kind": "careplan.clock.due", "key": f"running/{kind}", "at": 8, "payload": b"{}"}
        connection.execute(table(connection, "due").insert().values(timer))

    def after(connection: Connection) -> dict[str, Any]:
        clocks = connection.execute(select(table(connection, "plan_clock"))).mappings().all()
        return {
            "clocks": {each["cause"]: (each["due"], each["stopped"], each["settled"] == 5) for each in clocks},
            "facts": [row.at for row in connection.execute(select(table(connection, "clock_fact")))],
            "timers": [(row.key, row.at) for row in connection.execute(select(table(connection, "due")))],
        }

    await run(database_url, before)
    await migrate(service, database_url)
    assert await run(database_url, after) == {
        "clocks": {"membership/running": (8, None, False), "membership/stopped": (8, 5, True)},
        "facts": [5],
        "timers": [("membership/running/agreed-within-seven-days", 8)],
    }


def table(connection: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=connection)
