"""A block of statements that may take more memory; afterwards the session has what it had."""

from __future__ import annotations

import pytest

from tandem.database.connection import Connection, open_database
from tandem.database.more_room import more_room


class _Failed(Exception):
    pass


async def _room(connection: Connection) -> str:
    return str(await connection.fetchval("SELECT current_setting('work_mem')"))


async def test_it_is_set_back_whatever_becomes_of_the_block(postgresql_url: str) -> None:
    database = await open_database(postgresql_url, pool_size=3)
    try:
        async with database.read() as connection:
            usual = await _room(connection)
            assert usual != "77MB"
            async with more_room(connection, 77):
                assert await _room(connection) == "77MB"
            assert await _room(connection) == usual
            with pytest.raises(_Failed):
                async with more_room(connection, 77):
                    raise _Failed
            assert await _room(connection) == usual
    finally:
        await database.close()


async def test_in_a_transaction_it_ends_with_that(postgresql_url: str) -> None:
    database = await open_database(postgresql_url, pool_size=1)
    try:
        async with database.transaction() as connection:
            usual = await _room(connection)
            async with more_room(connection, 77):
                assert await _room(connection) == "77MB"
        async with database.transaction() as connection:
            assert await _room(connection) == usual
    finally:
        await database.close()
