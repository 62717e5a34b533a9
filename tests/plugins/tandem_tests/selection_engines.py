"""The engines that compiled definitions run on, each with the tables of facts, to be filled and asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import BigInteger, Float, Integer, MetaData, Table

from cohort_service.facts.tables import declare
from cohort_service.selection.statement import Dialect
from tandem.database.connection import Connection, Database, open_database
from tandem_tests.random_cohorts import RECORDS, SUBSTANCES, Example

_TABLES = ("person", "concept", "record", "fact", "medicine")


class Engine(Protocol):
    """One engine with the tables of facts and `patient`, empty. `connection` is Tandem's own where it has one."""

    dialect: Dialect
    connection: Connection | None

    async def run(self, sql: str) -> None: ...
    async def rows(
        self, sql: str, people: Sequence[int] | None = None, numbers: tuple[int, int] | None = None
    ) -> set[tuple[Any, ...]]:
        """What a statement answers; `people` is its `$1`, or `numbers` its `$1` and `$2`."""
        ...


class _Tandem:
    """SQLite or PostgreSQL through Tandem's own connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.connection: Connection | None = connection
        self.dialect: Dialect = connection.dialect

    async def run(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def rows(
        self, sql: str, people: Sequence[int] | None = None, numbers: tuple[int, int] | None = None
    ) -> set[tuple[Any, ...]]:
        given: list[Any] = list(numbers or ())
        if people is not None:
            given.append(json.dumps(people) if self.dialect == "sqlite" else list(people))
        rows = await self._connection.fetch(sql, *given)
        assert len({tuple(row) for row in rows}) == len(rows), "a row stands twice"
        return {tuple(row) for row in rows}


class _DuckDb:
    dialect: Dialect = "duckdb"
    connection: Connection | None = None

    def __init__(self) -> None:
        import duckdb

        self._connection: Any = duckdb.connect()

    async def run(self, sql: str) -> None:
        self._connection.execute(sql)

    async def rows(
        self, sql: str, people: Sequence[int] | None = None, numbers: tuple[int, int] | None = None
    ) -> set[tuple[Any, ...]]:
        given = [list(people)] if people is not None else list(numbers or ())
        found = self._connection.execute(sql, given).fetchall()
        assert len(set(found)) == len(found), "a row stands twice"
        return set(found)


@asynccontextmanager
async def engines(urls: Sequence[str], *, duckdb: bool) -> AsyncIterator[list[Engine]]:
    """The engines at the URLs of databases, and DuckDB in memory; their tables go when the block ends."""
    databases = [await open_database(url, pool_size=1) for url in urls]
    found: list[Engine] = [_DuckDb()] if duckdb else []
    try:
        async with _connections(databases) as connections:
            found += [_Tandem(connection) for connection in connections]
            for engine in found:
                for statement in _schema():
                    await engine.run(statement)
            yield found
    finally:
        for database in databases:
            await database.close()


@asynccontextmanager
async def _connections(databases: Sequence[Database]) -> AsyncIterator[list[Connection]]:
    if not databases:
        yield []
        return
    # on PostgreSQL a statement that fails would end a transaction for all examples that follow
    opened = databases[0].transaction() if databases[0].dialect == "sqlite" else databases[0].read()
    async with opened as first, _connections(databases[1:]) as rest:
        yield [first, *rest]


def _schema() -> list[str]:
    metadata = MetaData()
    declare(metadata)
    tables = [metadata.tables[name] for name in _TABLES]
    made = [f"CREATE TABLE {table.name} ({', '.join(_columns(table))})" for table in tables]
    return [*made, "CREATE TABLE patient (id TEXT, practice TEXT)"]


def _columns(table: Table) -> list[str]:
    return [f"{column.name} {_type(column.type)}" for column in table.columns]


def _type(declared: object) -> str:
    if isinstance(declared, Float):
        return "DOUBLE PRECISION"
    if isinstance(declared, Integer):
        return "BIGINT" if isinstance(declared, BigInteger) else "INTEGER"
    return "TEXT"


async def fill(engine: Engine, example: Example) -> None:
    """Replace what the tables hold by the people of an example."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "person": [(p.number, f"p{p.number}", p.born, p.sex, p.died, p.left) for p in example.people],
        "patient": [(f"p{p.number}", p.practice) for p in example.people],
        "concept": [(n, "s", f"c{n}", None if substance == n else substance) for n, substance in SUBSTANCES.items()],
        "record": [(number, f"Observation/{number}", 0) for number in RECORDS],
        "fact": [(p.number, f.concept, f.starts, f.ends, f.record, f.value) for p in example.people for f in p.facts],
        "medicine": [
            (p.number, o.concept, o.starts, o.ends, o.record, o.ordered) for p in example.people for o in p.orders
        ],
    }
    columns = {
        "person": "number, patient, born, sex, died, left_on", "patient": "id, practice",
        "concept": "number, system, code, substance", "record": "number, reference, person",
        "fact": "person, concept, starts, ends, record, value",
        "medicine": "person, concept, starts, ends, record, product",
    }  # fmt: skip
    for table, values in rows.items():
        await engine.run(f"DELETE FROM {table}")
        if values:
            listed = ", ".join(f"({', '.join(map(_literal, row))})" for row in values)
            await engine.run(f"INSERT INTO {table} ({columns[table]}) VALUES {listed}")


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return repr(value)
    # no driver must take a dollar sign for a placeholder
    quoted = str(value).replace("'", "''").replace("$", "$' || '")
    return f"('{quoted}')"
