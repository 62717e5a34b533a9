"""The kernel's tables without a service: `kernel_database` has them when a test gets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import MetaData

from tandem.database.connection import open_database
from tandem.database.tables import declare_kernel_tables
from tandem_tests.own_tables import create_tables
from tandem_tests.prepared_databases import PreparedDatabase

KernelDatabase = Callable[[], str]
"""Answers the URL of a database with the kernel's tables and no rows, for this test."""


async def make_kernel_tables(url: str) -> None:
    """Create them in an empty database."""
    metadata = MetaData()
    declare_kernel_tables(metadata)
    database = await open_database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            await create_tables(connection, metadata)
    finally:
        await database.close()


@pytest.fixture
def kernel_database(prepared_database: PreparedDatabase) -> KernelDatabase:
    """The test runs once with SQLite and once with PostgreSQL."""
    return lambda: prepared_database("kernel", make_kernel_tables)
