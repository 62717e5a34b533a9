"""The tables of a part of the kernel, without a service around it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from tandem.database.connection import Connection


async def create_tables(connection: Connection, metadata: MetaData) -> None:
    """Create what is declared, in the transaction of this connection."""
    dialect: Any = sqlite.dialect() if connection.dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        await connection.execute(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=dialect)))
