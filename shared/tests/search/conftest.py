"""A store that only inserts, on both kinds of database."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from tandem.database.connection import Connection, Database, open_database
from tandem.database.tables import declare_kernel_tables
from tandem.fhir.body import Resource, encode
from tandem.fhir.search.engine import SearchPage, search
from tandem.fhir.search.extract import extract
from tandem.fhir.search.index_rows import IndexRows
from tandem.fhir.search.ordered_pairs import with_pairs
from tandem.fhir.search.paging import PageToken
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.where import Access, everything
from tandem_tests.postgresql_server import create_database, drop_databases
from tandem_tests.server import Server

FILLED = ("resource", "log", "search_token", "search_date", "search_string", "search_number", "patient", "access")
NAMES = {"sqlite": sqlite, "postgresql": postgresql}


async def _create_tables(database: Database) -> None:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    dialect = NAMES[database.dialect].dialect()
    async with database.transaction() as connection:
        for table in metadata.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
            for index in table.indexes:
                await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))


class Store:
    """Puts resources where a search finds them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dialect = database.dialect
        self._events = count(1)

    async def put(self, resource: Resource, **state: Any) -> int:
        """Insert one resource and its index rows; answers its key."""
        async with self.database.transaction() as connection:
            return await self.put_in(connection, resource, **state)

    async def put_in(
        self, connection: Connection, resource: Resource, *, updated: int = 0, patient: str | None = None,
        received_from: str | None = None, deleted: int = 0, resolved: str | None = None, base: str | None = None,
    ) -> int:  # fmt: skip
        name = resource["resourceType"]
        log_id = await connection.fetchval(
            "INSERT INTO log (event_id, kind, type, resource_id, version, at, body) "
            "VALUES ($1, $2, $3, $4, 1, $5, $6) RETURNING id",
            uuid.uuid4().hex, "test", name, resource["id"], updated, encode(resource),
        )  # fmt: skip
        key: int = await connection.fetchval(
            "INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, received_from) "
            "VALUES ($1, $2, 1, $3, $4, $5, $6, $7) RETURNING key",
            name, resource["id"], updated, deleted, log_id, patient, received_from,
        )  # fmt: skip
        rows = extract(name, resource, resolved_patient=resolved, base=base)
        await self.index(connection, key, with_pairs(name, rows, updated))
        return key

    async def index(self, connection: Connection, key: int, rows: IndexRows) -> None:
        for table, found in zip(("token", "date", "string", "number"), rows, strict=True):
            for row in found:
                places = ", ".join(f"${place + 1}" for place in range(len(row) + 1))
                await connection.execute(f"INSERT INTO search_{table} VALUES ({places})", key, *row)

    async def page(
        self, resource_type: str, *pairs: tuple[str, str], access: Access = everything, at: PageToken | None = None,
        lenient: bool = False, **options: Any,
    ) -> SearchPage:  # fmt: skip
        """One page of a search."""
        query = parse_query(resource_type, pairs, lenient, **options)
        async with self.database.read() as connection:
            return await search(connection, query, access, page=at)

    async def ids(self, resource_type: str, *pairs: tuple[str, str], **options: Any) -> list[str]:
        """The ids of a search's first page."""
        return [found.id for found in (await self.page(resource_type, *pairs, **options)).matches]


@pytest.fixture(scope="session")
def search_database(postgresql_server: Server) -> Iterator[str]:
    """The URL of a PostgreSQL database with the tables, made for this run."""
    name = create_database(postgresql_server, durable=False)
    url = postgresql_server.at(name)

    async def create() -> None:
        database = await open_database(url, pool_size=1)
        await _create_tables(database)
        await database.close()

    asyncio.run(create())
    yield url
    drop_databases(postgresql_server, [name])


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Any) -> str:
    """The URL of a database; on PostgreSQL its tables stand already."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/search.sqlite"
    url: str = request.getfixturevalue("search_database")
    return url


@pytest.fixture
async def store(place: str) -> AsyncIterator[Store]:
    """An empty store."""
    database = await open_database(place, pool_size=2)
    if database.dialect == "sqlite":
        await _create_tables(database)
    yield Store(database)
    if database.dialect == "postgresql":
        async with database.transaction() as connection:
            await connection.execute(f"TRUNCATE {', '.join(FILLED)} RESTART IDENTITY")
    await database.close()
