"""Sessions that were ended: known at every process until they would be over, and no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import MetaData, create_engine

from tandem.database.connection import Connection, Database, DatabaseUnavailable, open_database
from tandem.fhir.outcome import FhirError
from tandem.sign_in.ended_sessions import EndedSessions, declare_ended_session

NOW = 1_750_000_000.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    metadata = MetaData()
    declare_ended_session(metadata)
    engine = create_engine(f"sqlite:///{tmp_path}/gateway.sqlite")
    metadata.create_all(engine)
    engine.dispose()
    database = await open_database(f"sqlite:///{tmp_path}/gateway.sqlite")
    yield database
    await database.close()


async def test_what_one_process_ends_another_takes_no_more(database: Database) -> None:
    here, elsewhere = EndedSessions(database), EndedSessions(database)
    assert not await elsewhere.holds("a")
    await here.end("a", NOW + 60, NOW)
    await here.end("a", NOW + 60, NOW)
    assert await elsewhere.holds("a")
    assert not await elsewhere.holds("b")


async def test_one_that_is_over_by_itself_is_forgotten_and_no_other(database: Database) -> None:
    sessions = EndedSessions(database)
    await sessions.end("first", NOW + 60.5, NOW)
    await sessions.end("second", NOW + 3_600, NOW + 60.4)
    assert await sessions.holds("first"), "its cookie is good for a moment more"
    await sessions.end("third", NOW + 3_600, NOW + 62)
    assert [await sessions.holds(each) for each in ("first", "second", "third")] == [False, True, True]


class Lost:
    """A database that cannot be reached."""

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        raise DatabaseUnavailable("gone")
        yield

    transaction = read

    async def close(self) -> None:
        """There is nothing to close."""


async def test_without_the_database_nothing_is_taken_and_nothing_is_said_to_be_ended() -> None:
    sessions = EndedSessions(cast(Database, Lost()))
    for asked in (sessions.holds("a"), sessions.end("a", NOW + 60, NOW)):
        with pytest.raises(FhirError) as refused:
            await asked
        assert (refused.value.kind.status, refused.value.headers["Retry-After"]) == (503, "2")
