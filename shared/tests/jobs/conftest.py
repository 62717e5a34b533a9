"""A database with the tables of jobs."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tandem.database.connection import open_database
from tandem.database.tables import declare_kernel_tables


@pytest.fixture
async def database(database_url: str):
    metadata = MetaData()
    declare_kernel_tables(metadata)
    opened = await open_database(database_url)
    dialect = postgresql.dialect() if opened.dialect == "postgresql" else create_engine("sqlite://").dialect
    async with opened.transaction() as connection:
        for name in ("job", "job_request"):
            await connection.execute(str(CreateTable(metadata.tables[name]).compile(dialect=dialect)))
    yield opened
    await opened.close()
